"""A small reading corner for the store's tests: real database files, two readers, a few books."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from kiosk.facts import CheckedOut, Returned
from kiosk.model import ClockQuality, Item, ItemStatus, Loan, Now, Patron, Title
from kiosk.store import StationStore, open_store
from kiosk.store.collection import Collection

HANOI = timezone(timedelta(hours=7))
MORNING = datetime(2026, 11, 20, 9, 30, tzinfo=HANOI)
DUE = date(2026, 12, 4)

CRICKET = Title("de-men", "Dế Mèn phiêu lưu ký", "Tô Hoài", "vi", 7, "green", "cricket")
TAM = Title("tam-cam", "Tấm Cám", "Truyện cổ tích Việt Nam", "vi", 4, "red", "fish")
MAY = Patron("BD-1", "Mây", "cat", "tieu-hoc", birth_year=2018, expires=date(2027, 8, 31))
SOC = Patron("BD-2", "Sóc", "squirrel", "mam-non")
MAY_CARD, SOC_CARD = "0A1B2C3D", "04A1B2C3D4E580"
LAN = Patron("BD-3", "Cô Lan", "butterfly", "giao-vien", group="2A")
BAP = Patron("BD-4", "Bắp", "chick", "tieu-hoc", group="2A")
MAY_BARCODE, LAN_CARD = "29000000000014", "04F0C354628F60"
ITEMS = tuple((Item(f"GD-{n}", CRICKET if n % 2 else TAM), f"04{n:012X}") for n in range(1, 9))
UNTAGGED = Item("GD-9", TAM, ItemStatus.REFERENCE)


def at(minutes: float = 0, *, boot: int = 1, quality: ClockQuality = ClockQuality.NTP) -> Now:
    """So many minutes after the morning began."""
    return Now(MORNING + timedelta(minutes=minutes), int(minutes * 60_000), boot, quality)


def open_corner(path: Path, **more: Any) -> StationStore:
    """Open a store file as the station 'goc-doc-1' would."""
    return open_store(path, kiosk="goc-doc-1", wall=MORNING.astimezone(UTC), **more)


def filled_corner(path: Path) -> StationStore:
    """A store with two readers and nine books."""
    store = open_corner(path)
    with store.begin(at()) as work:
        collection = Collection(work)
        collection.put_titles([CRICKET, TAM])
        collection.put_items([*ITEMS, (UNTAGGED, None)])
        collection.put_patrons([(MAY, MAY_CARD), (SOC, SOC_CARD)])
        work.commit()
    return store


def with_classes(store: StationStore) -> StationStore:
    """The same store, with a class of three (its teacher too) and a family of two."""
    with store.begin(at()) as work:
        collection = Collection(work)
        collection.put_patrons(
            [
                (replace(MAY, group="2A", family="HB1"), None),
                (replace(SOC, family="HB1"), None),
                (LAN, LAN_CARD),
                (BAP, None),
            ]
        )
        collection.put_barcodes([(MAY.id, MAY_BARCODE)])
        work.commit()
    return store


def loan(number: int, patron: Patron = MAY, *, renewals: int = 0, due: date = DUE) -> Loan:
    """A loan of the item with that number."""
    return Loan(f"GD-{number}", patron.id, MORNING.date(), due, renewals)


def lend(store: StationStore, number: int, patron: Patron = MAY, now: Now | None = None) -> None:
    """Lend an item and report it, as the desk does."""
    with store.begin(now or at()) as work:
        work.lend(loan(number, patron))
        work.report(lent_fact(number))
        work.commit()


def lent_fact(number: int) -> CheckedOut:
    """The fact of lending an item."""
    return CheckedOut(f"GD-{number}", "de-men", "6-8", DUE.isoformat())


def returned_fact(number: int) -> Returned:
    """The fact of taking an item back."""
    return Returned(f"GD-{number}", "de-men", "6-8")


def rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    """What is in the file, past all of our code."""
    with closing(sqlite3.connect(path)) as database:
        return database.execute(sql).fetchall()
