"""The store of one station: opened once, written by one thread, everything or nothing."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, bindparam, insert, null, select, text, update
from sqlalchemy.exc import DBAPIError

from kiosk.model import ClockQuality, Item, Now, Patron
from kiosk.ports import StoreError
from kiosk.store import database
from kiosk.store.collection import Collection
from kiosk.store.counts import COUNTS, Counts
from kiosk.store.errors import NotADatabase, OtherStation, UnwritableFolder, other_station, store_error
from kiosk.store.lock import StationLock
from kiosk.store.migrations import HEAD
from kiosk.store.tables import MetaRow, OutboxRow
from kiosk.store.transaction import StationTransaction, milliseconds

KEPT = timedelta(days=30)
"""How long a confirmed fact stays: a centre restored from a younger backup asks for it again."""

_CONFIRM = (
    update(OutboxRow)
    .where(OutboxRow.seq <= bindparam("upto"), OutboxRow.confirmed_at.is_(null()))
    .values(confirmed_at=bindparam("at"))
)
_LAST_SEQ = "SELECT seq FROM sqlite_sequence WHERE name = 'outbox'"
_SET_META = update(MetaRow).where(MetaRow.key == bindparam("of")).values(value=bindparam("to"))


class StationStore:
    """Fits kiosk.ports.Store. Made by `open_store`; used by one thread at a time, the desk's.

    `epoch` names this database to the centre, `boot` says how many times it was opened.
    """

    def __init__(
        self, path: Path, engine: Engine, lock: StationLock, meta: dict[str, str], library: str = ""
    ) -> None:
        self.path = path
        self.kiosk = meta["kiosk"]
        self.library = library
        self.epoch = meta["epoch"]
        self.boot = int(meta["boot"])
        self._secret = bytes.fromhex(meta["card_secret"])
        self._engine = engine
        self._lock = lock
        self._connection: Connection | None = None
        self._open: StationTransaction | None = None
        self._acked = int(meta["acked_upto"])
        self._next_seq: int | None = None  # None: to be read from the database

    @property
    def acked(self) -> int:
        """Up to which fact the centre holds everything."""
        return self._acked

    def begin(self, now: Now) -> StationTransaction:
        """A unit of work at the moment `now`; leaving it without `commit` rolls back.

        Raises StorageFull or StoreError when the database cannot be written, StoreError when one is open.
        """
        if self._open is not None:
            raise StoreError(f"{self.path}: a transaction is already open; the store has one writer")
        connection = self._connected()
        try:
            begun = connection.begin()
            if self._next_seq is None:
                last = connection.exec_driver_sql(
                    "SELECT seq FROM sqlite_sequence WHERE name = 'outbox'"
                ).scalar()
                self._next_seq = int(last or 0) + 1
        except DBAPIError as error:
            self._reconnect()
            raise store_error(error, self.path, "beginning") from error
        self._open = StationTransaction(
            connection, begun, now, path=self.path, kiosk=self.kiosk,
            library=self.library, epoch=self.epoch,
            secret=self._secret, next_seq=self._next_seq, finished=self._finished,
        )  # fmt: skip
        return self._open

    def confirm(self, epoch: str, upto: int, now: Now) -> None:
        """Mark facts 1..upto as held by the centre.

        Ignored: a foreign epoch, a number never written, a watermark that does not move forward.
        """
        if epoch != self.epoch or upto <= self._acked:
            return
        with self.begin(now) as work:
            if upto >= work.next_seq:
                return
            work.run(_CONFIRM, {"upto": upto, "at": milliseconds(now.wall)}, "confirming facts")
            work.run(_SET_META, {"of": "acked_upto", "to": str(upto)}, "confirming facts")
            work.commit()
        self._acked = upto

    def prune(self, now: Now) -> int:
        """Forget facts confirmed more than 30 days ago and give their room back: for the idle hour.

        Returns how many were forgotten. Does nothing while the clock is free-running: a wrong date
        must not cost a fact.
        """
        if now.quality is ClockQuality.FREE:
            return 0
        with self.begin(now) as work:
            before = milliseconds(now.wall - KEPT)
            forgotten = work.run(
                OutboxRow.__table__.delete().where(OutboxRow.confirmed_at < before),  # type: ignore[attr-defined]
                {},
                "pruning facts",
            ).rowcount
            work.commit()
        try:
            dbapi = self._connected().connection.cursor()
            try:
                # Each step frees one page: executescript takes all steps, execute only the first.
                dbapi.executescript("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE);")
            finally:
                dbapi.close()
        except (DBAPIError, sqlite3.Error) as error:
            self._reconnect()
            raise store_error(error, self.path, "giving room back") from error
        return forgotten

    def counts(self, now: Now) -> Counts:
        """How much there is of everything."""
        with self.begin(now) as work:
            return Counts(*work.run(text(COUNTS), {}, "counting").one())

    def bind_item(self, item_id: str, uid: str, now: Now) -> Item:
        """Bind a tag to an item and report it, in one transaction. Raises as Collection.bind_item does."""
        with self.begin(now) as work:
            item = Collection(work).bind_item(item_id, uid)
            work.commit()
        return item

    def bind_card(self, patron_id: str, uid: str, now: Now) -> Patron:
        """Give a patron a card and report it, in one transaction. Raises as Collection.bind_card does."""
        with self.begin(now) as work:
            patron = Collection(work).bind_card(patron_id, uid, now)
            work.commit()
        return patron

    def close(self) -> None:
        """Close the database and let the next process in. What was not committed is gone."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._engine.dispose()
        self._lock.release()

    def __enter__(self) -> StationStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _connected(self) -> Connection:
        if self._connection is None:
            try:
                self._connection = self._engine.connect()
            except DBAPIError as error:
                raise store_error(error, self.path, "opening") from error
        return self._connection

    def _reconnect(self) -> None:
        # After an error the connection's state is not worth guessing: the next transaction takes a new one.
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
        self._next_seq = None

    def _finished(self, next_seq: int | None) -> None:
        self._open = None
        if next_seq is None:
            self._reconnect()
        else:
            self._next_seq = next_seq


