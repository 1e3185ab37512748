"""The rewards of reading, as pure functions: badges, cheers, and how far the next one is.

Nothing is ever taken away, nothing is compared with other children, and nothing asks for haste.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from kiosk.model import Stamp
from kiosk.screens import Badge

CHEER_EVERY = 10
"""Books between two cheers."""
CURIOUS = 3
"""Shelves for the badge THREE_SHELVES."""
FRIEND = 5
"""Books of one shelf for the badge SHELF_FRIEND."""
WEEKS = 4
"""Weeks in a row, Monday to Sunday, with a book in each, for the badge FOUR_WEEKS."""
_BOOKS = {Badge.FIRST_BOOK: 1, Badge.TEN_BOOKS: 10, Badge.FIFTY_BOOKS: 50}


def badges(stamps: Sequence[Stamp], total: int) -> tuple[Badge, ...]:
    """The badges earned so far, newest first; what was earned with one and the same book in Badge's order.

    `stamps` are the returns that are kept, oldest first, and none where they are not kept; `total` counts all
    returns, also those before any was kept. FIRST_BOOK, TEN_BOOKS and FIFTY_BOOKS need the total alone, the
    others what is kept:

    - THREE_SHELVES: books of three different shelves;
    - SHELF_FRIEND: five books of one shelf;
    - FOUR_WEEKS: a book in each of four calendar weeks in a row;
    - AGAIN: a title that was brought back before.
    """
    unkept = max(0, total - len(stamps))
    earned = {badge: books - unkept for badge, books in _BOOKS.items() if books <= unkept + len(stamps)}
    for badge, place in _earned_with(stamps):
        earned.setdefault(badge, place)
    return tuple(sorted(earned, key=lambda badge: (-earned[badge], list(Badge).index(badge))))


def cheer(before: int, after: int) -> int:
    """The round number of books just reached on the way from `before` to `after`: 10, 20 ...; 0 = none."""
    reached = after // CHEER_EVERY * CHEER_EVERY
    return reached if reached > before else 0


def next_cheer(stamps: int) -> int:
    """How many books there are until the next cheer, 1 to 10."""
    return CHEER_EVERY - stamps % CHEER_EVERY


def _earned_with(stamps: Sequence[Stamp]) -> list[tuple[Badge, int]]:
    """Each of the badges that need kept returns, every time it is reached, with the book's place from 1."""
    earned: list[tuple[Badge, int]] = []
    shelves: Counter[str] = Counter()
    titles: set[str] = set()
    weeks: set[int] = set()
    for place, stamp in enumerate(stamps, start=1):
        shelves[stamp.shelf] += 1
        week = (stamp.day.toordinal() - 1) // 7  # 1 January of year 1 was a Monday
        weeks.add(week)
        if len(shelves) >= CURIOUS:
            earned.append((Badge.THREE_SHELVES, place))
        if shelves[stamp.shelf] >= FRIEND:
            earned.append((Badge.SHELF_FRIEND, place))
        if _in_a_row(weeks, week) >= WEEKS:
            earned.append((Badge.FOUR_WEEKS, place))
        if stamp.title_id in titles:
            earned.append((Badge.AGAIN, place))
        titles.add(stamp.title_id)
    return earned


def _in_a_row(weeks: set[int], week: int) -> int:
    """How many weeks around `week`, itself among them, follow each other without a gap."""
    first = last = week
    while first - 1 in weeks:
        first -= 1
    while last + 1 in weeks:  # a clock that was wrong may have stamped a later day before
        last += 1
    return last - first + 1
