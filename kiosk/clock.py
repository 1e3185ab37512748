"""The station's clock: wall time, milliseconds since this start, and how far the wall time can be trusted.

A board without a battery starts years behind, and so does a chip whose cell is empty. A time is believed only
as far as something vouches for it: a time server now (`ntp`), a clock chip that agrees or a time server of
earlier in this start (`rtc`), or nothing (`free`). A free clock never tells a moment known to have passed.
"""

from __future__ import annotations

import ctypes
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from kiosk.model import ClockQuality, Now

UNSYNCHRONISED = 5  # TIME_ERROR, adjtimex(2)
LOOK_AGAIN_S = 30.0
TIMEX_BYTES = 1024  # struct timex is 208 bytes on 64-bit Linux; the kernel fills what it knows
CHIP_AGREES = timedelta(seconds=60)
"""A chip that set the kernel's clock at the start is at most so far from it; beyond, one of them is wrong."""


def kernel_says_synchronised() -> bool:
    """Whether the kernel's clock is being kept by NTP (adjtimex(2) with nothing to change).

    Where that may not be asked, systemd-timesyncd's own mark counts (systemd-timesyncd.service(8)).
    """
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(TIMEX_BYTES))
    except (OSError, AttributeError):
        state = -1
    if state < 0:
        return Path("/run/systemd/timesync/synchronized").exists()
    return bool(state < UNSYNCHRONISED)


class Kernel(Protocol):
    """What the machine knows of the time."""

    def wall(self) -> datetime:
        """The kernel's clock, timezone-aware."""
        ...

    def mono(self) -> float:
        """Seconds that only go forward."""
        ...

    def synchronised(self) -> bool:
        """A time server keeps the clock."""
        ...

    def chip(self) -> datetime | None:
        """What a clock chip says; None where there is none."""
        ...


class LinuxKernel:
    """The machine this runs on."""

    def __init__(self, chip: Path = Path("/sys/class/rtc/rtc0")) -> None:
        self._chip = chip

    def wall(self) -> datetime:
        """In the machine's time zone, the library's."""
        return datetime.now().astimezone()

    def mono(self) -> float:
        """CLOCK_MONOTONIC: no step of the wall clock reaches it."""
        return time.monotonic()

    def synchronised(self) -> bool:
        """By adjtimex(2)."""
        return kernel_says_synchronised()

    def chip(self) -> datetime | None:
        """By the kernel's RTC class (Documentation/admin-guide/rtc.rst); chips of ours keep UTC."""
        try:
            seconds = int((self._chip / "since_epoch").read_text(encoding="ascii"))
            return datetime.fromtimestamp(seconds, UTC)
        except (OSError, ValueError, OverflowError):
            return None


def installed_at() -> datetime:
    """When this program was put on the disk: whatever the clock says, it is later than that."""
    return datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)


class StationClock:
    """Fits kiosk.ports.Clock. `boot` is the store's count of starts.

    `not_before` is a moment known to have passed, by the station's own facts (kept_time.py). Until a time
    server or a person puts a free clock right, the station counts on from there, so that no child is taken
    for a baby and no book is lent till a day long ago.
    """

    def __init__(
        self,
        boot: int,
        *,
        not_before: datetime | None = None,
        kernel: Kernel | None = None,
        installed: datetime | None = None,
    ) -> None:
        self._boot = boot
        self._kernel = kernel or LinuxKernel()
        known = [moment for moment in (not_before, installed or installed_at()) if moment is not None]
        self._not_before = max(known)
        self._start = self._kernel.mono()
        self._looked = float("-inf")
        self._quality = ClockQuality.FREE
        self._was_kept = False

    def now(self) -> Now:
        """This moment, in the library's own time zone."""
        mono = self._kernel.mono()
        wall = self._kernel.wall()
        floor = self._not_before + timedelta(seconds=mono - self._start)
        if mono - self._looked > LOOK_AGAIN_S:
            self._looked = mono
            self._quality = self._look(wall, floor)
        if self._quality is ClockQuality.FREE and wall < floor:
            wall = floor.astimezone(wall.tzinfo)
        return Now(wall, int((mono - self._start) * 1000), self._boot, self._quality)

    def _look(self, wall: datetime, floor: datetime) -> ClockQuality:
        if self._kernel.synchronised():
            self._was_kept = True
            return ClockQuality.NTP
        if self._was_kept:
            # The kernel takes the mark away after hours without a server; a crystal loses seconds a day.
            return ClockQuality.RTC
        chip = self._kernel.chip()
        if chip is None or chip < floor - CHIP_AGREES or abs(chip - wall) > CHIP_AGREES:
            return ClockQuality.FREE  # no chip, or one without a cell: it goes on from anywhere
        return ClockQuality.RTC
