"""Badges are earned once and for ever, each by its own rule; every tenth book is cheered once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.model import Stamp
from kiosk.passport import badges, cheer, next_cheer
from kiosk.screens import Badge

MONDAY = date(2026, 11, 2)


def kept(*shelves: str, days: int = 0) -> list[Stamp]:
    """Returns of different titles, one of each shelf named, `days` apart."""
    return [Stamp(f"t{n}", shelf, MONDAY + timedelta(days=n * days)) for n, shelf in enumerate(shelves)]


STAMPS = st.lists(
    st.builds(
        Stamp,
        title_id=st.sampled_from([f"t{n}" for n in range(12)]),
        shelf=st.sampled_from(["red", "green", "blue", "yellow"]),
        day=st.dates(date(2026, 1, 1), date(2026, 6, 30)),
    ),
    max_size=30,
)


@pytest.mark.parametrize(
    ("total", "earned"),
    [
        (0, ()),
        (1, (Badge.FIRST_BOOK,)),
        (9, (Badge.FIRST_BOOK,)),
        (10, (Badge.TEN_BOOKS, Badge.FIRST_BOOK)),
        (49, (Badge.TEN_BOOKS, Badge.FIRST_BOOK)),
        (50, (Badge.FIFTY_BOOKS, Badge.TEN_BOOKS, Badge.FIRST_BOOK)),
    ],
)
def test_where_returns_are_not_kept_the_number_alone_earns_badges(
    total: int, earned: tuple[Badge, ...]
) -> None:
    assert badges((), total) == earned


def test_books_of_three_shelves_make_a_curious_reader() -> None:
    assert Badge.THREE_SHELVES not in badges(kept("red", "red", "blue"), 3)
    assert badges(kept("red", "red", "blue", "green"), 4) == (Badge.THREE_SHELVES, Badge.FIRST_BOOK)


def test_five_books_of_one_shelf_make_its_friend() -> None:
    assert Badge.SHELF_FRIEND not in badges(kept(*["red"] * 4, "blue"), 5)
    assert badges(kept("red", "blue", *["red"] * 4), 6) == (Badge.SHELF_FRIEND, Badge.FIRST_BOOK)


def test_a_book_in_each_of_four_calendar_weeks_in_a_row_counts_from_monday_to_sunday() -> None:
    sundays = [Stamp(f"t{n}", "red", MONDAY + timedelta(days=6 + 7 * n)) for n in range(4)]
    assert Badge.FOUR_WEEKS in badges(sundays, 4)
    assert Badge.FOUR_WEEKS not in badges(
        [*sundays[:3], Stamp("t3", "red", sundays[3].day + timedelta(1))], 4
    )
    # Sunday and the Monday after it are two weeks; four days in a row are not four.
    assert Badge.FOUR_WEEKS not in badges(kept(*["red"] * 4, days=1), 4)


def test_four_weeks_may_lie_over_the_turn_of_the_year() -> None:
    days = [date(2026, 12, 20), date(2026, 12, 27), date(2027, 1, 1), date(2027, 1, 5)]
    assert Badge.FOUR_WEEKS in badges([Stamp(f"t{n}", "red", day) for n, day in enumerate(days)], 4)


def test_the_same_book_once_more_is_a_joy_of_its_own() -> None:
    twice = [*kept("red", "blue"), Stamp("t0", "red", MONDAY)]
    assert badges(twice, 3) == (Badge.AGAIN, Badge.FIRST_BOOK)


def test_the_newest_badge_comes_first_also_when_the_first_books_were_not_kept() -> None:
    # Nine books before the passport: the tenth is the first one that is kept.
    assert badges(kept("red", "blue", "green"), 12) == (
        Badge.THREE_SHELVES,
        Badge.TEN_BOOKS,
        Badge.FIRST_BOOK,
    )


@given(STAMPS, st.integers(0, 60))
def test_no_badge_is_ever_lost_and_new_ones_stand_in_front(stamps: list[Stamp], unkept: int) -> None:
    before: tuple[Badge, ...] = badges((), unkept)
    for place in range(1, len(stamps) + 1):
        after = badges(stamps[:place], unkept + place)
        assert after[len(after) - len(before) :] == before
        before = after


@given(STAMPS, st.integers(-5, 60))
def test_each_badge_is_there_at_most_once_whatever_the_total_says(stamps: list[Stamp], total: int) -> None:
    earned = badges(stamps, total)
    assert len(set(earned)) == len(earned)
    assert (Badge.FIRST_BOOK in earned) is (bool(stamps) or total > 0)


@given(st.integers(0, 1000), st.integers(0, 12))
def test_a_cheer_is_for_a_round_number_that_was_just_reached(before: int, more: int) -> None:
    reached = [number for number in range(before + 1, before + more + 1) if number % 10 == 0]
    assert cheer(before, before + more) == (reached[-1] if reached else 0)


@given(st.integers(0, 1000))
def test_the_next_cheer_comes_exactly_when_it_was_announced(stamps: int) -> None:
    left = next_cheer(stamps)
    assert 1 <= left <= 10
    assert cheer(stamps, stamps + left) == stamps + left
    assert cheer(stamps, stamps + left - 1) == 0


@given(st.lists(st.integers(1, 4), max_size=30))
def test_on_the_way_up_every_round_number_is_cheered_once(steps: list[int]) -> None:
    total, cheered = 0, []
    for step in steps:
        reached = cheer(total, total + step)
        total += step
        cheered += [reached] if reached else []
    assert cheered == list(range(10, total + 1, 10))
