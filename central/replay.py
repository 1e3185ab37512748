"""Asking stations to send again: what one of them lost here, or everything since a backup."""

from __future__ import annotations

from sqlalchemy import func, select

from central.errors import NoSuchStation
from central.store import CentralStore, renew_generation
from central.tables import station, stream
from central.watermarks import look_again


def replay(store: CentralStore, name: str, first: int = 1) -> int:
    """Look which numbers of a station from `first` on are really held; have it send those that are not.

    The running ingest tells the station within seconds, or when it is there again. What comes twice is
    recognised. Facts dropped by the retention rule are not asked for. Answers how many numbers are missing.
    Raises NoSuchStation, DatabaseUnusable.
    """
    with store.writing() as connection:
        store.lock(connection, [name])
        known = connection.scalar(select(func.count()).select_from(stream).where(stream.c.source == name))
        if not known:
            names = connection.scalars(select(station.c.id).order_by(station.c.id).limit(20)).all()
            raise NoSuchStation(
                f"{name[:60]!r} has reported nothing here; there are {', '.join(names) or 'no stations yet'}"
            )
        missing = look_again(connection, name, max(1, first))
        renew_generation(connection)
    return sum(last - low + 1 for low, last in missing)


def restored(store: CentralStore) -> str:
    """Say that this database was restored from a backup; answers with its new generation.

    The running ingest tells every station, and each sends what came after. Raises DatabaseUnusable.
    """
    with store.writing() as connection:
        return renew_generation(connection)
