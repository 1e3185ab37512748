"""Old and new together: stations are not updated on one day, and neither are centres."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from central.delivery import Delivery
from central.ledger import Ledger
from central.overview import counts
from central.recount import differences
from central.store import CentralStore
from central.tables import counter, event
from kiosk.commands import parse_command
from kiosk.facts import TYPES, parse_event, topic_ack, topic_events
from kiosk.link.messages import parse_ack, parse_announcements, parse_presence
from kiosk.policy import parse_policy
from tests.central.said import LOAN, birth, made, sent
from tests.central.schema_check import errors
from tests.central.test_contract import DOCUMENT, FACTS

RECORDINGS = Path(__file__).parent / "recordings"
LINES = (RECORDINGS / "yesterday.txt").read_text(encoding="utf-8").splitlines()
THEN: dict[str, Any] = json.loads((RECORDINGS / "yesterday.json").read_text(encoding="utf-8"))
STATION = "goc-doc-cu"


def said() -> list[Delivery]:
    pairs = (line.split("\t", 1) for line in LINES)
    return [Delivery(topic, payload.encode()) for topic, payload in pairs]


def facts_then() -> list[dict[str, Any]]:
    return [json.loads(one.payload) for one in said() if "/evt/" in one.topic]


def counted(store: CentralStore, station: str) -> dict[str, Any]:
    with store.reading() as connection:
        assert differences(connection) == []
        return counts(connection)[station]


# --- yesterday's station, today's centre -------------------------------------------------------------


def in_batches(messages: list[Delivery]) -> list[Delivery]:
    """The same facts as a far station sends them."""
    facts = [json.loads(one.payload) for one in messages if "/evt/" in one.topic]
    parts = [facts[n : n + 20] for n in range(0, len(facts), 20)]
    return [Delivery(topic_events(STATION, "loan"), json.dumps(part).encode()) for part in parts]


@pytest.mark.parametrize("at_once", [1, 7, 1_000])
def test_yesterdays_day_is_held_whole_and_counted_as_it_was_then(store: CentralStore, at_once: int) -> None:
    ledger, messages = Ledger(store), said()
    answers = [
        one for n in range(0, len(messages), at_once) for one in ledger.take(messages[n : n + at_once])
    ]
    assert (answers[-1].upto, answers[-1].missing, answers[-1].forked) == (len(messages) - 2, (), False)
    found = counted(store, STATION)
    assert {key: found[key] for key in THEN["counted"]} == THEN["counted"]
    with store.reading() as connection:
        rows = connection.execute(
            select(counter.c.day, counter.c.hour, counter.c.kind, counter.c.ageband, func.sum(counter.c.n))
            .where(counter.c.n != 0)
            .group_by(counter.c.day, counter.c.hour, counter.c.kind, counter.c.ageband)
        ).all()
    assert {tuple(row[:-1]): int(row[-1]) for row in rows} == {tuple(c[:-1]): c[-1] for c in THEN["cells"]}


def test_what_is_held_of_it_is_what_was_said(store: CentralStore) -> None:
    Ledger(store).take(said())
    with store.reading() as connection:
        rows = connection.execute(select(event).order_by(event.c.seq)).all()
    for row, fact in zip(rows, facts_then(), strict=True):
        kept = (row.id, row.type, row.time, row.epoch, row.seq, row.boot, row.mono, row.clock, row.data)
        told = ("id", "type", "time", "epoch", "seq", "boot", "mono", "clock", "data")
        assert kept == tuple(fact[key] for key in told)


def test_it_may_come_again_in_another_form_and_counts_once(store: CentralStore) -> None:
    ledger = Ledger(store)
    ledger.take(said())
    ledger.take(in_batches(said()))
    found = counted(store, STATION)
    assert (found["facts"], found["redelivered"], found["quarantined"]) == (69, 69, 0)
    assert found["loans"] == THEN["counted"]["loans"]


def test_every_type_of_then_is_still_known_and_fits_its_published_schema() -> None:
    kinds = Counter(fact["type"] for fact in facts_then())
    assert len(kinds) == 15, "the recording has every fact of its time"
    assert kinds.keys() <= TYPES.keys(), (
        "a type is never taken out of the catalogue, nor given another meaning"
    )
    for fact in facts_then():
        assert list(errors(fact, FACTS[fact["type"]], DOCUMENT)) == []


def test_what_yesterdays_station_waits_for_is_still_said(store: CentralStore) -> None:
    [answer] = Ledger(store).take([birth(1)])
    told = json.loads(answer.to_json())
    assert topic_ack("kiosk-1") == "gocdoc/1/kiosk-1/ack"
    assert (type(told["gen"]), told["epoch"], told["upto"], told["verdict"]) == (str, "e1", 0, "ok")


# --- tomorrow's station, today's centre --------------------------------------------------------------

CHECKOUT = {"item": "LK-1", "title": "T-1", "ageband": "6-8", "due": "2026-12-05"}
TOMORROW: dict[str, dict[str, Any]] = {
    "a second version of a type": {"type": "gocdoc.item.checked_out.v2"},
    "a type nobody knows": {"type": "gocdoc.robot.waved.v1"},
    "a field more in a fact": {"data": CHECKOUT | {"shelf": {"row": [1, 2]}}},
    "a field more in the envelope": {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b71-01"},
    "another kind of clock": {"clock": "gps"},
    "an age band of another cut": {"data": CHECKOUT | {"ageband": "3-4"}},
}


@pytest.mark.parametrize("what", TOMORROW)
@pytest.mark.parametrize("cls", ["loan", "robot"])
def test_what_tomorrows_station_says_is_kept_and_not_refused(
    store: CentralStore, what: str, cls: str
) -> None:
    told = json.loads(made(LOAN, 1).to_json()) | TOMORROW[what]
    ledger = Ledger(store)
    [answer] = ledger.take(
        [Delivery(topic_events("kiosk-1", cls), json.dumps(told).encode()), sent(made(LOAN, 2))]
    )
    assert answer.upto == 2, "nothing behind it waits"
    found = counted(store, "kiosk-1")
    assert (found["facts"], found["quarantined"], found["deadletters"]) == (2, 0, 0)
    with store.reading() as connection:
        kept = connection.execute(select(event).where(event.c.seq == 1)).one()
    assert (kept.type, kept.data, kept.clock) == (told["type"], told["data"], told["clock"])


def test_a_type_of_tomorrow_counts_under_its_own_name_and_not_as_a_loan(store: CentralStore) -> None:
    told = json.loads(made(LOAN, 1).to_json()) | TOMORROW["a second version of a type"]
    Ledger(store).take([Delivery(topic_events("kiosk-1", "loan"), json.dumps(told).encode())])
    assert counted(store, "kiosk-1")["loans"] == 0
    with store.reading() as connection:
        assert connection.scalars(select(counter.c.kind)).all() == ["gocdoc.item.checked_out.v2"]


def test_a_birth_of_tomorrow_may_say_more(store: CentralStore) -> None:
    [answer] = Ledger(store).take([birth(1, mood="good", panels=[1, 2], boot=3)])
    assert (answer.upto, answer.forked) == (0, False)


def test_unknown_fields_survive_being_read() -> None:
    assert parse_event(json.loads(made(LOAN, 1).to_json()) | {"data": {"new": 1}}).data == {"new": 1}


# --- today's station, tomorrow's centre --------------------------------------------------------------

LATER = {"since": "2027", "more": {"nested": [1]}}


def test_a_station_of_today_reads_what_it_knows_of_a_later_centres_words() -> None:
    ack = {"gen": "g", "epoch": "e1", "upto": 3, "missing": [], "verdict": "slow down"} | LATER
    assert (parse_ack(json.dumps(ack).encode()).upto, parse_ack(json.dumps(ack).encode()).verdict) == (
        3,
        "slow down",
    )
    assert parse_presence(json.dumps({"online": True, "session": "s1"} | LATER).encode()).online
    one = {
        "id": "n1",
        "text": "Giờ kể chuyện",
        "begins": "2026-11-30T16:00+07:00",
        "ends": "2026-11-30T17:00+07:00",
    }
    [notice] = parse_announcements(json.dumps([one | LATER]).encode())
    assert notice.text == "Giờ kể chuyện"
    asked = {
        "id": "0193f0a0-0000-7000-8000-000000000000", "name": "sync", "args": {"deeply": True},
        "expires": "2099-01-01T00:00:00+00:00", "ttl_s": 60,
    }  # fmt: skip
    assert parse_command("sync", json.dumps(asked | LATER).encode()).name == "sync"
    rules = {"version": 1, "default": {"max_loans": 3, "loan_days": 14, "max_renewals": 1}}
    document, warnings = parse_policy(json.dumps(rules | LATER).encode())
    assert (document.version, len(warnings)) == (1, 2), "what is not known is named, and the rest is kept"
