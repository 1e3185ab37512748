"""What the station needs of the world, as Protocols. Real devices, simulated ones and tests all fit them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from kiosk.errors import StationError
from kiosk.events import Event, Tag
from kiosk.facts import Fact
from kiosk.model import Announcement, Item, Loan, Now, Patron, Stamp, Wishes

Post = Callable[[Event], None]
"""Puts an event into the desk's inbox; safe from any thread, never blocks."""


class PadFault(StationError, OSError):
    """The reader does not work: wiring, power, a frozen chip. Says what was read and what to check."""


class PadDisturbed(PadFault):
    """Something answered that could not be verified, so the pad is neither these tags nor empty.

    A single one is evidence that something lies there (a tag at the edge, one leaving); many in a row are a
    reader that does not work. `tags` are those that were verified all the same.
    """

    def __init__(self, message: str, *, tags: frozenset[Tag] = frozenset()) -> None:
        super().__init__(message)
        self.tags = tags


class StoreError(StationError):
    """The store could not do it; nothing of the transaction was kept."""


class StorageFull(StoreError, OSError):
    """No room left, or the disk refuses to write."""


class Clock(Protocol):
    """Tells the time, and how far it can be trusted."""

    def now(self) -> Now:
        """This moment."""
        ...


class Pad(Protocol):
    """A reader under the pad. Used by one thread only, the pad worker's."""

    def open(self) -> None:
        """Reset and set up the reader. Raises PadFault when it does not answer."""
        ...

    def inventory(self) -> frozenset[Tag]:
        """Every tag in the field, each verified; empty = verified silence. Raises PadFault, PadDisturbed."""
        ...

    def close(self) -> None:
        """Field off, bus released. Never raises."""
        ...


@dataclass(frozen=True, slots=True)
class Secure:
    """An errand at the pad: have the library's gate ring for this tag (`secured`), or let it pass."""

    uid: str
    secured: bool


@dataclass(frozen=True, slots=True)
class Inspect:
    """An errand at the pad: read what the memory of this tag holds."""

    uid: str


Errand = Secure | Inspect


class Beams(Protocol):
    """The doorway: calls back with crossings from its own thread."""

    def close(self) -> None:
        """Release the pins."""
        ...


class Lamp(Protocol):
    """A light that says what just happened. Optional: failing must never stop lending."""

    def show(self, cue: str) -> None:
        """Show a cue of kiosk.desk.Cue; unknown ones are ignored."""
        ...

    def close(self) -> None:
        """Light off, pins released."""
        ...


class Transaction(Protocol):
    """One unit of work on the store: everything or nothing, durable when `commit` has returned."""

    def patron_by_card(self, uid: str) -> Patron | None:
        """Whose card this is."""
        ...

    def item_by_tag(self, uid: str) -> Item | None:
        """Which item carries this tag, with its title and its loan if it is out."""
        ...

    def item(self, item_id: str) -> Item | None:
        """An item by the library's own number."""
        ...

    def patron(self, patron_id: str) -> Patron | None:
        """A patron by the library's own number."""
        ...

    def items_at_home(self, patron_id: str) -> tuple[Item, ...]:
        """What this patron has out, soonest due first."""
        ...

    def lend(self, loan: Loan) -> None:
        """Record a loan. Raises StoreError when the item is already out (compare-and-set)."""
        ...

    def give_back(self, item_id: str, *, stamp: bool) -> None:
        """End the loan; the borrower earns a stamp when `stamp`. Raises StoreError when it is not out."""
        ...

    def renew(self, loan: Loan) -> None:
        """Replace the loan's due date and renewal count. Raises StoreError when it is not out."""
        ...

    def set_language(self, patron_id: str, language: str) -> None:
        """Keep the screen language with the card."""
        ...

    def set_wishes(self, patron_id: str, wishes: Wishes) -> None:
        """Keep how the screen should be with the card."""
        ...

    def patron_by_barcode(self, code: str) -> Patron | None:
        """Whose printed card number this is."""
        ...

    def groups(self) -> tuple[str, ...]:
        """The school classes that somebody belongs to, in reading order ("2A" before "10A")."""
        ...

    def children_of_group(self, group: str) -> tuple[Patron, ...]:
        """Everybody of a class, by nickname and then number; none for "".

        Its teachers too: which categories are no children is a setting, and whoever asks leaves them out.
        """
        ...

    def family_of(self, family: str) -> tuple[Patron, ...]:
        """The members of a family, by nickname and then number; none for ""."""
        ...

    def passport(self, patron_id: str) -> tuple[Stamp, ...]:
        """The returns kept for a child, oldest first; none where they are not kept."""
        ...

    def allow_passport(self, patron_id: str, *, allowed: bool) -> None:
        """Keep this patron's returns from now on; or keep them no more and erase those that were kept."""
        ...

    def similar(self, title_id: str, most: int) -> tuple[Item, ...]:
        """Items that stand on a shelf now and are like this title: one a title, the most alike first."""
        ...

    def put_announcements(self, announcements: Iterable[Announcement], *, source: str = "station") -> None:
        """Replace all announcements of a source: those made here, or one of the centre's two lists."""
        ...

    def announcements(self, now: Now) -> tuple[Announcement, ...]:
        """What is to be told at this moment, the one that ends soonest first."""
        ...

    def report(self, fact: Fact) -> None:
        """Write a fact into the outbox, in this transaction, with the next sequence number."""
        ...

    def commit(self) -> None:
        """Make it durable. Raises StorageFull or StoreError; then nothing of it was kept."""
        ...


class Store(Protocol):
    """The station's memory. `begin` is called on the desk thread only: one writer."""

    def begin(self, now: Now) -> AbstractContextManager[Transaction]:
        """A unit of work; leaving it without `commit` rolls back. Raises StorageFull, StoreError."""
        ...

    def confirm(self, epoch: str, upto: int, now: Now) -> None:
        """Mark facts 1..upto as held by the centre. A foreign epoch or a number never written is ignored."""
        ...

    def renumber(self, epoch: str, now: Now) -> int | None:
        """Begin a new epoch, because the numbers of `epoch` are another's as well.

        What the centre is not known to hold gets new numbers; answers how many. None when `epoch` is not (or
        no longer) this store's: then nothing is done.
        """
        ...

    def prune(self, now: Now) -> int:
        """Forget facts confirmed long ago; answers how many. For an hour when nobody is here."""
        ...


class Uplink(Protocol):
    """The sender of facts, seen from the desk: it may be absent, down or slow, and never matters."""

    def nudge(self) -> None:
        """New facts were committed."""
        ...
