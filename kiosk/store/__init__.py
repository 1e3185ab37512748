"""The station's memory: SQLite through SQLAlchemy, migrations by Alembic."""

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
from kiosk.store.station import Counts, StationStore, open_store

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
    "set_aside",
]
