"""What is broken at the station, and what of it was told.

A fault and its end are each told once and in order, and count as told only when their transaction is
committed: what breaks or heals while the disk is full is told as soon as the store takes facts again.
"""

from __future__ import annotations

import re

from kiosk import facts
from kiosk.desk.staff import NO_LINK, Devices
from kiosk.events import (
    DeskEvent,
    ExtraBack,
    ExtraLost,
    GateRefused,
    GateSet,
    LinkChanged,
    ReaderBack,
    ReaderLost,
)
from kiosk.model import Now
from kiosk.ports import Store, StoreError

Untold = tuple[facts.DeviceFault | facts.DeviceRecovered, ...]


def left_behind(ms: int) -> str:
    """What staff must know of a pad that is not emptied for so many milliseconds."""
    return (
        f"something has been lying on the pad for {ms / 60_000:g} minutes: nobody can begin until it is "
        "taken off; look for a card, a book or a sticker that sticks to it"
    )


_TAG_OR_CARD = re.compile(r"\b[0-9A-F]{8,20}\b")
"""A driver may name the tag it stumbled over; the centre is not told which."""


class Troubles:
    """Owned by the desk. `retry` in ms: how long after a failure the store is tried again.

    The book of `devices` is right at once; the facts follow. Of one device no more is ever held back than
    an end, a fault and its end, however long the disk is full.
    """

    def __init__(self, store: Store, devices: Devices, *, retry: int) -> None:
        self._store, self._devices, self._retry = store, devices, retry
        self._untold: dict[str, Untold] = {}  # by device, oldest first
        self._again_at: int | None = None

    def hear(self, event: DeskEvent | LinkChanged) -> None:
        """Take from an event what it says of a device."""
        match event:
            case ExtraLost(device=device, cause=cause):
                self.broke(device, cause, grows=True)
            case ExtraBack(device=device):
                self.over(device)
            case ReaderLost(cause=cause):
                self.broke("pad", cause)
            case ReaderBack():
                self.over("pad")
            case GateRefused(cause=cause):
                self.broke("gate", cause)
            case GateSet():
                self.over("gate")
            case LinkChanged(up=True):  # no fact of it: the centre knows by itself
                self._devices.back("link")
            case LinkChanged():
                self._devices.lost("link", NO_LINK)

    def broke(self, device: str, cause: str, *, grows: bool = False) -> None:
        """A device does not work. What goes on is no news, unless it `grows`: then another cause is."""
        known = self._devices.is_lost(device)
        other = self._devices.lost(device, cause)
        if known and not (grows and other):
            return
        fault = facts.DeviceFault(device=device, cause=_TAG_OR_CARD.sub("…", cause)[:200])
        match self._untold.get(device, ()):
            case (*before, facts.DeviceFault() as same, facts.DeviceRecovered()):
                self._untold[device] = (*before, same)  # nobody heard of its end: it simply goes on
            case (*before, facts.DeviceFault()) | before:
                self._untold[device] = (*before, fault)

    def over(self, device: str) -> None:
        """A device works again; no news of one that was never broken."""
        if self._devices.is_lost(device):
            self._devices.back(device)
            self._untold[device] = (
                *self._untold.get(device, ()),
                facts.DeviceRecovered(device=device),
            )

    def tell(self, now: Now) -> None:
        """Report what is untold, all of it in one transaction. Raises StoreError: then it stays untold."""
        if not self._untold:
            return
        outstanding, self._untold = self._untold, {}  # what the store itself cannot stomach is let go
        try:
            with self._store.begin(now) as tx:
                for device in outstanding.values():
                    for fact in device:
                        tx.report(fact)
                tx.commit()
        except StoreError:
            self._untold = outstanding
            raise

    def wake_at(self, mono: int) -> int | None:
        """When what is untold is tried again (monotonic ms); None = everything was told."""
        if not self._untold:
            self._again_at = None
        elif self._again_at is None or self._again_at <= mono:
            self._again_at = mono + self._retry
        return self._again_at
