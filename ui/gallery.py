"""Draws every screen with sample data into PNG files, for eyes.

python -m ui.gallery --out DIR [--width 1024 --height 600 --dpi 169 --language vi]
"""

from __future__ import annotations

import argparse
import os
from datetime import date, timedelta
from pathlib import Path

from kiosk import screens as views
from kiosk.screens import Book, Child, DeviceLine, TagLine, TagVerdict, Why
from ui.window import prepare

TODAY = date(2026, 12, 5)
CHILD = Child("Mây", "rabbit", stamps=12)


def book(number: int, name: str, author: str, shelf: str, days: int | None = None) -> Book:
    """A sample book; `days` until it is due, None when it is not on loan."""
    due = None if days is None else TODAY + timedelta(days=days)
    return Book(f"LK-{number:07}", f"T-{number}", name, author, shelf, due)


BOOKS = (
    book(1, "Dế Mèn phiêu lưu ký", "Tô Hoài", "green", 14),
    book(2, "Những cuộc phiêu lưu kỳ thú của chú mèo đi hia", "Charles Perrault", "red", 3),
    book(3, "Đất rừng phương Nam", "Đoàn Giỏi", "blue", 7),
    book(4, "Kính vạn hoa", "Nguyễn Nhật Ánh", "yellow", 9),
    book(5, "Góc sân và khoảng trời", "Trần Đăng Khoa", "purple", 12),
    book(6, "Cho tôi xin một vé đi tuổi thơ", "Nguyễn Nhật Ánh", "orange", 12),
    book(7, "Hoàng tử bé", "Antoine de Saint-Exupéry", "pink", 12),
)
FREE = book(8, "Sự tích cây vú sữa", "Truyện cổ tích Việt Nam", "teal")

DEVICES = (
    "pad", "door", "lamp", "speaker", "buttons", "scanner", "link", "gate", "panel-light", "board.power",
    "board.heat", "board.disk", "board.card", "board.clock",
)  # fmt: skip
CAUSES = {
    "door": "sensor door: beam A has been dark for 10 minutes, beam B is free: something stands in the way",
    "board.power": "the voltage is too low: use the Pi's own power supply and a short cable, and give lights "
    "and sensors a supply of their own",
    "link": "tls handshake failed: " + "certificate verify failed: unable to get local issuer; " * 8,
}
LONG_CAUSE = CAUSES["link"][:400]


def health(*broken: str, tag: TagLine | None = None) -> views.StaffHealth:
    """A sample of the librarian's page with these devices broken."""
    lines = [DeviceLine(each, False, CAUSES.get(each, LONG_CAUSE)[:400]) for each in broken]
    good = [DeviceLine(each, True) for each in DEVICES if each not in broken]
    return views.StaffHealth((*lines, *good), tag)


def tag_sample(verdict: TagVerdict) -> TagLine:
    """A sample tag with this verdict."""
    match verdict:
        case TagVerdict.CARD:
            return TagLine("", "classic", verdict)
        case TagVerdict.AGREES:
            return TagLine("E00401507A12B3C4", "iso15693", verdict, "LK-0012345", "LK-0012345")
        case TagVerdict.BLANK:
            return TagLine("04A1B2C3D4E580", "ultralight", verdict, "LK-0012345")
        case TagVerdict.DISAGREES:
            return TagLine("E00401507A12B3C4", "iso15693", verdict, "LK-0012345", "LK-0099999")
        case TagVerdict.UNKNOWN:
            return TagLine("04A1B2C3D4E580", "ultralight", verdict)
        case TagVerdict.FOREIGN:
            words = "http://example.org/a-very-long-address-of-some-shop/" + "x" * 200
            return TagLine("04A1B2C3D4E580", "ultralight", verdict, "LK-0012345", words=words)
        case _:
            return TagLine("04A1B2C3D4E580", "ultralight", verdict, "LK-0012345")


