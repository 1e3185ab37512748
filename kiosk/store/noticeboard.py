"""Announcements written from beside a running station: the one thing another program may change.

A station keeps nothing of this table in memory, and SQLite lets its transaction and this one pass one after
the other; so a librarian need not stop lending to say that there is a story hour.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kiosk.model import Announcement
from kiosk.ports import StoreError
from kiosk.store import database
from kiosk.store.errors import store_error
from kiosk.store.migrations import HEAD
from kiosk.store.transaction import milliseconds, moment

HERE = "station"
"""The source of announcements made at the station."""
MOST = 20
"""Announcements made here and not over."""
_WAIT_S = 5.0  # the station's own transactions are over in milliseconds
_ALL = "SELECT source, id, text, begins, ends, language, picture FROM announcements ORDER BY ends, source, id"


@dataclass(frozen=True, slots=True)
class Posted:
    """An announcement on the board, and where it is from: HERE, or one of the centre's lists."""

    announcement: Announcement
    source: str


def posted(path: Path, wall: datetime) -> tuple[Posted, ...]:
    """All announcements in the database file `path`, also those that are over; what ends soonest first.

    Moments are told in the time zone of `wall`. Raises StoreError.
    """
    with _opened(path) as board:
        return tuple(
            Posted(
                Announcement(name, text, moment(begins, wall.tzinfo), moment(ends, wall.tzinfo), *how), source
            )
            for source, name, text, begins, ends, *how in board.execute(_ALL)
        )


def post(path: Path, one: Announcement, wall: datetime) -> None:
    """Put an announcement up; those made here that are over at `wall` come down. Raises StoreError."""
    with _opened(path) as board:
        board.execute("DELETE FROM announcements WHERE source = ? AND ends <= ?", (HERE, milliseconds(wall)))
        (there,) = board.execute("SELECT count(*) FROM announcements WHERE source = ?", (HERE,)).fetchone()
        if there >= MOST:
            raise StoreError(
                f"{there} announcements stand there already, and nobody would read one more;"
                " take some down: kiosk announce clear"
            )
        board.execute(
            "INSERT INTO announcements (source, id, text, begins, ends, language, picture)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                HERE,
                one.id,
                one.text,
                milliseconds(one.begins),
                milliseconds(one.ends),
                one.language,
                one.picture,
            ),
        )


def take_down(path: Path, name: str = "") -> int:
    """Take down the announcement called `name` that was made here, or all of them; how many there were.

    Those of the centre are the centre's. Raises StoreError.
    """
    with _opened(path) as board:
        return board.execute(
            "DELETE FROM announcements WHERE source = ? AND ? IN ('', id)", (HERE, name)
        ).rowcount


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    revision = database.look(path)
    if revision is None:
        raise StoreError(f"{path}: there is no database yet; start the station, or 'kiosk import' its lists")
    if revision != HEAD:
        raise StoreError(
            f"{path}: is of an older version of the station; restart the station, which brings it up to date"
        )
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=_WAIT_S, isolation_level=None)) as board:
            board.execute("PRAGMA synchronous = FULL")
            board.execute("BEGIN IMMEDIATE")
            try:
                yield board
            except BaseException:
                board.execute("ROLLBACK")
                raise
            board.execute("COMMIT")
    except sqlite3.Error as error:
        raise store_error(error, path, "changing announcements") from error
