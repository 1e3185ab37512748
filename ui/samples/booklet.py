"""A child's booklet, how a book was, and more like it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from kiosk import screens as views
from kiosk.screens import Badge, Ease, Screen
from ui.samples.library import BOOKS, CHILD, FREE, LONG_NAME, TODAY

HOME = (BOOKS[0], BOOKS[2], BOOKS[3], BOOKS[6])
LATE = replace(BOOKS[4], due=TODAY - timedelta(days=2))
TODAYS = replace(BOOKS[5], due=TODAY)
STAGES = {"seed": 0, "sprout": 2, "small": 3, "tree": 7, "blossom": 9, "fruit": 17, "full": 29, "second": 44}


def screens() -> dict[str, Screen]:
    """Every page, from the first day to the fiftieth book."""
    return _books() | _passport() | _way() | _liked()


def _books() -> dict[str, Screen]:
    return {
        "my_books": views.MyBooks(CHILD, HOME[:3], TODAY, 0, 3),
        "my_books_four": views.MyBooks(LONG_NAME, (LATE, TODAYS, *HOME[:2]), TODAY, 0, 4),
        "my_books_one": views.MyBooks(CHILD, HOME[1:2], TODAY, 0, 3),
        "my_books_none": views.MyBooks(CHILD, (), TODAY, 0, 3),
    }


def _passport() -> dict[str, Screen]:
    every = tuple(Badge)[::-1]
    pages: dict[str, Screen] = {
        "my_passport": views.MyPassport(CHILD, (Badge.TEN_BOOKS, Badge.FIRST_BOOK), True, 8, 1, 3),
        "my_passport_six": views.MyPassport(replace(LONG_NAME, stamps=57), every[:6], True, 3, 1, 3),
        "my_passport_none": views.MyPassport(replace(CHILD, stamps=0), (), True, 10, 1, 3),
        "my_passport_not_kept": views.MyPassport(CHILD, every, False, 8, 1, 3),
    }
    for name, stamps in STAGES.items():
        child = replace(CHILD, stamps=stamps)
        earned = (Badge.FIRST_BOOK,) if stamps else ()
        pages[f"my_passport_{name}"] = views.MyPassport(child, earned, True, 10 - stamps % 10, 1, 3)
    return pages


def _way() -> dict[str, Screen]:
    every = frozenset(Ease) - {Ease.LANGUAGE}
    return {
        "my_way": views.MyWay(CHILD, frozenset({Ease.LARGE}), "en", True, 2, 3),
        "my_way_all": views.MyWay(CHILD, every, "vi", True, 2, 3),
        "my_way_mute": views.MyWay(CHILD, frozenset({Ease.CONTRAST, Ease.SLOW}), "", False, 2, 3),
    }


def _liked() -> dict[str, Screen]:
    return {
        "rate": views.Rate(BOOKS[0], CHILD),
        "rate_nobody": views.Rate(BOOKS[1]),
        "similar": views.Similar(FREE, HOME, CHILD),
        "similar_two": views.Similar(BOOKS[0], BOOKS[5:7]),
    }
