"""How a station is by its own last word: heat, disk, power, memory, card. Nothing is ever counted from it.

The word is kept as far as it is known here and sound; a later version of the station may say more.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select

from central.sql import upsert
from central.tables import health
from kiosk.facts import FactError

MAX_BYTES = 16_384
HOT_C = 80.0
"""A Pi slows itself down from 80 degrees on (Raspberry Pi documentation, frequency management)."""
LOW_DISK = 0.05
"""Share of the disk below which a librarian should call somebody."""
WORN = 90
"""Per cent of a card's life."""
FRESH = timedelta(hours=1)
"""A station speaks at least every quarter of an hour; an older word is no word on how it is now."""


@dataclass(frozen=True, slots=True)
class Condition:
    """None = it does not tell. Sizes in bytes; `time` is when it said so, by its own clock.

    `received`: when it was heard here, empty until it was kept.
    """

    station: str
    time: str
    received: str = ""
    under_voltage: bool | None = None
    throttled: bool | None = None
    read_only: bool | None = None
    temperature_c: float | None = None
    disk_free: int | None = None
    disk_total: int | None = None
    card_life_used: int | None = None
    memory_free: int | None = None
    uptime_s: int | None = None

    @property
    def ails(self) -> bool:
        """Whether a librarian should look at it."""
        return any((self.under_voltage, self.read_only, self.hot, self.disk_low, self.worn))

    def fresh(self, now: datetime) -> bool:
        """Whether it was said lately, by the centre's clock."""
        return bool(self.received) and now - datetime.fromisoformat(self.received) < FRESH

    @property
    def hot(self) -> bool:
        """Whether heat slows it down. One that does not tell its heat may be slowed by a weak supply too."""
        if self.temperature_c is not None:
            return self.temperature_c >= HOT_C
        return bool(self.throttled) and not self.under_voltage

    @property
    def disk_low(self) -> bool:
        """Whether the disk is nearly full."""
        if self.disk_free is None or not self.disk_total:
            return False
        return self.disk_free < LOW_DISK * self.disk_total

    @property
    def worn(self) -> bool:
        """Whether the card should be changed."""
        return self.card_life_used is not None and self.card_life_used >= WORN


_TRUTHS = ("under_voltage", "throttled", "read_only")
_AMOUNTS = ("disk_free", "disk_total", "card_life_used", "memory_free", "uptime_s")


@dataclass(frozen=True, slots=True)
class Unsaid:
    """Somebody removed a station's word."""

    station: str


def condition(station: str, payload: bytes) -> Condition | Unsaid:
    """What a station said. Raises FactError for what is no such word."""
    if not payload:
        return Unsaid(station)
    if len(payload) > MAX_BYTES:
        raise FactError(f"a word of health of {len(payload)} bytes; at most {MAX_BYTES} are accepted")
    try:
        said = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise FactError(f"health is not JSON: {error}") from error
    if not isinstance(said, dict) or not isinstance(said.get("time"), str):
        raise FactError("health must be a JSON object with a 'time'")
    try:
        moment = datetime.fromisoformat(said["time"])
        moment.timestamp()
        if moment.tzinfo is None:
            raise ValueError("no offset")
    except (ValueError, OverflowError) as error:
        raise FactError(f"'time' is no moment: {said['time']!r:.60}") from error
    values: dict[str, Any] = {name: said[name] for name in _TRUTHS if isinstance(said.get(name), bool)}
    for name in _AMOUNTS:
        if type(said.get(name)) is int and 0 <= said[name] < 1 << 63:
            values[name] = said[name]
    heat = said.get("temperature_c")
    if type(heat) in {int, float} and -60 < heat < 200:
        values["temperature_c"] = float(heat)
    return Condition(station, moment.isoformat(timespec="seconds"), **values)


def keep(connection: Connection, said: Condition | Unsaid, received: str) -> None:
    """Put it in the place of what the station said before; the same word heard again is as old as it was."""
    before = connection.execute(select(health).where(health.c.station == said.station)).one_or_none()
    if isinstance(said, Unsaid):
        connection.execute(delete(health).where(health.c.station == said.station))
        return
    row = {name.name: getattr(said, name.name) for name in fields(said)}
    row["received"] = before.received if before and before.time == said.time else received
    upsert(connection, health, [row], lambda new: {name: new[name] for name in row if name != "station"})


def conditions(connection: Connection) -> dict[str, Condition]:
    """The last word of every station that ever said one."""
    return {row.station: Condition(**row._mapping) for row in connection.execute(select(health))}
