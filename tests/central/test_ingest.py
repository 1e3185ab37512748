"""The ingest acknowledges only what is committed; what it could not commit comes again."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import pytest

from central.broker import LocalBroker
from central.delivery import Delivery
from central.errors import DatabaseUnusable
from central.ingest import BrokerAddress, Ingest
from central.ledger import Ledger
from central.overview import counts
from central.store import CentralStore
from central.watermarks import Acknowledgement
from kiosk.facts import CheckedOut, envelope, topic_ack, topic_events, topic_server
from tests.central.wire import Listener

pytestmark = pytest.mark.broker
LONE = pytest.mark.parametrize("store", ["sqlite"], indirect=True)
"""Only a lone ingest has a session at the broker that outlives its connection; see test_two_ingests."""


class FullDisk(Ledger):
    """A ledger on a disk that has no room for the first few batches."""

    failures = 3

    def take(self, deliveries: Sequence[Delivery]) -> list[Acknowledgement]:
        if self.failures:
            self.failures -= 1
            raise DatabaseUnusable("central.db: the database cannot be used (disk is full); make room")
        return super().take(deliveries)


@pytest.fixture
def start(broker: LocalBroker) -> Iterator[Callable[[Ledger], Ingest]]:
    started: list[Ingest] = []

    def start(ledger: Ledger) -> Ingest:
        ingest = Ingest(ledger, BrokerAddress(broker.host, broker.port))
        started.append(ingest)
        ingest.start()
        wait(lambda: ingest.status.connected)
        return ingest

    yield start
    for ingest in started:
        ingest.stop()


def wait(reached: Callable[[], bool], seconds: float = 15.0) -> None:
    limit = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < limit, "it never came to that"
        time.sleep(0.01)


def payload(seq: int) -> bytes:
    fact = CheckedOut("LK-1", "T-1", "6-8", "2026-12-05")
    now = datetime.now(UTC)
    return envelope(
        fact, kiosk="kiosk-1", epoch="e1", seq=seq, boot=1, mono=seq, clock="ntp", wall=now
    ).to_json()


def facts_in(store: CentralStore) -> int:
    with store.reading() as connection:
        return int(counts(connection).get("kiosk-1", {"facts": 0})["facts"])


@LONE
def test_what_could_not_be_committed_is_not_acknowledged_and_comes_again(
    broker: LocalBroker, store: CentralStore, start: Callable[[Ledger], Ingest]
) -> None:
    ingest = start(FullDisk(store))
    troubles: set[str] = set()
    with Listener(broker, topic_ack("kiosk-1"), topic_server()) as kiosk:
        for seq in range(1, 21):
            kiosk.say(topic_events("kiosk-1", "loan"), payload(seq))  # once only: nobody sends them again

        def stored() -> bool:
            troubles.add(ingest.status.trouble)
            return facts_in(store) == 20

        wait(stored)
        kiosk.until(lambda: bool(kiosk.on(topic_ack("kiosk-1"))))
        assert json.loads(kiosk.on(topic_ack("kiosk-1"))[-1])["upto"] == 20
        states = [json.loads(one)["online"] for one in kiosk.on(topic_server())]
    assert False in states, "stations were told to wait meanwhile"
    assert any("disk is full" in words for words in troubles)


@LONE
def test_what_came_while_the_ingest_was_away_waits_at_the_broker(
    broker: LocalBroker, store: CentralStore, start: Callable[[Ledger], Ingest]
) -> None:
    start(Ledger(store)).stop()
    with Listener(broker) as kiosk:
        for seq in range(1, 6):
            kiosk.say(topic_events("kiosk-1", "loan"), payload(seq))
    start(Ledger(store))
    wait(lambda: facts_in(store) == 5)


def test_a_stopping_ingest_says_goodbye(
    broker: LocalBroker, store: CentralStore, start: Callable[[Ledger], Ingest]
) -> None:
    ingest = start(Ledger(store))
    with Listener(broker, topic_server()) as kiosk:
        kiosk.until(lambda: bool(kiosk.heard))
        born = json.loads(kiosk.heard[-1][1])
        began = time.monotonic()
        ingest.stop()
        assert time.monotonic() - began < 2
        gone = {"online": False, "session": born["session"]}
        kiosk.until(lambda: json.loads(kiosk.heard[-1][1]) == gone)
    with Listener(broker, topic_server()) as later:
        later.until(lambda: bool(later.heard))
        assert json.loads(later.heard[-1][1]) == gone, "the last word stays"


@LONE
def test_a_second_ingest_at_the_same_broker_is_noticed(
    broker: LocalBroker, store: CentralStore, start: Callable[[Ledger], Ingest]
) -> None:
    first = start(Ledger(store))
    second = Ingest(Ledger(store), BrokerAddress(broker.host, broker.port))
    said: set[str] = set()

    def noticed() -> bool:
        said.update((first.status.trouble, second.status.trouble))
        return any("another ingest" in words for words in said)

    second.start()
    try:
        wait(noticed, 30)
    finally:
        second.stop()
