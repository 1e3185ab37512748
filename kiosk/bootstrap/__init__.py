"""The composition root: the only package that imports everything."""

from kiosk.bootstrap.devices import found_devices, opened_pins, pad_of
from kiosk.bootstrap.doctor import Finding, examine
from kiosk.bootstrap.extras import door_of
from kiosk.bootstrap.places import (
    covers_of,
    database_of,
    is_running,
    opened_store,
    pin_file_of,
    refuse_when_running,
)
from kiosk.bootstrap.station import run_station, show_out_of_order

__all__ = [
    "Finding",
    "covers_of",
    "database_of",
    "door_of",
    "examine",
    "found_devices",
    "is_running",
    "opened_pins",
    "opened_store",
    "pad_of",
    "pin_file_of",
    "refuse_when_running",
    "run_station",
    "show_out_of_order",
]
