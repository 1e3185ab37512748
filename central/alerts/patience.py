"""De-bounce: what flickers is not told, what is told is told once, and its end is told when it lasts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from central.alerts.rules import HOLD, Key, Kind

CALM = timedelta(minutes=5)
"""How long something must be well before it is over: a loose plug is one alert, not forty."""


@dataclass(frozen=True, slots=True)
class Watch:
    """One thing that is, or just was, wrong. Not told of yet while `raised` is None."""

    key: Key
    detail: str
    first: datetime
    raised: datetime | None = None
    absent: datetime | None = None
    ended: datetime | None = None


def step(
    watched: Iterable[Watch],
    found: Mapping[Key, str],
    now: datetime,
    hold: Mapping[Kind, timedelta] = HOLD,
    calm: timedelta = CALM,
) -> list[Watch]:
    """Every watch as it is now, new ones with it. What was never told of and is well again is left out."""
    left: list[Watch] = []
    seen: set[Key] = set()
    for one in watched:
        seen.add(one.key)
        if one.key in found:
            left.append(_raised(replace(one, detail=found[one.key], absent=None), now, hold))
            continue
        absent = one.absent or now
        if now - absent < calm:
            left.append(replace(one, absent=absent))
        elif one.raised is not None:
            left.append(replace(one, absent=absent, ended=now))
    for key, detail in found.items():
        if key not in seen:
            left.append(_raised(Watch(key, detail, now), now, hold))
    return left


def _raised(one: Watch, now: datetime, hold: Mapping[Kind, timedelta]) -> Watch:
    if one.raised is None and now - one.first >= hold[one.key.kind]:
        return replace(one, raised=now)
    return one
