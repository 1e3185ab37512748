"""Which device stands behind which port, by the settings: the board's own wires or the simulated ones.

Imports happen where they are needed: a Pi has no simulated wires to load, a desk computer no spidev.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from kiosk.events import Tag
from kiosk.ports import Pad, PadFault
from kiosk.settings import Settings


def spi_of(settings: Settings) -> Any:
    """The SPI seam: the board's own bus through spidev, or the simulated wires."""
    if settings.pad.wires:
        from hardware.simulated.spidev import SpiDev as SimulatedSpi

        return SimulatedSpi(settings.pad.wires)
    try:
        import spidev
    except ImportError as error:
        raise PadFault(
            "the Python module spidev is missing: install Debian's python3-spidev and make the virtual "
            "environment with --system-site-packages"
        ) from error
    return spidev.SpiDev()


def pins_of(settings: Settings) -> Any:
    """The gpiozero pin factory: the board's own through lgpio, or the simulated wires."""
    if settings.pad.wires:
        from hardware.simulated.pins import WiresFactory

        return WiresFactory(settings.pad.wires)
    from gpiozero.pins.lgpio import LGPIOFactory

    return LGPIOFactory()


class LazyPad:
    """A pad that is built when it is opened, in its own thread, so that a missing bus is a fault to heal.

    `build` makes the reader and puts what must be released with it (its pins) onto the stack it is given.
    """

    def __init__(self, build: Callable[[ExitStack], Pad]) -> None:
        self._build = build
        self._pad: Pad | None = None
        self._pins = ExitStack()

    def open(self) -> None:
        """Build the reader if need be and open it. Raises PadFault."""
        if self._pad is None:
            try:
                self._pad = self._build(self._pins)
            except BaseException:
                self._pins.close()
                raise
        self._pad.open()

    def inventory(self) -> frozenset[Tag]:
        """What lies on the pad. Raises PadFault."""
        if self._pad is None:
            raise PadFault("the reader was not opened")
        return self._pad.inventory()

    def close(self) -> None:
        """Close the reader and release its pins; the next open builds it anew."""
        if self._pad is not None:
            self._pad.close()
        self._pad = None
        self._pins.close()


def pad_of(settings: Settings, pins: Any = None) -> Pad:
    """The reader named in the settings; `pins` is the gpiozero factory for its RST and IRQ lines."""
    from gpiozero import DigitalInputDevice, DigitalOutputDevice

    from hardware.rfid.rc522 import RC522

    pad = settings.pad

    def build(stack: ExitStack) -> Pad:
        reset = irq = None
        if pad.reset_pin is not None:
            reset = stack.enter_context(
                DigitalOutputDevice(pad.reset_pin, initial_value=True, pin_factory=pins)
            )
        if pad.irq_pin is not None:
            irq = stack.enter_context(DigitalInputDevice(pad.irq_pin, pull_up=True, pin_factory=pins))
        return RC522(
            spi_of(settings),
            bus=pad.bus,
            device=pad.device,
            speed_hz=pad.speed_hz,
            gain=pad.gain,
            reset=reset,
            irq=irq,
        )

    return LazyPad(build)
