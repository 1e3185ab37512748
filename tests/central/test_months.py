"""Months that are over: what is asked of their sums is what the days would say, whatever comes late."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from central import months, recount
from central.ledger import Ledger
from central.store import CentralStore
from central.tables import monthly
from central.upkeep import Upkeep
from central.usage import By, Scope, Usage, usage
from kiosk.facts import CheckedOut, Returned
from tests.central.said import HANOI, made, sent

LOAN = CheckedOut("LK-1", "T-1", "6-8", "2026-12-05")
BACK = Returned("LK-1", "T-1", "6-8")
YEAR = Scope(date(2025, 12, 1), date(2026, 11, 30))
SCOPES = (
    YEAR,
    Scope(date(2026, 9, 15), date(2026, 11, 21)),  # months in part
    Scope(date(2026, 10, 1), date(2026, 10, 31)),  # one whole month and nothing else
    Scope(date(2026, 10, 2), date(2026, 10, 30)),
    Scope(date(2026, 10, 1), date(2026, 11, 30), station="kiosk-2"),
    Scope(date(2026, 9, 1), date(2026, 10, 31), library="MC-01"),
)


def fill(store: CentralStore, kiosk: str = "kiosk-1", first: int = 1, library: str = "") -> int:
    """Three months of some hours; answers the next number."""
    seq = first
    for month in (9, 10, 11):
        for day in (1, 15, 28):
            for hour in (8, 9, 16):
                at = datetime(2026, month, day, hour, 5, tzinfo=HANOI)
                both = enumerate((LOAN, BACK), seq)
                facts = [made(fact, number, kiosk=kiosk, at=at, library=library) for number, fact in both]
                Ledger(store).take([sent(fact) for fact in facts])
                seq += 2
    return seq


def sum_up(store: CentralStore) -> list[str]:
    """As the upkeep does in November; answers the months."""
    with store.reading() as connection:
        due = months.due(connection, "2026-11")
    for month in due:
        with store.writing() as connection:
            months.sum_up(connection, month)
    return due


def asked(store: CentralStore) -> list[Usage]:
    with store.reading() as connection:
        assert recount.differences(connection) == []
        return [usage(connection, scope, By.HOUR) for scope in SCOPES]


def test_a_year_by_the_hour_is_the_same_before_and_after_its_months_are_summed(store: CentralStore) -> None:
    fill(store)
    fill(store, "kiosk-2", library="MC-01")
    before = asked(store)
    assert [row.key for row in before[0].rows][:2] == ["08", "09"]
    assert sum_up(store) == ["2026-09", "2026-10"]
    assert asked(store) == before
    assert sum_up(store) == []


def test_what_comes_late_is_in_the_sums_too(store: CentralStore) -> None:
    seq = fill(store)
    sum_up(store)
    late = made(LOAN, seq, at=datetime(2026, 9, 30, 23, 59, tzinfo=HANOI))
    Ledger(store).take([sent(late)])
    [year, *_] = asked(store)
    assert {row.key: row.cells[1] for row in year.rows}["23"] == 1


def test_a_sum_that_is_wrong_is_found_and_mended(store: CentralStore) -> None:
    fill(store)
    before = asked(store)
    sum_up(store)
    with store.writing() as connection:
        connection.execute(update(monthly).where(monthly.c.hour == 8, monthly.c.kind == "loan").values(n=77))
        connection.execute(delete(monthly).where(monthly.c.hour == 9))
    with store.writing() as connection:
        assert {each.cell.day for each in recount.differences(connection)} == {"2026-09", "2026-10"}
        assert recount.mend(connection) == 6
    assert asked(store) == before


def test_an_ingest_that_counts_while_a_month_is_summed_loses_nothing(store: CentralStore) -> None:
    """Both write September at once; whoever comes second sees what the first one did."""
    seq = fill(store)
    ready = threading.Barrier(2)

    def count() -> None:
        ledger = Ledger(store)
        ready.wait()
        for number in range(seq, seq + 40):
            at = datetime(2026, 9, 20, 10, 0, tzinfo=HANOI)
            ledger.take([sent(made(LOAN, number, at=at))])

    thread = threading.Thread(target=count)
    thread.start()
    ready.wait()
    sum_up(store)
    thread.join()
    [year, *_] = asked(store)
    assert {row.key: row.cells[1] for row in year.rows}["10"] == 40


def test_the_upkeep_sums_up_what_is_over_for_every_station(store: CentralStore) -> None:
    fill(store)
    first = datetime(2026, 11, 1, 9, 0, tzinfo=HANOI)
    Upkeep(store, 0, lambda: first).once()
    with store.reading() as connection:
        assert months.over(connection) == {"2026-09"}, "October may still be today somewhere"
    Upkeep(store, 0, lambda: first + timedelta(days=1)).once()
    with store.reading() as connection:
        assert months.over(connection) == {"2026-09", "2026-10"}
        assert connection.scalars(select(monthly.c.month).distinct()).all()


@pytest.mark.parametrize("summed", [set(), {"2026-02"}, {"2025-12", "2026-01", "2026-02", "2026-03"}])
@given(first=st.dates(date(2025, 11, 1), date(2026, 4, 30)), length=st.integers(min_value=0, max_value=120))
def test_whole_months_and_days_together_are_every_day_once(
    summed: set[str], first: date, length: int
) -> None:
    last = first + timedelta(days=length)
    whole, days = months.split(first, last, summed)
    assert set(whole) <= summed
    told = [each.isoformat() for each in _days(first, last) if each.isoformat()[:7] in whole]
    for begin, end in days:
        told += [each.isoformat() for each in _days(date.fromisoformat(begin), date.fromisoformat(end))]
    assert sorted(told) == [each.isoformat() for each in _days(first, last)]


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
