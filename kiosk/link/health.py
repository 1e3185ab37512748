"""How the station is, told to the centre beside the facts: the last word only, never the outbox's.

Sent with QoS 0 and retained at `gocdoc/1/<station>/health`. What it says is for today's eyes; whatever must
be counted or proved later is a fact of its own (DeviceFault, DeviceRecovered, ClockSynced).
"""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

log = logging.getLogger(__name__)

EVERY_S = 600.0
"""Seconds between two words when nothing changes, give or take a half: a fleet does not speak at once."""
SOONEST_S = 30.0
"""A state that changes all the time (a plug that wobbles) is told no more often than this."""


@dataclass(frozen=True, slots=True)
class Health:
    """None = this station does not tell. Sizes in bytes."""

    reader: bool | None = None  # the pad reads
    faults: tuple[str, ...] = ()  # devices that do not work, "lamp", "board.power" ...
    clock: str = ""  # ntp, rtc or free
    under_voltage: bool | None = None
    throttled: bool | None = None
    read_only: bool | None = None  # the data cannot be written
    temperature_c: float | None = None
    disk_free: int | None = None
    disk_total: int | None = None
    card_life_used: int | None = None  # per cent
    memory_free: int | None = None
    uptime_s: int | None = None  # of the board

    @property
    def state(self) -> tuple[object, ...]:
        """What is told at once when it changes; the rest only grows and shrinks."""
        return (self.reader, self.faults, self.clock, self.under_voltage, self.throttled, self.read_only)


@dataclass(frozen=True, slots=True)
class LinkPart:
    """What the link adds of its own."""

    session: str
    version: str
    boot: int
    epoch: str
    next_seq: int
    acked: int
    backlog: int
    oldest_unsent: str | None


def to_json(health: Health, link: LinkPart, now: datetime) -> bytes:
    """The message; `time` says how old the retained word is."""
    whole = {"time": now.astimezone(UTC).isoformat(timespec="seconds")} | asdict(link) | asdict(health)
    return json.dumps(whole, separators=(",", ":")).encode()


class HealthTeller:
    """Says when something is to be told. `health` is asked on the link's thread, every few seconds.

    A `health` that fails is named once in the log; it never matters to the link.
    """

    def __init__(
        self, health: Callable[[], Health] | None, *, jitter: Callable[[], float] = random.random
    ) -> None:
        self._health = health
        self._jitter = jitter
        self._state: tuple[object, ...] | None = None
        self._told_at = float("-inf")
        self._again_at = float("-inf")
        self._failed = False

    @property
    def clock(self) -> str:
        """How good the clock is; empty where nobody says."""
        health = self._asked()
        return "" if health is None else health.clock

    def connected(self) -> None:
        """A new connection: everything is told anew."""
        self._told_at = self._again_at = float("-inf")

    def due(self, now: float) -> Health | None:
        """What is to be told at second `now` of any monotonic clock; None = nothing yet."""
        health = self._asked()
        if health is None:
            return None
        changed = health.state != self._state and now >= self._told_at + SOONEST_S
        if not changed and now < self._again_at:
            return None
        self._state, self._told_at = health.state, now
        self._again_at = now + EVERY_S * (0.5 + self._jitter())
        return health

    def _asked(self) -> Health | None:
        if self._health is None:
            return None
        try:
            return self._health()
        except Exception as error:  # whatever is wrong with a sensor, facts travel on
            if not self._failed:
                self._failed = True
                log.warning("the station's health could not be read: %s", error)
            return None
