"""Which setting lays claim to which pin or port: two devices on one is a mistake with a name."""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.settings.extras import ButtonsSection, DoorSection, LampSection, ScannerSection, SounderSection
from kiosk.settings.pad import PadSection

RESERVED = {
    2: "I2C1",
    3: "I2C1",
    7: "SPI0",
    8: "SPI0",
    9: "SPI0",
    10: "SPI0",
    11: "SPI0",
    14: "the UART",
    15: "the UART",
}
"""Pins with a job of their own (BCM). GPIO15 is RXD: driven as an output it destroys a serial reader."""


def pins(
    pad: PadSection, door: DoorSection, lamp: LampSection, sounder: SounderSection, buttons: ButtonsSection
) -> Iterator[tuple[str, int]]:
    """Every pin that is used, with the setting that names it."""
    for name, reader in zip(("pad", "pad.second"), pad.readers, strict=False):
        if reader.driver == "rc522":
            yield from _wired({f"{name}.reset_pin": reader.reset_pin, f"{name}.irq_pin": reader.irq_pin})
    if door.enabled and door.kind != "tof":
        yield "door.outer_pin", door.outer_pin
        if door.kind == "two_beams":
            yield "door.inner_pin", door.inner_pin
    yield from _wired({"door.presence_pin": door.presence_pin})
    if lamp.enabled and lamp.kind == "two":
        yield from (("lamp.green_pin", lamp.green_pin), ("lamp.yellow_pin", lamp.yellow_pin))
    elif lamp.enabled:
        yield from ((f"lamp.rgb_pins[{place}]", pin) for place, pin in enumerate(lamp.rgb_pins))
    if sounder.enabled:
        yield "sounder.pin", sounder.pin
    yield from _wired({f"buttons.{name}": getattr(buttons, name) for name in type(buttons).model_fields})


def _wired(claims: dict[str, int | None]) -> Iterator[tuple[str, int]]:
    yield from ((name, pin) for name, pin in claims.items() if pin is not None)


def refuse_clashes(claims: Iterator[tuple[str, int]]) -> None:
    """Raises ValueError that names both settings, or the job the pin has."""
    used: dict[int, str] = {}
    for name, pin in claims:
        if pin in used:
            raise ValueError(f"{name} and {used[pin]} both use GPIO{pin}; give each its own pin")
        if pin in RESERVED:
            raise ValueError(f"{name} uses GPIO{pin}, which belongs to {RESERVED[pin]}; choose another pin")
        used[pin] = name


def refuse_shared_ports(pad: PadSection, scanner: ScannerSection) -> None:
    """Raises ValueError when a reader and the scanner name the same port."""
    if not scanner.enabled:
        return
    for name, reader in zip(("pad", "pad.second"), pad.readers, strict=False):
        if scanner.kind == "serial" and reader.serial and reader.port == scanner.port:
            raise ValueError(f"{name}.port and scanner.port both name {scanner.port}; give each its own port")
        if scanner.kind == reader.driver == "keyboard" and reader.name == scanner.name:
            raise ValueError(
                f"{name}.name and scanner.name both name {scanner.name!r}; give each its own name"
            )
