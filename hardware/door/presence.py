"""A motion sensor (PIR) at the doorway or the desk: somebody is near, or nobody for a while. It never counts.

A PIR sees warmth that moves: one child or a class are the same to it, and whoever reads quietly vanishes
after some seconds. That is enough to wake a panel. In its first minute it may see what is not there.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from hardware.closing import Closing
from hardware.door.lines import Lines

log = logging.getLogger(__name__)


class Nearness:
    """Somebody is near while the sensor moves, and for `away_s` after. Pure: fed with states and seconds."""

    def __init__(self, *, away_s: float) -> None:
        self._away_s = away_s
        self._seen_at_s: float | None = None

    @property
    def near(self) -> bool:
        """Whether somebody is thought to be near."""
        return self._seen_at_s is not None

    def see(self, moving: bool, at_s: float) -> bool | None:
        """The sensor's state at a moment: True when somebody came, False when all are gone, else None."""
        if moving:
            came = self._seen_at_s is None
            self._seen_at_s = at_s
            return True if came else None
        if self._seen_at_s is not None and at_s - self._seen_at_s >= self._away_s:
            self._seen_at_s = None
            return False
        return None


class Presence(Closing):
    """Calls `somebody()` when somebody comes near and `nobody()` when all have been gone for `away_s`.

    `pin`: BCM number of the sensor's output, high = movement. Both calls come from the sensor's own thread.
    Raises DoorFault when the pin cannot be had.
    """

    def __init__(
        self,
        pin: int,
        *,
        somebody: Callable[[], None],
        nobody: Callable[[], None],
        away_s: float = 60.0,
        pin_factory: Any = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._somebody, self._nobody = somebody, nobody
        self._nearness = Nearness(away_s=away_s)
        self._lines = Lines(
            (pin,),
            self._see,
            pull_up=False,
            bounce_ms=0,
            what="the motion sensor",
            name="presence",
            pin_factory=pin_factory,
            monotonic=monotonic,
        )

    def __repr__(self) -> str:
        state = "closed" if self.closed else "somebody near" if self.near else "nobody near"
        return f"<Presence, {state}>"

    @property
    def near(self) -> bool:
        """Whether somebody is thought to be near."""
        return self._nearness.near

    @property
    def closed(self) -> bool:
        """Whether the pin was released."""
        return self._lines.closed

    def close(self) -> None:
        """Release the pin. May be called twice; never raises."""
        self._lines.close()

    def _see(self, states: tuple[bool, ...], at_s: float) -> None:
        changed = self._nearness.see(states[0], at_s)
        if changed is not None:
            log.debug("somebody is near" if changed else "nobody is near")
            (self._somebody if changed else self._nobody)()
