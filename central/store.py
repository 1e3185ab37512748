"""The centre's database: found, migrated, locked, opened so that a committed fact survives a power cut.

SQLite by default: one file, one process that writes. PostgreSQL in service: the same statements, and several
ingests side by side, each locking the stations of its batch.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    URL,
    Connection,
    Engine,
    create_engine,
    delete,
    event,
    insert,
    make_url,
    select,
    text,
    update,
)
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, ProgrammingError

from central import recount
from central.errors import DatabaseUnusable, DataInUse, NewerDatabase
from central.settings import read_settings
from central.tables import meta

DATABASE = "central.db"

_PRAGMAS = (
    "busy_timeout = 5000",  # ms
    "journal_mode = WAL",
    "synchronous = FULL",  # a fact is acknowledged only when it is on the disk
    "foreign_keys = ON",
)


def url_of(folder: Path) -> URL:
    """The database of a data folder: what its central.toml names, or an SQLite file in it.

    Raises SettingsWrong, DatabaseUnusable.
    """
    named = read_settings(folder).database
    return postgresql_url(named) if named else URL.create("sqlite", database=str(folder / DATABASE))


def holds_data(folder: Path) -> bool:
    """Whether a centre has its database here, or says in central.toml where it is. Raises SettingsWrong."""
    return (folder / DATABASE).is_file() or bool(read_settings(folder).database)


def postgresql_url(text: str) -> URL:
    """A PostgreSQL address as psql takes it, for instance postgresql:///gocdoc or postgresql://host/gocdoc.

    Raises DatabaseUnusable where it is none. Passwords belong into ~/.pgpass, or PGPASSFILE.
    """
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise DatabaseUnusable(f"{text[:60]!r} is no database; say postgresql:///gocdoc") from error
    if url.get_backend_name() != "postgresql":
        raise DatabaseUnusable(
            f"{url.get_backend_name()!r} cannot be used; say postgresql:///gocdoc in central.toml, or leave"
            " it out: then the data folder holds an SQLite database"
        )
    return url.set(drivername="postgresql+psycopg")


class CentralStore:
    """The database, for one writer and many readers.

    Raises DatabaseUnusable or NewerDatabase, with the remedy, when it cannot be used.
    """

    def __init__(self, url: URL | str) -> None:
        self.url = make_url(url)
        self.shared = self.url.get_backend_name() == "postgresql"
        """Whether several processes may write at once."""
        self.name = self.url.database or str(self.url)
        self._writer = _engine(self.url, "BEGIN IMMEDIATE", "READ COMMITTED")
        self._reader = _engine(self.url, "BEGIN", "REPEATABLE READ")
        try:
            with self._writer.begin() as connection:
                if self.shared:  # two that start at once: one makes the tables, one waits
                    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('gocdoc.tables'))"))
                _migrate(connection, self.name)
                self.generation = self._known_generation(connection)
        except DBAPIError as error:
            self.close()
            raise unusable(self.name, error) from error

    @staticmethod
    def _known_generation(connection: Connection) -> str:
        """As it was when the database was opened; central.watermarks.generation_of tells what it is now."""
        if connection.scalar(select(meta.c.value).where(meta.c.key == "recount")) is not None:
            recount.mend(connection)
            connection.execute(delete(meta).where(meta.c.key == "recount"))
        found: str | None = connection.scalar(select(meta.c.value).where(meta.c.key == "generation"))
        if found is None:
            found = secrets.token_hex(8)
            connection.execute(insert(meta).values(key="generation", value=found))
        return found

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: committed at the end, or nothing of it. Raises DatabaseUnusable."""
        try:
            with self._writer.begin() as connection:
                yield connection
        except (IntegrityError, DataError) as error:
            if getattr(error.orig, "sqlstate", None) == _NO_PARTITION:
                raise unusable(self.name, error) from error
            raise  # the rows are wrong, not the database
        except DBAPIError as error:
            if isinstance(error, ProgrammingError) and not self.shared:
                raise  # SQLite's word for a value it cannot hold
            if isinstance(error.orig, OverflowError):
                raise
            raise unusable(self.name, error) from error

    def lock(self, connection: Connection, sources: Iterable[str]) -> None:
        """Until the end of the transaction nobody else writes what is of these stations.

        SQLite has one writer anyway. In PostgreSQL every row of a station (its numbering, counters, faults)
        is written under the lock of its name. All take them in one order, so that none waits in a ring.
        """
        if self.shared:
            connection.execute(_LOCK, {"names": sorted(set(sources))})

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One snapshot of everything. Raises DatabaseUnusable."""
        try:
            with self._reader.begin() as connection:
                yield connection
        except DBAPIError as error:
            raise unusable(self.name, error) from error

    def session(self) -> Connection:
        """A connection of its own that outlives transactions. Raises sqlalchemy.exc.DBAPIError."""
        return self._writer.connect().execution_options(isolation_level="AUTOCOMMIT")

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
                f"{folder}: another 'central serve' works on this data, and SQLite lets in one writer;"
                " stop it first, or use another --data; several side by side need PostgreSQL (central.toml)"
            ) from error

    def release(self) -> None:
        """Let the next one in. The file stays: removing it would let two lock two files."""
        os.close(self._fd)


def renew_generation(connection: Connection) -> str:
    """Say that this database may hold less than it once said: stations then send again what is missing."""
    fresh = secrets.token_hex(8)
    connection.execute(update(meta).where(meta.c.key == "generation").values(value=fresh))
    return fresh


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
    elif "connection" in cause or "server" in cause:
        remedy = "check that the database server runs, and central.toml; stations keep their facts meanwhile"
    return DatabaseUnusable(f"{name}: the database cannot be used ({cause}); {remedy}")


_NO_PARTITION = "23514"  # PostgreSQL: check_violation; the only one there is here
# A machine that vanished lets go of its locks after half a minute, not after two hours. Sums over a year of
# counters are over before their compilation would have paid.
_OPTIONS = "-c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c jit=off"
_LOCK = text(
    "SELECT pg_advisory_xact_lock(key) FROM (SELECT DISTINCT hashtextextended(name, 1) AS key"
    " FROM unnest(CAST(:names AS text[])) AS name ORDER BY key) AS keys"
)


def _engine(url: URL, begin: str, isolation: str) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(
            url,
            isolation_level=isolation,
            pool_pre_ping=True,  # a server that was restarted is no trouble
            connect_args={"application_name": "gocdoc-central", "connect_timeout": 5, "options": _OPTIONS},
        )
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
