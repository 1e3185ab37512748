"""The station's database file: checked before it is touched, opened so that it survives a power cut.

Settings and their reasons: in WAL mode synchronous=FULL syncs at every commit; NORMAL syncs at checkpoints
only, and a power cut then takes loans that were shown (sqlite.org/wal.html, sqlite.org/pragma.html).
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event

from kiosk.store.errors import (
    DamagedDatabase,
    NewerDatabase,
    NotADatabase,
    UnwritableFolder,
    damage_message,
    store_error,
)
from kiosk.store.migrations import HEAD

PRAGMAS = (
    "auto_vacuum = INCREMENTAL",  # takes effect only before the first table is made
    "busy_timeout = 5000",  # ms; a backup may read meanwhile
    "journal_mode = WAL",
    "synchronous = FULL",  # done means durable
    "foreign_keys = ON",
    "secure_delete = ON",  # a returned loan is overwritten, not merely forgotten
    "journal_size_limit = 4194304",  # bytes of -wal kept after a checkpoint
    "wal_autocheckpoint = 500",  # pages
)
_MAGIC = b"SQLite format 3\x00"  # sqlite.org/fileformat2.html section 1.3


def engine_of(path: Path) -> Engine:
    """An engine whose every connection has the settings above and whose every transaction is IMMEDIATE."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=NullPool,
        hide_parameters=True,  # SQLAlchemy's messages would carry a child's number into a log
        # The one writing connection is opened by the main thread and used by the desk thread.
        connect_args={"check_same_thread": False, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def _settings(dbapi: sqlite3.Connection, _record: Any) -> None:
        for pragma in PRAGMAS:
            dbapi.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # Taking the write lock at once: no transaction can fail half way for want of it.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def look(path: Path) -> str | None:
    """The revision of an existing database, read without writing a byte; None for a missing or empty one.

    Raises NotADatabase, NewerDatabase, DamagedDatabase, UnwritableFolder; StorageFull when even reading
    needs room that is not there (the journal's index).
    """
    try:
        with path.open("rb") as file:
            beginning = file.read(len(_MAGIC))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UnwritableFolder(
            f"{path}: cannot be read ({error.strerror}); give the file to the station's user"
        ) from error
    if not beginning:
        return None
    if beginning != _MAGIC:
        raise NotADatabase(
            f"{path}: this is not a SQLite database; move the file away, or choose another data folder"
        )
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as found:
            tables = {name for (name,) in found.execute("SELECT name FROM sqlite_schema")}
            if not tables:
                return None
            if "alembic_version" not in tables:
                raise NotADatabase(
                    f"{path}: a SQLite database, but not a station's; "
                    "move the file away, or choose another data folder"
                )
            row = found.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise store_error(error, path, "opening") from error
    revision = str(row[0]) if row else ""
    if revision != HEAD and revision not in _known_revisions():
        raise NewerDatabase(
            f"{path}: written by a newer version of the station (revision {revision[:40]!r}); "
            "install that version again, or restore a backup made before it. The file was not touched"
        )
    return revision


def check(connection: Connection, path: Path) -> None:
    """SQLite's own quick check. Raises DamagedDatabase with what it found first."""
    found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA quick_check(3)")]
    if found != ["ok"]:
        raise DamagedDatabase(damage_message(path, "; ".join(found)[:300]))


def migrate(connection: Connection) -> None:
    """Bring the tables to HEAD inside the connection's transaction: all of it or nothing."""
    from alembic import command  # noqa: PLC0415 - only when there is something to migrate

    config = _alembic()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def set_aside(path: Path, when: datetime) -> Path:
    """Rename a damaged database, with its -wal and -shm, to `<name>.damaged-<time>`; returns the new path.

    Only ever called on a person's word, with no station running. Raises UnwritableFolder.
    """
    aside = path.with_name(f"{path.name}.damaged-{when:%Y%m%d-%H%M%S}")
    try:
        # The journal first: were we stopped between the renames, a new database must not meet an old journal.
        for suffix in ("-wal", "-shm", ""):
            part = path.with_name(path.name + suffix)
            if part.exists():
                part.rename(aside.with_name(aside.name + suffix))
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise UnwritableFolder(
            f"{path}: cannot be set aside ({error.strerror}); rename it by hand"
        ) from error
    return aside


def _alembic() -> Any:
    from alembic.config import Config  # noqa: PLC0415 - see migrate

    config = Config()
    config.set_main_option("script_location", "kiosk.store:migrations")
    return config


def _known_revisions() -> set[str]:
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - see migrate

    return {script.revision for script in ScriptDirectory.from_config(_alembic()).walk_revisions()}
