"""A desk transaction (loan + fact, durable) beside bare sqlite3 doing the same, on the same disk."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

from kiosk.facts import CheckedOut, envelope
from kiosk.model import ClockQuality, Item, Loan, Now, Patron, Title
from kiosk.store import open_store
from kiosk.store.collection import Collection
from tests.bench.row import Row

LOANS = 1_500
ROUNDS = 3  # best of: the disk is shared with everything else on the machine
FLOOR_BYTES = 12 * 1024  # about what one such transaction writes into the journal
LENT, DUE = date(2026, 11, 20), date(2026, 12, 4)


def measure() -> Iterator[Row]:
    """Transactions a second: ours, bare sqlite3, and the disk's own floor."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name:
        folder = Path(name)
        rounds = [
            (_ours(folder / f"ours{n}.d"), _bare(folder / f"bare{n}.db"), _floor(folder / f"floor{n}"))
            for n in range(ROUNDS)
        ]
    ours, bare, floor = (max(column) for column in zip(*rounds, strict=True))
    yield Row(
        "desk transaction: loan + item + fact, committed", "tx/s", ours, bare,
        "bare sqlite3, WAL, FULL, the same three statements", "at least 0.30",
    )  # fmt: skip
    yield Row("the same beside the disk", "tx/s", ours, floor, f"write {FLOOR_BYTES // 1024} KiB + fdatasync")


def _rate(once: Callable[[int], None]) -> float:
    begun = time.perf_counter()
    for number in range(LOANS):
        once(number)
    return LOANS / (time.perf_counter() - begun)


def _ours(folder: Path) -> float:
    wall = datetime.now(UTC)
    title = Title("t", "Dế Mèn phiêu lưu ký", "Tô Hoài", "vi", 7, "green")
    now = Now(wall, 1, 1, ClockQuality.NTP)
    with open_store(folder / "station.db", kiosk="bench", wall=wall) as store:
        with store.begin(now) as work:
            collection = Collection(work)
            collection.put_titles([title])
            collection.put_items((Item(f"LK-{n:07d}", title), f"04{n:012X}") for n in range(LOANS))
            collection.put_patrons([(Patron("BD-1", "Mây", "cat", "tieu-hoc"), None)])
            work.commit()

        def visit(number: int) -> None:
            item = f"LK-{number:07d}"
            with store.begin(now) as work:
                work.lend(Loan(item, "BD-1", LENT, DUE))
                work.report(CheckedOut(item, "t", "6-8", "2026-12-04"))
                work.commit()

        return _rate(visit)


def _bare(path: Path) -> float:
    wall = datetime.now(UTC)
    fact = CheckedOut("LK-0000000", "t", "6-8", "2026-12-04")
    payload = envelope(
        fact, kiosk="bench", epoch="0" * 32, seq=1, boot=1, mono=1, clock="ntp", wall=wall
    ).to_json()
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.executescript(
            "CREATE TABLE items(id TEXT PRIMARY KEY, seen_on TEXT);"
            "CREATE TABLE loans(item_id TEXT PRIMARY KEY, patron_id TEXT, lent_on TEXT, due TEXT,"
            " renewals INT);"
            "CREATE TABLE outbox(seq INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT UNIQUE, cls TEXT,"
            " payload BLOB, wall INT, mono INT, confirmed_at INT);"
        )
        database.executemany("INSERT INTO items VALUES (?, NULL)", [(f"LK-{n:07d}",) for n in range(LOANS)])

        def visit(number: int) -> None:
            item = f"LK-{number:07d}"
            database.execute("BEGIN IMMEDIATE")
            database.execute(
                "INSERT INTO loans VALUES (?, ?, ?, ?, 0)", (item, "BD-1", "2026-11-20", "2026-12-04")
            )
            database.execute("UPDATE items SET seen_on = ? WHERE id = ?", ("2026-11-20", item))
            database.execute(
                "INSERT INTO outbox VALUES (NULL, ?, 'loan', ?, ?, 1, NULL)",
                (f"{number:036d}", payload, number),
            )
            database.execute("COMMIT")

        return _rate(visit)


def _floor(path: Path) -> float:
    block = os.urandom(FLOOR_BYTES)
    handle = os.open(path, os.O_CREAT | os.O_WRONLY)
    try:
        # Overwriting in place, as SQLite's journal does after its first round.
        os.pwrite(handle, bytes(FLOOR_BYTES * 100), 0)
        os.fsync(handle)

        def write(number: int) -> None:
            os.pwrite(handle, block, FLOOR_BYTES * (number % 100))
            os.fdatasync(handle)

        return _rate(write)
    finally:
        os.close(handle)
