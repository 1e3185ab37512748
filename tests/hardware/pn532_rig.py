"""A PN532 on the bench: driver and device on one wire, and a clock that only moves while somebody waits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hardware.rfid.pn532 import PN532
from hardware.serial_port import PortFault
from hardware.simulated.clock import VirtualClock
from hardware.simulated.pn532_device import PN532Device

_STEP_S = 0.001


class BenchWire:
    """A SerialPort whose other end is the device itself. `pieces`: the most bytes one read gives."""

    name = "bench"

    def __init__(self, device: Any, clock: VirtualClock, *, pieces: int = 4096) -> None:
        self.device, self._clock, self._pieces = device, clock, pieces
        self.plugged = True
        self.noise = b""  # comes before whatever the device says next
        self.written = b""
        self._arrived = b""
        self._is_open = False

    @property
    def closed(self) -> bool:
        return not self._is_open

    def open(self) -> None:
        self._need(self.plugged, "there is no such port")
        self._is_open, self._arrived = True, b""

    def close(self) -> None:
        self._is_open = False

    def write(self, data: bytes) -> None:
        self._need(self.plugged and self._is_open, "bench went away")
        self.written += data
        self._arrive(self.device.feed(data))

    def read(self, timeout: float) -> bytes:
        ends = self._clock.monotonic() + timeout
        while True:
            self._need(self.plugged and self._is_open, "bench went away")
            self._arrive(self.device.tick(self._clock.monotonic()))
            data, self._arrived = self._arrived[: self._pieces], self._arrived[self._pieces :]
            if data or self._clock.monotonic() >= ends:
                return data
            self._clock.sleep(_STEP_S)

    def discard(self) -> None:
        self._need(self.plugged and self._is_open, "bench went away")
        self._arrived = b""

    def _arrive(self, data: bytes) -> None:
        if data:
            self._arrived += self.noise + data
            self.noise = b""

    @staticmethod
    def _need(right: bool, words: str) -> None:
        if not right:
            raise PortFault(words)


class Rig:
    """`place`, `lift` and `look`: what a hand and the driver do."""

    def __init__(self, *, pieces: int = 4096, **settings: Any) -> None:
        self.clock = VirtualClock()
        self.device = PN532Device()
        self.wire = BenchWire(self.device, self.clock, pieces=pieces)
        self.pad = PN532(self.wire, sleep=self.clock.sleep, monotonic=self.clock.monotonic, **settings)
        self.place, self.lift = self.device.place, self.device.lift

    def look(self) -> set[str]:
        """One inventory, a tenth of a second after the last, as UIDs."""
        self.clock.sleep(0.08)
        return uids(self.pad.inventory())


def opened(**settings: Any) -> Rig:
    rig = Rig(**settings)
    rig.pad.open()
    return rig


def uids(tags: Iterable[Any]) -> set[str]:
    return {tag.uid for tag in tags}
