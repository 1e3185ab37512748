"""The MFRC522's registers over SPI (datasheet 8.1.2), and what the driver needs of the wires."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Protocol

from hardware.rfid.rc522.registers import Reg
from kiosk.ports import PadFault

log = logging.getLogger(__name__)

_READ = 0x80  # first bit of an address byte; six address bits and a 0 follow


class Spi(Protocol):
    """What the driver needs of spidev.SpiDev; a chip select lasts one `xfer2`."""

    max_speed_hz: int
    mode: int

    def open(self, bus: int, device: int, /) -> object:
        """Open /dev/spidev<bus>.<device>. Raises OSError."""
        ...

    def xfer2(self, values: list[int], /) -> Sequence[int]:
        """Send and receive as many bytes; releases the interpreter lock meanwhile. Raises OSError."""
        ...

    def close(self) -> object:
        """Release the device; may be called twice."""
        ...


class ResetPin(Protocol):
    """A gpiozero DigitalOutputDevice on RST: on = run, off = power-down."""

    def on(self) -> object:
        """Let the chip run."""
        ...

    def off(self) -> object:
        """Hold the chip in power-down."""
        ...


class IrqPin(Protocol):
    """A gpiozero DigitalInputDevice on IRQ, made with `pull_up=True`."""

    def wait_for_active(self, timeout: float) -> object:
        """Wait until the chip pulls the line low, `timeout` seconds at most."""
        ...


class RegisterBus:
    """Register reads and writes on a spidev-like object. Every method but `close` raises PadFault."""

    def __init__(self, spi: Spi, *, bus: int, device: int, speed_hz: int) -> None:
        self._spi = spi
        self._bus, self._device, self._speed_hz = bus, device, speed_hz
        self.name = f"spidev{bus}.{device}"

    def open(self) -> None:
        """SPI mode 0 at the chosen speed; opened anew when it was open."""
        self.close()
        try:
            self._spi.open(self._bus, self._device)
            self._spi.mode = 0
            self._spi.max_speed_hz = self._speed_hz
        except OSError as error:
            raise PadFault(
                f"/dev/{self.name} cannot be opened ({error}); "
                "switch SPI on (dtparam=spi=on) and let this user into the group spi"
            ) from error

    def close(self) -> None:
        """Never raises."""
        try:
            self._spi.close()
        except Exception as error:
            log.debug("%s could not be released: %s", self.name, error)

    def write(self, register: Reg, *values: int) -> None:
        """All values go to the same register: a FIFO is filled in one transaction."""
        self._transfer([register << 1, *values])

    def read(self, *registers: Reg) -> list[int]:
        """Several registers in one transaction: each byte sent is the address of the next byte received.

        The last byte sent is 00h; anywhere else a 00h would read register 0.
        """
        return self._transfer([*(_READ | register << 1 for register in registers), 0x00])[1:]

    def _transfer(self, values: list[int]) -> list[int]:
        try:
            answer = list(self._spi.xfer2(values))
        except OSError as error:
            raise PadFault(f"SPI failed on {self.name}: {error}") from error
        if len(answer) != len(values):
            raise PadFault(f"SPI gave {len(answer)} bytes for {len(values)} on {self.name}")
        return answer
