"""What a station may have beside the pad. Each is optional, and a broken one never stops lending."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal

from pydantic import Field, model_validator

from kiosk.settings.section import Bcm, Positive, Section

Percent = Annotated[int, Field(ge=0, le=100)]


class DoorSection(Section):
    """The doorway."""

    enabled: bool = Field(True, description="count visits at the door")
    kind: Literal["two_beams", "one_beam", "tof"] = Field(
        "two_beams",
        description="two_beams: who comes and who goes; one_beam: passages only; tof: a VL53L1X overhead",
    )
    outer_pin: Bcm = Field(17, description="BCM pin of the beam outside, or of the only one")
    inner_pin: Bcm = Field(27, description="BCM pin of the beam inside")
    longest_ms: Positive = Field(6000, description="a passage that takes longer counts as nothing")
    bounce_ms: Annotated[int, Field(ge=0, le=200)] = Field(
        15, description="how long an edge must hold to be believed"
    )
    blocked_s: Annotated[int, Field(ge=10, le=3600)] = Field(
        45, description="a beam dark for so long is knocked out of line or covered: an alarm"
    )
    i2c_bus: Annotated[int, Field(ge=0, le=10)] = Field(1, description="tof: I2C bus, 1 is GPIO2 and GPIO3")
    i2c_address: Annotated[int, Field(ge=0x08, le=0x77)] = Field(
        0x29, description="tof: address of the sensor"
    )
    height_mm: Annotated[int, Field(ge=1500, le=4000)] = Field(
        2200, description="tof: from the sensor down to the floor"
    )
    swap: bool = Field(False, description="whoever comes counts as going, and the other way round: swap them")
    presence_pin: Bcm | None = Field(
        None, description="BCM pin of a motion sensor (PIR): wakes the panel, never counts"
    )


class LampSection(Section):
    """The light at the desk."""

    enabled: bool = Field(True, description="show what happened by a light")
    kind: Literal["two", "rgb"] = Field("two", description="a green and a yellow LED, or one RGB LED")
    green_pin: Bcm = Field(5, description="two: BCM pin of the green light")
    yellow_pin: Bcm = Field(6, description="two: BCM pin of the yellow light")
    rgb_pins: tuple[Bcm, Bcm, Bcm] = Field((12, 13, 16), description="rgb: BCM pins of red, green and blue")
    common_anode: bool = Field(False, description="rgb: the long leg goes to 3.3 V instead of ground")
    brightness: Percent = Field(60, description="percent")


class SounderSection(Section):
    """A buzzer on a pin."""

    enabled: bool = Field(False, description="sound a buzzer with each answer")
    pin: Bcm = Field(22, description="BCM pin")
    kind: Literal["passive", "active"] = Field(
        "passive", description="passive plays notes, active only knows on and off"
    )


class SpeakerSection(Section):
    """Sounds and speech."""

    enabled: bool = Field(False, description="play sounds with each answer, and speak")
    voice: Literal["prompts", "asked", "never"] = Field(
        "prompts",
        description="prompts: say what each screen is about; asked: only what is asked for; never: sounds",
    )
    volume: Percent = Field(60, description="percent; the volume buttons change it until the next start")
    ceiling: Percent = Field(85, description="louder than this it never gets, whatever is pressed")
    device: str = Field(
        "", max_length=80, description="which output, as the player names it; empty = the usual"
    )
    quiet_from: time | None = Field(None, description="quiet hours begin, for instance 11:30:00")
    quiet_until: time | None = Field(None, description="quiet hours end")

    @model_validator(mode="after")
    def _both_ends(self) -> SpeakerSection:
        if (self.quiet_from is None) != (self.quiet_until is None):
            raise ValueError("quiet hours need both quiet_from and quiet_until")
        return self


class ButtonsSection(Section):
    """Buttons beside the panel, each from its pin to ground."""

    help_pin: Bcm | None = Field(None, description="BCM pin of the button that calls a librarian")
    louder_pin: Bcm | None = Field(None, description="BCM pin of the louder button")
    quieter_pin: Bcm | None = Field(None, description="BCM pin of the quieter button")
    next_pin: Bcm | None = Field(
        None, description="BCM pin of a switch that moves the yellow ring to the next thing on the screen"
    )
    choose_pin: Bcm | None = Field(
        None,
        description="BCM pin of a switch that does what is under the ring; enough with screen.scan_s",
    )


class ScannerSection(Section):
    """A barcode scanner."""

    enabled: bool = Field(False, description="read books' barcodes")
    kind: Literal["serial", "keyboard"] = Field(
        "serial", description="serial: USB-COM or RS-232; keyboard: types like a keyboard and is taken over"
    )
    port: str = Field("", max_length=200, description="serial: the port, best by /dev/serial/by-id/...")
    baud: Annotated[int, Field(ge=1200, le=1_000_000)] = Field(9600, description="serial: bits a second")
    name: str = Field(
        "", max_length=200, description="keyboard: part of its name in /dev/input/by-id; empty = the only one"
    )
    layout: Literal["us", "de", "fr"] = Field("us", description="keyboard: the layout it is set to")
    silence_ms: Annotated[int, Field(ge=20, le=1000)] = Field(
        80, description="serial: a code without CR or LF ends after so long"
    )

    @model_validator(mode="after")
    def _has_a_port(self) -> ScannerSection:
        if self.enabled and self.kind == "serial" and not self.port:
            raise ValueError(
                "a serial scanner needs 'port', for instance /dev/serial/by-id/...; "
                "'kiosk devices' lists what is plugged in"
            )
        return self


class BoardSection(Section):
    """The board's own health."""

    watch: bool = Field(True, description="report heat, low voltage, a worn or full card")
    every_s: Annotated[int, Field(ge=5, le=3600)] = Field(60, description="how often it is looked at")
