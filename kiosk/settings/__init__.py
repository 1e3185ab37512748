"""One TOML file becomes validated settings. Every key is documented here; unknown keys are refused.

`kiosk settings` prints this documentation with the values in force.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import Field, ValidationError, model_validator

from kiosk.settings import claims
from kiosk.settings.extras import (
    BoardSection,
    ButtonsSection,
    DoorSection,
    LampSection,
    ScannerSection,
    SounderSection,
    SpeakerSection,
)
from kiosk.settings.lending import LendingSection, PolicySection
from kiosk.settings.link import LinkSection
from kiosk.settings.pad import PadSection, ReaderSection
from kiosk.settings.section import Section, SettingsError
from kiosk.settings.station import ScreenSection, StaffSection, StationSection, VisitSection
from kiosk.settings.ways import WaysSection

__all__ = [
    "BoardSection",
    "ButtonsSection",
    "DoorSection",
    "LampSection",
    "LendingSection",
    "LinkSection",
    "PadSection",
    "PolicySection",
    "ReaderSection",
    "ScannerSection",
    "ScreenSection",
    "Settings",
    "SettingsError",
    "SounderSection",
    "SpeakerSection",
    "StaffSection",
    "StationSection",
    "VisitSection",
    "WaysSection",
    "load",
    "rescued",
]


class Settings(Section):
    """Everything about one station."""

    station: StationSection = Field(default_factory=StationSection)
    pad: PadSection = Field(default_factory=lambda: PadSection.model_validate({}))
    door: DoorSection = Field(default_factory=DoorSection)
    lamp: LampSection = Field(default_factory=LampSection)
    sounder: SounderSection = Field(default_factory=SounderSection)
    speaker: SpeakerSection = Field(default_factory=SpeakerSection)
    buttons: ButtonsSection = Field(default_factory=ButtonsSection)
    scanner: ScannerSection = Field(default_factory=ScannerSection)
    board: BoardSection = Field(default_factory=BoardSection)
    staff: StaffSection = Field(default_factory=StaffSection)
    screen: ScreenSection = Field(default_factory=ScreenSection)
    visit: VisitSection = Field(default_factory=VisitSection)
    ways: WaysSection = Field(default_factory=WaysSection)
    lending: LendingSection = Field(default_factory=LendingSection)
    link: LinkSection = Field(default_factory=LinkSection)

    @model_validator(mode="after")
    def _everything_has_a_place(self) -> Settings:
        claims.refuse_clashes(claims.pins(self.pad, self.door, self.lamp, self.sounder, self.buttons))
        claims.refuse_shared_ports(self.pad, self.scanner)
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


def rescued(path: Path) -> Settings:
    """Of a file that cannot be used, the sections that can, each on its own; the rest as if not set.

    Only for telling people that the file is broken, on a panel of the right size and in their language.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Settings()
    kept = {}
    for name in ("station", "screen"):
        try:
            Settings.model_validate({name: raw.get(name, {})})
            kept[name] = raw.get(name, {})
        except ValidationError:
            continue
    return _anchored(Settings.model_validate(kept), path.parent)


def _anchored(settings: Settings, folder: Path) -> Settings:
    """The same settings with every relative path taken from the settings file's own folder."""

    def whole(path: Path | None) -> Path | None:
        return path if path is None or path.is_absolute() else (folder / path).resolve()

    link = settings.link
    files = {name: whole(getattr(link, name)) for name in ("password_file", "ca", "certificate", "key")}
    return settings.model_copy(
        update={
            "station": settings.station.model_copy(update={"data": whole(settings.station.data)}),
            "link": link.model_copy(update=files),
        }
    )


def _sentence(path: Path, mistake: dict[str, object]) -> str:
    where = ".".join(str(part) for part in mistake["loc"]) if mistake["loc"] else "settings"  # type: ignore[attr-defined]
    if mistake["type"] == "extra_forbidden":
        return f"{path}: {where}: there is no such setting; 'kiosk settings' lists them all"
    message = str(mistake["msg"]).removeprefix("Value error, ").replace("Input should be", "must be")
    if mistake["loc"] and not isinstance(mistake["input"], dict):
        message += f" (found {str(mistake['input'])[:60]!r})"
    return f"{path}: {where}: {message}"
