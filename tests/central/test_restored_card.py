"""A card put back from a copy: its numbers were given before, so what it writes gets numbers of its own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from central.broker import LocalBroker
from kiosk.clock import StationClock
from kiosk.desk import Desk
from kiosk.engine import Engine
from kiosk.events import Forked
from kiosk.facts import DoorCrossed
from kiosk.model import Policy, Rules
from kiosk.store.outbox import OutboxReader
from tests.central.centre import Centre
from tests.central.corner import Corner, loans
from tests.unit.reading_corner import at, filled_corner, lend

pytestmark = pytest.mark.broker


def a_day(folder: Path, broker: LocalBroker, *facts: object) -> Corner:
    """A station is started on what lies in the folder, reports, and ends when the centre holds it."""
    corner = Corner(folder, broker, "kiosk-1")
    try:
        corner.report(*facts)  # type: ignore[arg-type]
        corner.uplink.start()
        corner.until_drained()
    finally:
        corner.close()
    return corner


def test_what_a_restored_card_writes_is_counted_once_and_nothing_else_twice(
    broker: LocalBroker, centre: Centre, tmp_path: Path
) -> None:
    card, copy = tmp_path / "card", tmp_path / "copy"
    a_day(card, broker, *loans(5))
    shutil.copytree(card, copy)
    before = a_day(card, broker, *loans(3, first=6))
    restored = a_day(copy, broker, *loans(2, first=100))
    assert len(restored.epochs) == 1
    assert restored.epochs[0] != before.epoch
    again = a_day(copy, broker, *loans(4, first=200), DoorCrossed("in", "door"))
    assert again.epoch == restored.epochs[0]
    assert again.epochs == []
    found = centre.counts()
    assert (found["loans"], found["visits_in"]) == (5 + 3 + 2 + 4, 1)
    assert found["quarantined"] <= 2, "they left before the answer came: shown there, and counted"
    assert centre.wrong_counters() == []


def test_a_card_restored_with_unsent_facts_sends_them_under_new_numbers(
    broker: LocalBroker, centre: Centre, tmp_path: Path
) -> None:
    """They may have been sent by the card as it was before: then the centre knows them by their ids."""
    card, copy = tmp_path / "card", tmp_path / "copy"
    corner = Corner(card, broker, "kiosk-1")
    corner.report(*loans(4))
    corner.close()
    shutil.copytree(card, copy)
    a_day(card, broker, *loans(6, first=5))
    restored = a_day(copy, broker, *loans(2, first=100))
    assert len(restored.epochs) == 1
    assert centre.counts()["loans"] == 4 + 6 + 2
    assert centre.wrong_counters() == []


def test_numbers_begin_anew_in_order_and_the_facts_stay_what_they_were(
    broker: LocalBroker, tmp_path: Path
) -> None:
    corner = Corner(tmp_path / "card", broker, "kiosk-1")
    try:
        corner.report(*loans(1_203))
        store, reader = corner._store, corner._reader
        store.confirm(store.epoch, 3, at())
        before = [json.loads(row.payload) for row in reader.pending(3, 2_000)]
        old = store.epoch
        assert store.renumber("another", at()) is None
        assert store.renumber(old, at()) == 1_200
        assert store.renumber(old, at()) is None, "told again, it is done already"
        after = [json.loads(row.payload) for row in reader.pending(0, 2_000)]
        assert [one["seq"] for one in after] == list(range(1, 1_201))
        assert {one["epoch"] for one in after} == {store.epoch} != {old}
        told = ("id", "type", "time", "boot", "mono", "clock", "data")
        assert [[one[key] for key in told] for one in after] == [[one[key] for key in told] for one in before]
        state = reader.state()
        assert (state.epoch, state.next_seq, state.acked, store.acked) == (store.epoch, 1_201, 0, 0)
        corner.report(*loans(1))
        assert reader.state().next_seq == 1_202
    finally:
        corner.close()


def test_the_desk_thread_gives_the_new_numbers_and_wakes_the_link(tmp_path: Path) -> None:
    nudged: list[str] = []
    with filled_corner(tmp_path / "station.db") as store:
        lend(store, 1)
        old = store.epoch
        engine = Engine(
            desk=Desk(store=store, rules=Rules(default=Policy(3, 14, 1))),
            store=store,
            clock=StationClock(store.boot),
            present=lambda shown: None,
            nudge=lambda: nudged.append(store.epoch),
        )
        engine.first()
        engine.post(Forked("of another"))
        engine.post(Forked(old))
        engine.post(Forked(old))
        engine.start()
        engine.stop()
        assert nudged == [store.epoch]
        assert store.epoch != old
        with OutboxReader(store.path) as outbox:
            assert [row.seq for row in outbox.pending(0, 10)] == [1]
