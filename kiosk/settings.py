"""One TOML file becomes validated settings. Every key is documented here; unknown keys are refused.

`kiosk settings` prints this documentation with the values in force.
"""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from kiosk.facts import KIOSK_ID
from kiosk.model import Calendar, Policy, Rules
from kiosk.ports import StationError


class SettingsError(StationError, ValueError):
    """The settings file cannot be used; the message names the file, the key and the remedy."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Positive = Annotated[int, Field(gt=0)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Bcm = Annotated[int, Field(ge=0, le=27)]


class StationSection(_Section):
    """Who this station is."""

    id: str = Field("kiosk-1", description="name of the station: a-z, 0-9 and -, at most 40 characters")
    library: str = Field(
        "", max_length=40, description="the library's own code; the centre gets it with loans"
    )
    language: Literal["vi", "en"] = Field("vi", description="language the screen speaks")
    data: Path = Field(Path("var"), description="folder of the database, covers and logs")

    @field_validator("id")
    @classmethod
    def _id(cls, value: str) -> str:
        if not KIOSK_ID.fullmatch(value):
            raise ValueError("use a-z, 0-9 and '-' only, at most 40 characters, for instance 'ban-pho-1'")
        return value


class PadSection(_Section):
    """The RFID reader under the pad."""

    driver: Literal["rc522"] = Field("rc522", description="which reader is wired")
    wires: str = Field("", description="socket of the simulated wires; empty = the board's own SPI and pins")
    bus: Annotated[int, Field(ge=0)] = Field(0, description="SPI bus: 0 is /dev/spidev0.*")
    device: Annotated[int, Field(ge=0)] = Field(0, description="SPI chip select: 0 is CE0")
    speed_hz: Annotated[int, Field(ge=100_000, le=10_000_000)] = Field(
        1_000_000, description="SPI clock; 1 MHz survives long wires and costs nothing"
    )
    gain: Annotated[int, Field(ge=0, le=7)] = Field(
        4, description="receiver gain 0-7; 7 saturates and loses tags that lie close"
    )
    polls_per_second: Annotated[int, Field(ge=2, le=20)] = Field(
        10, description="how often the pad is looked at"
    )
    settle_ms: Annotated[int, Field(ge=0, le=1000)] = Field(
        120, description="how long new things must lie still before they count as one placement"
    )
    removed_ms: Annotated[int, Field(ge=300, le=600)] = Field(
        400, description="how long a tag must be silent before it counts as removed"
    )
    reset_pin: Bcm | None = Field(None, description="BCM pin of RST, if wired to a pin")
    irq_pin: Bcm | None = Field(None, description="BCM pin of IRQ, if wired")


class DoorSection(_Section):
    """The doorway beams."""

    enabled: bool = Field(True, description="count visits at the door")
    outer_pin: Bcm = Field(17, description="BCM pin of the beam outside")
    inner_pin: Bcm = Field(27, description="BCM pin of the beam inside")
    longest_ms: Positive = Field(6000, description="a passage that takes longer counts as nothing")


class LampSection(_Section):
    """The light at the desk."""

    enabled: bool = Field(True, description="show what happened by a light")
    green_pin: Bcm = Field(5, description="BCM pin of the green light")
    yellow_pin: Bcm = Field(6, description="BCM pin of the yellow light")


class ScreenSection(_Section):
    """The panel."""

    width: Annotated[int, Field(ge=480, le=3840)] = Field(1024, description="pixels across")
    height: Annotated[int, Field(ge=480, le=3840)] = Field(600, description="pixels down")
    dpi: Annotated[int, Field(ge=60, le=400)] = Field(
        169,
        description="pixels per inch of the panel: 133 official 7-inch, 169 1024x600, 210 Touch Display 2",
    )
    rotation: Literal[0, 90, 180, 270] = Field(0, description="turns picture and touch together")
    fullscreen: bool = Field(False, description="fill the panel, no border")
    left: int | None = Field(None, description="window position, for a desktop")
    top: int | None = Field(None, description="window position, for a desktop")
    fps: Annotated[int, Field(ge=5, le=60)] = Field(30, description="most frames a second; more makes heat")


class VisitSection(_Section):
    """How long the desk waits. Seconds."""

    idle_s: Positive = Field(20, description="nothing happens for so long: 'still here?'")
    still_there_s: Positive = Field(10, description="how long the animal walks before goodbye")
    goodbye_s: Positive = Field(6, description="how long goodbye stays")
    message_s: Positive = Field(8, description="how long a message without a visit stays")
    undo_s: Positive = Field(30, description="how long the newest checkout can be taken back")
    most_at_once: Annotated[int, Field(ge=1, le=5)] = Field(
        3, description="books that may lie on the pad together"
    )


class PolicySection(_Section):
    """What a category of patrons may do."""

    max_loans: Annotated[int, Field(ge=0, le=100)] = Field(3, description="books at home at the same time")
    loan_days: Annotated[int, Field(ge=1, le=366)] = Field(14, description="days a loan lasts")
    max_renewals: Annotated[int, Field(ge=0, le=20)] = Field(
        2, description="how often a loan can be prolonged"
    )

    def to_model(self) -> Policy:
        """The model's own policy."""
        return Policy(self.max_loans, self.loan_days, self.max_renewals)


