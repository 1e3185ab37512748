"""The store of one station: opened once, written by one thread, everything or nothing."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, bindparam, delete, insert, null, select, text, update
from sqlalchemy.exc import DBAPIError

from kiosk.model import ClockQuality, Item, Now, Patron
from kiosk.ports import StoreError
from kiosk.store import database
from kiosk.store.bounds import KEPT_WHEN_TIGHT, bound_of, summed_up
from kiosk.store.collection import Collection
from kiosk.store.counts import COUNTS, Counts
from kiosk.store.errors import NotADatabase, OtherStation, UnwritableFolder, other_station, store_error
from kiosk.store.lock import StationLock
from kiosk.store.migrations import HEAD
from kiosk.store.numbering import renumbered
from kiosk.store.tables import MetaRow, OutboxRow
from kiosk.store.transaction import StationTransaction, milliseconds

KEPT = timedelta(days=30)
"""How long a confirmed fact stays: a centre restored from a younger backup asks for it again."""

MEASURE_EVERY = 1_000
"""Facts between two looks at how large the database is: half a megabyte of them."""

_CONFIRM = (
    update(OutboxRow)
    .where(OutboxRow.seq <= bindparam("upto"), OutboxRow.confirmed_at.is_(null()))
    .values(confirmed_at=bindparam("at"))
)
_FORGET_OLD = delete(OutboxRow).where(OutboxRow.confirmed_at < bindparam("before"))
_FORGET_FIRST = delete(OutboxRow).where(
    OutboxRow.seq <= bindparam("upto"), OutboxRow.confirmed_at.is_not(null())
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
        self._bound = bound_of(path.parent)
        self._tight = False
        self._measured_at = 0  # the number of the fact before which the size was last looked at

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
            if self._next_seq >= self._measured_at + MEASURE_EVERY:
                self._measure(connection)
        except DBAPIError as error:
            self._reconnect()
            raise store_error(error, self.path, "beginning") from error
        self._open = StationTransaction(
            connection, begun, now, path=self.path, kiosk=self.kiosk,
            library=self.library, epoch=self.epoch,
            secret=self._secret, next_seq=self._next_seq, tight=self._tight, finished=self._finished,
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

    def renumber(self, epoch: str, now: Now) -> int | None:
        """Begin a new epoch: the centre holds other facts under numbers of `epoch` (restored or cloned card).

        Facts it is not known to hold move over, in order and numbered from 1; each keeps its id, so one that
        it holds all the same is never counted twice. Those it holds are forgotten with their numbers. Answers
        how many moved. None when `epoch` is not this database's (told before, or another's): nothing is done.
        """
        if epoch != self.epoch:
            return None
        fresh = secrets.token_hex(16)
        with self.begin(now) as work:
            moved = renumbered(work, fresh)
            work.run(_SET_META, {"of": "epoch", "to": fresh}, "beginning a new epoch")
            work.run(_SET_META, {"of": "acked_upto", "to": "0"}, "beginning a new epoch")
            work.commit()
        self.epoch, self._acked, self._next_seq = fresh, 0, None
        return moved

    def prune(self, now: Now) -> int:
        """Forget facts confirmed more than 30 days ago and give their room back: for the idle hour.

        Returns how many were forgotten. While the clock is free-running age says nothing: a wrong date must
        not cost a fact. When the database is at its bound the oldest confirmed ones go by number, whatever
        their age: the centre holds them. Facts it does not hold are never forgotten.
        """
        with self.begin(now) as work:
            forgotten = 0
            if now.quality is not ClockQuality.FREE:
                before = milliseconds(now.wall - KEPT)
                forgotten += work.run(_FORGET_OLD, {"before": before}, "pruning facts").rowcount
            self._measure(self._connected())
            if self._tight:
                upto = work.next_seq - 1 - KEPT_WHEN_TIGHT
                forgotten += work.run(_FORGET_FIRST, {"upto": upto}, "pruning facts").rowcount
                self._measure(self._connected())
            if forgotten:
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

    def sum_up(self, now: Now) -> int:
        """Report the faults that were only counted, of hours that are over; answers with how many facts."""
        with self.begin(now) as work:
            told = summed_up(work.run, now)
            for fact in told:
                work.write(fact)
            if told:
                work.commit()
        return len(told)

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

    def _measure(self, connection: Connection) -> None:
        """Look whether the database is at its bound: pages in use, not those that were given up."""
        pages, free, size = (
            int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
            for name in ("page_count", "freelist_count", "page_size")
        )
        self._tight = (pages - free) * size > self._bound
        self._measured_at = self._next_seq or 0

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
        _finish_interrupted_start(path)
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


def _finish_interrupted_start(path: Path) -> None:
    """Take back what the power cut off while the database was first made.

    Until it is in WAL mode SQLite keeps a rollback journal, and a database beside one cannot be looked at
    without writing. What is no database of ours is left to `look`, which says so.
    """
    if not path.with_name(f"{path.name}-journal").exists():
        return
    with suppress(sqlite3.Error), closing(sqlite3.connect(path, timeout=5.0)) as found:
        found.execute("SELECT count(*) FROM sqlite_schema").fetchone()


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
