"""The station's clock: wall time, milliseconds since this start, and how far the wall time can be trusted."""

from __future__ import annotations

import ctypes
import time
from datetime import datetime, timedelta
from pathlib import Path

from kiosk.model import ClockQuality, Now

UNSYNCHRONISED = 5  # TIME_ERROR, adjtimex(2)
LOOK_AGAIN_S = 30.0
TIMEX_BYTES = 1024  # struct timex is 208 bytes on 64-bit Linux; the kernel fills what it knows


def kernel_says_synchronised() -> bool:
    """Whether the kernel's clock is being kept by NTP (adjtimex(2) with nothing to change)."""
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(TIMEX_BYTES))
    except (OSError, AttributeError):
        return False
    return bool(0 <= state < UNSYNCHRONISED)


class StationClock:
    """Fits kiosk.ports.Clock. `boot` is the store's count of starts.

    `not_before` is a moment known to have passed. A board without a clock chip may start years behind: until
    a time server or a person puts the clock right, the station counts on from that moment, so that no child
    is taken for a baby and no book lent till a day long ago.
    """

    def __init__(
        self, boot: int, *, rtc: Path = Path("/dev/rtc0"), not_before: datetime | None = None
    ) -> None:
        self._boot = boot
        self._rtc = rtc
        self._not_before = not_before
        self._start = time.monotonic()
        self._looked = float("-inf")
        self._quality = ClockQuality.FREE

    def now(self) -> Now:
        """This moment, in the library's own time zone."""
        mono = time.monotonic()
        if mono - self._looked > LOOK_AGAIN_S:
            self._looked = mono
            self._quality = self._look()
        wall = datetime.now().astimezone()
        if self._not_before is not None and self._quality is not ClockQuality.NTP:
            wall = max(wall, (self._not_before + timedelta(seconds=mono - self._start)).astimezone())
        return Now(wall, int((mono - self._start) * 1000), self._boot, self._quality)

    def _look(self) -> ClockQuality:
        if kernel_says_synchronised():
            return ClockQuality.NTP
        return ClockQuality.RTC if self._rtc.exists() else ClockQuality.FREE
