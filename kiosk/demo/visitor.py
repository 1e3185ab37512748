"""One child at the station: each verb is done by hand, waited for on the screen, and noted in the ledger."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kiosk.demo.glass import NotSeen, Seen
from kiosk.demo.hands import Hands
from kiosk.demo.ledger import Ledger

if TYPE_CHECKING:
    from hardware.simulated.bench_library import Thing

FIRST_WELCOME = 2  # number of the screen that a station shows when it has just come up


class Visitor:
    """A child with a card. Raises NotSeen when the station does not do what it should."""

    def __init__(
        self, hands: Hands, ledger: Ledger, card: Thing, *, tell: Callable[[str], None] = lambda line: None
    ) -> None:
        self._hands = hands
        self._ledger = ledger
        self._tell = tell
        self._lent = 0  # in this visit, as the screen counts it
        self.card = card

    @property
    def name(self) -> str:
        """The nickname."""
        return self.card.name

    def walks_in(self) -> None:
        """Through the door."""
        self._hands.walk("in")
        self._ledger.crossed("in")
        self._tell(f"{self.name} walks in")

    def walks_out(self) -> None:
        """Through the door, home."""
        self._hands.walk("out")
        self._ledger.crossed("out")
        self._tell(f"{self.name} walks out")

    def begins(self) -> Seen:
        """Puts the card on the empty pad and is greeted by name."""
        before = self._hands.look()
        self._lent = 0
        self._hands.place(self.card)
        # What lies there at the pad's very first look is taken for left behind (law 3), and must go first.
        just_up = ("TakeYourThings",) if before.number <= FIRST_WELCOME else ()
        seen = self._hands.sees("Hello", *just_up, after=before)
        if seen.screen == "TakeYourThings":
            self._hands.lift(self.card)
            before = self._hands.sees("Welcome", after=seen)
            self._hands.place(self.card)
            seen = self._hands.sees("Hello", after=before)
        if not seen.says(self.name):
            raise NotSeen(f"Hello does not greet {self.name}; it says {' | '.join(seen.texts)!r}")
        self._ledger.children.add(self.card.number)
        self._tell(f"{self.name} puts the card down: hello")
        return seen

    def borrows(self, *books: Thing, with_card: bool = False) -> Seen:
        """Puts books down in one movement (the card with them, if it does not lie there yet)."""
        before = self._hands.look()
        self._hands.place(*((self.card,) if with_card else ()), *books)
        self._lent += len(books)
        seen = self._hands.sees("Lent", after=before, where=lambda seen: self._shows_lent(seen, books))
        self._ledger.children.add(self.card.number)
        for book in books:
            self._ledger.lent(book.number, self.card.number)
        self._tell(f"{self.name} borrows {', '.join(book.name for book in books)}")
        return seen

    def lifts(self, *things: Thing) -> None:
        """Takes things off the pad."""
        self._hands.lift(*things)

    def is_refused(self, book: Thing, why: str) -> Seen:
        """Puts a book down that is not lent."""
        before = self._hands.look()
        self._hands.place(book)
        seen = self._hands.sees("Refused", after=before)
        self._ledger.refused(why)
        self._tell(f"{self.name} may not have {book.name}: {why}")
        return seen

    def chooses(self, book: Thing) -> Seen:
        """Puts down a book that is at home with this child."""
        before = self._hands.look()
        self._hands.place(book)
        return self._hands.sees("Choose", after=before, where=lambda s: s.offers("keep", book.number))

    def returns(self, book: Thing) -> Seen:
        """Brings an own book back."""
        seen = self.chooses(book)
        self._hands.tap("return", book.number)
        seen = self._hands.sees("Returned", after=seen)
        self._ledger.returned(book.number)
        self._tell(f"{self.name} brings back {book.name}")
        return seen

    def keeps(self, book: Thing) -> Seen:
        """Keeps an own book longer."""
        seen = self.chooses(book)
        self._hands.tap("keep", book.number)
        seen = self._hands.sees("Renewed", after=seen)
        self._ledger.kept(book.number)
        self._tell(f"{self.name} keeps {book.name} longer")
        return seen

    def may_not_keep(self, book: Thing) -> Seen:
        """Asks to keep an own book longer once too often."""
        seen = self.chooses(book)
        self._hands.tap("keep", book.number)
        seen = self._hands.sees("Refused", after=seen)
        self._ledger.refused("no_more_renewals")
        self._tell(f"{self.name} may not keep {book.name} any longer")
        return seen

    def brings_for_another(self, book: Thing, *, wants_it: bool) -> Seen:
        """Brings a book that another child has; it is taken back quietly and offered."""
        before = self._hands.look()
        self._hands.place(book)
        seen = self._hands.sees("Offer", after=before, where=lambda s: s.offers("borrow", book.number))
        self._ledger.returned(book.number)
        self._hands.tap("borrow" if wants_it else "not_now", book.number)
        seen = self._hands.sees("Lent" if wants_it else "Returned", after=seen)
        if wants_it:
            self._lent += 1
            self._ledger.lent(book.number, self.card.number)
        wish = "and borrows it" if wants_it else "and does not want it"
        self._tell(f"{self.name} brings {book.name} of another child {wish}")
        return seen

    def undoes(self, book: Thing) -> Seen:
        """Takes the newest checkout back by one touch."""
        before = self._hands.look()
        self._hands.tap("undo", book.number)
        seen = self._hands.sees("Undone", after=before)
        self._lent -= 1
        self._ledger.undid(book.number)
        self._tell(f"{self.name} gives {book.name} back at once: undone")
        return seen

    def goes(self) -> Seen:
        """Takes everything, card included, and sees Goodbye. The next child may begin at once."""
        before = self._hands.look()
        self._hands.clear()
        return self._hands.sees("Goodbye", after=before)

    def is_done(self) -> Seen:
        """Touches "done", sees Goodbye, takes everything, and waits until the station is free."""
        before = self._hands.look()
        self._hands.tap("done")
        self._hands.sees("Goodbye", after=before)
        self._hands.clear()
        return self._hands.sees("Welcome")

    def _shows_lent(self, seen: Seen, books: tuple[Thing, ...]) -> bool:
        # The screen shows the cover of the newest book, which undo would take back, and counts the visit's.
        counted = any(seen.says(f"{self._lent} {noun}") for noun in ("cuốn", "book"))
        return counted and any(seen.offers("undo", book.number) for book in books)
