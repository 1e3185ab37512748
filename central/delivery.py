"""What came in over MQTT, read by its topic. Text from outside is hostile: what is no fact is a Poison."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from central.condition import Condition, Unsaid, condition
from kiosk.facts import KIOSK_ID, MAX_PAYLOAD, PROTOCOL, Envelope, FactError, parse_payload

MAX_STATE = 16_384
"""Bytes of a birth or will."""

MOST_BRACKETS = 400
"""Brackets of a payload that cannot be nested too deep: a batch of a hundred facts has half of that."""
_DOUBTFUL = re.compile(rb"NaN|Infinity|\d[eE][+-]?\d+\s*[,}\]]")  # the last: 1e999 is read as infinite


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as it arrived. `old`: the broker kept it or sends it again, it was not said just now."""

    topic: str
    payload: bytes
    old: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts of one station."""

    station: str
    cls: str
    facts: tuple[Envelope, ...]


@dataclass(frozen=True, slots=True)
class Birth:
    """A station is there, and where its numbering stands."""

    station: str
    session: str
    epoch: str
    next_seq: int
    version: str
    clock: str
    oldest_unsent: str | None
    whole: dict[str, Any]
    boot: int | None = None
    acked: int = 0  # up to which number it was told that the centre holds everything


@dataclass(frozen=True, slots=True)
class Gone:
    """A session of a station is over: its will, or its own goodbye."""

    station: str
    session: str


@dataclass(frozen=True, slots=True)
class Cleared:
    """Somebody removed a retained message; nothing is said by that."""


@dataclass(frozen=True, slots=True)
class Poison:
    """A message that is nothing of ours. With `epoch` and `seq` it answers for that number of the station."""

    station: str
    reason: str
    epoch: str | None = None
    seq: int | None = None


def read(delivery: Delivery) -> Facts | Birth | Gone | Cleared | Condition | Unsaid | Poison:
    """Read a message by its topic. Never raises for anything a sender can send."""
    levels = delivery.topic.removeprefix(f"{PROTOCOL}/").split("/")
    if not delivery.topic.startswith(f"{PROTOCOL}/") or not KIOSK_ID.fullmatch(levels[0]):
        return Poison("", f"not a station's topic: {delivery.topic[:80]!r}")
    name = levels[0]
    try:
        match levels[1:]:
            case ["state"]:
                return _state(name, delivery.payload)
            case ["health"]:
                return condition(name, delivery.payload)
            case ["evt", cls] if KIOSK_ID.fullmatch(cls):
                return _facts(name, cls, delivery.payload)
    except FactError as error:
        return poison_of(delivery, str(error)[:500])
    return Poison(name, f"no such topic: {delivery.topic[:80]!r}")


def poison_of(delivery: Delivery, reason: str) -> Poison:
    """Any message as a Poison: for one that read well and yet could not be kept."""
    station = delivery.topic.removeprefix(f"{PROTOCOL}/").split("/")[0]
    if not delivery.topic.startswith(f"{PROTOCOL}/") or not KIOSK_ID.fullmatch(station):
        return Poison("", reason)
    return Poison(station, reason, *_number(station, delivery.payload))


def _facts(station: str, cls: str, payload: bytes) -> Facts:
    facts = parse_payload(payload)
    thoroughly = bool(_DOUBTFUL.search(payload)) or payload.count(b"[") + payload.count(b"{") > MOST_BRACKETS
    for fact in facts:
        if fact.kiosk != station:
            raise FactError(f"a fact of {fact.kiosk!r} came under the topic of {station!r}")
        _storable(fact, thoroughly=thoroughly)
    return Facts(station, cls, tuple(facts))


def _storable(fact: Envelope, *, thoroughly: bool) -> None:
    """Raises FactError for what no database would take back out as it went in.

    Writing `data` out again finds numbers that are none, and depths that no reader comes out of. It is done
    where the payload holds anything that could be so, which no station's does.
    """
    for key in ("id", "type", "epoch", "clock"):
        if not getattr(fact, key).isprintable():
            raise FactError(f"{key!r} holds characters that are not text")
    if thoroughly:
        try:
            json.dumps(fact.data, allow_nan=False)
        except (ValueError, RecursionError) as error:
            raise FactError(f"'data' cannot be kept: {error}") from error
    try:
        datetime.fromisoformat(fact.time).timestamp()
    except (ValueError, OverflowError) as error:
        raise FactError(f"'time' is no moment: {fact.time!r}") from error


def _state(station: str, payload: bytes) -> Birth | Gone | Cleared:
    if not payload:
        return Cleared()
    if len(payload) > MAX_STATE:
        raise FactError(f"a state of {len(payload)} bytes; at most {MAX_STATE} are accepted")
    try:
        message = json.loads(payload)
        json.dumps(message, allow_nan=False)
    except (ValueError, RecursionError) as error:
        raise FactError(f"state is not JSON: {error}") from error
    if not isinstance(message, dict) or not isinstance(message.get("online"), bool):
        raise FactError("a state must be a JSON object with 'online' true or false")
    session = _word(message, "session")
    if not message["online"]:
        return Gone(station, session)
    next_seq = message.get("next_seq")
    if type(next_seq) is not int or not 1 <= next_seq < 1 << 63:
        raise FactError("'next_seq' must be a whole number from 1")
    oldest = message.get("oldest_unsent")
    return Birth(
        station=station,
        session=session,
        epoch=_word(message, "epoch"),
        next_seq=next_seq,
        version=_word(message, "version", required=False),
        clock=_word(message, "clock", required=False),
        oldest_unsent=oldest[:40] if isinstance(oldest, str) and oldest.isprintable() else None,
        whole=message,
        boot=_whole_number(message, "boot"),
        acked=_whole_number(message, "acked") or 0,
    )


def _whole_number(message: dict[str, Any], key: str) -> int | None:
    """A number that a station may leave out; what is none is taken as left out."""
    value = message.get(key)
    return value if type(value) is int and 0 <= value < 1 << 63 else None


def _word(message: dict[str, Any], key: str, *, required: bool = True) -> str:
    value = message.get(key, "")
    if not isinstance(value, str) or len(value) > 64 or not value.isprintable() or (required and not value):
        raise FactError(f"{key!r} must be text of at most 64 characters")
    return value


def _number(station: str, payload: bytes) -> tuple[str | None, int | None]:
    """The number an unreadable fact answers for, if that much of it can be trusted.

    Without it the station would send this fact for ever, and every later one would wait behind it.
    """
    if len(payload) > 2 * MAX_PAYLOAD:  # more than the broker carries
        return None, None
    try:
        message = json.loads(payload)
    except (ValueError, RecursionError):
        return None, None
    if not isinstance(message, dict) or message.get("source") != f"urn:gocdoc:kiosk:{station}":
        return None, None
    epoch, seq = message.get("epoch"), message.get("seq")
    if not isinstance(epoch, str) or not 0 < len(epoch) <= 64 or not epoch.isprintable():
        return None, None
    if type(seq) is not int or not 1 <= seq < 1 << 63:
        return None, None
    return epoch, seq
