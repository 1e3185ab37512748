"""The rules a librarian would read aloud."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.lending import No, admit, check_out, due_date, overdue_days, renew
from kiosk.model import Calendar, Item, ItemStatus, Loan, Patron, Policy, Rules, Title
from kiosk.screens import Why

TODAY = date(2026, 11, 21)  # a Saturday
TITLE = Title("t1", "Dế Mèn phiêu lưu ký", "Tô Hoài", "vi", age_from=0, shelf="green")
ITEM = Item("LK-1", TITLE)
MAI = Patron("P1", "Mai", "cat", "tieu-hoc", birth_year=2018)
RULES = Rules(default=Policy(max_loans=3, loan_days=14, max_renewals=2))

days = st.dates(date(2020, 1, 1), date(2040, 12, 31))
calendars = st.builds(
    Calendar,
    st.frozensets(st.integers(0, 6), max_size=6),
    st.frozensets(st.dates(date(2026, 1, 1), date(2027, 12, 31)), max_size=40),
)


def test_a_free_book_is_lent_for_the_period_of_the_category() -> None:
    assert check_out(ITEM, MAI, 0, RULES, TODAY) == Loan("LK-1", "P1", TODAY, date(2026, 12, 5))


def test_categories_have_their_own_limits() -> None:
    rules = replace(RULES, policies={"tieu-hoc": Policy(max_loans=1, loan_days=7, max_renewals=0)})
    assert check_out(ITEM, MAI, 1, rules, TODAY) == No(Why.TOO_MANY, 1)
    loan = check_out(ITEM, MAI, 0, rules, TODAY)
    assert isinstance(loan, Loan)
    assert loan.due == TODAY + timedelta(days=7)
    assert renew(loan, MAI, rules, TODAY) == No(Why.NO_MORE_RENEWALS, 0)


@given(days, st.integers(1, 60), calendars)
def test_a_due_date_never_falls_on_a_closed_day_and_never_comes_early(
    start: date, length: int, calendar: Calendar
) -> None:
    due = due_date(start, length, calendar)
    assert not calendar.is_closed(due)
    assert due >= start + timedelta(days=length)


def test_a_calendar_that_is_always_closed_still_answers() -> None:
    always = Calendar(closed_weekdays=frozenset(range(7)))
    assert due_date(TODAY, 14, always) > TODAY


@pytest.mark.parametrize(
    ("patron", "item", "at_home", "no"),
    [
        (replace(MAI, blocked=True), ITEM, 0, No(Why.CARD_BLOCKED)),
        (replace(MAI, expires=TODAY - timedelta(days=1)), ITEM, 0, No(Why.CARD_EXPIRED)),
        (MAI, replace(ITEM, status=ItemStatus.REFERENCE), 0, No(Why.NOT_FOR_LOAN)),
        (MAI, replace(ITEM, status=ItemStatus.WITHDRAWN), 0, No(Why.WITHDRAWN)),
        (MAI, replace(ITEM, title=replace(TITLE, age_from=12)), 0, No(Why.FOR_OLDER, 12)),
        (MAI, ITEM, 3, No(Why.TOO_MANY, 3)),
        (MAI, replace(ITEM, loan=Loan("LK-1", "P2", TODAY, TODAY)), 0, No(Why.ON_LOAN_TO_OTHER)),
    ],
)
def test_refusals_name_their_reason(patron: Patron, item: Item, at_home: int, no: No) -> None:
    assert check_out(item, patron, at_home, RULES, TODAY) == no


def test_a_card_is_good_on_its_last_day() -> None:
    assert admit(replace(MAI, expires=TODAY), TODAY) is None


def test_a_child_without_birth_year_gets_any_book() -> None:
    item = replace(ITEM, title=replace(TITLE, age_from=12))
    assert isinstance(check_out(item, replace(MAI, birth_year=None), 0, RULES, TODAY), Loan)


@given(st.integers(0, 400), st.integers(0, 5), calendars)
def test_renewing_never_shortens_a_loan_and_stops_at_the_limit(
    late: int, renewals: int, calendar: Calendar
) -> None:
    rules = replace(RULES, calendar=calendar)
    loan = Loan("LK-1", "P1", TODAY, TODAY + timedelta(days=200 - late), renewals)
    answer = renew(loan, MAI, rules, TODAY)
    if renewals >= 2:
        assert answer == No(Why.NO_MORE_RENEWALS, 2)
    else:
        assert isinstance(answer, Loan)
        assert answer.due >= loan.due
        assert answer.renewals == renewals + 1


def test_a_blocked_card_does_not_renew() -> None:
    loan = Loan("LK-1", "P1", TODAY, TODAY)
    assert renew(loan, replace(MAI, blocked=True), RULES, TODAY) == No(Why.CARD_BLOCKED)


def test_a_late_book_is_only_counted_in_days() -> None:
    loan = Loan("LK-1", "P1", TODAY, TODAY)
    assert overdue_days(loan, TODAY) == 0
    assert overdue_days(loan, TODAY + timedelta(days=3)) == 3
    assert overdue_days(loan, TODAY - timedelta(days=3)) == 0
