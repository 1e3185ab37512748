"""What a station really sends, byte by byte: items and counts, and nothing by which a child is known."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from typing import Any

import pytest

from tests.central.day import CARD, CHILD, ITEM, SECRETS, SENT_DOWN, STICKER, Day, lived
from tests.central.tap import Message

pytestmark = pytest.mark.broker

OF_PEOPLE = {
    "patron", "patron_id", "card", "uid", "nickname", "animal", "birth_year", "age", "group", "family",
    "barcode", "category",
}  # fmt: skip
"""Fields that would tell who somebody is; none has a place on the link."""


@pytest.fixture
def day(mosquitto: str) -> Day:
    return lived()


def forms_of(secret: str) -> set[bytes]:
    """How a sign may be written: as text, as JSON writes it, as a reader's bytes in either order."""
    forms = {
        secret.encode(),
        json.dumps(secret)[1:-1].encode(),
        secret.lower().encode(),
        secret.upper().encode(),
    }
    if secret in {CARD, STICKER}:
        raw = bytes.fromhex(secret)
        forms |= {raw, raw[::-1], str(int(secret, 16)).encode(), str(int.from_bytes(raw, "little")).encode()}
        forms |= {":".join(secret[n : n + 2] for n in range(0, len(secret), 2)).encode()}
    return forms


def opened(message: Message) -> bytes:
    """A payload as its reader sees it."""
    if message.payload.startswith(b"\xfd7zXZ"):
        return lzma.decompress(message.payload)
    return message.payload


def values(told: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Every value in decoded JSON, with the key it stands under."""
    if isinstance(told, dict):
        for name, value in told.items():
            yield from values(value, name)
    elif isinstance(told, list):
        for value in told:
            yield from values(value, key)
    else:
        yield key, told


def decoded(day: Day) -> Iterator[tuple[str, Any]]:
    for message in day.messages:
        told = opened(message)
        if told.startswith((b"{", b"[")):
            yield from values(json.loads(told))


def test_the_tap_is_not_blind_it_sees_items_titles_and_everything_that_was_said(day: Day) -> None:
    assert ITEM.encode() in day.bytes
    assert b"Chi\xe1\xbb\x81u nay" in day.bytes
    assert SENT_DOWN.encode() not in day.bytes, "the catalogue travels packed: it must be unpacked to be seen"
    assert any(SENT_DOWN.encode() in opened(message) for message in day.messages)
    seqs = [
        value for message in day.messages if message.up for key, value in _values(message) if key == "seq"
    ]
    assert set(seqs) == set(range(1, day.facts + 1)), "every fact was seen on the wire"
    kinds = {message.topic.split("/")[3] for message in day.messages}
    assert kinds >= {"evt", "state", "health", "ack", "cmd", "res", "news", "policy", "ingest", "all"}
    assert (day.held["loans"], day.held["returns"], day.held["missing"]) == (1, 1, [])


def _values(message: Message) -> Iterator[tuple[str, Any]]:
    told = opened(message)
    return values(json.loads(told)) if told.startswith((b"{", b"[")) else iter(())


@pytest.mark.parametrize("secret", SECRETS)
def test_no_byte_on_the_wire_tells_who_a_child_is(day: Day, secret: str) -> None:
    unpacked = b"\0".join(opened(message) for message in day.messages)
    for form in forms_of(secret):
        assert form not in day.bytes, f"{form!r} is on the wire"
        assert form not in unpacked, f"{form!r} is in an unpacked payload"


def test_no_value_is_a_year_of_birth_or_the_day_a_card_ends(day: Day) -> None:
    ends = CHILD.expires.isoformat() if CHILD.expires else ""
    for key, value in decoded(day):
        assert value != CHILD.birth_year, key
        assert not (isinstance(value, str) and value.startswith((f"{CHILD.birth_year}-", ends))), key
        assert key not in OF_PEOPLE, f"{key}: {value}"


def test_what_is_told_of_people_is_an_age_band(day: Day) -> None:
    bands = {value for key, value in decoded(day) if key == "ageband"}
    assert bands
    assert all(band == "unknown" or band.replace("-", "").replace("+", "").isdigit() for band in bands)


@pytest.mark.parametrize("leak", [CHILD.id, CHILD.nickname, CARD.lower(), str(int(CARD, 16))])
def test_a_leak_would_be_seen(day: Day, leak: str) -> None:
    """What the tests above look for is found where it is."""
    told = json.dumps({"data": {"words": f"of {leak}"}}).encode()
    assert any(form in told for secret in SECRETS for form in forms_of(secret))
