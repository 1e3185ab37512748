"""Facts of a clock that was not set yet: dated afterwards, marked, and the counters move with them."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from central import recount
from central.ledger import Ledger
from central.store import CentralStore
from central.tables import counter, event
from central.times import Boot, dated, settled
from kiosk.facts import ClockSynced, Envelope, StationStarted
from tests.central.said import HANOI, LOAN, made, sent

EmptyStore = Callable[[], AbstractContextManager[CentralStore]]
WRONG = datetime(2024, 1, 1, 8, 0, tzinfo=HANOI)  # what a board without a clock believes
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=HANOI)
MINUTE = 60_000  # ms


def times(store: CentralStore) -> dict[int, tuple[str, str]]:
    """Each fact's counted time to the minute, and what it is estimated from."""
    with store.reading() as connection:
        assert recount.differences(connection) == []
        rows = connection.execute(select(event.c.seq, event.c.at, event.c.estimated)).all()
    return {row.seq: (row.at[:16], row.estimated) for row in rows}


def counted(store: CentralStore) -> dict[tuple[str, int], int]:
    """Loans by day and hour."""
    with store.reading() as connection:
        rows = connection.execute(
            select(counter.c.day, counter.c.hour, counter.c.n).where(counter.c.kind == "loan")
        )
        return {(row.day, row.hour): row.n for row in rows if row.n}


def free(seq: int, minutes: int, boot: int = 1) -> Envelope:
    """A loan so many minutes after the start, by a clock that was not set."""
    at = WRONG + timedelta(minutes=minutes)
    return made(LOAN, seq, at=at, boot=boot, mono=minutes * MINUTE, clock="free")


def good(seq: int, minutes: int, at: datetime, boot: int = 1, clock: str = "ntp") -> Envelope:
    return made(LOAN, seq, at=at, boot=boot, mono=minutes * MINUTE, clock=clock)


def test_a_later_fact_with_a_good_clock_dates_the_earlier_ones_of_its_start(store: CentralStore) -> None:
    ledger = Ledger(store)
    ledger.take([sent(free(1, 5)), sent(free(2, 65))])
    assert times(store) == {1: ("2024-01-01T08:05", "bounded"), 2: ("2024-01-01T09:05", "bounded")}
    ledger.take([sent(good(3, 70, NOON))])
    assert times(store) == {
        1: ("2026-11-21T10:55", "synced"), 2: ("2026-11-21T11:55", "synced"), 3: ("2026-11-21T12:00", ""),
    }  # fmt: skip
    assert counted(store) == {("2026-11-21", 10): 1, ("2026-11-21", 11): 1, ("2026-11-21", 12): 1}


def test_a_synced_clock_is_told_by_a_fact_of_its_own(store: CentralStore) -> None:
    synced = made(ClockSynced(step_s=90_000), 2, at=NOON, mono=30 * MINUTE, clock="ntp")
    Ledger(store).take([sent(free(1, 10)), sent(synced, "device")])
    assert times(store)[1] == ("2026-11-21T11:40", "synced")


def test_facts_that_come_after_their_start_was_dated_are_dated_at_once(store: CentralStore) -> None:
    ledger = Ledger(store)
    ledger.take([sent(good(3, 70, NOON, clock="rtc"))])
    ledger.take([sent(free(2, 65))])
    assert times(store)[2] == ("2026-11-21T11:55", "synced")
    assert counted(store) == {("2026-11-21", 11): 1, ("2026-11-21", 12): 1}


def test_a_start_that_never_had_the_time_lies_between_its_neighbours(store: CentralStore) -> None:
    ledger = Ledger(store)
    ledger.take([sent(good(1, 60, NOON)), sent(free(2, 1, boot=2)), sent(free(3, 31, boot=2))])
    # Not before the start before it ended; how long it was off nobody knows.
    assert times(store)[2] == ("2026-11-21T12:00", "bounded")
    assert times(store)[3] == ("2026-11-21T12:30", "bounded")
    ledger.take([sent(good(4, 1, NOON + timedelta(minutes=20), boot=3))])
    # Nor after the next one began.
    assert times(store)[3] == ("2026-11-21T12:20", "bounded")
    assert times(store)[2] == ("2026-11-21T11:50", "bounded")


def test_a_start_whose_own_time_fits_between_its_neighbours_keeps_it_and_is_marked(
    store: CentralStore,
) -> None:
    within = made(LOAN, 2, at=NOON + timedelta(hours=2), boot=2, mono=MINUTE, clock="free")
    later = good(3, 1, NOON + timedelta(hours=5), boot=3)
    Ledger(store).take([sent(good(1, 1, NOON)), sent(within), sent(later)])
    assert times(store)[2] == ("2026-11-21T14:00", "bounded")


def test_another_epoch_and_another_station_say_nothing_of_this_ones_time(store: CentralStore) -> None:
    other = made(LOAN, 1, epoch="e2", at=NOON, mono=70 * MINUTE)
    elsewhere = made(LOAN, 1, kiosk="kiosk-2", at=NOON, mono=70 * MINUTE)
    Ledger(store).take([sent(free(1, 5)), sent(other), sent(elsewhere)])
    with store.reading() as connection:
        rows = connection.execute(select(event.c.at).where(event.c.clock == "free")).scalars().all()
    assert [one[:16] for one in rows] == ["2024-01-01T08:05"]


