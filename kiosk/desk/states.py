"""The desk's states when no visit is open. Frozen; none of them remembers a child.

`Leaving` is the one exception and only by what its screen says: it lasts a few seconds and is then gone.
(Lists of children to choose from are in grid.py.)
Each state says what it looks like (`face`) and when it must be looked at again (`wake_at`, monotonic ms).
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.desk.grid import Picking, PickingLanguage
from kiosk.desk.staff import AtStaffDoor, InStaffRoom
from kiosk.desk.step import Pace
from kiosk.desk.visit import Visit
from kiosk.screens import (
    PLAIN,
    AskHelp,
    Book,
    Goodbye,
    Look,
    OutOfOrder,
    ReaderOut,
    Screen,
    TakeYourThings,
    Welcome,
)

WELCOME = Welcome()


@dataclass(frozen=True, slots=True)
class Idle:
    """Nobody is here. `message` may answer things put on the pad without a card, until `until`."""

    message: Screen = WELCOME
    until: int | None = None
    answered: frozenset[str] = frozenset()  # tags on the pad that were dealt with
    language: str = ""  # chosen on Welcome; "" = the station's
    pages: tuple[Screen, ...] = ()  # more about a book that was laid down, opened over the message
    came_back: Book | None = None  # brought back with no card: asked about when the pad is empty

    def face(self, now: int, pace: Pace) -> Screen:
        """Welcome, or the answer to what was put down, or a page opened over it."""
        return self.pages[-1] if self.pages else self.message

    def wake_at(self, now: int, pace: Pace) -> int | None:
        """When the message, or a language chosen on Welcome, is over."""
        return self.until


@dataclass(frozen=True, slots=True)
class Clearing:
    """Something lies on the pad that belongs to no visit: it must go before a child begins (law 3)."""

    looked: bool = False  # the pad was reported since this state began
    card: bool = False
    books: int = 0
    until: int | None = None  # when it has lain there too long; None = unknown, or reported already

    def face(self, now: int, pace: Pace) -> Screen:
        """Please take your things; Welcome until it is known what lies there."""
        return TakeYourThings(self.card, self.books) if self.looked and (self.card or self.books) else WELCOME

    def wake_at(self, now: int, pace: Pace) -> int | None:
        """Only the pad ends it; but somebody must be told when it never does."""
        return self.until


@dataclass(frozen=True, slots=True)
class Leaving:
    """Goodbye is on the screen. Once the pad was empty, the next child may begin at once."""

    goodbye: Goodbye
    until: int
    emptied: bool
    language: str
    look: Look = PLAIN

    def face(self, now: int, pace: Pace) -> Screen:
        """The goodbye."""
        return self.goodbye

    def wake_at(self, now: int, pace: Pace) -> int | None:
        """When the goodbye has been read."""
        return self.until


@dataclass(frozen=True, slots=True)
class Down:
    """The reader does not work."""

    def face(self, now: int, pace: Pace) -> Screen:
        """The pad is not well."""
        return ReaderOut()

    def wake_at(self, now: int, pace: Pace) -> int | None:
        """Only the reader ends it."""
        return None


@dataclass(frozen=True, slots=True)
class Stuck:
    """The store does not take anything, or the program failed; tried again at `until`."""

    screen: Screen
    until: int

    def face(self, now: int, pace: Pace) -> Screen:
        """What is wrong, kindly."""
        return self.screen

    def wake_at(self, now: int, pace: Pace) -> int | None:
        """When the store is tried again."""
        return self.until


@dataclass(frozen=True, slots=True)
class Closed:
    """The library shut this desk from afar; `note` is what it wrote for whoever looks closely."""

    note: str

    def face(self, now: int, pace: Pace) -> Screen:
        """Out of order."""
        return OutOfOrder(self.note)

    def wake_at(self, now: int, pace: Pace) -> int | None:
        """Only the library ends it."""
        return None


@dataclass(frozen=True, slots=True)
class Helping:
    """A librarian was called from `under`, which goes on afterwards."""

    under: (
        Idle
        | Clearing
        | Leaving
        | Down
        | Stuck
        | Closed
        | Visit
        | Picking
        | PickingLanguage
        | AtStaffDoor
        | InStaffRoom
    )
    until: int

    def face(self, now: int, pace: Pace) -> Screen:
        """Somebody was called."""
        return AskHelp()

    def wake_at(self, now: int, pace: Pace) -> int | None:
        """When the screen below comes back."""
        return self.until


State = (
    Idle | Clearing | Leaving | Down | Stuck | Closed | Helping | Visit | Picking | PickingLanguage
    | AtStaffDoor | InStaffRoom
)  # fmt: skip


def language_of(state: State) -> str:
    """The language that somebody here chose, or keeps with a card; "" = nobody did."""
    under = state.under if isinstance(state, Helping) else state
    return under.language if isinstance(under, Idle | Leaving | Visit | Picking | PickingLanguage) else ""


def look_of(state: State) -> Look:
    """How the screen is for whoever is here: a child's own wish until it has gone."""
    under = state.under if isinstance(state, Helping) else state
    return under.look if isinstance(under, Leaving | Visit) else PLAIN
