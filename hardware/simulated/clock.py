"""Time for the simulation: virtual time that only moves when told to, or the machine's own."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """What the chip and the bus need of time. All values are seconds."""

    def monotonic(self) -> float:
        """Seconds since some start; never steps back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        ...

    def spend(self, seconds: float) -> None:
        """Account for work that takes `seconds` on real wires."""
        ...


class VirtualClock:
    """Time that passes only by `sleep` and `spend`: a test of minutes takes milliseconds."""

    def __init__(self, start: float = 0.0) -> None:
        self._now = start

    def monotonic(self) -> float:
        """Seconds since the start."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Move on by `seconds`; raises ValueError when negative, as time.sleep does."""
        if seconds < 0:
            raise ValueError(f"cannot sleep {seconds} s: time does not run backwards")
        self._now += seconds

    def spend(self, seconds: float) -> None:
        """Move on by `seconds`."""
        self.sleep(seconds)


class RealClock:
    """The machine's monotonic clock."""

    def monotonic(self) -> float:
        """Seconds of the machine's monotonic clock."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Really wait."""
        time.sleep(seconds)

    def spend(self, seconds: float) -> None:
        """Nothing: on this clock work takes the time it takes."""