def test_visits_of_several_people_move_whole(store: CentralStore) -> None:
    from kiosk.facts import DoorCrossed

    door = made(DoorCrossed("in", "door", 12), 1, at=WRONG, mono=0, clock="free")
    ledger = Ledger(store)
    ledger.take([sent(door, "visit")])
    ledger.take([sent(good(2, 60, NOON))])
    with store.reading() as connection:
        rows = connection.execute(
            select(counter.c.hour, counter.c.n).where(counter.c.kind == "visit_in")
        ).all()
    assert {row.hour: row.n for row in rows if row.n} == {11: 12}
    times(store)


@pytest.mark.parametrize("mono", [2**62, 2**63 - 1])
def test_a_time_that_no_calendar_has_is_left_as_it_was_written(store: CentralStore, mono: int) -> None:
    absurd = made(LOAN, 1, at=WRONG, mono=0, clock="free")
    anchor = made(StationStarted("1"), 2, at=NOON, mono=mono)
    [answer] = Ledger(store).take([sent(absurd), sent(anchor, "device")])
    assert answer.upto == 2
    with store.reading() as connection:
        assert connection.scalar(select(event.c.at).where(event.c.seq == 1)) == absurd.time
        assert recount.differences(connection) == []


def test_dating_keeps_the_zone_the_fact_was_written_in() -> None:
    zero = int(datetime(2026, 11, 21, 12, 0, tzinfo=HANOI).timestamp() * 1000)
    assert dated("2024-01-01T00:00:00.000+07:00", 1_500, zero) == "2026-11-21T12:00:01.500+07:00"
    assert dated("2024-01-01T00:00:00.000+00:00", 0, zero) == "2026-11-21T05:00:00.000+00:00"


def run(number: int, anchor: int | None, written: int, length: int) -> Boot:
    return Boot("k", "e", number, number, number, 0, length, True, number, written, anchor and number, anchor)


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 1000), st.integers(0, 50)), min_size=1, max_size=8),
    st.integers(0, 100),
)
def test_runs_in_order_never_end_after_the_next_good_one_begins(
    shape: list[tuple[bool, int, int]], gap: int
) -> None:
    clock, boots = 0, []
    for number, (is_set, written, length) in enumerate(shape):
        boots.append(run(number + 1, clock if is_set and clock else None, written, length))
        clock += length + gap
    answers = list(settled(boots))
    for at, (one, zero, basis) in enumerate(answers):
        assert zero is not None
        assert basis == ("synced" if one.anchor is not None else "bounded")
        for later, later_zero, _ in answers[at + 1 :]:
            if later.anchor is not None and later_zero is not None:
                assert zero + one.last_mono <= later_zero + later.first_mono


@st.composite
def histories(draw: st.DrawFn) -> list[Envelope]:
    """A station's facts over several starts, some of which never learn the time."""
    found: list[Envelope] = []
    wall = NOON
    for boot in range(1, draw(st.integers(1, 4)) + 1):
        wall += timedelta(minutes=draw(st.integers(1, 600)))
        syncs_at = draw(st.none() | st.integers(0, 4))
        for step in range(draw(st.integers(1, 4))):
            minutes = step * draw(st.integers(1, 90))
            is_set = syncs_at is not None and step >= syncs_at
            at = wall + timedelta(minutes=minutes) if is_set else WRONG + timedelta(minutes=minutes)
            clock = "ntp" if is_set else "free"
            band = draw(st.sampled_from(["6-8", "9-11"]))
            fact = type(LOAN)("LK-1", "T-1", band, "2026-12-05")
            found.append(
                made(
                    fact, len(found) + 1, at=at, boot=boot, mono=minutes * MINUTE, clock=clock,
                    library=draw(st.sampled_from(["", "MC-01"])),
                )
            )  # fmt: skip
        wall += timedelta(hours=8)
    return found


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=histories(), seed=st.integers(0, 2**32))
def test_whatever_the_order_repetition_and_batching_times_and_counters_end_the_same(
    empty_store: EmptyStore, facts: list[Envelope], seed: int
) -> None:
    def taken(order: list[Envelope], sizes: list[int]) -> list[Any]:
        with empty_store() as store:
            ledger, at = Ledger(store), 0
            for size in sizes:
                ledger.take([sent(fact) for fact in order[at : at + size]])
                at += size
                with store.reading() as connection:
                    assert recount.differences(connection) == [], "at any moment"
            with store.reading() as connection:
                rows = connection.execute(
                    select(event.c.seq, event.c.at, event.c.estimated).order_by(event.c.seq)
                ).all()
        return [tuple(row) for row in rows]

    chance = random.Random(seed)
    mixed = facts + chance.choices(facts, k=len(facts) // 2)
    chance.shuffle(mixed)
    sizes = [chance.randint(1, 4) for _ in mixed]
    assert taken(mixed, sizes) == taken(facts, [len(facts)])
