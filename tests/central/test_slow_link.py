"""Far away, or with a high heap: facts travel several in one message, and are counted like any others."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from central.broker import LocalBroker
from kiosk.facts import DeskVisitStarted, DoorCrossed, Fact
from kiosk.link.health import Health
from tests.central.centre import Centre
from tests.central.corner import Corner, loans
from tests.central.slow_wire import SlowWire
from tests.central.wire import Listener

pytestmark = pytest.mark.broker

MakeCorner = Callable[..., Corner]
INGEST = "gocdoc/1/srv/ingest/state"
ONLINE = json.dumps({"online": True, "session": "s1"})


def mixed(visits: int) -> list[Fact]:
    """What really comes: classes that alternate."""
    return [
        fact
        for number in range(visits)
        for fact in (DoorCrossed("in", "door"), DeskVisitStarted("6-8"), *loans(1, number + 1))
    ]


def test_over_a_slow_link_every_fact_is_counted_once_in_far_fewer_messages(
    broker: LocalBroker, centre: Centre, make_corner: MakeCorner
) -> None:
    with (
        SlowWire(broker, 0.1) as wire,
        Listener(broker, "gocdoc/1/kiosk-1/evt/#") as heard,
    ):
        corner = make_corner(wire)
        corner.report(*mixed(300))
        corner.uplink.start()
        corner.until_drained()
        messages = [payload for topic, payload, _ in heard.heard]
    found = centre.counts()
    assert (found["facts"], found["loans"], found["visits_in"]) == (900, 300, 300)
    assert (found["missing"], found["quarantined"], found["deadletters"]) == ([], 0, 0)
    assert centre.wrong_counters() == []
    assert len(messages) < 200
    assert max(map(len, messages)) <= 8_192
    numbers = [one["seq"] for payload in messages for one in as_list(json.loads(payload))]
    assert numbers == sorted(numbers)


def test_a_single_visit_over_a_slow_link_is_one_message(broker: LocalBroker, make_corner: MakeCorner) -> None:
    topic = "gocdoc/1/kiosk-1/evt/batch"
    with SlowWire(broker, 0.2) as wire, Listener(broker, "gocdoc/1/kiosk-1/evt/#") as ingest:
        ingest.say(INGEST, ONLINE, retain=True)
        corner = make_corner(wire)
        corner.uplink.start()
        corner.until(lambda: corner.uplink.status.ingest_online, what="the ingest")
        corner.report(*mixed(1))
        ingest.until(lambda: bool(ingest.heard))
        assert [len(json.loads(payload)) for payload in ingest.on(topic)] == [3]


def test_a_near_broker_hears_each_fact_alone(broker: LocalBroker, make_corner: MakeCorner) -> None:
    with Listener(broker, "gocdoc/1/kiosk-1/evt/#") as ingest:
        ingest.say(INGEST, ONLINE, retain=True)
        corner = make_corner(broker)
        corner.report(*mixed(10))
        corner.uplink.start()
        ingest.until(lambda: len(ingest.heard) >= 30)
        assert all(isinstance(json.loads(payload), dict) for _, payload, _ in ingest.heard)


def test_after_a_silence_facts_come_alone_so_that_an_unreadable_one_stops_nobody(
    broker: LocalBroker, make_corner: MakeCorner
) -> None:
    """A centre can answer for what it cannot read only by the number on it: a batch has none."""
    corner = make_corner(broker)
    corner.report(*loans(300))
    topic = "gocdoc/1/kiosk-1/evt/loan"
    with Listener(broker, topic) as ingest:
        ingest.say(INGEST, ONLINE, retain=True)
        corner.uplink.start()
        ingest.until(lambda: any(isinstance(json.loads(payload), list) for payload in ingest.on(topic)))
        ingest.until(lambda: isinstance(json.loads(ingest.on(topic)[-1]), dict))
        alone = [json.loads(payload) for payload in ingest.on(topic)]
    assert next(one["seq"] for one in alone if isinstance(one, dict)) == 1


def test_health_is_told_at_the_start_and_at_once_when_it_changes(
    broker: LocalBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.link.uplink.HEALTH_S", 0.05)
    monkeypatch.setattr("kiosk.link.health.SOONEST_S", 0.0)
    now = [Health(reader=True, clock="ntp", temperature_c=48.5)]
    topic = "gocdoc/1/kiosk-1/health"
    corner = Corner(tmp_path / "kiosk-1", broker, "kiosk-1", health=lambda: now[0])
    try:
        corner.report(*loans(2))
        with Listener(broker, topic) as centre:
            corner.uplink.start()
            centre.until(lambda: len(centre.on(topic)) == 1)
            now[0] = Health(reader=True, clock="ntp", temperature_c=51.0)  # warmer is no news
            now[0] = Health(reader=False, faults=("pad",), clock="ntp", temperature_c=51.0)
            centre.until(lambda: len(centre.on(topic)) == 2)
            first, second = (json.loads(one) for one in centre.on(topic))
        assert (first["reader"], first["backlog"], first["version"], first["boot"]) == (True, 2, "1.2.3", 1)
        assert (second["reader"], second["faults"], second["temperature_c"]) == (False, ["pad"], 51.0)
        with Listener(broker, topic) as later:
            later.until(lambda: bool(later.heard))
            assert later.heard[0][2], "the last word is kept for whoever comes later"
    finally:
        corner.close()


def as_list(decoded: object) -> list[dict[str, object]]:
    return decoded if isinstance(decoded, list) else [decoded]  # type: ignore[list-item]