def samples() -> dict[str, views.Screen]:
    """Every kind of screen at least once, by a name fit for a file."""
    every: dict[str, views.Screen] = {
        "welcome": views.Welcome(),
        "take_books_off": views.TakeBooksOff(CHILD),
        "hello": views.Hello(CHILD, BOOKS[:2], TODAY),
        "hello_none": views.Hello(CHILD, (), TODAY),
        "hello_ten": views.Hello(CHILD, (*BOOKS, *BOOKS[:3]), TODAY),
        "lent": views.Lent(CHILD, BOOKS[:1], TODAY),
        "lent_long": views.Lent(CHILD, BOOKS[1:2], TODAY, can_undo=False),
        "lent_three": views.Lent(CHILD, BOOKS[:3], TODAY),
        "undone": views.Undone(CHILD, BOOKS[1]),
        "choose": views.Choose(CHILD, BOOKS[1], TODAY),
        "renewed": views.Renewed(CHILD, BOOKS[2], TODAY),
        "returned": views.Returned(BOOKS[:1], CHILD, 1),
        "returned_three": views.Returned(BOOKS[:3], CHILD, 3),
        "returned_nobody": views.Returned(BOOKS[3:4]),
        "offer": views.Offer(CHILD, FREE),
        "book_info": views.BookInfo(FREE),
        "one_by_one": views.OneByOne(CHILD, 5),
        "one_card": views.OneCard(),
        "unknown_card": views.UnknownCard(),
        "unknown_book": views.UnknownBook(CHILD),
        "unknown_book_nobody": views.UnknownBook(),
        "still_there": views.StillThere(CHILD, 10),
        "goodbye": views.Goodbye(CHILD, BOOKS[:3], 1, 1, TODAY),
        "goodbye_none": views.Goodbye(CHILD, (), 0, 1, TODAY),
        "take_your_things": views.TakeYourThings(card=True, books=1),
        "take_your_card": views.TakeYourThings(card=True, books=0),
        "ask_help": views.AskHelp(),
        "put_back": views.PutBack(BOOKS[1]),
        "other_label": views.OtherLabel(CHILD),
        "other_label_nobody": views.OtherLabel(),
        "reader_out": views.ReaderOut(),
        "disk_full": views.DiskFull(),
        "out_of_order": views.OutOfOrder(),
        "out_of_order_note": views.OutOfOrder(
            "/etc/gocdoc/station.toml: settings: lamp.green_pin and door.outer_pin both use GPIO17; "
            "give each its own pin"
        ),
        "staff_pin": views.StaffPin(0),
        "staff_pin_typing": views.StaffPin(4),
        "staff_pin_full": views.StaffPin(8),
        "staff_pin_wrong": views.StaffPin(0, wrong=True),
        "staff_pin_locked": views.StaffPin(0, wrong=True, locked=True),
        "staff_health": health(),
        "staff_health_one": health("pad", tag=tag_sample(TagVerdict.CARD)),
        "staff_health_two": health("door", "scanner"),
        "staff_health_three": health("door", "board.power", "link", tag=tag_sample(TagVerdict.DISAGREES)),
        "staff_health_all": health(*DEVICES),
        "staff_health_strange": health(
            "door-2", tag=TagLine("04A1B2C3D4E580", "no kind", TagVerdict.AGREES, "LK-1")
        ),
    }
    for verdict in TagVerdict:
        every[f"staff_tag_{verdict}"] = health(tag=tag_sample(verdict))
    for why in Why:
        on_card = why in {Why.CARD_BLOCKED, Why.CARD_EXPIRED}
        detail = {Why.TOO_MANY: 3, Why.FOR_OLDER: 9}.get(why, 0)
        every[f"refused_{why}"] = views.Refused(
            why, None if on_card else CHILD, None if on_card else FREE, detail
        )
    return every


def main() -> None:
    """Render all samples into a folder."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for the PNG files")
    parser.add_argument("--width", type=int, default=1024)
    parser.add_argument("--height", type=int, default=600)
    parser.add_argument("--dpi", type=int, default=169)
    parser.add_argument("--language", default="vi")
    parser.add_argument("--covers", type=Path, default=Path("covers"), help="folder of cover files")
    wish = parser.parse_args()
    os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
    prepare(width=wish.width, height=wish.height, dpi=wish.dpi, home=wish.out / ".kivy")
    from ui.app import StationApp  # noqa: PLC0415  the window must be prepared first
    from ui.inspection import save_pixels, settle  # noqa: PLC0415

    app = StationApp(
        post=lambda _event: None, covers=wish.covers, first=views.Shown(0, views.Welcome(), wish.language)
    )
    app.open()
    from kivy.base import runTouchApp  # noqa: PLC0415

    runTouchApp(app.root, embedded=True)
    for number, (name, screen) in enumerate(samples().items(), start=1):
        app.present(views.Shown(number, screen, wish.language))
        settle()
        save_pixels(wish.out / f"{name}.png")
        print(wish.out / f"{name}.png")  # noqa: T201  a command that prints


if __name__ == "__main__":
    main()
