"""Which device stands behind which port, by the settings: the board's own wires or the simulated ones.

Imports happen where they are needed: a Pi has no simulated wires to load, a desk computer no spidev.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from kiosk.ports import Pad, PadFault
from kiosk.settings import ReaderSection, Settings

if TYPE_CHECKING:
    from hardware.discovery import Found
    from hardware.rfid.joint_pad import JointPad

log = logging.getLogger(__name__)


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


@contextmanager
def opened_pins(settings: Settings) -> Iterator[Any]:
    """The pin factory for as long as the block lasts; None where no pins are needed or to be had.

    A reader whose RST or IRQ is wired needs them, and says so itself when it is opened.
    """
    try:
        pins = pins_of(settings)
    except Exception as error:  # each pin library fails in its own way
        log.info("no pins here: %s", error)
        yield None
        return
    try:
        yield pins
    finally:
        pins.close()


def pad_of(settings: Settings, pins: Any = None) -> JointPad:
    """The reader or readers of the settings; `pins` is the gpiozero factory for RST and IRQ lines."""
    from hardware.rfid.joint_pad import JointPad

    readers = zip(("pad", "pad.second"), settings.pad.readers, strict=False)
    return JointPad({name: partial(_build, settings, reader, pins) for name, reader in readers})


def found_devices(settings: Settings) -> Iterator[Found]:
    """What is plugged in, on the board or on the simulated wires."""
    from hardware import discovery

    if settings.pad.wires:
        yield discovery.rc522_at(lambda: spi_of(settings), settings.pad.wires, 0, 0)
    yield from discovery.everything(lambda: spi_of(settings), spi=not settings.pad.wires)


def _build(settings: Settings, reader: ReaderSection, pins: Any, stack: ExitStack) -> Pad:
    """One reader, in the thread that will use it; its pins go onto `stack`."""
    if reader.serial:
        return _serial_reader(reader)
    if reader.driver == "keyboard":
        from hardware.barcode.keyboards import KeyboardNamed, named_like
        from hardware.barcode.layouts import LAYOUTS
        from hardware.barcode.typed_uid import UidFormat
        from hardware.barcode.wedge_pad import WedgePad

        written = UidFormat(base=reader.writes, order=reader.order)
        return WedgePad(
            KeyboardNamed(named_like(reader.name)),
            uid_format=written,
            layout=LAYOUTS[reader.layout],
            hold_s=reader.hold_s,
        )
    from gpiozero import DigitalInputDevice, DigitalOutputDevice

    from hardware.rfid.rc522 import RC522

    reset = irq = None
    if reader.reset_pin is not None:
        reset = stack.enter_context(
            DigitalOutputDevice(reader.reset_pin, initial_value=True, pin_factory=pins)
        )
    if reader.irq_pin is not None:
        irq = stack.enter_context(DigitalInputDevice(reader.irq_pin, pull_up=True, pin_factory=pins))
    return RC522(
        spi_of(settings),
        bus=reader.bus,
        device=reader.device,
        speed_hz=reader.speed_hz,
        gain=reader.gain,
        reset=reset,
        irq=irq,
    )


def _serial_reader(reader: ReaderSection) -> Pad:
    match reader.driver:
        case "pn532":
            from hardware.rfid.pn532 import PN532

            return PN532(reader.port, baud=reader.usual_baud)
        case "rdm6300":
            from hardware.rfid.rdm6300 import RDM6300

            return RDM6300(reader.port, baud=reader.usual_baud)
        case "feig":
            from hardware.rfid.feig import Feig

            return Feig(
                reader.port,
                address=reader.address,
                gate=reader.gate,
                secured_afi=reader.secured_afi,
                released_afi=reader.released_afi,
                baud=reader.usual_baud,
                parity=reader.parity,
            )
    raise PadFault(f"there is no driver {reader.driver!r}")  # the settings let none through
