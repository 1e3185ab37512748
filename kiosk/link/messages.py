"""The link's small messages: the station's birth and will, the centre's ack, presence and news."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from kiosk.facts import FactError
from kiosk.model import Announcement
from kiosk.news import parse_news

MAX_MESSAGE = 16_384
"""Bytes of an ack or a presence message; larger ones are refused unread."""


@dataclass(frozen=True, slots=True)
class Birth:
    """What a station says of itself while it is connected; retained at the broker."""

    session: str
    epoch: str
    next_seq: int
    acked: int
    boot: int
    version: str
    backlog: int
    oldest_unsent: str | None
    clock: str = ""  # ntp, rtc or free; "" = not told

    def to_json(self) -> bytes:
        """The retained message, with online:true."""
        return json.dumps({"online": True} | asdict(self), separators=(",", ":")).encode()


def goodbye(session: str) -> bytes:
    """The will, and the last word of a station that stops: only that session is over."""
    return json.dumps({"online": False, "session": session}, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Ack:
    """The centre holds 1..upto of `epoch`. `generation` changes when its database was restored."""

    generation: str
    epoch: str
    upto: int
    verdict: str
    last: str = ""  # the id of fact `upto`; empty = not told


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether the centre's ingest is there to commit what is sent."""

    online: bool
    session: str


def parse_ack(payload: bytes) -> Ack:
    """Read an ack. Raises FactError naming the field."""
    message = _object(payload)
    upto = message.get("upto")
    if type(upto) is not int or not 0 <= upto < 1 << 63:
        raise FactError("'upto' must be a whole number from 0")
    verdict, last = (str(message.get(key, other))[:64] for key, other in (("verdict", "ok"), ("last", "")))
    return Ack(_text(message, "gen"), _text(message, "epoch"), upto, verdict, last)


def id_of(fact: bytes) -> str:
    """The id of one of our own facts as it lies in the outbox."""
    return str(json.loads(fact)["id"])


def parse_presence(payload: bytes) -> Presence:
    """Read the ingest's state. Raises FactError naming the field."""
    message = _object(payload)
    if not isinstance(message.get("online"), bool):
        raise FactError("'online' must be true or false")
    return Presence(message["online"], _text(message, "session"))


def parse_announcements(payload: bytes) -> tuple[Announcement, ...]:
    """Read one of the centre's lists of news. Raises NewsError naming the entry."""
    return tuple(
        Announcement(one.id, one.text, one.begins, one.ends, one.language, one.picture)
        for one in parse_news(payload)
    )


def _object(payload: bytes) -> dict[str, Any]:
    if len(payload) > MAX_MESSAGE:
        raise FactError(f"message of {len(payload)} bytes; at most {MAX_MESSAGE} are accepted")
    try:
        message = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise FactError("message is not JSON") from error
    if not isinstance(message, dict):
        raise FactError("message is not a JSON object")
    return message


def _text(message: dict[str, Any], key: str) -> str:
    value = message.get(key)
    if not isinstance(value, str) or not 0 < len(value) <= 64:
        raise FactError(f"{key!r} must be text of 1 to 64 characters")
    return value
