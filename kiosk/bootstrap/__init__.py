"""The composition root: the only package that imports everything."""

from kiosk.bootstrap.devices import pad_of
from kiosk.bootstrap.doctor import Finding, examine
from kiosk.bootstrap.places import covers_of, database_of, opened_store
from kiosk.bootstrap.station import run_station, show_out_of_order

__all__ = [
    "Finding",
    "covers_of",
    "database_of",
    "examine",
    "opened_store",
    "pad_of",
    "run_station",
    "show_out_of_order",
]
