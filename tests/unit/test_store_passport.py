"""The reading passport: kept only where the family allows it, and erased to the last byte when not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.model import Item, Stamp, Title
from kiosk.store import StationStore
from kiosk.store.collection import Collection
from tests.unit.memory_store import MemoryStore
from tests.unit.reading_corner import MAY, at, filled_corner, loan, open_corner, rows

DAY = 24 * 60


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "station.db"


@pytest.fixture
def store(path: Path) -> Iterator[StationStore]:
    with filled_corner(path) as store:
        yield store


def read(store: StationStore, number: int, minutes: float, *, stamp: bool = True) -> None:
    """BD-1 takes the item home and brings it back."""
    with store.begin(at(minutes)) as work:
        work.lend(loan(number))
        work.give_back(f"GD-{number}", stamp=stamp)
        work.commit()


def allow(store: StationStore, *, allowed: bool) -> None:
    with store.begin(at()) as work:
        work.allow_passport("BD-1", allowed=allowed)
        work.commit()


def test_a_return_is_stamped_only_where_the_family_allows_it(store: StationStore, path: Path) -> None:
    read(store, 1, 0)
    assert rows(path, "SELECT * FROM passport_stamps") == []
    allow(store, allowed=True)
    read(store, 2, DAY)
    read(store, 1, 2 * DAY)
    with store.begin(at()) as work:
        assert work.passport("BD-1") == (
            Stamp("tam-cam", "red", at(DAY).today),
            Stamp("de-men", "green", at(2 * DAY).today),
        )
        assert work.passport("BD-2") == ()
        assert work.patron("BD-1") == replace(MAY, stamps=3, passport=True)


def test_a_checkout_that_was_undone_is_no_stamp(store: StationStore) -> None:
    allow(store, allowed=True)
    read(store, 1, 0, stamp=False)
    with store.begin(at()) as work:
        assert work.passport("BD-1") == ()


def test_the_stamps_of_a_transaction_that_failed_are_not_there(store: StationStore) -> None:
    allow(store, allowed=True)
    with store.begin(at()) as work:
        work.lend(loan(1))
        work.give_back("GD-1", stamp=True)
    with store.begin(at()) as work:
        assert work.passport("BD-1") == ()


def test_when_the_family_allows_it_no_more_every_byte_of_it_is_gone(path: Path) -> None:
    secret = Title("sehr-geheim", "Bí mật", "Ai đó", "vi", 0, "red")
    with filled_corner(path) as store:
        with store.begin(at()) as work:
            collection = Collection(work)
            collection.put_titles([secret])
            collection.put_items([(Item("GD-77", secret), None)])
            work.commit()
        store.prune(at())
        before = path.read_bytes().count(b"sehr-geheim")
        allow(store, allowed=True)
        for time in range(30):
            read(store, 77, time * DAY)
        allow(store, allowed=False)
        with store.begin(at()) as work:
            assert work.passport("BD-1") == ()
            assert work.patron("BD-1") == replace(MAY, stamps=30), "the tree does not shrink"
        store.prune(at())
    assert path.read_bytes().count(b"sehr-geheim") == before
    assert path.with_name("station.db-wal").exists() is False


def test_allowing_it_again_begins_a_new_passport(store: StationStore) -> None:
    for allowed in (True, False, True):
        allow(store, allowed=allowed)
    read(store, 1, 0)
    with store.begin(at()) as work:
        assert len(work.passport("BD-1")) == 1


def test_an_import_neither_opens_nor_closes_a_passport(path: Path) -> None:
    with filled_corner(path) as store:
        allow(store, allowed=True)
        read(store, 1, 0)
        with store.begin(at()) as work:
            Collection(work).put_patrons([(MAY, None)])
            assert work.patron("BD-1") == replace(MAY, stamps=1, passport=True)
            assert len(work.passport("BD-1")) == 1
    with open_corner(path) as store, store.begin(at()) as work:
        assert len(work.passport("BD-1")) == 1


def test_the_store_in_memory_keeps_the_same_promises() -> None:
    title = Title("de-men", "Dế Mèn", "Tô Hoài", "vi", 7, "green")
    store = MemoryStore({"A": replace(MAY, passport=True)}, {"T": Item("GD-1", title)})
    with store.begin(at()) as work:
        work.lend(loan(1))
        work.give_back("GD-1", stamp=True)
        work.commit()
    assert store.passports == {"BD-1": (Stamp("de-men", "green", at().today),)}
    with store.begin(at()) as work:
        work.allow_passport("BD-1", allowed=False)
        work.commit()
    assert store.passports == {}
