"""How much the outbox may hold, and what is thinned so that it holds.

Numbers are dense, and the centre counts on it: so a fact is thinned before it gets a number, or never. Only
the noise of devices ever is. A plug that wobbles fails and works again several hundred times an
hour; its first faults are told one by one, the others are counted and told once an hour, with the state the
device is in. Loans, visits and everything else that is counted are told always.

The count lies in the database and is written in the transaction that would have held the fact, so a kill -9
or a power cut loses none of it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Executable, bindparam, select
from sqlalchemy.dialects.sqlite import insert

from kiosk.facts import DeviceFault, DeviceRecovered, DeviceUnsteady, Fact
from kiosk.model import Now
from kiosk.store.tables import MetaRow

HOUR_MS = 3_600_000
TOLD_AN_HOUR = 12
"""Faults and recoveries of one device that are told one by one within an hour."""
TOLD_WHEN_TIGHT = 2
"""The same when the outbox is at its bound: that it broke, and that it works again."""
MOST_DEVICES = 64

MOST_BYTES = 200_000_000
MOST_SHARE = 0.2  # of the partition
KEPT_WHEN_TIGHT = 20_000
"""Facts the centre holds that are kept for a replay all the same: ten days of a busy station."""

Run = Callable[[Executable, Any, str], Any]

_NOISE = "noise"
_READ = select(MetaRow.value).where(MetaRow.key == _NOISE)
_WRITE = insert(MetaRow).values(key=_NOISE, value=bindparam("to"))
_WRITE = _WRITE.on_conflict_do_update(index_elements=["key"], set_={"value": _WRITE.excluded.value})


def bound_of(folder: Path) -> int:
    """Bytes the database may use before the outbox is thinned: 200 MB, or a fifth of a small partition."""
    try:
        size = os.statvfs(folder)
    except OSError:
        return MOST_BYTES
    return min(MOST_BYTES, int(size.f_blocks * size.f_frsize * MOST_SHARE))


@dataclass(frozen=True, slots=True)
class Ration:
    """One device within one hour of one start. `broken`: as was last told; `cause`: of its last fault."""

    boot: int
    began: int  # ms since the start
    told: int = 0
    held: int = 0  # faults that were only counted
    broken: bool = False
    now_broken: bool = False
    cause: str = ""

    def over(self, now: Now) -> bool:
        """Whether its hour has passed, or its start."""
        return now.boot != self.boot or now.mono - self.began >= HOUR_MS

    def take(self, fact: DeviceFault | DeviceRecovered, most: int) -> tuple[Ration, bool]:
        """Whether this fact is told, and how the ration stands then."""
        broken = isinstance(fact, DeviceFault)
        cause = fact.cause if isinstance(fact, DeviceFault) else self.cause
        # An end is told when its fault was: a device must not stay broken at the centre for an hour.
        if self.told < most or (not broken and self.broken and self.told <= most):
            return replace(self, told=self.told + 1, broken=broken, now_broken=broken, cause=cause), True
        return replace(self, held=self.held + broken, now_broken=broken, cause=cause), False

    def summary(self, device: str, now: Now) -> Iterator[Fact]:
        """What is told when the hour is over."""
        if not self.held:
            return
        here = now.boot == self.boot
        passed = min(HOUR_MS, now.mono - self.began) if here else HOUR_MS
        yield DeviceUnsteady(device=device, faults=self.held, minutes=max(1, round(passed / 60_000)))
        if here and self.now_broken != self.broken:  # a new start tells by itself what is broken
            yield DeviceFault(device, self.cause) if self.now_broken else DeviceRecovered(device)


def admitted(run: Run, fact: Fact, now: Now, *, tight: bool) -> tuple[Fact, ...]:
    """What is reported in place of `fact`: itself, nothing yet, or an hour's sum before it.

    Inside the transaction that `run` executes in; raises what it raises.
    """
    if not isinstance(fact, DeviceFault | DeviceRecovered):
        return (fact,)
    rations = _rations(run)
    ration = rations.get(fact.device)
    before: tuple[Fact, ...] = ()
    if ration is not None and ration.over(now):
        before = tuple(one for one in ration.summary(fact.device, now) if isinstance(one, DeviceUnsteady))
        ration = None
    if ration is None:
        if len(rations) >= MOST_DEVICES and fact.device not in rations:
            return (fact,)
        ration = Ration(now.boot, now.mono)
    rations[fact.device], tell = ration.take(fact, TOLD_WHEN_TIGHT if tight else TOLD_AN_HOUR)
    _keep(run, rations)
    return (*before, fact) if tell else before


def summed_up(run: Run, now: Now) -> tuple[Fact, ...]:
    """What is to be told of hours that are over, and forgets them. Inside a transaction, as `admitted`."""
    rations = _rations(run)
    over = {device: ration for device, ration in rations.items() if ration.over(now)}
    if not over:
        return ()
    _keep(run, {device: ration for device, ration in rations.items() if device not in over})
    return tuple(fact for device, ration in over.items() for fact in ration.summary(device, now))


def _rations(run: Run) -> dict[str, Ration]:
    kept = run(_READ, {}, "counting faults").scalar()
    return {device: Ration(**values) for device, values in json.loads(kept or "{}").items()}


def _keep(run: Run, rations: dict[str, Ration]) -> None:
    text = json.dumps({device: asdict(ration) for device, ration in rations.items()}, ensure_ascii=False)
    run(_WRITE, {"to": text}, "counting faults")
