"""The 64-byte FIFO with its level, overflow and watermark alerts (data sheet section 8.3)."""

from __future__ import annotations

from collections import deque

from hardware.simulated.interrupts import BUFFER_OVFL, HI_ALERT, LO_ALERT, Interrupts

SIZE = 64


class Fifo:
    """First in, first out. Alerts raise their request when they begin, not while they last."""

    def __init__(self, interrupts: Interrupts) -> None:
        self._interrupts = interrupts
        self._bytes: deque[int] = deque()
        self._water_level = 8
        self.hi_alert = False
        self.lo_alert = True

    def __len__(self) -> int:
        return len(self._bytes)

    @property
    def water_level(self) -> int:
        """WaterLevelReg."""
        return self._water_level

    @water_level.setter
    def water_level(self, value: int) -> None:
        self._water_level = value & 0x3F
        self._watch()

    def push(self, value: int) -> None:
        """Add a byte; into a full FIFO it is lost and BufferOvfl is set."""
        if len(self._bytes) >= SIZE:
            self._interrupts.fail(BUFFER_OVFL)
            return
        self._bytes.append(value)
        self._watch()

    def pop(self) -> int:
        """Take the oldest byte; 00h from an empty FIFO (the data sheet leaves the value open)."""
        if not self._bytes:
            return 0
        value = self._bytes.popleft()
        self._watch()
        return value

    def take_all(self) -> bytes:
        """Take everything out."""
        content = bytes(self._bytes)
        self._bytes.clear()
        self._watch()
        return content

    def flush(self) -> None:
        """FIFOLevelReg.FlushBuffer: empty, and BufferOvfl cleared (section 9.3.1.11)."""
        self._bytes.clear()
        self._interrupts.error &= ~BUFFER_OVFL
        self._watch()

    def reset(self) -> None:
        """As after power-up; LoAlert's request is among the reset values already."""
        self._bytes.clear()
        self._water_level = 8
        self.hi_alert, self.lo_alert = False, True

    def _watch(self) -> None:
        # HiAlert = (64 - FIFOLength) <= WaterLevel, LoAlert = FIFOLength <= WaterLevel (section 8.3.3)
        high = SIZE - len(self._bytes) <= self._water_level
        low = len(self._bytes) <= self._water_level
        if high and not self.hi_alert:
            self._interrupts.request(HI_ALERT)
        if low and not self.lo_alert:
            self._interrupts.request(LO_ALERT)
        self.hi_alert, self.lo_alert = high, low
