"""Every device a station may have, its terminals, and the pin each is wired to: the one table of wires."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hardware.wiring.header import RAILS, NoSuchPin, pin_of


@dataclass(frozen=True, slots=True)
class Wire:
    """From a terminal of a device to a pin.

    `terminal`: what is printed on the board, or a key of words.py. `part`: what sits in the wire. `setting`:
    the key of the station's settings that names this pin, if one does. `optional`: works without it.
    """

    terminal: str
    pin: int
    part: str = ""
    setting: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A thing with terminals. `name`: what is printed on it, or a key of words.py."""

    name: str
    wires: tuple[Wire, ...]


@dataclass(frozen=True, slots=True)
class Device:
    """What makes one picture. `letter` is its sign in the picture of everything."""

    name: str
    letter: str
    boxes: tuple[Box, ...]

    @property
    def wires(self) -> tuple[Wire, ...]:
        """All wires of all its boxes."""
        return tuple(wire for box in self.boxes for wire in box.wires)


def gpio(terminal: str, bcm: int, *, part: str = "", setting: str = "", optional: bool = False) -> Wire:
    """A wire to a GPIO by its BCM number. Raises NoSuchPin."""
    return Wire(terminal, pin_of(bcm), part, setting, optional)


def rail(terminal: str, pin: int, *, part: str = "") -> Wire:
    """A wire to a supply or ground pin. Raises NoSuchPin when the pin is a GPIO."""
    if pin not in RAILS:
        raise NoSuchPin(f"pin {pin} supplies nothing; supplies are {', '.join(map(str, RAILS))}")
    return Wire(terminal, pin, part)


_LED = "330 Ω"  # 3.3 V less about 2 V of the LED leave 4 mA

DEVICES: Final = (
    Device("rc522", "A", (Box("RC522", (
        gpio("SDA (SS)", 8), gpio("SCK", 11), gpio("MOSI", 10), gpio("MISO", 9),
        gpio("IRQ", 24, setting="pad.irq_pin", optional=True),
        rail("GND", 25), rail("RST", 17), rail("3.3V", 1),
    )),)),
    Device("rc522-second", "B", (Box("RC522", (
        gpio("SDA (SS)", 7), gpio("SCK", 11), gpio("MOSI", 10), gpio("MISO", 9),
        rail("GND", 20), rail("RST", 17), rail("3.3V", 17),
    )),)),
    Device("beams", "C", (
        Box("beam.outer", (gpio("signal", 17, setting="door.outer_pin"), rail("GND", 9))),
        Box("beam.inner", (gpio("signal", 27, setting="door.inner_pin"), rail("GND", 9))),
    )),
    Device("tof", "D", (Box("VL53L1X", (rail("VIN", 17), rail("GND", 9), gpio("SDA", 2), gpio("SCL", 3))),)),
    Device("pir", "E", (
        Box("HC-SR501", (rail("VCC", 4), gpio("OUT", 25, setting="door.presence_pin"), rail("GND", 39))),
    )),
    Device("lamp", "F", (
        Box("led.green", (gpio("leg.long", 5, part=_LED, setting="lamp.green_pin"), rail("leg.short", 30))),
        Box("led.yellow", (gpio("leg.long", 6, part=_LED, setting="lamp.yellow_pin"), rail("leg.short", 30))),
    )),
    Device("rgb", "G", (Box("led.rgb", (
        gpio("red", 12, part=_LED, setting="lamp.rgb_pins[0]"), rail("leg.common", 34),
        gpio("green", 13, part=_LED, setting="lamp.rgb_pins[1]"),
        gpio("blue", 16, part=_LED, setting="lamp.rgb_pins[2]"),
    )),)),
    Device("buzzer", "H", (Box("buzzer", (gpio("+", 22, setting="sounder.pin"), rail("−", 14))),)),
    Device("buttons", "J", (
        Box("button.quieter", (gpio("leg.one", 4, setting="buttons.quieter_pin"), rail("leg.other", 9))),
        Box("button.help", (gpio("leg.one", 23, setting="buttons.help_pin"), rail("leg.other", 14))),
        Box("button.louder", (gpio("leg.one", 26, setting="buttons.louder_pin"), rail("leg.other", 39))),
    )),
    Device("clock", "K", (Box("DS3231", (rail("VCC", 1), gpio("SDA", 2), gpio("SCL", 3), rail("GND", 9))),)),
    Device("panel", "L", (Box("panel", (rail("cable.red", 2), rail("cable.black", 6))),)),
    Device("pn532", "M", (
        Box("PN532", (rail("VCC", 1), gpio("RXD", 14), gpio("TXD", 15), rail("GND", 14))),
    )),
    Device("rdm6300", "N", (
        Box("RDM6300", (rail("5V", 4), gpio("TX", 15, part="1 kΩ"), rail("GND", 14))),
        Box("resistor", (gpio("end.one", 15, part="2 kΩ"), rail("end.other", 14))),
    )),
)  # fmt: skip
"""In the order of the pages: the pad, the door, the lights, sound and buttons, what else there is."""


def device(name: str) -> Device:
    """The device of this name. Raises NoSuchPin that lists the known ones."""
    for candidate in DEVICES:
        if candidate.name == name:
            return candidate
    raise NoSuchPin(f"there is no device {name!r}; known: {', '.join(each.name for each in DEVICES)}")
