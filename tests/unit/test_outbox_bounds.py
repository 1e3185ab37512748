"""The outbox has a bound: the noise of devices is summed up, what is counted never; numbers stay dense."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.facts import (
    DeskVisitStarted,
    DeviceFault,
    DeviceRecovered,
    DeviceUnsteady,
    DoorCrossed,
    Fact,
    StationStarted,
)
from kiosk.model import ClockQuality, Now
from kiosk.store import StationStore
from kiosk.store.bounds import MOST_BYTES, TOLD_AN_HOUR, Ration, bound_of
from kiosk.store.outbox import OutboxReader
from tests.unit.reading_corner import at, filled_corner, lent_fact, open_corner

LOOSE = "the plug has no contact"


def report(store: StationStore, now: Now, *facts: Fact) -> None:
    with store.begin(now) as work:
        for fact in facts:
            work.report(fact)
        work.commit()


def written(path: Path) -> list[dict[str, Any]]:
    with OutboxReader(path) as outbox:
        rows = outbox.pending(0, 100_000)
    events = [json.loads(row.payload) for row in rows]
    assert [one["seq"] for one in events] == list(range(1, len(events) + 1))
    return events


def names(path: Path) -> list[str]:
    return [one["type"].removeprefix("gocdoc.").removesuffix(".v1") for one in written(path)]


def wobble(store: StationStore, pairs: int, *, begin: float = 0, minutes: float = 59, boot: int = 1) -> None:
    """A plug that fails and works again, evenly within so many minutes."""
    for number in range(pairs):
        moment = begin + minutes * number / pairs
        pair = DeviceFault("scanner", f"{LOOSE} ({number})"), DeviceRecovered("scanner")
        report(store, at(moment, boot=boot), *pair)


def test_a_plug_that_wobbles_650_times_an_hour_costs_a_few_facts_and_its_number_is_told(
    tmp_path: Path,
) -> None:
    path = tmp_path / "station.db"
    with filled_corner(path) as store:
        wobble(store, 650)
        assert store.sum_up(at(59.5)) == 0, "the hour is not over"
        assert store.sum_up(at(61)) == 1
        assert store.sum_up(at(62)) == 0, "told once"
    assert names(path) == ["device.fault", "device.recovered"] * 6 + ["device.unsteady"]
    assert written(path)[-1]["data"] == {"device": "scanner", "faults": 650 - 6, "minutes": 60}


def test_what_a_device_is_when_the_hour_is_over_is_told_with_the_sum(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    with filled_corner(path) as store:
        wobble(store, 40, minutes=30)
        report(store, at(31), DeviceFault("scanner", "torn off"))
        store.sum_up(at(61))
        assert names(path)[-2:] == ["device.unsteady", "device.fault"]
        assert written(path)[-1]["data"]["cause"] == "torn off"
        report(store, at(70), DeviceRecovered("scanner"))
    assert names(path)[-1] == "device.recovered"


def test_the_sum_also_comes_with_the_next_fault_and_before_it(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    with filled_corner(path) as store:
        wobble(store, 20, minutes=5)
        report(store, at(200), DeviceFault("scanner", "again"))
    assert names(path)[-2:] == ["device.unsteady", "device.fault"]


def test_a_device_that_fails_now_and_then_is_told_every_time(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    with filled_corner(path) as store:
        for day in range(20):
            report(store, at(day * 1_440), DeviceFault("lamp", "no light"))
            report(store, at(day * 1_440 + 5), DeviceRecovered("lamp"))
        assert store.sum_up(at(21 * 1_440)) == 0
    assert names(path) == ["device.fault", "device.recovered"] * 20


def test_devices_are_counted_apart_and_a_quiet_one_is_not_thinned_for_a_noisy_one(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    with filled_corner(path) as store:
        wobble(store, 50)
        report(store, at(59.2), DeviceFault("pad", "no answer"))
    assert [one["data"]["device"] for one in written(path)].count("pad") == 1


def test_the_count_outlives_the_process_and_the_new_start_tells_by_itself_what_is_broken(
    tmp_path: Path,
) -> None:
    path = tmp_path / "station.db"
    with filled_corner(path) as store:
        wobble(store, 100, minutes=10)
        report(store, at(11), DeviceFault("scanner", "torn off"))
    with open_corner(path) as store:
        report(store, at(0, boot=2), StationStarted("2"))
        assert store.sum_up(at(0.1, boot=2)) == 1
    assert names(path)[-2:] == ["station.started", "device.unsteady"]
    assert written(path)[-1]["data"]["faults"] == 100 + 1 - 6


def test_what_was_rolled_back_was_not_counted(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    with filled_corner(path) as store:
        wobble(store, 10, minutes=1)
        with store.begin(at(2)) as work:
            for _ in range(5):
                work.report(DeviceFault("scanner", LOOSE))
        store.sum_up(at(61))
    assert written(path)[-1]["data"]["faults"] == 4


def test_at_the_bound_only_devices_are_told_less_and_every_loan_and_visit_stays(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    with filled_corner(path) as store:
        store._bound = 1
        report(store, at(), StationStarted("1"))
        with store.begin(at()) as work:
            store._measure(work._connection)
        counted = (lent_fact(1), DoorCrossed("in", "door"), DeskVisitStarted("6-8"))
        for number in range(50):
            report(store, at(number), *counted)
        wobble(store, 50)
    found = names(path)
    assert [found.count(name) for name in ("item.checked_out", "visit.counted", "desk_visit.started")] == [
        50
    ] * 3
    assert (found.count("device.fault"), found.count("device.recovered")) == (1, 1)


def test_at_the_bound_confirmed_facts_go_by_number_and_unconfirmed_ones_never(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.store.station.KEPT_WHEN_TIGHT", 10)
    path = tmp_path / "station.db"
    with filled_corner(path) as store:
        report(store, at(), *[lent_fact(1)] * 100)
        store.confirm(store.epoch, 80, at())
        free = replace(at(1), quality=ClockQuality.FREE)
        assert store.prune(at(1)) == 0, "there is room: they are kept for 30 days"
        store._bound = 1
        assert store.prune(free) == 80
        with OutboxReader(path) as outbox:
            assert [row.seq for row in outbox.pending(0, 200)] == list(range(81, 101))
        report(store, at(2), lent_fact(1))
        with OutboxReader(path) as outbox:
            assert outbox.state().next_seq == 102


def test_with_room_a_confirmed_fact_stays_thirty_days(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    with filled_corner(path) as store:
        report(store, at(), *[lent_fact(1)] * 5)
        store.confirm(store.epoch, 5, at())
        later = replace(at(), wall=at().wall + timedelta(days=29))
        assert store.prune(later) == 0
        assert store.prune(replace(later, quality=ClockQuality.FREE)) == 0
        assert store.prune(replace(later, wall=later.wall + timedelta(days=2))) == 5


def test_the_bound_is_200_mb_or_a_fifth_of_a_small_partition(tmp_path: Path) -> None:
    assert 0 < bound_of(tmp_path) <= MOST_BYTES
    assert bound_of(tmp_path / "not there") == MOST_BYTES


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 200_000)), max_size=120))
def test_whatever_a_device_does_no_hour_tells_more_than_its_share_and_every_fault_is_told_or_counted(
    steps: list[tuple[bool, int]],
) -> None:
    ration, mono, told, faults, summed = Ration(1, 0), 0, 0, 0, 0
    for broken, passed in steps:
        mono += passed
        now = replace(at(), mono=mono)
        if ration.over(now):
            summed += sum(one.faults for one in ration.summary("x", now) if isinstance(one, DeviceUnsteady))
            ration = Ration(1, mono)
        fact: DeviceFault | DeviceRecovered = DeviceFault("x", "y") if broken else DeviceRecovered("x")
        faults += broken
        ration, tell = ration.take(fact, TOLD_AN_HOUR)
        told += tell and broken
        assert ration.told <= TOLD_AN_HOUR + 1
        if not ration.held and ration.told <= TOLD_AN_HOUR:
            assert ration.broken == ration.now_broken or not tell
    assert told + summed + ration.held == faults
