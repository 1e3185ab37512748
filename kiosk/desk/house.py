"""The house the desk stands in: its rules, its pace, its languages, and the customs the library chose."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kiosk.desk.step import Pace
from kiosk.model import Patron, Rules

LANGUAGES = ("vi", "en")
"""What a station speaks that was told nothing else, in the order a touch on the language button goes."""


@dataclass(frozen=True, slots=True)
class Customs:
    """What a library may choose about how children come to the desk (settings: [ways] and [visit])."""

    classes: bool = False  # a child without a card may find itself in its class
    barcode_cards: bool = True  # a printed card number begins a visit
    teacher_category: str = "giao-vien"  # cards that open their class; "" = none do
    family_category: str = "gia-dinh"  # cards that open their family; "" = none do
    scan_returns: Literal["card", "anyone"] = "card"  # who may bring a book back by scanning its label
    young_slow_until_age: int = 6  # children younger than this have twice the time


class RuleBook:
    """The lending rules. New ones are laid beside the old and count from the next visit on.

    So nobody is lent a third book who was told that there may be two: a visit ends as it began.
    """

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._coming = rules

    def lay_beside(self, rules: Rules) -> None:
        """These count from the next `turn_over` on."""
        self._coming = rules

    def turn_over(self) -> None:
        """Nobody is in the middle of a visit: the newest rules count."""
        self.rules = self._coming


@dataclass(frozen=True, slots=True)
class House:
    """All that the people at the desk must know of the library; only its rules change while it runs."""

    book: RuleBook
    pace: Pace = field(default_factory=Pace)
    customs: Customs = field(default_factory=Customs)
    languages: tuple[str, ...] = LANGUAGES
    language: str = LANGUAGES[0]  # what the station speaks to everybody
    can_speak: bool = False

    @property
    def rules(self) -> Rules:
        """The lending rules of this moment: ask each time, they are replaced between visits."""
        return self.book.rules

    def speaks(self, chosen: str) -> str:
        """The language to speak when `chosen` was asked for; "" = nothing was."""
        return chosen if chosen in self.languages else self.language

    def speaks_to(self, patron: Patron, chosen: str) -> str:
        """The language of a visit: what was chosen on Welcome, or else what is kept with the card."""
        asked = self.speaks(chosen)
        return asked if asked != self.language else self.speaks(patron.language)

    def after(self, language: str) -> str:
        """The next language; "" when there is only one."""
        if len(self.languages) < 2:
            return ""
        place = self.languages.index(self.speaks(language))
        return self.languages[(place + 1) % len(self.languages)]

    def is_young(self, age: int | None) -> bool:
        """Whether somebody of this age is given twice the time unasked."""
        return age is not None and age < self.customs.young_slow_until_age
