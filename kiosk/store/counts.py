"""How much a station holds: read beside a running station, without touching anything."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from kiosk.ports import StoreError
from kiosk.store import database
from kiosk.store.errors import store_error

COUNTS = """
SELECT (SELECT count(*) FROM titles), (SELECT count(*) FROM items), (SELECT count(tag) FROM items),
       (SELECT count(*) FROM patrons), (SELECT count(*) FROM cards), (SELECT count(*) FROM loans),
       (SELECT count(*) FROM outbox WHERE confirmed_at IS NULL)
"""
"""One statement, hence one snapshot; the columns are the fields of Counts."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is of everything; says nothing of anyone."""

    titles: int
    items: int
    items_with_tag: int
    patrons: int
    patrons_with_card: int
    loans: int
    facts_waiting: int


def read_counts(path: Path) -> Counts:
    """How much the database file `path` holds; a station may be running with it.

    Raises StoreError when there is none, or when it cannot be read.
    """
    if database.look(path) is None:
        raise StoreError(f"{path}: there is no database yet; 'kiosk import' or 'kiosk demo load' makes it")
    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5.0)
        ) as reading:
            return Counts(*reading.execute(COUNTS).fetchone())
    except sqlite3.Error as error:
        raise store_error(error, path, "counting") from error
