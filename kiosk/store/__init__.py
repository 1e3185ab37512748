"""The station's memory: SQLite through SQLAlchemy, migrations by Alembic."""

from kiosk.store.counts import Counts, read_counts
from kiosk.store.database import set_aside
from kiosk.store.errors import (
    DamagedDatabase,
    DataInUse,
    NewerDatabase,
    NotADatabase,
    OtherStation,
    TagTaken,
    UnwritableFolder,
)
from kiosk.store.station import StationStore, open_store

__all__ = [
    "Counts",
    "DamagedDatabase",
    "DataInUse",
    "NewerDatabase",
    "NotADatabase",
    "OtherStation",
    "StationStore",
    "TagTaken",
    "UnwritableFolder",
    "open_store",
    "read_counts",
    "set_aside",
]
