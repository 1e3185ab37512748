"""Killed, out of room, read beside the writing: what was confirmed is there, what was refused is not."""

from __future__ import annotations

import contextlib
import json
import random
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.model import Loan
from kiosk.ports import StorageFull, StoreError
from kiosk.store import StationStore
from kiosk.store.outbox import OutboxReader
from kiosk.store.transaction import StationTransaction
from tests.unit.reading_corner import (
    DUE,
    MORNING,
    at,
    filled_corner,
    lend,
    lent_fact,
    loan,
    open_corner,
    returned_fact,
    rows,
)

ROOT = Path(__file__).parents[2]

# Lends and takes back for ever; says each item only after its commit has returned.
WRITER = """
import sys, pathlib
from tests.unit.reading_corner import at, open_corner, lend, loan, lent_fact, returned_fact
store = open_corner(pathlib.Path(sys.argv[1]))
turn = 0
while True:
    turn += 1
    number = 1 + turn % 8
    with store.begin(at()) as work:
        item = work.item(f"GD-{number}")
        if item.loan is None:
            work.lend(loan(number)); work.report(lent_fact(number)); said = "lent"
        else:
            work.give_back(item.id, stamp=True); work.report(returned_fact(number)); said = "back"
        work.commit()
    print(said, item.id, flush=True)
"""


def test_killed_at_any_moment_no_confirmed_loan_is_lost_and_none_is_there_without_its_fact(
    tmp_path: Path,
) -> None:
    path = tmp_path / "station.db"
    filled_corner(path).close()
    chance = random.Random(2)
    confirmed: list[str] = []
    for _ in range(6):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            said = [writer.stdout.readline().strip() for _ in range(chance.randrange(1, 120))]
            writer.kill()
            said += [line for line in writer.stdout.read().split("\n")[:-1] if line]
        confirmed += said
        with open_corner(path), OutboxReader(path) as outbox:
            written = outbox.pending(0, 100_000)
        told = ["back" if b"item.returned" in row.payload else "lent" for row in written]
        items = [json.loads(row.payload)["data"]["item"] for row in written]
        kept = [f"{what} {item}" for what, item in zip(told, items, strict=True)]
        # At most the one commit that nobody was told of may be there besides.
        assert kept[: len(confirmed)] == confirmed
        assert len(kept) - len(confirmed) in {0, 1}
        assert [row.seq for row in written] == list(range(1, len(written) + 1))
        out = {
            item for item in set(items) if kept[len(items) - 1 - items[::-1].index(item)].startswith("lent")
        }
        assert {item for (item,) in rows(path, "SELECT item_id FROM loans")} == out
        assert rows(path, "PRAGMA integrity_check") == [("ok",)]
        confirmed = kept


# --- no room ------------------------------------------------------------------------------------------


def fill_until_refused(store: StationStore) -> tuple[int, StorageFull]:
    """Report facts until the disk refuses; how many were committed, and the refusal."""
    for number in range(100_000):
        try:
            with store.begin(at()) as work:
                for _ in range(5):
                    work.report(lent_fact(1))
                work.commit()
        except StorageFull as full:
            return number * 5, full
    raise AssertionError("the disk never filled")


def too_much(work: StationTransaction) -> None:
    """More facts than a small disk holds, and the commit."""
    for _ in range(3_000):
        work.report(lent_fact(1))
    work.commit()


def fill_up(ballast: Path) -> None:
    """Take all the room that is left on the disk."""
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte that can really be full."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("mounting a small tmpfs needs root; the page limit below is tested everywhere")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_refuses_keeps_nothing_half_and_heals_when_room_is_made(small_disk: Path) -> None:
    path = small_disk / "station.db"
    ballast = small_disk / "ballast"
    with filled_corner(path) as store:
        lend(store, 1)
        fill_up(ballast)
        committed, full = fill_until_refused(store)
        assert str(path) in str(full)
        assert "free some room" in str(full)
        with store.begin(at()) as work:
            work.lend(loan(2))
            with pytest.raises(StorageFull):
                too_much(work)
        with store.begin(at()) as work:
            item, refused = work.item("GD-1"), work.item("GD-2")
        assert item is not None
        assert item.loan is not None, "reading goes on"
        assert refused is not None
        assert refused.loan is None
        ballast.unlink()
        lend(store, 2)
        with OutboxReader(path) as outbox:
            listed = outbox.pending(0, 100_000)
    assert [row.seq for row in listed] == list(range(1, committed + 3))
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]


