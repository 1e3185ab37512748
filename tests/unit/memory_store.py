"""A store in memory behind the same port, for tests of the desk: no file, no database, same promises."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from kiosk.facts import Fact
from kiosk.model import Item, Loan, Now, Patron
from kiosk.ports import StoreError


class MemoryStore:
    """Committed state in plain dictionaries; a transaction works on a copy and swaps it in."""

    def __init__(self, patrons: dict[str, Patron], items: dict[str, Item]) -> None:
        """`patrons` by card UID, `items` by tag UID."""
        self.cards = {uid: patron.id for uid, patron in patrons.items()}
        self.tags = {uid: item.id for uid, item in items.items()}
        self.patrons = {patron.id: patron for patron in patrons.values()}
        self.items = {item.id: item for item in items.values()}
        self.facts: list[Fact] = []
        self.broken: StoreError | None = None  # raised by the next commits while set
        self.commits = 0
        self.confirmed: tuple[str, int] | None = None
        self.pruned = 0

    @property
    def loans(self) -> dict[str, Loan]:
        return {item.id: item.loan for item in self.items.values() if item.loan is not None}

    @contextmanager
    def begin(self, now: Now) -> Iterator[MemoryTransaction]:
        yield MemoryTransaction(self)

    def confirm(self, epoch: str, upto: int, now: Now) -> None:
        if self.broken is not None:
            raise self.broken
        self.confirmed = (epoch, upto)

    def prune(self, now: Now) -> int:
        self.pruned += 1
        return 0


class MemoryTransaction:
    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._items = dict(store.items)
        self._patrons = dict(store.patrons)
        self._facts: list[Fact] = []

    def patron_by_card(self, uid: str) -> Patron | None:
        return self.patron(self._store.cards.get(uid, ""))

    def item_by_tag(self, uid: str) -> Item | None:
        return self.item(self._store.tags.get(uid, ""))

    def item(self, item_id: str) -> Item | None:
        return self._items.get(item_id)

    def patron(self, patron_id: str) -> Patron | None:
        return self._patrons.get(patron_id)

    def items_at_home(self, patron_id: str) -> tuple[Item, ...]:
        out = [
            (i.loan.due, i.id, i) for i in self._items.values() if i.loan and i.loan.patron_id == patron_id
        ]
        return tuple(item for _, _, item in sorted(out))

    def lend(self, loan: Loan) -> None:
        if self._items[loan.item_id].loan is not None:
            raise StoreError(f"{loan.item_id} is already out")
        self._items[loan.item_id] = replace(self._items[loan.item_id], loan=loan)

    def give_back(self, item_id: str, *, stamp: bool) -> None:
        loan = self._items[item_id].loan
        if loan is None:
            raise StoreError(f"{item_id} is not out")
        if stamp:
            patron = self._patrons[loan.patron_id]
            self._patrons[patron.id] = replace(patron, stamps=patron.stamps + 1)
        self._items[item_id] = replace(self._items[item_id], loan=None)

    def renew(self, loan: Loan) -> None:
        if self._items[loan.item_id].loan is None:
            raise StoreError(f"{loan.item_id} is not out")
        self._items[loan.item_id] = replace(self._items[loan.item_id], loan=loan)

    def set_language(self, patron_id: str, language: str) -> None:
        self._patrons[patron_id] = replace(self._patrons[patron_id], language=language)

    def report(self, fact: Fact) -> None:
        self._facts.append(fact)

    def commit(self) -> None:
        if self._store.broken is not None:
            raise self._store.broken
        self._store.items, self._store.patrons = self._items, self._patrons
        self._store.facts.extend(self._facts)
        self._store.commits += 1
        self._facts = []
