"""A store in memory behind the same port, for tests of the desk: no file, no database, same promises."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from kiosk.facts import Fact
from kiosk.model import Announcement, Item, ItemStatus, Loan, Now, Patron, Stamp, Title, Wishes
from kiosk.ports import StoreError
from kiosk.store.order import class_order, name_order


class MemoryStore:
    """Committed state in plain dictionaries; a transaction works on a copy and swaps it in."""

    def __init__(self, patrons: dict[str, Patron], items: dict[str, Item]) -> None:
        """`patrons` by card UID, `items` by tag UID."""
        self.cards = {uid: patron.id for uid, patron in patrons.items()}
        self.tags = {uid: item.id for uid, item in items.items()}
        self.patrons = {patron.id: patron for patron in patrons.values()}
        self.items = {item.id: item for item in items.values()}
        self.barcodes: dict[str, str] = {}  # printed card number -> patron id
        self.passports: dict[str, tuple[Stamp, ...]] = {}
        self.news: dict[str, tuple[Announcement, ...]] = {}  # by source
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
        yield MemoryTransaction(self, now)

    def confirm(self, epoch: str, upto: int, now: Now) -> None:
        if self.broken is not None:
            raise self.broken
        self.confirmed = (epoch, upto)

    def prune(self, now: Now) -> int:
        self.pruned += 1
        return 0


class MemoryTransaction:
    def __init__(self, store: MemoryStore, now: Now) -> None:
        self._store = store
        self._now = now
        self._items = dict(store.items)
        self._patrons = dict(store.patrons)
        self._passports = dict(store.passports)
        self._news = dict(store.news)
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
            if patron.passport:
                title = self._items[item_id].title
                kept = self._passports.get(patron.id, ())
                self._passports[patron.id] = (*kept, Stamp(title.id, title.shelf, self._now.today))
        self._items[item_id] = replace(self._items[item_id], loan=None)

    def renew(self, loan: Loan) -> None:
        if self._items[loan.item_id].loan is None:
            raise StoreError(f"{loan.item_id} is not out")
        self._items[loan.item_id] = replace(self._items[loan.item_id], loan=loan)

    def set_language(self, patron_id: str, language: str) -> None:
        self._patrons[patron_id] = replace(self._patrons[patron_id], language=language)

    def set_wishes(self, patron_id: str, wishes: Wishes) -> None:
        self._patrons[patron_id] = replace(self._patrons[patron_id], wishes=wishes)

    def patron_by_barcode(self, code: str) -> Patron | None:
        return self.patron(self._store.barcodes.get(code.strip(), ""))

    def groups(self) -> tuple[str, ...]:
        return tuple(sorted({p.group for p in self._patrons.values() if p.group}, key=class_order))

    def children_of_group(self, group: str) -> tuple[Patron, ...]:
        there = [p for p in self._patrons.values() if group and p.group == group]
        return tuple(sorted(there, key=name_order))

    def family_of(self, family: str) -> tuple[Patron, ...]:
        there = [p for p in self._patrons.values() if family and p.family == family]
        return tuple(sorted(there, key=name_order))

    def passport(self, patron_id: str) -> tuple[Stamp, ...]:
        return self._passports.get(patron_id, ())

    def allow_passport(self, patron_id: str, *, allowed: bool) -> None:
        self._patrons[patron_id] = replace(self._patrons[patron_id], passport=allowed)
        if not allowed:
            self._passports.pop(patron_id, None)

    def similar(self, title_id: str, most: int) -> tuple[Item, ...]:
        titles = {item.title.id: item.title for item in self._items.values()}
        if title_id not in titles:
            return ()
        here: dict[str, Item] = {}
        for _, item in sorted(self._items.items()):
            if item.status is ItemStatus.LENDABLE and item.loan is None:
                here.setdefault(item.title.id, item)
        here.pop(title_id, None)
        ranked = sorted(
            (likeness, other < title_id, other)
            for other in here
            if (likeness := _likeness(titles[title_id], titles[other])) is not None
        )
        return tuple(here[other] for _, _, other in ranked[: max(0, most)])

    def put_announcements(self, announcements: Iterable[Announcement], *, source: str = "station") -> None:
        self._news[source] = tuple(announcements)

    def announcements(self, now: Now) -> tuple[Announcement, ...]:
        every = [one for kept in self._news.values() for one in kept if one.begins <= now.wall < one.ends]
        return tuple(sorted(every, key=lambda one: (one.ends, one.id)))

    def report(self, fact: Fact) -> None:
        self._facts.append(fact)

    def commit(self) -> None:
        if self._store.broken is not None:
            raise self._store.broken
        self._store.items, self._store.patrons = self._items, self._patrons
        self._store.passports, self._store.news = self._passports, self._news
        self._store.facts.extend(self._facts)
        self._store.commits += 1
        self._facts = []


def _likeness(one: Title, other: Title) -> int | None:
    """How far two titles are apart, 0 = nearest; None = they share nothing."""
    same_shelf = one.shelf == other.shelf
    ages = [0, -1, 1, -2, 2]
    for place, alike in enumerate(
        (
            bool(one.author) and one.author == other.author,
            *(same_shelf and other.age_from - one.age_from == apart for apart in ages),
            same_shelf,
            bool(one.motif) and one.motif == other.motif,
            one.language == other.language,
        )
    ):
        if alike:
            return place
    return None
