"""What is plugged in, and which driver fits: every place where a device can hang is looked at and asked.

Asking is harmless: a reader is asked for its version, and what does not understand the question ignores it.
Nothing here may be in use by a running station.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from hardware.barcode.keyboards import keyboards
from hardware.door.ranger import RangerFault, connect_vl53l1x
from hardware.rfid.feig import Feig
from hardware.rfid.pn532 import PN532
from hardware.rfid.rc522 import KNOWN_VERSIONS, RC522
from hardware.rfid.rc522.bus import Spi
from hardware.rfid.rdm6300 import FrameParser
from hardware.serial_port import PortFault, SerialPort, ports
from kiosk.ports import PadFault

Value = str | int | bool

_LISTEN_S = 1.0  # a 125 kHz card lying on its reader is told 15 times a second
_LISTEN_BAUD = 9600
_PN532_BAUD = 115_200  # HSU after power-up (UM0701-02, 6.2.4)
_FEIG_BAUD = 38_400  # 8E1: as it comes from the maker
_SPIDEV = re.compile(r"spidev(\d+)\.(\d+)")
_I2C_BUS, _TOF_ADDRESS = 1, 0x29


@dataclass(frozen=True, slots=True)
class Found:
    """One thing at one place. `driver` "" = none fits, or nobody answered; `settings` = what would use it.

    The settings name all that was found to be so, speed and parity too, even where it is the usual: what was
    set for another device must not stay.
    """

    place: str
    driver: str
    words: str
    section: str = ""
    settings: dict[str, Value] = field(default_factory=dict)


def everything(
    open_spi: Callable[[], Spi], *, dev: Path = Path("/dev"), by_id: Path | None = None, spi: bool = True
) -> Iterator[Found]:
    """All there is, in the order in which a person would look. Takes up to some seconds for each port.

    `open_spi` makes a spidev-like object; `dev` is the folder of devices; `spi`: whether to look there.
    """
    if spi:
        yield from spi_readers(open_spi, dev)
    for port in ports(by_id or dev / "serial" / "by-id"):
        yield serial_device(port)
    yield from typing_devices(dev / "input" / "by-id")
    yield from i2c_devices(dev)
    if any(dev.glob("gpiochip*")):
        yield Found(str(dev / "gpiochip0"), "pins", "pins for beams, lamps, buttons and a buzzer")


def spi_readers(open_spi: Callable[[], Spi], dev: Path) -> Iterator[Found]:
    """An RC522 at each chip select that the kernel offers."""
    for path in sorted(dev.glob("spidev*.*")):
        match = _SPIDEV.fullmatch(path.name)
        if match is None:
            continue
        bus, device = int(match[1]), int(match[2])
        yield rc522_at(open_spi, str(path), bus, device)


def rc522_at(open_spi: Callable[[], Spi], place: str, bus: int, device: int) -> Found:
    """Ask one chip select."""
    try:
        reader = RC522(open_spi(), bus=bus, device=device)
        reader.open()
    except PadFault as error:
        return Found(place, "", f"no RC522: {error}")
    version = reader.version or 0
    reader.close()
    what = KNOWN_VERSIONS.get(version, "a version nobody listed; used all the same")
    words = f"RC522, version {version:02X}h ({what})"
    return Found(place, "rc522", words, "pad", {"driver": "rc522", "bus": bus, "device": device})


def serial_device(port: str) -> Found:
    """Ask one serial port, reader by reader, then listen."""
    try:
        SerialPort(port, baud=_LISTEN_BAUD).open()
    except PortFault as error:
        return Found(port, "", str(error))
    for probe in (_pn532, _feig, _listened):
        found = probe(port)
        if found is not None:
            return found
    return Found(
        port,
        "",
        "somebody who says nothing: a barcode scanner or a 125 kHz reader speaks only when it is used. "
        "Scan a code or hold a card to it and look again",
    )


def _pn532(port: str) -> Found | None:
    reader = PN532(port, baud=_PN532_BAUD)
    try:
        reader.open()
    except PadFault:
        return None
    finally:
        reader.close()
    settings: dict[str, Value] = {"driver": "pn532", "port": port, "baud": _PN532_BAUD}
    return Found(port, "pn532", "PN532 in HSU mode", "pad", settings)


_FEIG_SPEED = re.compile(r"set the pad's baud to (\d+) and its parity to ([NEO])")


def _feig(port: str) -> Found | None:
    settings: dict[str, Value] = {"driver": "feig", "port": port, "baud": _FEIG_BAUD, "parity": "E"}
    reader = Feig(port, gate="none", baud=_FEIG_BAUD, parity="E")
    try:
        reader.open()
    except PadFault as error:
        speed = _FEIG_SPEED.search(str(error))
        if speed is None:
            return None
        settings |= {"baud": int(speed[1]), "parity": speed[2]}
    finally:
        reader.close()
    return Found(port, "feig", "FEIG OBID reader for ISO 15693", "pad", settings)


def _listened(port: str) -> Found | None:
    """Whoever speaks by itself: a 125 kHz card in the field, or a code just scanned."""
    line = SerialPort(port, baud=_LISTEN_BAUD)
    parser, heard = FrameParser(), b""
    try:
        line.open()
        ends = time.monotonic() + _LISTEN_S
        while time.monotonic() < ends:
            data = line.read(0.1)
            heard += data
            if parser.feed(data):
                words = "RDM6300 or the like, 125 kHz, with a card on it"
                card: dict[str, Value] = {"driver": "rdm6300", "port": port, "baud": _LISTEN_BAUD}
                return Found(port, "rdm6300", words, "pad", card)
    except PortFault:
        return None
    finally:
        line.close()
    if (
        heard.strip()
        and heard.isascii()
        and all(line.decode("ascii").isprintable() for line in heard.split())
    ):
        settings: dict[str, Value] = {
            "enabled": True,
            "kind": "serial",
            "port": port,
            "baud": _LISTEN_BAUD,
        }
        return Found(port, "scanner", "a barcode scanner", "scanner", settings)
    return None


def typing_devices(directory: Path) -> Iterator[Found]:
    """Keyboards: a scanner or reader that types cannot be told from a keyboard by looking."""
    for name in keyboards(directory):
        settings: dict[str, Value] = {"enabled": True, "kind": "keyboard", "name": name}
        words = "a keyboard, or a scanner that types; only you can tell"
        yield Found(str(directory / name), "keyboard", words, "scanner", settings)


def i2c_devices(dev: Path) -> Iterator[Found]:
    """A VL53L1X over the door, where its library is installed."""
    place = dev / f"i2c-{_I2C_BUS}"
    if not place.exists():
        return
    try:
        import_module("VL53L1X")
    except (ImportError, OSError):
        words = "an I2C bus; to count with a VL53L1X install the Python packages VL53L1X and smbus2"
        yield Found(str(place), "", words)
        return
    try:
        ranger = connect_vl53l1x(bus=_I2C_BUS, address=_TOF_ADDRESS)
        ranger.open()
        ranger.close()
    except (RangerFault, OSError, RuntimeError) as error:
        yield Found(str(place), "", f"no VL53L1X: {error}")
        return
    settings: dict[str, Value] = {"enabled": True, "kind": "tof"}
    settings |= {"i2c_bus": _I2C_BUS, "i2c_address": _TOF_ADDRESS}
    yield Found(str(place), "tof", "VL53L1X distance sensor", "door", settings)
