"""The book kept by whoever plays the afternoon: what was seen to happen, to compare with what was counted.

An entry is made only when the screen said so: "done" on the screen is what must hold.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


class Contradiction(AssertionError):
    """The screen showed something that cannot be, going by what it showed before."""


@dataclass
class Ledger:
    """Counts of what was shown as done, and who has which item at home by that."""

    checkouts: int = 0
    undone: int = 0
    returns: int = 0
    renewals: int = 0
    refusals: Counter[str] = field(default_factory=Counter)  # reason -> how often
    help_calls: int = 0
    visits_in: int = 0
    visits_out: int = 0
    children: set[str] = field(default_factory=set)  # patron numbers that stood at the desk
    at_home: dict[str, str] = field(default_factory=dict)  # item number -> patron number
    renewed: Counter[str] = field(default_factory=Counter)  # item number -> renewals of the present loan

    @property
    def loans(self) -> int:
        """Checkouts that were not undone."""
        return self.checkouts - self.undone

    def lent(self, item: str, patron: str) -> None:
        """An item went home."""
        if item in self.at_home:
            raise Contradiction(f"{item} was lent to {patron} while {self.at_home[item]} has it")
        self.at_home[item] = patron
        self.checkouts += 1

    def undid(self, item: str) -> None:
        """A checkout was taken back."""
        self._gone(item)
        self.undone += 1

    def returned(self, item: str) -> None:
        """An item came back."""
        self._gone(item)
        self.returns += 1

    def kept(self, item: str) -> None:
        """A loan was renewed."""
        if item not in self.at_home:
            raise Contradiction(f"{item} was renewed and nobody has it")
        self.renewed[item] += 1
        self.renewals += 1

    def refused(self, why: str) -> None:
        """A kind "no"."""
        self.refusals[why] += 1

    def crossed(self, direction: str) -> None:
        """Somebody passed the door, "in" or "out"."""
        if direction == "in":
            self.visits_in += 1
        else:
            self.visits_out += 1

    def home_of(self, patron: str) -> tuple[str, ...]:
        """The items a patron has at home."""
        return tuple(item for item, holder in self.at_home.items() if holder == patron)

    def _gone(self, item: str) -> None:
        if item not in self.at_home:
            raise Contradiction(f"{item} came back and nobody had it")
        del self.at_home[item]
        self.renewed.pop(item, None)
