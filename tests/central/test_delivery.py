"""Whatever comes over MQTT is read as something: nothing a sender can send raises, or stops the ledger."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from central.delivery import Birth, Cleared, Delivery, Facts, Gone, Poison, read
from central.ledger import Ledger
from central.overview import counts
from central.store import CentralStore
from kiosk.facts import CheckedOut, envelope, topic_events, topic_state

EmptyStore = Callable[[], AbstractContextManager[CentralStore]]
GOOD = json.loads(
    envelope(
        CheckedOut("LK-1", "T-1", "6-8", "2026-12-05"),
        kiosk="kiosk-1", epoch="e1", seq=1, boot=1, mono=1, clock="ntp",
        wall=datetime(2026, 11, 21, tzinfo=UTC),
    ).to_json()
)  # fmt: skip

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_BENT = st.dictionaries(st.sampled_from(sorted(GOOD)), _JSON, min_size=1).map(lambda bent: GOOD | bent)
_PAYLOADS = st.one_of(
    st.binary(max_size=200),
    _JSON.map(json.dumps).map(str.encode),
    _BENT.map(json.dumps).map(str.encode),
    st.lists(_BENT, max_size=3).map(json.dumps).map(str.encode),
)
_TOPICS = st.one_of(
    st.sampled_from(
        [
            "gocdoc/1/kiosk-1/evt/loan",
            "gocdoc/1/kiosk-1/state",
            "gocdoc/1/kiosk-1/evt/a/b",
            "gocdoc/2/x/state",
        ]
    ),
    st.text(max_size=40),
)


@given(topic=_TOPICS, payload=_PAYLOADS, old=st.booleans())
def test_reading_never_raises(topic: str, payload: bytes, old: bool) -> None:
    assert isinstance(read(Delivery(topic, payload, old)), Facts | Birth | Gone | Cleared | Poison)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batch=st.lists(st.builds(Delivery, _TOPICS, _PAYLOADS), min_size=1, max_size=6))
def test_nothing_stops_the_ledger_from_taking_a_good_fact(
    empty_store: EmptyStore, batch: list[Delivery]
) -> None:
    good = Delivery(topic_events("kiosk-2", "loan"), json.dumps(_of("kiosk-2")).encode())
    with empty_store() as store:
        answers = Ledger(store).take([*batch, good])
        assert any((one.station, one.upto) == ("kiosk-2", 1) for one in answers)
        with store.reading() as connection:
            assert counts(connection)["kiosk-2"]["facts"] == 1


def _of(kiosk: str, **changes: Any) -> dict[str, Any]:
    return GOOD | {"source": f"urn:gocdoc:kiosk:{kiosk}"} | changes


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "\ud800"},
        {"epoch": "a\x00b"},
        {"type": "gocdoc.\ud83d"},
        {"clock": "\x1b[2J"},
        {"time": "0001-01-01T00:00:00+14:00"},
        {"time": "9999-12-31T23:59:59-14:00"},
        {"data": {"ageband": float("nan")}},
        {"data": {"loud": [1, float("-inf")]}},
        {"data": {"deep": json.loads("[" * 900 + "]" * 900)}},
        {"seq": 2**63},
        {"seq": 0},
        {"seq": True},
        {"specversion": "0.3"},
        {"source": "urn:gocdoc:kiosk:../../etc"},
    ],
    ids=str,
)
def test_what_no_database_would_keep_is_set_aside_before_it_gets_there(
    store: CentralStore, changes: dict[str, Any]
) -> None:
    ledger = Ledger(store)
    payload = json.dumps(_of("kiosk-1", **changes)).encode()
    ledger.take([Delivery(topic_events("kiosk-1", "loan"), payload)])
    with store.reading() as connection:
        found = counts(connection)["kiosk-1"]
    assert found["facts"] + found["deadletters"] == 1


def test_a_cleared_state_says_nothing() -> None:
    assert read(Delivery(topic_state("kiosk-1"), b"")) == Cleared()


def test_a_batch_with_one_bad_fact_is_refused_whole() -> None:
    payload = json.dumps([_of("kiosk-1"), _of("kiosk-1", seq="2")]).encode()
    message = read(Delivery(topic_events("kiosk-1", "loan"), payload))
    assert isinstance(message, Poison)
    assert "'seq'" in message.reason
