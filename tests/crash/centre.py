"""The centre as a process of its own, pages and all, and what it has on record when it lies dead."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, select

from central.ingest import BrokerAddress
from central.overview import counts
from central.recount import differences
from central.server import run as serve
from central.store import CentralStore, url_of
from central.tables import alarm, event, stream
from tests.crash.programs import begin


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a centre works."""

    data: Path
    port: int  # the broker's
    pages: int = 0  # 0: a free one


def run(seat: Seat) -> None:
    """The process: until SIGTERM."""
    begin(seat.data / "centre.log")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    serve(seat.data, BrokerAddress("127.0.0.1", seat.port), host="127.0.0.1", port=seat.pages)


_NOTHING = {"missing": [], "quarantined": 0, "deadletters": 0, "redelivered": 0}  # of who was never heard


@dataclass(frozen=True, slots=True)
class CentreBooks:
    """Everything it holds of a station."""

    ids: Counter[str]  # of facts, and how often each is held
    upto: int
    gaps: int
    quarantined: int
    deadletters: int
    redelivered: int
    alarms: frozenset[str]
    wrong_counters: int
    sound: bool


def read_books(data: Path, station: str = "kiosk-1") -> CentreBooks:
    """Read a centre's database, SQLite or PostgreSQL."""
    store = CentralStore(url_of(data))
    try:
        with store.reading() as connection:
            told = counts(connection).get(station, _NOTHING)
            sound = store.shared or connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            return CentreBooks(
                ids=Counter(connection.scalars(select(event.c.id).where(event.c.source == station))),
                upto=_upto(connection, station),
                gaps=len(told["missing"]),
                quarantined=told["quarantined"],
                deadletters=told["deadletters"],
                redelivered=told["redelivered"],
                alarms=frozenset(connection.scalars(select(alarm.c.kind).where(alarm.c.station == station))),
                wrong_counters=len(differences(connection)),
                sound=bool(sound),
            )
    finally:
        store.close()


def upto_of(data: Path, station: str = "kiosk-1") -> int:
    """Up to which number it holds everything, over all numberings."""
    store = CentralStore(url_of(data))
    try:
        with store.reading() as connection:
            return _upto(connection, station)
    finally:
        store.close()


def _upto(connection: Connection, station: str) -> int:
    return int(connection.scalar(select(func.sum(stream.c.upto)).where(stream.c.source == station)) or 0)
