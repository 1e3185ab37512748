"""Whatever is killed, wiped or away: every committed fact reaches the centre and is counted once (law 2)."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from central.broker import LocalBroker
from kiosk.facts import DoorCrossed, Undone
from tests.central.centre import Centre
from tests.central.corner import Corner, loans
from tests.central.wire import Listener

pytestmark = pytest.mark.broker

MakeCorner = Callable[..., Corner]
FACTS = 1500


def counted_once(corner: Corner, centre: Centre, facts: int) -> None:
    corner.until_drained()
    found = centre.counts(corner.name)
    assert (found["facts"], found["loans"], found["upto"], found["max_seq"]) == (facts,) * 4
    assert (found["missing"], found["duplicates"], found["quarantined"], found["deadletters"]) == (
        [],
        0,
        0,
        0,
    )
    assert centre.wrong_counters() == []


def test_facts_reach_the_centre_and_leave_the_outbox(
    broker: LocalBroker, centre: Centre, make_corner: MakeCorner
) -> None:
    corner = make_corner(broker)
    corner.report(*loans(FACTS))
    corner.uplink.start()
    counted_once(corner, centre, FACTS)
    assert corner.confirmed == sorted(corner.confirmed)
    assert corner.confirmed[-1] == FACTS
    assert corner.link_changes == [True]
    assert corner.uplink.status.connected
    assert centre.counts()["redelivered"] == 0


def test_a_fact_committed_while_connected_leaves_at_once(
    broker: LocalBroker, centre: Centre, make_corner: MakeCorner
) -> None:
    corner = make_corner(broker)
    corner.uplink.start()
    corner.until(lambda: corner.uplink.status.ingest_online, what="a connection")
    began = time.monotonic()
    corner.report(DoorCrossed("in", "door"))
    corner.until_drained()
    assert time.monotonic() - began < 2  # by the nudge, not by the next look after 5 s
    assert centre.counts()["visits_in"] == 1


def test_an_undone_checkout_is_no_loan_but_both_are_kept(
    broker: LocalBroker, centre: Centre, make_corner: MakeCorner
) -> None:
    corner = make_corner(broker)
    corner.report(*loans(3), Undone("LK-3", "T-1", "6-8"))
    corner.uplink.start()
    corner.until_drained()
    found = centre.counts()
    assert (found["loans"], found["undone"], found["facts"]) == (2, 1, 4)


def test_a_broker_killed_in_mid_drain_loses_nothing(
    broker: LocalBroker, centre: Centre, make_corner: MakeCorner
) -> None:
    corner = make_corner(broker)
    corner.report(*loans(FACTS))
    corner.uplink.start()
    for share in (3, 2):
        corner.until(
            lambda share=share: corner.outbox_left < FACTS - FACTS // (share * 2), what="a beginning"
        )
        broker.kill()
        broker.start()
    counted_once(corner, centre, FACTS)


def test_a_broker_that_forgot_everything_is_healed_by_both_sides(
    broker: LocalBroker, centre: Centre, make_corner: MakeCorner
) -> None:
    corner = make_corner(broker)
    corner.report(*loans(FACTS))
    corner.uplink.start()
    corner.until(lambda: corner.outbox_left < FACTS * 2 // 3, what="a third of the way")
    broker.kill()
    broker.wipe()
    broker.start()
    counted_once(corner, centre, FACTS)


def test_an_ingest_killed_in_mid_batch_counts_once(
    broker: LocalBroker, centre: Centre, make_corner: MakeCorner
) -> None:
    corner = make_corner(broker)
    corner.report(*loans(FACTS))
    corner.uplink.start()
    for left in (FACTS * 4 // 5, FACTS // 2):
        corner.until(lambda left=left: corner.outbox_left < left, what="a beginning")
        centre.kill()
        corner.report(*loans(10))  # while nobody is there to take it
        centre.start()
    counted_once(corner, centre, FACTS + 20)


def test_a_station_that_dies_half_way_sends_the_rest_when_it_is_back(
    broker: LocalBroker, centre: Centre, make_corner: MakeCorner
) -> None:
    corner = make_corner(broker, window=50)
    corner.report(*loans(600))
    corner.uplink.start()
    corner.until(lambda: corner.outbox_left < 400, what="half of the way")
    corner.close()  # confirmations still in its inbox die with it
    again = make_corner(broker)
    assert again.epoch == corner.epoch
    again.uplink.start()
    again.report(*loans(10))
    counted_once(again, centre, 610)


def test_two_stations_are_counted_apart(broker: LocalBroker, centre: Centre, make_corner: MakeCorner) -> None:
    one, two = make_corner(broker), make_corner(broker, "kiosk-2")
    one.report(*loans(40))
    two.report(*loans(30))
    one.uplink.start()
    two.uplink.start()
    counted_once(one, centre, 40)
    counted_once(two, centre, 30)


def test_nothing_is_published_while_no_ingest_is_there(
    broker: LocalBroker, tmp_path: Path, make_corner: MakeCorner
) -> None:
    corner = make_corner(broker)
    corner.report(*loans(20))
    with Listener(broker, "gocdoc/1/+/evt/#", "gocdoc/1/kiosk-1/state") as listener:
        corner.uplink.start()
        corner.until(lambda: corner.uplink.status.connected, what="a connection")
        listener.until(lambda: bool(listener.on("gocdoc/1/kiosk-1/state")))
        corner.report(*loans(5))
        time.sleep(0.3)  # long enough for a wrong uplink to send
        assert listener.on("gocdoc/1/kiosk-1/evt/loan") == []
        assert corner.link_changes == []
        assert corner.uplink.status.backlog == 25
        centre = Centre(tmp_path / "centre", broker)
        try:
            centre.start()
            counted_once(corner, centre, 25)
            assert corner.link_changes == [True]
        finally:
            centre.stop()
        corner.until(lambda: corner.link_changes == [True, False], what="the ingest's goodbye")