def test_a_store_on_a_full_disk_says_so_at_opening_and_opens_when_room_is_made(small_disk: Path) -> None:
    path = small_disk / "station.db"
    ballast = small_disk / "ballast"
    fill_up(ballast)
    with pytest.raises(StorageFull, match=r"station\.db: opening: .*free some room"):
        open_corner(path)
    ballast.unlink()
    with filled_corner(path) as store:
        lend(store, 1)


def test_a_store_that_may_not_grow_refuses_and_stays_usable(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    with filled_corner(path) as store:
        with store.begin(at()) as work:
            pages = work._connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            work._connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 4}")
        committed, _ = fill_until_refused(store)
        # The refusing connection was replaced, and with it the limit: lending goes on.
        lend(store, 1)
    assert rows(path, "SELECT count(*), max(seq) FROM outbox") == [(committed + 1, committed + 1)]


def test_a_failed_transaction_refuses_what_follows_in_it(tmp_path: Path) -> None:
    """SQLite rolls back by itself when the disk is full: a fact after that must not be kept alone."""
    path = tmp_path / "station.db"
    with filled_corner(path) as store:
        with store.begin(at()) as work:
            pages = work._connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            work._connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        with store.begin(at()) as work:
            work.lend(loan(1))
            with pytest.raises(StorageFull):
                too_much(work)
            with pytest.raises(StoreError, match="has failed"):
                work.report(lent_fact(1))
            with pytest.raises(StoreError, match="has failed"):
                work.lend(loan(2))
            with pytest.raises(StoreError, match="has failed"):
                work.commit()
    assert rows(path, "SELECT (SELECT count(*) FROM loans), (SELECT count(*) FROM outbox)") == [(0, 0)]


def test_a_database_held_by_another_program_is_said_and_lending_goes_on_later(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    with filled_corner(path) as store:
        with store.begin(at()) as work:
            work._connection.exec_driver_sql("PRAGMA busy_timeout = 50")
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="another program holds the database"):
            store.begin(at())
        holder.execute("ROLLBACK")
        holder.close()
        lend(store, 1)


# --- beside the writer --------------------------------------------------------------------------------


def test_the_link_reads_whole_transactions_while_the_desk_writes(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    visits = 150
    seen: list[int] = []
    torn: list[str] = []
    ended = threading.Event()

    def link() -> None:
        with OutboxReader(path) as outbox:
            after = 0
            while True:
                last_round = ended.is_set()
                listed = outbox.pending(after, 50)
                state = outbox.state()
                seen.extend(row.seq for row in listed)
                after = seen[-1] if seen else 0
                if (state.next_seq - 1) % 2:
                    torn.append(f"half a visit at {state.next_seq}")
                if last_round and not listed:
                    return
                time.sleep(0.001)

    with filled_corner(path) as store:
        reader = threading.Thread(target=link, name="link")
        reader.start()
        try:
            for _ in range(visits):
                with store.begin(at()) as work:
                    work.lend(Loan("GD-1", "BD-1", MORNING.date(), DUE))
                    work.report(lent_fact(1))
                    work.give_back("GD-1", stamp=False)
                    work.report(returned_fact(1))
                    work.commit()
        finally:
            ended.set()
            reader.join(30)
    assert not reader.is_alive()
    assert seen == list(range(1, visits * 2 + 1))
    assert torn == []


def test_a_store_opened_on_one_thread_is_used_on_another(tmp_path: Path) -> None:
    failures: list[BaseException] = []
    with filled_corner(tmp_path / "station.db") as store:

        def desk() -> None:
            try:
                lend(store, 1)
            except BaseException as failure:
                failures.append(failure)

        thread = threading.Thread(target=desk, name="desk")
        thread.start()
        thread.join(10)
    assert failures == []
