"""How a station is by its own last word: heat, disk, power, memory, card. Nothing is ever counted from it.

The word is kept as far as it is known here and sound; a later version of the station may say more.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from central.sql import upsert
from central.tables import health
from kiosk.facts import FactError

MAX_BYTES = 16_384
WARM_C, HOT_C = 70.0, 80.0
"""A Pi slows itself down from 80 degrees on (Raspberry Pi documentation, frequency management)."""
LOW_DISK = 0.05
"""Share of the disk below which a librarian should call somebody."""
WORN = 90
"""Per cent of a card's life."""


@dataclass(frozen=True, slots=True)
class Condition:
    """None = it does not tell. Sizes in bytes; `time` is when it said so, by its own clock."""

    station: str
    time: str
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
        return bool(self.under_voltage) or self.hot or self.disk_low or self.worn

    @property
    def hot(self) -> bool:
        """Whether it slows itself down, or soon will."""
        return bool(self.throttled) or (self.temperature_c is not None and self.temperature_c >= HOT_C)

    @property
    def disk_low(self) -> bool:
        """Whether the disk is nearly full, or cannot be written at all."""
        known = self.disk_free is not None and self.disk_total
        return bool(self.read_only) or bool(known and self.disk_free < LOW_DISK * self.disk_total)  # type: ignore[operator]

    @property
    def worn(self) -> bool:
        """Whether the card should be changed."""
        return self.card_life_used is not None and self.card_life_used >= WORN


_TRUTHS = ("under_voltage", "throttled", "read_only")
_AMOUNTS = ("disk_free", "disk_total", "card_life_used", "memory_free", "uptime_s")


def condition(station: str, payload: bytes) -> Condition | None:
    """What a station said; None when its word was removed. Raises FactError for what is no such word."""
    if not payload:
        return None
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
    except (ValueError, OverflowError) as error:
        raise FactError(f"'time' is no moment: {said['time']!r:.60}") from error
    values: dict[str, Any] = {name: said[name] for name in _TRUTHS if isinstance(said.get(name), bool)}
    for name in _AMOUNTS:
        if type(said.get(name)) is int and 0 <= said[name] < 1 << 63:
            values[name] = said[name]
    heat = said.get("temperature_c")
    if type(heat) in {int, float} and math.isfinite(heat) and -60 < heat < 200:
        values["temperature_c"] = float(heat)
    return Condition(station, moment.isoformat(timespec="seconds"), **values)


def keep(connection: Connection, said: Condition) -> None:
    """Put it in the place of what the station said before."""
    row = {name.name: getattr(said, name.name) for name in fields(said)}
    upsert(connection, health, [row], lambda new: {name: new[name] for name in row if name != "station"})


def conditions(connection: Connection) -> dict[str, Condition]:
    """The last word of every station that ever said one."""
    return {row.station: Condition(**row._mapping) for row in connection.execute(select(health))}
