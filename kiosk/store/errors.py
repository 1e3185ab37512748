"""Why the store could not be opened or would not do it. Every message names the file and the remedy."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from kiosk.ports import StorageFull, StoreError


class DataInUse(StoreError):
    """Another station process holds the data folder."""


class NewerDatabase(StoreError):
    """The database was written by a newer version of the station."""


class DamagedDatabase(StoreError):
    """SQLite's own check found the file broken."""


class NotADatabase(StoreError):
    """The file is something else."""


class UnwritableFolder(StoreError):
    """The data folder cannot be created or written."""


class OtherStation(StoreError):
    """The database belongs to a station of another name."""


class TagTaken(StoreError):
    """The tag is already bound to something else. Never says which child's card it is."""


_DISK = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def store_error(error: DBAPIError | sqlite3.Error, path: Path, doing: str) -> StoreError:
    """The station's own error for SQLite's: by result code (sqlite.org/rescode.html), not by wording."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    # The low byte is the primary code; the rest says where it happened.
    code = (getattr(cause, "sqlite_errorcode", None) or sqlite3.SQLITE_ERROR) & 0xFF
    if code in _DISK:
        return StorageFull(
            f"{path}: {doing}: the disk refuses ({cause}); free some room or check the card, "
            "nothing of it was kept"
        )
    if code in _DAMAGE:
        return DamagedDatabase(damage_message(path, str(cause)))
    if code == sqlite3.SQLITE_BUSY:
        return StoreError(f"{path}: {doing}: another program holds the database; close it and try again")
    return StoreError(f"{path}: {doing}: {cause}")


def damage_message(path: Path, found: str) -> str:
    """What to tell when the file is broken."""
    return (
        f"{path}: the database is damaged ({found}); stop the station, keep a copy of the file "
        "with its -wal, set it aside and restore the newest backup"
    )


def other_station(path: Path, owner: str, asked: str) -> str:
    """What to tell when the database is another station's."""
    return (
        f"{path}: belongs to the station {owner!r}, not {asked!r}: its facts are numbered under "
        "that name; set station.id back, or give this station a data folder of its own"
    )
