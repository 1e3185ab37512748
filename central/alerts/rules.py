"""When somebody must be told: pure functions over what the board shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from central import alarms
from central.overview import Station


class Kind(StrEnum):
    """What an alert is about."""

    AWAY = "away"  # longer than its plan allows
    STANDSTILL = "standstill"  # connected, and nothing of what it has comes in
    READER = "reader"
    DEVICE = "device"
    DISK = "disk"
    HEAT = "heat"
    POWER = "power"
    CLOCK = "clock"
    CLONE = "clone"  # a card restored or copied, two stations under one name
    BROKER = "broker"  # the centre itself hears nothing


HOLD: Mapping[Kind, timedelta] = {
    Kind.AWAY: timedelta(0),  # the plan is the patience
    Kind.STANDSTILL: timedelta(hours=1),  # mqtt.md, 5.6
    Kind.READER: timedelta(minutes=2),  # a plug pushed back in is no news
    Kind.DEVICE: timedelta(minutes=15),
    Kind.DISK: timedelta(minutes=2),
    Kind.HEAT: timedelta(minutes=10),
    Kind.POWER: timedelta(minutes=10),
    Kind.CLOCK: timedelta(minutes=30),  # a board without a clock of its own learns the time from the network
    Kind.CLONE: timedelta(0),
    Kind.BROKER: timedelta(minutes=2),  # it restarts in seconds
}
"""How long something must be so before anybody is told."""

_DEVICES = {
    "pad": Kind.READER,
    "storage": Kind.DISK,
    "board.disk": Kind.DISK,
    "board.card": Kind.DISK,
    "board.readonly": Kind.DISK,
    "board.heat": Kind.HEAT,
    "board.power": Kind.POWER,
    "board.clock": Kind.CLOCK,
}
_CLONES = {alarms.Kind.FORK, alarms.Kind.BOOTS, alarms.Kind.TWO_LIVE}


@dataclass(frozen=True, slots=True)
class Key:
    """One thing that can be wrong. `about`: which device, which watermark."""

    station: str  # empty: the centre itself
    kind: Kind
    about: str = ""


def findings(stations: Iterable[Station], now: datetime, *, broker: bool) -> dict[Key, str]:
    """What is wrong now, and a detail in the words of whoever found it.

    Without the broker nobody knows how the stations are: then that alone is told.
    """
    if not broker:
        return {Key("", Kind.BROKER): ""}
    return {key: detail for one in stations for key, detail in _of(one, now)}


def _of(station: Station, now: datetime) -> Iterator[tuple[Key, str]]:
    name = station.id
    if station.away_too_long(now):
        yield Key(name, Kind.AWAY), station.since or ""
    if station.connected and station.behind:
        # Whenever the watermark moves this is another finding, and its patience begins anew.
        yield Key(name, Kind.STANDSTILL, _watermark(station)), str(station.behind)
    for fault in station.faults:
        yield Key(name, _DEVICES.get(fault.device, Kind.DEVICE), fault.device), fault.cause
    if station.connected and station.clock == "free":
        yield Key(name, Kind.CLOCK), ""
    clones = _CLONES.intersection(station.alarmed(now))
    if station.forked or clones:
        yield Key(name, Kind.CLONE), "; ".join(one.detail for one in station.alarms if one.kind in clones)


def _watermark(station: Station) -> str:
    return str(sum(one.upto for one in station.streams))
