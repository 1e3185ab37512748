"""Screens to be drawn in tests: the gallery's own, and what is hard to draw."""

from __future__ import annotations

from datetime import date

from kiosk.screens import (
    Book,
    BookInfo,
    Child,
    Choose,
    DeviceLine,
    Goodbye,
    Hello,
    Lent,
    Offer,
    OtherLabel,
    PutBack,
    Refused,
    Renewed,
    Returned,
    Screen,
    StaffHealth,
    StillThere,
    TagLine,
    TagVerdict,
    Undone,
    Welcome,
    Why,
)
from ui.samples import samples

LONGEST_DAY = date(2026, 9, 23)  # a Wednesday in September: the longest date in English
TITLE = "Những cuộc phiêu lưu kỳ thú của chú mèo đi hia"
HOSTILE = {
    "markup": "[b]Dế Mèn[/b] [color=ff0000]đỏ[/color] &amp; {name} %s",
    "long_word": "Khúc" + "khuỷu" * 60,
    "newlines": "Một\nhai\r\n\tba\x00bốn\u2028năm\u202esáu",
    "endless": "Ễ ế ậ ữ " * 625,
    "marks": "e" + "\u0301" * 500 + " " + "Ế" * 40,
    "empty": "",
    "blank": "   \n ",
}
NICKNAME = "Nguyễn Thị Ngọc Ánhh"


def with_text(text: str, nickname: str, due: date = LONGEST_DAY) -> dict[str, Screen]:
    """Every screen that carries text from outside, carrying this one."""
    book = Book("LK-1", "none", text, text, "no such colour", due)
    child = Child(nickname, "no such animal", 123456)
    today = date(2026, 9, 1)
    return {
        "welcome": Welcome(text, text, cardless=True),
        "hello": Hello(child, (book,) * 10, today),
        "lent": Lent(child, (book,) * 10, today),
        "lent_one": Lent(child, (book,), today, can_undo=False),
        "undone": Undone(child, book),
        "choose": Choose(child, book, today),
        "renewed": Renewed(child, book, today),
        "returned": Returned((book,) * 10, child, 10),
        "returned_one": Returned((book,), child, 1),
        "offer": Offer(child, book),
        "book_info": BookInfo(book),
        "book_info_about": BookInfo(book, text, similar=True, child=child),
        "refused": Refused(Why.TOO_MANY, child, book, 99),
        "still_there": StillThere(child, 10),
        "goodbye": Goodbye(child, (book,) * 10, 3, 2, today),
        "put_back": PutBack(book),
        "other_label": OtherLabel(child),
        "staff_health": StaffHealth(
            (DeviceLine(text, False, text), DeviceLine("pad", False, text), DeviceLine(text, True)),
            TagLine(text, text, TagVerdict.DISAGREES, text, text, text),
        ),
        "staff_tag_foreign": StaffHealth((), TagLine(text, text, TagVerdict.FOREIGN, text, text, text)),
    }


def every_screen() -> dict[str, Screen]:
    """The gallery's screens and the long names on every screen that carries a name."""
    return samples() | {f"long_{name}": screen for name, screen in with_text(TITLE, NICKNAME).items()}