class LendingSection(_Section):
    """The library's rules."""

    default: PolicySection = Field(default_factory=PolicySection, description="categories not named below")
    categories: dict[str, PolicySection] = Field(
        default_factory=dict, description="a table a patron category"
    )
    closed_weekdays: list[Annotated[int, Field(ge=1, le=7)]] = Field(
        default_factory=list, description="weekdays the library is shut: 1 = Monday ... 7 = Sunday"
    )
    closed_days: list[date] = Field(default_factory=list, description="dates the library is shut")

    @field_validator("closed_weekdays")
    @classmethod
    def _open_sometimes(cls, value: list[int]) -> list[int]:
        if len(set(value)) == 7:
            raise ValueError("a library shut on all seven weekdays can never lend; leave one open")
        return value

    def to_rules(self) -> Rules:
        """The model's own rules."""
        return Rules(
            default=self.default.to_model(),
            policies={name: policy.to_model() for name, policy in self.categories.items()},
            calendar=Calendar(
                closed_weekdays=frozenset(day - 1 for day in self.closed_weekdays),
                closed_days=frozenset(self.closed_days),
            ),
        )


class LinkSection(_Section):
    """The way to the centre."""

    enabled: bool = Field(True, description="report to the centre; off = keep everything for later")
    host: str = Field("localhost", description="the broker's name or address")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(1883, description="8883 with TLS")
    username: str = Field("", description="login at the broker; empty = none or by certificate")
    password_file: Path | None = Field(None, description="file that holds the password, mode 0600")
    ca: Path | None = Field(None, description="CA certificate: switches TLS on")
    certificate: Path | None = Field(None, description="this station's certificate")
    key: Path | None = Field(None, description="this station's private key")
    keepalive_s: Annotated[int, Field(ge=5, le=600)] = Field(30, description="MQTT keep-alive")
    window: Annotated[int, Field(ge=1, le=200)] = Field(100, description="facts in flight")
    resend_s: Annotated[float, Field(ge=0.5, le=300)] = Field(
        10.0, description="no progress for so long: send again from the centre's watermark"
    )


class Settings(_Section):
    """Everything about one station."""

    station: StationSection = Field(default_factory=StationSection)
    pad: PadSection = Field(default_factory=PadSection)
    door: DoorSection = Field(default_factory=DoorSection)
    lamp: LampSection = Field(default_factory=LampSection)
    screen: ScreenSection = Field(default_factory=ScreenSection)
    visit: VisitSection = Field(default_factory=VisitSection)
    lending: LendingSection = Field(default_factory=LendingSection)
    link: LinkSection = Field(default_factory=LinkSection)

    @model_validator(mode="after")
    def _pins_once(self) -> Settings:
        used: dict[int, str] = {}
        wanted = {
            "pad.reset_pin": self.pad.reset_pin,
            "pad.irq_pin": self.pad.irq_pin,
        }
        if self.door.enabled:
            wanted |= {"door.outer_pin": self.door.outer_pin, "door.inner_pin": self.door.inner_pin}
        if self.lamp.enabled:
            wanted |= {"lamp.green_pin": self.lamp.green_pin, "lamp.yellow_pin": self.lamp.yellow_pin}
        for name, pin in wanted.items():
            if pin is None:
                continue
            if pin in used:
                raise ValueError(f"{name} and {used[pin]} both use GPIO{pin}; give each its own pin")
            if pin in {7, 8, 9, 10, 11, 14, 15}:
                raise ValueError(
                    f"{name} uses GPIO{pin}, which belongs to SPI0 or the UART; choose another pin"
                )
            used[pin] = name
        return self


def load(path: Path) -> Settings:
    """Read and check a settings file. Relative paths in it are taken from the file's own folder.

    Raises SettingsError with one line a mistake: the key, what is wrong, what would be right.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(
            f"{path}: cannot be read ({error.strerror}); name the station's settings file with --settings"
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"{path}: byte {error.start + 1} is not UTF-8; save the file again as UTF-8"
        ) from error
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: not valid TOML: {error}") from error
    try:
        settings = Settings.model_validate(raw)
    except ValidationError as error:
        raise SettingsError(
            "\n".join(_sentence(path, dict(mistake)) for mistake in error.errors())
        ) from error
    return _anchored(settings, path.parent)


def _anchored(settings: Settings, folder: Path) -> Settings:
    """The same settings with every relative path taken from the settings file's own folder."""

    def whole(path: Path | None) -> Path | None:
        return path if path is None or path.is_absolute() else (folder / path).resolve()

    link = settings.link
    files = {name: whole(getattr(link, name)) for name in ("password_file", "ca", "certificate", "key")}
    station = settings.station.model_copy(update={"data": whole(settings.station.data)})
    return settings.model_copy(update={"station": station, "link": link.model_copy(update=files)})


def _sentence(path: Path, mistake: dict[str, object]) -> str:
    where = ".".join(str(part) for part in mistake["loc"]) if mistake["loc"] else "settings"  # type: ignore[attr-defined]
    if mistake["type"] == "extra_forbidden":
        return f"{path}: {where}: there is no such setting; 'kiosk settings' lists them all"
    message = str(mistake["msg"]).removeprefix("Value error, ").replace("Input should be", "must be")
    if mistake["loc"]:
        message += f" (found {str(mistake['input'])[:60]!r})"
    return f"{path}: {where}: {message}"
