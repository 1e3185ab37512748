"""The catalogue, the envelope and the topics: the contract between station and centre."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import fields
from datetime import datetime, timedelta, timezone
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.facts import (
    CATALOGUE,
    CLASSES,
    KIOSK_ID,
    MAX_PAYLOAD,
    TYPES,
    CheckedOut,
    DoorCrossed,
    Envelope,
    Fact,
    FactError,
    envelope,
    parse_event,
    parse_payload,
    source_of,
    topic_ack,
    topic_events,
    topic_server,
    topic_state,
    type_of,
    uuid7,
)

NOON = datetime(2026, 11, 21, 12, 0, 0, 123000, tzinfo=timezone(timedelta(hours=7)))
EPOCH = datetime(1970, 1, 1, tzinfo=timezone(timedelta(hours=7)))
KIOSKS = st.from_regex(KIOSK_ID, fullmatch=True)
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
FORBIDDEN = re.compile(r"patron|name$|nickname|card|uid|birth|phone|address|person|child", re.IGNORECASE)


def made(**changes: Any) -> dict[str, Any]:
    fact = CheckedOut("LK-1", "T-1", "6-8", "2026-12-05")
    whole = envelope(fact, kiosk="kiosk-1", epoch="e1", seq=1, boot=1, mono=5, clock="ntp", wall=NOON)
    return json.loads(whole.to_json()) | changes


@st.composite
def facts(draw: st.DrawFn) -> Fact:
    """Any fact of the catalogue, with any values its fields allow."""
    kind = draw(st.sampled_from(CATALOGUE))
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    for field in fields(kind):
        hint = hints[field.name]
        if hint is str:
            values[field.name] = draw(_TEXT)
        elif hint is int:
            values[field.name] = draw(st.integers(0, 10_000))
        else:
            values[field.name] = draw(st.sampled_from(get_args(hint)))
    return kind(**values)


@given(
    fact=facts(),
    kiosk=KIOSKS,
    epoch=st.uuids().map(lambda one: one.hex),
    seq=st.integers(1, 2**63 - 1),
    boot=st.integers(0, 2**31),
    mono=st.integers(0, 2**53),
    clock=st.sampled_from(["ntp", "rtc", "free"]),
    wall=st.integers(0, 4_000_000_000_000).map(lambda ms: EPOCH + timedelta(milliseconds=ms)),
)
def test_a_fact_comes_out_of_its_envelope_as_it_went_in(
    fact: Fact, kiosk: str, epoch: str, seq: int, boot: int, mono: int, clock: str, wall: datetime
) -> None:
    sent = envelope(fact, kiosk=kiosk, epoch=epoch, seq=seq, boot=boot, mono=mono, clock=clock, wall=wall)
    [received] = parse_payload(sent.to_json())
    assert received == sent
    assert TYPES[received.type](**received.data) == fact
    assert datetime.fromisoformat(received.time) == wall


def test_the_envelope_is_a_cloudevent_with_our_extensions() -> None:
    event = made()
    assert uuid.UUID(event.pop("id")).version == 7
    assert event == {
        "specversion": "1.0",
        "source": "urn:gocdoc:kiosk:kiosk-1",
        "type": "gocdoc.item.checked_out.v1",
        "time": "2026-11-21T12:00:00.123+07:00",
        "datacontenttype": "application/json",
        "epoch": "e1",
        "seq": 1,
        "boot": 1,
        "mono": 5,
        "clock": "ntp",
        "data": {"item": "LK-1", "title": "T-1", "ageband": "6-8", "due": "2026-12-05"},
    }


@pytest.mark.parametrize("kind", CATALOGUE, ids=lambda kind: kind.__name__)
def test_no_fact_has_a_place_for_a_child(kind: type[Fact]) -> None:
    for field in fields(kind):
        assert not FORBIDDEN.search(field.name), f"{kind.__name__}.{field.name}"


@pytest.mark.parametrize("kind", CATALOGUE, ids=lambda kind: kind.__name__)
def test_every_fact_has_a_class_that_is_a_topic_level_and_a_type_of_its_own(kind: type[Fact]) -> None:
    assert re.fullmatch(r"[a-z]+", kind.cls)
    assert kind.cls in CLASSES
    assert TYPES[type_of(kind)] is kind
    assert re.fullmatch(r"gocdoc\.[a-z_]+\.[a-z_]+\.v1", type_of(kind))


def test_types_are_unique() -> None:
    assert len(TYPES) == len(CATALOGUE)


@given(st.lists(st.integers(0, 4_000_000_000_000), min_size=2, max_size=20))
def test_ids_sort_by_their_millisecond(moments: list[int]) -> None:
    ids = [uuid7(EPOCH + timedelta(hours=7, milliseconds=ms)) for ms in moments]
    for text, ms in zip(ids, moments, strict=True):
        one = uuid.UUID(text)
        assert text == str(one)
        assert (one.version, one.variant) == (7, uuid.RFC_4122)
        assert abs((one.int >> 80) - ms) <= 1  # seconds as a float round by less than that
    by_time = sorted(ids, key=lambda text: uuid.UUID(text).int >> 80)
    assert [text[:13] for text in sorted(ids)] == [text[:13] for text in by_time]


def test_two_ids_of_one_millisecond_differ() -> None:
    assert len({uuid7(NOON) for _ in range(1000)}) == 1000


def test_topics_are_those_of_the_protocol() -> None:
    assert topic_events("kiosk-1", "loan") == "gocdoc/1/kiosk-1/evt/loan"
    assert topic_state("kiosk-1") == "gocdoc/1/kiosk-1/state"
    assert topic_ack("kiosk-1") == "gocdoc/1/kiosk-1/ack"
    assert topic_server() == "gocdoc/1/srv/ingest/state"
    assert source_of("kiosk-1") == "urn:gocdoc:kiosk:kiosk-1"


@pytest.mark.parametrize("name", ["", "-a", "a-", "A", "a b", "a/b", "a+", "#", "é", "a" * 41, "a\n", "ă"])
def test_a_station_name_is_also_a_topic_level_and_nothing_else(name: str) -> None:
    assert not KIOSK_ID.fullmatch(name)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"specversion": "2.0"}, "specversion"),
        ({"source": "kiosk-1"}, "source"),
        ({"source": "urn:gocdoc:kiosk:"}, "source"),
        ({"source": "urn:gocdoc:kiosk:a/b"}, "source"),
        ({"source": 7}, "source"),
        ({"type": "com.example.other"}, "type"),
        ({"type": "gocdoc." + "x" * 300}, "type"),
        ({"time": "yesterday"}, "time"),
        ({"time": "2026-11-21T12:00:00"}, "time"),
        ({"id": ""}, "id"),
        ({"id": "x" * 65}, "id"),
        ({"epoch": None}, "epoch"),
        ({"seq": 0}, "seq"),
        ({"seq": -1}, "seq"),
        ({"seq": 1.0}, "seq"),
        ({"seq": True}, "seq"),
        ({"seq": "1"}, "seq"),
        ({"seq": 2**63}, "seq"),
        ({"boot": -1}, "boot"),
        ({"mono": None}, "mono"),
        ({"clock": "a very long word"}, "clock"),
        ({"data": []}, "data"),
        ({"data": None}, "data"),
    ],
    ids=str,
)
def test_a_wrong_field_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(FactError, match=f"'{field}'"):
        parse_event(made(**changes))


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 60_000, "not JSON"),
        (b"9" * 5000, "unreadable number"),
        (b"[]", "empty batch"),
        (b"null", "JSON object"),
        (b'"text"', "JSON object"),
        (b"[[]]", "JSON object"),
        (b" " * (MAX_PAYLOAD + 1), "at most 65536"),
    ],
    ids=lambda value: str(value[:20]),
)
def test_a_payload_that_is_no_fact_is_refused_in_words(payload: bytes, words: str) -> None:
    with pytest.raises(FactError, match=words):
        parse_payload(payload)


def test_a_type_of_a_later_version_and_further_fields_are_kept() -> None:
    event = made(type="gocdoc.robot.danced.v3", data={"steps": 4}, traceparent="00-x")
    assert parse_event(event).data == {"steps": 4}


def test_a_batch_is_read_in_order() -> None:
    events = [made(seq=seq) for seq in (3, 1, 2)]
    assert [one.seq for one in parse_payload(json.dumps(events).encode())] == [3, 1, 2]


@given(st.binary(max_size=300))
def test_any_bytes_are_facts_or_a_reason(payload: bytes) -> None:
    try:
        found = parse_payload(payload)
    except FactError:
        return
    assert found
    assert all(isinstance(one, Envelope) for one in found)


def test_a_loan_names_its_library_and_a_visit_does_not() -> None:
    loan, visit = CheckedOut("LK-1", "T1", "6-8", "2026-12-05"), DoorCrossed("in", "door")
    place = {"kiosk": "k1", "epoch": "e1", "seq": 1, "boot": 1, "mono": 5, "clock": "ntp", "wall": NOON}
    assert envelope(loan, library="LC-MK", **place).data["library"] == "LC-MK"  # type: ignore[arg-type]
    assert "library" not in envelope(loan, **place).data  # type: ignore[arg-type]
    assert "library" not in envelope(visit, library="LC-MK", **place).data  # type: ignore[arg-type]
