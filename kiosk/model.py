"""What a reading corner is made of: titles, items, patrons, loans, policies. Frozen and pure.

Words are the field's own: a *title* is a work, an *item* one physical copy of it, a *patron* whoever
borrows, a *loan* an item that is out. Nothing here reads a clock, a file or a database.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class ItemStatus(StrEnum):
    """Whether a copy may leave the room."""

    LENDABLE = "lendable"
    REFERENCE = "reference"  # read on the spot only
    WITHDRAWN = "withdrawn"  # no longer in the collection


class ClockQuality(StrEnum):
    """How far the wall clock can be trusted (a Pi has no clock of its own)."""

    NTP = "ntp"
    RTC = "rtc"
    FREE = "free"


class AgeBand(StrEnum):
    """The only thing about a reader that leaves the station."""

    UNDER_6 = "0-5"
    FROM_6 = "6-8"
    FROM_9 = "9-11"
    FROM_12 = "12-15"
    ADULT = "16+"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Now:
    """A moment as the station knows it. Rules take it as an argument; only the Clock port makes one."""

    wall: datetime  # timezone-aware, local time of the library
    mono: int  # milliseconds since the station's boot; never steps back within a boot
    boot: int  # how many times this station was started
    quality: ClockQuality

    @property
    def today(self) -> date:
        """The calendar day at the library."""
        return self.wall.date()


@dataclass(frozen=True, slots=True)
class Title:
    """A work the library holds."""

    id: str
    name: str
    author: str
    language: str  # BCP 47: "vi", "en", "hmn"
    age_from: int  # youngest reader it is lent to; 0 = everybody
    shelf: str  # shelf colour: a key of ui.theme's shelf palette ("red", "yellow" ...)
    motif: str = ""  # the picture its drawn cover carries; "" = none chosen
    about: str = ""  # a few words for children on what it is about; "" = none


@dataclass(frozen=True, slots=True)
class Loan:
    """An item that is out. It exists only while the book is away: history is erased at return."""

    item_id: str
    patron_id: str
    lent_on: date
    due: date
    renewals: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """One physical book, with its title and, when it is out, its loan."""

    id: str  # the library's own number, text: "LK-0012345"
    title: Title
    status: ItemStatus = ItemStatus.LENDABLE
    loan: Loan | None = None


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a child wants the screen to be; chosen by itself, kept with its card, reported to nobody."""

    contrast: bool = False  # strong colours on black
    large: bool = False  # larger text
    spoken: bool = False  # every screen is read aloud, whole
    slow: bool = False  # more time for everything


@dataclass(frozen=True, slots=True)
class Stamp:
    """One return in a reading passport. It exists only where the family allows it."""

    title_id: str
    shelf: str
    day: date


@dataclass(frozen=True, slots=True)
class Announcement:
    """What the library tells everybody on the Welcome screen, in one language, between two moments."""

    id: str
    text: str
    begins: datetime  # timezone-aware
    ends: datetime
    language: str = ""  # "" = whichever the screen speaks
    picture: str = ""  # a picture of the screen's own by name; "" = the megaphone


@dataclass(frozen=True, slots=True)
class Patron:
    """Somebody who borrows: the least that lending needs, and no name."""

    id: str
    nickname: str
    animal: str
    category: str  # key into Rules.policies
    birth_year: int | None = None
    expires: date | None = None
    blocked: bool = False
    language: str = ""  # screen language kept with the card; "" = the station's
    stamps: int = 0  # books brought back; a child's own reward, no history behind it
    group: str = ""  # the school class it belongs to, "2A"; a teacher's: the class it serves
    family: str = ""  # a sign shared by the members of a family; "" = none
    wishes: Wishes = Wishes()
    passport: bool = False  # the family allows that its returns are kept, for the child's own pleasure

    def age_on(self, day: date) -> int | None:
        """Age in years as far as the birth year tells; None when it is not known."""
        return None if self.birth_year is None else max(0, day.year - self.birth_year)

    def band_on(self, day: date) -> AgeBand:
        """The age band that may be reported about this reader."""
        age = self.age_on(day)
        if age is None:
            return AgeBand.UNKNOWN
        for limit, band in (
            (6, AgeBand.UNDER_6),
            (9, AgeBand.FROM_6),
            (12, AgeBand.FROM_9),
            (16, AgeBand.FROM_12),
        ):
            if age < limit:
                return band
        return AgeBand.ADULT


@dataclass(frozen=True, slots=True)
class Policy:
    """What one category of patrons may do. No fines, on purpose."""

    max_loans: int
    loan_days: int
    max_renewals: int


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days on which nobody can bring a book back."""

    closed_weekdays: frozenset[int] = frozenset()  # Monday = 0
    closed_days: frozenset[date] = frozenset()

    def is_closed(self, day: date) -> bool:
        """Whether the library is shut on `day`."""
        return day.weekday() in self.closed_weekdays or day in self.closed_days


@dataclass(frozen=True, slots=True)
class Rules:
    """The library's lending rules: one policy a category, a default, and the calendar."""

    default: Policy
    policies: dict[str, Policy] = field(default_factory=dict)
    calendar: Calendar = field(default_factory=Calendar)

    def policy_for(self, patron: Patron) -> Policy:
        """The policy of the patron's category, or the default one."""
        return self.policies.get(patron.category, self.default)
