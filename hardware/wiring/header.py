"""The 40 pins of a Raspberry Pi, as the Pi 4 and the Pi 5 both have them.

Source: Raspberry Pi documentation, "GPIO and the 40-pin header".
"""

from __future__ import annotations

from typing import Final

from hardware.errors import HardwareError

V3, V5, GROUND = "3.3 V", "5 V", "GND"

BCM_TO_PIN: Final = {
    2: 3, 3: 5, 4: 7, 14: 8, 15: 10, 17: 11, 18: 12, 27: 13, 22: 15, 23: 16, 24: 18, 10: 19, 9: 21, 25: 22,
    11: 23, 8: 24, 7: 26, 0: 27, 1: 28, 5: 29, 6: 31, 12: 32, 13: 33, 19: 35, 16: 36, 26: 37, 20: 38, 21: 40,
}  # fmt: skip
"""GPIO (BCM) number -> number of the pin on the header."""

RAILS: Final = {
    1: V3, 17: V3, 2: V5, 4: V5,
    6: GROUND, 9: GROUND, 14: GROUND, 20: GROUND, 25: GROUND, 30: GROUND, 34: GROUND, 39: GROUND,
}  # fmt: skip
"""Number of the pin -> what it supplies."""

JOBS: Final = {
    2: "SDA", 3: "SCL", 7: "CE1", 8: "CE0", 9: "MISO", 10: "MOSI", 11: "SCLK", 14: "TXD", 15: "RXD",
    0: "ID", 1: "ID", 18: "I2S", 19: "I2S", 20: "I2S", 21: "I2S",
}  # fmt: skip
"""GPIO -> the job it has when I2C1, SPI0, the UART or an I2S sound board is on."""

PIN_TO_BCM: Final = {pin: bcm for bcm, pin in BCM_TO_PIN.items()}


class NoSuchPin(HardwareError, ValueError):
    """The header has no such pin, or it is of another kind."""


def pin_of(bcm: int) -> int:
    """The pin of a GPIO. Raises NoSuchPin."""
    try:
        return BCM_TO_PIN[bcm]
    except KeyError:
        raise NoSuchPin(f"GPIO{bcm} is not on the header; it has GPIO0 to GPIO27") from None


def label_of(pin: int) -> str:
    """What people call a pin: "GPIO8 CE0", "3.3 V", "GND". Raises NoSuchPin."""
    if pin in RAILS:
        return RAILS[pin]
    if pin not in PIN_TO_BCM:
        raise NoSuchPin(f"there is no pin {pin}; the header has 1 to 40")
    bcm = PIN_TO_BCM[pin]
    return f"GPIO{bcm} {JOBS.get(bcm, '')}".strip()
