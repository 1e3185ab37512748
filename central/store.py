"""The centre's database: found, migrated, locked, opened so that a committed fact survives a power cut."""

from __future__ import annotations

import fcntl
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, insert, make_url, select
from sqlalchemy.exc import DBAPIError

from central.errors import DatabaseUnusable, DataInUse, NewerDatabase
from central.tables import meta

DATABASE = "central.db"

_PRAGMAS = (
    "busy_timeout = 5000",  # ms
    "journal_mode = WAL",
    "synchronous = FULL",  # a fact is acknowledged only when it is on the disk
    "foreign_keys = ON",
)


def url_of(folder: Path) -> URL:
    """The default database of a data folder."""
    return URL.create("sqlite", database=str(folder / DATABASE))


class CentralStore:
    """The database, for one writer and many readers.

    Raises DatabaseUnusable or NewerDatabase, with the remedy, when it cannot be used.
    """

    def __init__(self, url: URL | str) -> None:
        self.url = make_url(url)
        self.name = self.url.database or str(self.url)
        self._writer = _engine(self.url, "BEGIN IMMEDIATE")
        self._reader = _engine(self.url, "BEGIN")
        try:
            with self._writer.begin() as connection:
                _migrate(connection, self.name)
                found = connection.scalar(select(meta.c.value).where(meta.c.key == "generation"))
                if found is None:
                    found = secrets.token_hex(8)
                    connection.execute(insert(meta).values(key="generation", value=found))
        except DBAPIError as error:
            self.close()
            raise unusable(self.name, error) from error
        self.generation: str = found

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: committed at the end, or nothing of it. Raises DatabaseUnusable."""
        try:
            with self._writer.begin() as connection:
                yield connection
        except DBAPIError as error:
            if isinstance(error.orig, sqlite3.IntegrityError | sqlite3.ProgrammingError | OverflowError):
                raise  # the rows are wrong, not the database
            raise unusable(self.name, error) from error

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One snapshot of everything. Raises DatabaseUnusable."""
        try:
            with self._reader.begin() as connection:
                yield connection
        except DBAPIError as error:
            raise unusable(self.name, error) from error

    def close(self) -> None:
        """Release every connection."""
        self._writer.dispose()
        self._reader.dispose()


class DataLock:
    """One ingest a data folder: the kernel releases the lock even at kill -9. Raises DataInUse."""

    def __init__(self, folder: Path) -> None:
        path = folder / "central.lock"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise DatabaseUnusable(
                f"{folder}: cannot be written ({error.strerror}); choose another folder with --data"
            ) from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._fd)
            raise DataInUse(
                f"{folder}: another 'central serve' works on this data; stop it first, or use another --data"
            ) from error

    def release(self) -> None:
        """Let the next one in. The file stays: removing it would let two lock two files."""
        os.close(self._fd)


def unusable(name: str, error: DBAPIError) -> DatabaseUnusable:
    """A database error in words."""
    cause = str(error.orig)
    remedy = "check the disk and who may write there"
    if "full" in cause:
        remedy = "make room on the disk; stations keep their facts meanwhile"
    elif "not a database" in cause or "malformed" in cause:
        remedy = "restore it from a backup; stations send again what is missing"
    elif "locked" in cause:
        remedy = "another program holds it; close that program"
    return DatabaseUnusable(f"{name}: the database cannot be used ({cause}); {remedy}")


def _engine(url: URL, begin: str) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url)
    engine = create_engine(url, connect_args={"isolation_level": None})

    @event.listens_for(engine, "connect")
    def _settings(dbapi: sqlite3.Connection, _record: Any) -> None:
        for pragma in _PRAGMAS:
            dbapi.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _migrate(connection: Connection, name: str) -> None:
    config = Config()
    config.set_main_option("script_location", "central:migrations")
    config.attributes["connection"] = connection
    scripts = ScriptDirectory.from_config(config)
    current = MigrationContext.configure(connection).get_current_revision()
    if current == scripts.get_current_head():
        return
    if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
        raise NewerDatabase(
            f"{name}: written by a newer version of the centre (revision {current[:40]!r});"
            " install that version again, or use another --data"
        )
    command.upgrade(config, "head")
