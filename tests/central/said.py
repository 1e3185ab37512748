"""What a station says, made for tests: facts with any clock, births with any numbering."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

from central.delivery import Delivery
from kiosk.facts import CheckedOut, Envelope, Fact, envelope, topic_events, topic_health, topic_state

HANOI = timezone(timedelta(hours=7))
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=HANOI)
LOAN = CheckedOut("LK-1", "T-1", "6-8", "2026-12-05")


def made(
    fact: Fact,
    seq: int,
    *,
    kiosk: str = "kiosk-1",
    epoch: str = "e1",
    at: datetime = NOON,
    boot: int = 1,
    mono: int | None = None,
    clock: str = "ntp",
    library: str = "",
) -> Envelope:
    return envelope(
        fact, kiosk=kiosk, epoch=epoch, seq=seq, boot=boot, mono=seq if mono is None else mono, clock=clock,
        wall=at, library=library,
    )  # fmt: skip


def sent(fact: Envelope, cls: str = "loan", topic_of: str | None = None) -> Delivery:
    return Delivery(topic_events(topic_of or fact.kiosk, cls), fact.to_json())


def birth(
    next_seq: int, epoch: str = "e1", session: str = "s1", kiosk: str = "kiosk-1", **more: object
) -> Delivery:
    state = {"online": True, "session": session, "epoch": epoch, "next_seq": next_seq} | more
    return Delivery(topic_state(kiosk), json.dumps(state).encode())


def sent_health(payload: bytes, kiosk: str = "kiosk-1") -> Delivery:
    return Delivery(topic_health(kiosk), payload)
