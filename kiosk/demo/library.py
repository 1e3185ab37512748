"""Loads the demonstration library from the lists that lie beside this file."""

from __future__ import annotations

from pathlib import Path

from kiosk.imports.covers import draw_covers
from kiosk.imports.csv_files import ImportReport, import_folder
from kiosk.model import Now
from kiosk.store.collection import Collection
from kiosk.store.station import StationStore

FOLDER = Path(__file__).parent
"""titles.csv, items.csv, patrons.csv and the lending rules that go with them, demo.toml."""


def load_demo(store: StationStore, covers: Path, now: Now) -> ImportReport:
    """Put the demonstration library into `store` and draw its covers into the folder `covers`.

    Doing it again changes nothing but what was edited since. Raises as import_files and draw_covers do.
    """
    report = import_folder(store, FOLDER, now)
    with store.begin(now) as work:
        titles = Collection(work).titles()
    draw_covers(titles, covers)
    return report
