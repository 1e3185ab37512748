"""The library's gate follows the loans: a lent book passes it, any other rings.

The sticker of a library book carries the gate's state itself (AFI or EAS), so it must be written while the
book lies on the pad, and after the loan is durable. The pad's thread writes it and reads it back; this keeper
says what each sticker should carry and waits for the answer. A book lifted too early is asked back; one that
is carried off all the same is reported, for its owner will be stopped at the door.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from kiosk.desk.visit import as_book
from kiosk.events import GateRefused, GateSet, Tag, TagKind
from kiosk.facts import GateUnset
from kiosk.model import Item, Now
from kiosk.ports import Secure, Store
from kiosk.screens import Book

Find = Callable[[str], Item | None]
"""The item that carries a tag, as it is committed now."""


@dataclass(frozen=True, slots=True)
class Sticker:
    """What is known of one sticker since it was laid on the pad."""

    book: Book
    secured: bool  # what it should carry
    ordered: bool = False  # the pad's thread was told
    waiting: bool = True  # ... and has not answered yet
    pressing: bool = False  # the loan changed: the book must not go before the sticker is right
    lifted_at: int | None = None  # monotonic ms; None = on the pad
    hushed: bool = False  # somebody else stands there by now, who must not see this book

    @property
    def missed_since(self) -> int | None:
        """Since when it is needed on the pad and not there."""
        return self.lifted_at if self.waiting and self.pressing else None

    def should_be(self, secured: bool) -> Sticker:
        """The same sticker; a new order when its loan changed."""
        return self if secured is self.secured else Sticker(self.book, secured, pressing=True)

    def seen(self, here: bool, mono: int) -> Sticker:
        """The same sticker, on the pad or lifted."""
        if here:
            return replace(self, lifted_at=None, hushed=False)
        return self if self.lifted_at is not None else replace(self, lifted_at=mono)


class GateKeeper:
    """Owned by the desk.

    `patience` in ms: how long a book that was lifted too early is asked back. Not `watched`: this library's
    gate looks at no stickers, and the keeper does nothing.
    """

    def __init__(self, store: Store, *, patience: int, watched: bool) -> None:
        self._store, self._patience, self._watched = store, patience, watched
        self._stickers: dict[str, Sticker] = {}
        self._called_back: frozenset[str] = frozenset()  # on the pad again because they were asked for

    def others(self, tags: frozenset[Tag]) -> frozenset[Tag]:
        """Without the books that were asked back: they lie there for their sticker, until they are lifted."""
        return frozenset(tag for tag in tags if tag.uid not in self._called_back)

    def before(self, pad: frozenset[Tag], now: Now) -> None:
        """Before the desk deals with what lies there: note what each sticker should carry until then."""
        missed = {uid for uid, one in self._stickers.items() if one.missed_since is not None}
        self._called_back = frozenset(tag.uid for tag in pad) & (self._called_back | missed)
        new = [tag.uid for tag in pad if tag.kind is TagKind.VICINITY and tag.uid not in self._stickers]
        if not self._watched or not new:
            return
        with self._store.begin(now) as tx:
            for uid in new:
                item = tx.item_by_tag(uid)
                if item is not None:
                    self._stickers[uid] = Sticker(as_book(item), item.loan is None)

    def after(
        self, pad: frozenset[Tag], now: Now, *, visit: bool, newcomer: str = ""
    ) -> tuple[tuple[Secure, ...], tuple[Sticker, ...]]:
        """Compare the stickers with the loans as they are committed now.

        The errands that follow, and the stickers of books that were carried off all the same: reported, and
        forgotten. As long as a `visit` is open, books that were already lifted are watched too: an undone
        checkout must ring again although its book is not on the pad. `newcomer`: the patron whose visit began
        just now; whatever others have lifted too early is not shown to this one.
        """
        if not self._stickers:
            return (), ()
        with self._store.begin(now) as tx:
            errands = self._follow(tx.item_by_tag, pad, now.mono, visit=visit, newcomer=newcomer)
            gone = self._give_up(now.mono)
            for one in gone:
                wanted: Literal["secured", "released"] = "secured" if one.secured else "released"
                tx.report(GateUnset(item=one.book.item_id, title=one.book.title_id, wanted=wanted))
            if gone:
                tx.commit()
        return errands, gone

    def _follow(
        self, find: Find, pad: frozenset[Tag], mono: int, *, visit: bool, newcomer: str
    ) -> tuple[Secure, ...]:
        here = {tag.uid for tag in pad}
        errands: list[Secure] = []
        for uid, before in list(self._stickers.items()):
            item = find(uid)
            if item is None:
                del self._stickers[uid]
                continue
            known = before.should_be(item.loan is None)
            if not known.ordered:
                errands.append(Secure(uid, known.secured))
            known = replace(known, ordered=True).seen(uid in here, mono)
            if newcomer and uid not in here and (item.loan is None or item.loan.patron_id != newcomer):
                known = replace(known, hushed=True)
            if uid in here or known.missed_since is not None or visit:
                self._stickers[uid] = known
            else:
                del self._stickers[uid]
        return tuple(errands)

    def heard(self, event: GateSet | GateRefused) -> None:
        """The pad's thread has done its errand, or cannot."""
        known = self._stickers.get(event.uid)
        if known is not None and (isinstance(event, GateRefused) or event.secured is known.secured):
            self._stickers[event.uid] = replace(known, waiting=False)

    def missed(self) -> Book | None:
        """The book that must come back to the pad for a moment, if there is one to be shown."""
        missed = (one for one in self._stickers.values() if one.missed_since is not None)
        return next((one.book for one in missed if not one.hushed), None)

    def _give_up(self, mono: int) -> tuple[Sticker, ...]:
        late = {uid: one for uid, one in self._stickers.items() if self._ends(one) <= mono}
        for uid in late:
            del self._stickers[uid]
        return tuple(late.values())

    def _ends(self, one: Sticker) -> float:
        return math.inf if one.missed_since is None else one.missed_since + self._patience

    @property
    def wake_at(self) -> int | None:
        """When patience next ends (monotonic ms)."""
        ends = min((self._ends(one) for one in self._stickers.values()), default=math.inf)
        return None if ends == math.inf else int(ends)
