"""The desk's states when no visit is open. Frozen; none of them remembers a child.

`Leaving` is the one exception and only by what its screen says: it lasts a few seconds and is then gone.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.desk.visit import Visit
from kiosk.screens import Goodbye, Screen, Welcome

WELCOME = Welcome()


@dataclass(frozen=True, slots=True)
class Idle:
    """Nobody is here. `message` may answer things put on the pad without a card, until `until`."""

    message: Screen = WELCOME
    until: int | None = None
    answered: frozenset[str] = frozenset()  # tags on the pad that were dealt with


@dataclass(frozen=True, slots=True)
class Clearing:
    """Something lies on the pad that belongs to no visit: it must go before a child begins (law 3)."""

    looked: bool = False  # the pad was reported since this state began
    card: bool = False
    books: int = 0


@dataclass(frozen=True, slots=True)
class Leaving:
    """Goodbye is on the screen. Once the pad was empty, the next child may begin at once."""

    goodbye: Goodbye
    until: int
    emptied: bool
    language: str


@dataclass(frozen=True, slots=True)
class Down:
    """The reader does not work."""


@dataclass(frozen=True, slots=True)
class Stuck:
    """The store does not take anything; tried again at `until`."""

    screen: Screen
    until: int


@dataclass(frozen=True, slots=True)
class Helping:
    """A librarian was called from `under`, which goes on afterwards."""

    under: Idle | Clearing | Leaving | Down | Stuck | Visit
    until: int


State = Idle | Clearing | Leaving | Down | Stuck | Helping | Visit
