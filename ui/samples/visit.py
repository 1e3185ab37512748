"""A visit from Welcome to Goodbye, in every state."""

from __future__ import annotations

from dataclasses import replace

from kiosk import screens as views
from kiosk.screens import Screen, Why
from ui.samples.library import ABOUT, BOOKS, CHILD, FREE, LONG_ABOUT, LONG_NAME, LONG_NEWS, NEWS, TEN, TODAY

LONG = BOOKS[1]


def screens() -> dict[str, Screen]:
    """The visit's screens."""
    return _coming() | _lending() | _coming_back() | _what_is_it() | _no() | _going()


def _coming() -> dict[str, Screen]:
    return {
        "welcome": views.Welcome(),
        "welcome_cardless": views.Welcome(cardless=True),
        "welcome_news": views.Welcome(NEWS, "owl", cardless=True),
        "welcome_long_news": views.Welcome(LONG_NEWS[:240], "no such picture"),
        "welcome_one_language": views.Welcome(languages=("vi",)),
        "take_books_off": views.TakeBooksOff(CHILD),
        "hello": views.Hello(CHILD, BOOKS[:2], TODAY),
        "hello_none": views.Hello(CHILD, (), TODAY),
        "hello_ten": views.Hello(LONG_NAME, TEN, TODAY),
        "hello_late": views.Hello(
            replace(CHILD, stamps=0), (replace(LONG, due=TODAY.replace(day=1)),), TODAY
        ),
    }


def _lending() -> dict[str, Screen]:
    return {
        "lent": views.Lent(CHILD, BOOKS[:1], TODAY),
        "lent_long": views.Lent(LONG_NAME, (LONG,), TODAY, can_undo=False),
        "lent_three": views.Lent(CHILD, BOOKS[:3], TODAY),
        "lent_ten": views.Lent(CHILD, TEN[1:], TODAY),
        "undone": views.Undone(CHILD, LONG),
        "choose": views.Choose(CHILD, LONG, TODAY),
        "choose_today": views.Choose(CHILD, replace(BOOKS[3], due=TODAY), TODAY),
        "renewed": views.Renewed(CHILD, BOOKS[2], TODAY),
        "offer": views.Offer(CHILD, FREE),
        "offer_long": views.Offer(LONG_NAME, LONG),
    }


def _coming_back() -> dict[str, Screen]:
    return {
        "returned": views.Returned(BOOKS[:1], CHILD, 1),
        "returned_three": views.Returned(BOOKS[:3], CHILD, 3),
        "returned_nobody": views.Returned(BOOKS[3:4]),
        "returned_long": views.Returned((LONG,), LONG_NAME, 1),
        "returned_cheer": views.Returned(BOOKS[:1], CHILD, 1, cheer=10),
        "returned_cheer_many": views.Returned(BOOKS[:3], LONG_NAME, 3, cheer=1230),
    }


def _what_is_it() -> dict[str, Screen]:
    older = replace(FREE, age_from=7)
    return {
        "book_info": views.BookInfo(FREE),
        "book_info_about": views.BookInfo(older, ABOUT, similar=True),
        "book_info_child": views.BookInfo(replace(LONG, age_from=6), LONG_ABOUT, similar=True, child=CHILD),
        "book_info_opened": views.BookInfo(BOOKS[5], "", opened=True),
    }


def _no() -> dict[str, Screen]:
    every: dict[str, Screen] = {
        "one_by_one": views.OneByOne(CHILD, 5),
        "one_card": views.OneCard(),
        "unknown_card": views.UnknownCard(),
        "unknown_book": views.UnknownBook(CHILD),
        "unknown_book_nobody": views.UnknownBook(),
        "put_back": views.PutBack(LONG),
        "other_label": views.OtherLabel(CHILD),
        "other_label_nobody": views.OtherLabel(),
    }
    for why in Why:
        on_card = why in {Why.CARD_BLOCKED, Why.CARD_EXPIRED}
        detail = {Why.TOO_MANY: 3, Why.FOR_OLDER: 9}.get(why, 0)
        every[f"refused_{why}"] = views.Refused(
            why, None if on_card else CHILD, None if on_card else FREE, detail
        )
    return every


def _going() -> dict[str, Screen]:
    return {
        "still_there": views.StillThere(CHILD, 10),
        "still_there_long": views.StillThere(LONG_NAME, 10),
        "goodbye": views.Goodbye(CHILD, BOOKS[:3], 1, 1, TODAY),
        "goodbye_none": views.Goodbye(CHILD, (), 0, 1, TODAY),
        "goodbye_ten": views.Goodbye(LONG_NAME, TEN, 3, 2, TODAY),
        "take_your_things": views.TakeYourThings(card=True, books=1),
        "take_your_card": views.TakeYourThings(card=True, books=0),
        "take_your_books": views.TakeYourThings(card=False, books=2),
    }
