"""Who the station is, its panel, and how long its desk waits."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator

from kiosk.facts import KIOSK_ID
from kiosk.settings.section import Positive, Section
from kiosk.words import CODE


class StationSection(Section):
    """Who this station is."""

    id: str = Field("kiosk-1", description="name of the station: a-z, 0-9 and -, at most 40 characters")
    library: str = Field(
        "", max_length=40, description="the library's own code; the centre gets it with loans"
    )
    isil: str = Field(
        "", max_length=16, description="the library's ISIL, for instance VN-HN01; written into books' tags"
    )
    language: str = Field(
        "vi", description="language the screen speaks: vi, en or one dropped in ('kiosk words list')"
    )
    data: Path = Field(Path("var"), description="folder of the database, covers and logs")

    @field_validator("id")
    @classmethod
    def _id(cls, value: str) -> str:
        if value in {"all", "cat", "srv"}:  # levels of the topics
            raise ValueError(f"{value!r} names everybody on the link; give this station a name of its own")
        if not KIOSK_ID.fullmatch(value):
            raise ValueError("use a-z, 0-9 and '-' only, at most 40 characters, for instance 'ban-pho-1'")
        return value

    @field_validator("language")
    @classmethod
    def _language(cls, value: str) -> str:
        if not CODE.fullmatch(value):
            raise ValueError(
                "use a language's code: vi, en, or one that 'kiosk words list' names, such as tyz"
            )
        return value


class StaffSection(Section):
    """Librarians at the panel. The PIN is chosen by `kiosk staff pin` and stands in no settings file."""

    category: str = Field(
        "thu-thu", max_length=40, description="cards of this category open the librarian's page with the PIN"
    )


class ScreenSection(Section):
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
    contrast: bool = Field(False, description="strong colours on black for everybody; a child may choose it")
    large: bool = Field(False, description="larger text for everybody; a child may choose it for itself")
    scan_s: Annotated[float, Field(ge=0, le=30)] = Field(
        0.0,
        description="the ring of keys and switches moves by itself every so many seconds; 0 = never",
    )
    dim_after_s: Annotated[int, Field(ge=0, le=86_400)] = Field(
        0, description="dim the panel's light when nobody was near or touched it for so long; 0 = never"
    )


class VisitSection(Section):
    """How long the desk waits, in seconds, and what it asks."""

    idle_s: Positive = Field(20, description="nothing happens for so long: 'still here?'")
    still_there_s: Positive = Field(10, description="how long the animal walks before goodbye")
    goodbye_s: Positive = Field(6, description="how long goodbye stays")
    message_s: Positive = Field(8, description="how long a message without a visit stays")
    undo_s: Positive = Field(30, description="how long the newest checkout can be taken back")
    most_at_once: Annotated[int, Field(ge=1, le=5)] = Field(
        3, description="books that may lie on the pad together"
    )
    rating: bool = Field(True, description="a book that was brought back is asked about with three faces")
    young_slow_until_age: Annotated[int, Field(ge=0, le=18)] = Field(
        6, description="children younger than this have twice the time for everything; 0 = nobody has"
    )
    session_s: Positive = Field(
        300, description="a teacher's or a family's list goes when nothing happens for so long"
    )
