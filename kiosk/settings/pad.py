"""The readers under the pad: one, or two that are one pad to a child (cards here, library books there)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from kiosk.settings.section import Bcm, Section

_USUAL_BAUD = {"pn532": 115_200, "feig": 38_400, "rdm6300": 9_600}
Byte = Annotated[int, Field(ge=0, le=255)]


class ReaderSection(Section):
    """One RFID reader."""

    driver: Literal["rc522", "pn532", "feig", "rdm6300", "keyboard"] = Field(
        "rc522",
        description="rc522: SPI, cards and stickers by ISO 14443A; pn532: the same on a serial port; "
        "feig: OBID, library stickers by ISO 15693; rdm6300: 125 kHz cards; keyboard: a reader that types",
    )
    bus: Annotated[int, Field(ge=0, le=6)] = Field(0, description="rc522: SPI bus, 0 is /dev/spidev0.*")
    device: Annotated[int, Field(ge=0, le=2)] = Field(0, description="rc522: SPI chip select, 0 is CE0")
    speed_hz: Annotated[int, Field(ge=100_000, le=10_000_000)] = Field(
        1_000_000, description="rc522: SPI clock; 1 MHz survives long wires and costs nothing"
    )
    gain: Annotated[int, Field(ge=0, le=7)] = Field(
        4, description="rc522: receiver gain 0-7; 7 saturates and loses tags that lie close"
    )
    reset_pin: Bcm | None = Field(None, description="rc522: BCM pin of RST, if wired to a pin")
    irq_pin: Bcm | None = Field(None, description="rc522: BCM pin of IRQ, if wired")
    port: str = Field(
        "", max_length=200, description="serial readers: the port, best by /dev/serial/by-id/..."
    )
    baud: Annotated[int, Field(ge=1200, le=1_000_000)] | None = Field(
        None, description="serial readers: bits a second, where the reader was set to another than usual"
    )
    parity: Literal["N", "E", "O"] = Field("E", description="feig: parity, even as it comes from the maker")
    name: str = Field(
        "", max_length=200, description="keyboard: part of its name in /dev/input/by-id; empty = the only one"
    )
    writes: Literal["hex", "decimal"] = Field("hex", description="keyboard: how it writes a UID")
    order: Literal["msb", "lsb"] = Field("msb", description="keyboard: lsb = it writes the bytes reversed")
    layout: Literal["us", "de", "fr"] = Field("us", description="keyboard: the layout it is set to")
    hold_s: Annotated[float, Field(ge=1, le=15)] = Field(
        5.0, description="keyboard: how long a card counts as lying there after it was typed"
    )
    address: Byte = Field(255, description="feig: the reader's bus address; 255 = whichever answers")
    gate: Literal["none", "afi", "eas"] = Field(
        "none", description="feig: what the library's gate looks at; set at each loan, put back at return"
    )
    secured_afi: Byte = Field(0x07, description="feig: AFI of a book that must not leave")
    released_afi: Byte = Field(0xC2, description="feig: AFI of a book that is lent")

    @property
    def usual_baud(self) -> int:
        """Bits a second: as set, or as readers of this kind come from the maker."""
        return self.baud or _USUAL_BAUD.get(self.driver, 9600)

    @property
    def serial(self) -> bool:
        """Whether it hangs on a serial port."""
        return self.driver in _USUAL_BAUD

    @property
    def place(self) -> str:
        """Where it hangs, in words: two readers cannot share it."""
        if self.driver == "keyboard":
            return f"the keyboard {self.name!r}"
        return self.port if self.serial else f"/dev/spidev{self.bus}.{self.device}"

    @model_validator(mode="after")
    def _fits_its_driver(self) -> ReaderSection:
        if self.serial and not self.port:
            raise ValueError(
                f"driver {self.driver!r} needs 'port', for instance /dev/serial/by-id/...; "
                "'kiosk devices' lists what is plugged in"
            )
        if self.gate != "none" and self.driver != "feig":
            raise ValueError(f"gate {self.gate!r} needs an ISO 15693 reader; {self.driver!r} knows no gate")
        if self.secured_afi == self.released_afi:
            raise ValueError("secured_afi and released_afi are the same; the gate could not tell books apart")
        return self


class SecondReaderSection(ReaderSection):
    """A second reader: both together are one pad, and each must work."""


class PadSection(ReaderSection):
    """The RFID reader under the pad."""

    wires: str = Field("", description="socket of the simulated wires; empty = the board's own SPI and pins")
    polls_per_second: Annotated[int, Field(ge=2, le=20)] = Field(
        10, description="how often the pad is looked at"
    )
    settle_ms: Annotated[int, Field(ge=0, le=1000)] = Field(
        120, description="how long new things must lie still before they count as one placement"
    )
    removed_ms: Annotated[int, Field(ge=300, le=600)] = Field(
        400, description="how long a tag must be silent before it counts as removed"
    )
    second: SecondReaderSection | None = Field(None, description="a second reader, with the same keys")

    @property
    def readers(self) -> tuple[ReaderSection, ...]:
        """Every reader, the first one first."""
        return (self,) if self.second is None else (self, self.second)

    @model_validator(mode="after")
    def _two_places(self) -> PadSection:
        if self.second is not None and self.second.place == self.place:
            raise ValueError(f"pad and pad.second both name {self.place}; a reader needs a place of its own")
        return self
