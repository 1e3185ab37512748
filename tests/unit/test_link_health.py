"""How the station is: told at the start, at once when it changes, now and then else; batches keep order."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.board import BoardReadings
from hardware.board.heat import Heat
from hardware.board.power import Power
from hardware.board.storage import Storage
from kiosk.bootstrap.health import HealthBook
from kiosk.desk.staff import Devices
from kiosk.facts import BATCH
from kiosk.link.batches import LEAST_LOAD, MOST_BYTES, MOST_FACTS, MOST_LOAD, Load, one_by_one, packed
from kiosk.link.health import EVERY_S, SOONEST_S, Health, HealthTeller, LinkPart, to_json
from kiosk.model import ClockQuality
from kiosk.store.outbox import OutboxRow
from tests.unit.reading_corner import at

WELL = Health(reader=True, clock="ntp", temperature_c=50.0, disk_free=10**9)


class Watched:
    """A station whose health a test changes."""

    def __init__(self) -> None:
        self.now: Health | Exception = WELL
        self.teller = HealthTeller(self._health, jitter=lambda: 0.5)

    def _health(self) -> Health:
        if isinstance(self.now, Exception):
            raise self.now
        return self.now


def test_it_is_told_at_a_connection_and_then_every_ten_minutes() -> None:
    one = Watched()
    assert one.teller.due(0) == WELL
    assert [one.teller.due(moment) for moment in (5, 300, EVERY_S - 1)] == [None] * 3
    assert one.teller.due(EVERY_S) == WELL
    one.teller.connected()
    assert one.teller.due(EVERY_S + 5) == WELL


def test_ten_minutes_are_five_to_fifteen_so_that_a_fleet_does_not_speak_at_once() -> None:
    waits = []
    for jitter in (0.0, 0.999):
        teller = HealthTeller(lambda: WELL, jitter=lambda jitter=jitter: jitter)  # type: ignore[misc]
        teller.due(0)
        waits.append(next(second for second in range(1, 2_000) if teller.due(second)))
    assert waits == [300, 900]


def test_a_change_of_state_is_told_at_once_and_a_warmer_day_is_not() -> None:
    one = Watched()
    one.teller.due(0)
    one.now = replace(WELL, temperature_c=60.0, disk_free=9 * 10**8)
    assert one.teller.due(SOONEST_S) is None
    one.now = replace(WELL, under_voltage=True)
    assert one.teller.due(SOONEST_S + 5) == one.now


def test_what_changes_all_the_time_is_told_twice_a_minute_at_most() -> None:
    one = Watched()
    told = 0
    for second in range(0, 600, 5):
        one.now = replace(WELL, reader=bool(second // 5 % 2))
        told += one.teller.due(second) is not None
    assert 2 <= told <= 600 / SOONEST_S + 1


def test_a_sensor_that_fails_is_named_once_and_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    one = Watched()
    one.now = OSError("no such sensor")
    with caplog.at_level(logging.WARNING):
        assert [one.teller.due(moment) for moment in (0, 5, 10)] == [None] * 3
    assert len(caplog.records) == 1
    one.now = WELL
    assert one.teller.due(15) == WELL
    assert HealthTeller(None).due(0) is None


def test_the_message_says_when_and_whose_it_is() -> None:
    link = LinkPart("s1", "1.2.3", 4, "e1", 11, 8, 2, None)
    said = json.loads(to_json(WELL, link, datetime(2026, 11, 20, 2, 30, tzinfo=UTC)))
    assert said["time"] == "2026-11-20T02:30:00+00:00"
    assert (said["session"], said["boot"], said["backlog"], said["disk_free"]) == ("s1", 4, 2, 10**9)


def test_the_book_of_devices_the_clock_and_the_board_become_one_word() -> None:
    devices = Devices(("pad", "lamp", "link"))
    board = BoardReadings(
        power=Power(under_voltage=True), heat=Heat(71.5), storage=Storage(total=100, free=40, read_only=False)
    )
    readings: list[BoardReadings | None] = [None]
    book = HealthBook(devices, lambda: readings[0])
    devices.lost("lamp", "no pins")
    book.look(at(quality=ClockQuality.FREE))
    assert book.health() == Health(reader=True, faults=("lamp",), clock="free"), (
        "the link's own state is no news"
    )
    devices.lost("pad", "no answer")
    readings[0] = board
    book.look(at())
    found = book.health()
    assert (found.reader, found.faults, found.clock) == (False, ("lamp", "pad"), "ntp")
    assert (found.under_voltage, found.temperature_c, found.disk_free, found.read_only) == (
        True,
        71.5,
        40,
        False,
    )


# --- batches -------------------------------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.sampled_from(("loan", "visit")), st.integers(2, MOST_BYTES + 500)), max_size=150),
    st.integers(0, 10**6),
)
def test_batches_hold_every_fact_once_in_order_and_keep_their_bounds(
    facts: list[tuple[str, int]], before: int
) -> None:
    rows = [
        OutboxRow(before + n, cls, json.dumps("x" * (size - 2)).encode())
        for n, (cls, size) in enumerate(facts, 1)
    ]
    messages = list(packed(rows))
    held = []
    for message in messages:
        decoded = json.loads(message.payload)
        inside = decoded if isinstance(decoded, list) else [decoded]
        held += inside
        assert (message.first, message.last) == (message.last - len(inside) + 1, message.last)
        assert len(inside) <= MOST_FACTS
        assert len(message.payload) <= MOST_BYTES or len(inside) == 1
        classes = {row.cls for row in rows if message.first <= row.seq <= message.last}
        assert message.cls == (classes.pop() if len(classes) == 1 else BATCH)
    assert held == [json.loads(row.payload) for row in rows]
    assert [message.last for message in one_by_one(rows)] == [row.seq for row in rows]


def test_what_a_link_bears_is_learnt_and_has_both_ends() -> None:
    load = Load()
    for _ in range(20):
        load.confirmed(0.2)
    assert load.bytes == MOST_LOAD
    load.confirmed(2.0)
    assert load.bytes == MOST_LOAD
    for _ in range(20):
        load.confirmed(9.0)
    assert load.bytes == LEAST_LOAD
    load.stalled()
    assert load.bytes == LEAST_LOAD