def open_store(
    path: Path,
    *,
    kiosk: str,
    wall: datetime,
    library: str = "",
    random_hex: Callable[[int], str] = secrets.token_hex,
) -> StationStore:
    """Open the database file `path` for writing: make or migrate it, check it, count the boot.

    A new one gets an epoch of 128 random bits and a card secret of 256. The folder is made when missing and
    locked until `close` or the end of the process.

    Raises DataInUse, NewerDatabase, DamagedDatabase, NotADatabase, OtherStation, UnwritableFolder,
    StorageFull: all StoreErrors whose message names the file and the remedy.
    """
    if path.is_dir():
        raise NotADatabase(f"{path}: is a folder; name the database file in it, for instance station.db")
    lock = StationLock(path.parent)
    try:
        revision = database.look(path)
        _make_private(path)
        engine = database.engine_of(path)
        try:
            with engine.connect() as connection:
                database.check(connection, path)
                connection.rollback()
                with connection.begin():
                    if revision != HEAD:
                        database.migrate(connection)
                    meta = _meta(connection, path, kiosk=kiosk, wall=wall, random_hex=random_hex)
        except DBAPIError as error:
            raise store_error(error, path, "opening") from error
        return StationStore(path, engine, lock, meta, library)
    except BaseException:
        lock.release()
        raise


def _make_private(path: Path) -> None:
    # SQLite gives -wal and -shm the mode of the database: only the station's user reads who borrows.
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise UnwritableFolder(
            f"{path}: cannot be written ({error.strerror}); give file and folder to the station's user"
        ) from error


def _meta(
    connection: Connection, path: Path, *, kiosk: str, wall: datetime, random_hex: Callable[[int], str]
) -> dict[str, str]:
    meta = {row.key: row.value for row in connection.execute(select(MetaRow.key, MetaRow.value))}
    if not meta:
        meta = {
            "kiosk": kiosk,
            "epoch": random_hex(16),
            "boot": "0",
            "acked_upto": "0",
            "card_secret": random_hex(32),
            "created": wall.isoformat(timespec="seconds"),
        }
        connection.execute(insert(MetaRow), [{"key": key, "value": value} for key, value in meta.items()])
    if meta["kiosk"] != kiosk:
        raise OtherStation(other_station(path, meta["kiosk"], kiosk))
    meta["boot"] = str(int(meta["boot"]) + 1)
    connection.execute(_SET_META, {"of": "boot", "to": meta["boot"]})
    return meta
