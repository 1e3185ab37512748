"""Where a station keeps its things, and how its store is opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from kiosk.clock import StationClock
from kiosk.settings import Settings
from kiosk.store import StationStore, open_store
from kiosk.store.kept_time import last_kept_time

DATABASE = "station.db"
COVERS = "covers"


def database_of(settings: Settings) -> Path:
    """Where the station keeps its database."""
    return settings.station.data / DATABASE


def covers_of(settings: Settings) -> Path:
    """Where the drawn covers are."""
    return settings.station.data / COVERS


@contextmanager
def opened_store(settings: Settings) -> Iterator[tuple[StationStore, StationClock]]:
    """The station's store and the clock of this start, for as long as the block lasts."""
    wall = datetime.now().astimezone()
    with open_store(
        database_of(settings), kiosk=settings.station.id, wall=wall, library=settings.station.library
    ) as store:
        yield store, StationClock(store.boot, not_before=last_kept_time(store.path))
