"""Where a station keeps its things, and how its store is opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from kiosk.clock import StationClock
from kiosk.desk.pin import PinFile
from kiosk.errors import StationError
from kiosk.settings import Settings
from kiosk.store import DataInUse, StationStore, open_store
from kiosk.store.kept_time import last_kept_time
from kiosk.store.lock import StationLock

DATABASE = "station.db"
COVERS = "covers"
PIN = "staff.pin"


class DevicesInUse(StationError, OSError):
    """The devices belong to a running station."""


def database_of(settings: Settings) -> Path:
    """Where the station keeps its database."""
    return settings.station.data / DATABASE


def covers_of(settings: Settings) -> Path:
    """Where the drawn covers are."""
    return settings.station.data / COVERS


def pin_file_of(settings: Settings) -> PinFile:
    """Where the staff's PIN is kept, as a hash."""
    return PinFile(settings.station.data / PIN)


def is_running(settings: Settings) -> bool:
    """Whether a station runs with these settings' data, and so has the devices."""
    if not settings.station.data.is_dir():
        return False
    try:
        StationLock(settings.station.data).release()
    except DataInUse:
        return True
    except StationError:  # a folder that cannot be written is told as such
        return False
    return False


def refuse_when_running(settings: Settings) -> None:
    """Raises DevicesInUse while a station has the devices."""
    if is_running(settings):
        raise DevicesInUse(
            "a station is running and has the devices; stop it first: sudo systemctl stop gocdoc-station"
        )


@contextmanager
def opened_store(settings: Settings) -> Iterator[tuple[StationStore, StationClock]]:
    """The station's store and the clock of this start, for as long as the block lasts."""
    wall = datetime.now().astimezone()
    with open_store(
        database_of(settings), kiosk=settings.station.id, wall=wall, library=settings.station.library
    ) as store:
        yield store, StationClock(store.boot, not_before=last_kept_time(store.path))
