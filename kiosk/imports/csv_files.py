"""A library's own lists into the store: titles.csv, items.csv, patrons.csv. All of it or nothing.

| file | columns (? = may be missing or empty) |
| --- | --- |
| titles.csv | id, title, author, language, age_from, shelf, motif?, about? |
| items.csv | item, title_id, status?, tag? |
| patrons.csv | id, nickname, animal, category, birth_year?, expires?, card?, language?, blocked?, |
|             | group?, family?, barcode?, passport? |

Rows already there are brought up to date by their id; an empty tag, card, barcode or passport leaves what is
there alone, and so does a list without the column about, group or family. A passport of "no" is the family's
word: what was kept of the child is erased.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kiosk.imports import conflicts
from kiosk.imports.entries import Entry, read_items, read_patrons, read_titles
from kiosk.imports.refusal import ImportRefused, Mistakes
from kiosk.model import Now, Patron, Title
from kiosk.store.collection import Collection
from kiosk.store.station import StationStore

FILES = ("titles", "items", "patrons")
_TITLES_MAY_STAY = {"about": "about"}
_PATRONS_MAY_STAY = {"group": "group_code", "family": "family"}
"""Columns that stay as they are when a file does not have them, with their names in the table."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """How many rows of each kind were taken in, and what a librarian should look at all the same."""

    titles: int = 0
    items: int = 0
    patrons: int = 0
    warnings: tuple[str, ...] = ()


def import_folder(store: StationStore, folder: Path, now: Now) -> ImportReport:
    """Import those of titles.csv, items.csv and patrons.csv that lie in `folder`.

    Raises ImportRefused when there is none, and as `import_files` does.
    """
    there = {name: folder / f"{name}.csv" for name in FILES if (folder / f"{name}.csv").is_file()}
    if not there:
        raise ImportRefused(
            f"{folder}: holds neither titles.csv nor items.csv nor patrons.csv; check the folder's name"
        )
    return import_files(store, now, **there)


def import_files(
    store: StationStore,
    now: Now,
    *,
    titles: Path | None = None,
    items: Path | None = None,
    patrons: Path | None = None,
) -> ImportReport:
    """Import the given files in one transaction.

    Raises ImportRefused, naming up to 20 mistakes by file, line and column, and then nothing was taken in;
    StorageFull or StoreError when the store could not do it.
    """
    mistakes = Mistakes()
    with store.begin(now) as work:
        collection = Collection(work)
        new_titles = read_titles(titles, mistakes) if titles is not None else []
        known = {title.id: title for title in collection.titles()}
        known |= {entry.value.id: entry.value for entry in new_titles}
        new_items = read_items(items, known, mistakes) if items is not None else []
        new_patrons = read_patrons(patrons, now.today, mistakes) if patrons is not None else []
        conflicts.check_tags(collection, new_items, new_patrons, mistakes)
        conflicts.check_cards(collection, new_items, new_patrons, mistakes)
        conflicts.check_barcodes(collection, new_items, new_patrons, mistakes)
        mistakes.refuse_if_any()
        collection.put_titles(
            (entry.value for entry in new_titles), keep=_absent(new_titles, _TITLES_MAY_STAY)
        )
        collection.put_items((entry.value, entry.uid) for entry in new_items)
        collection.put_patrons(
            ((entry.value, entry.uid) for entry in new_patrons), keep=_absent(new_patrons, _PATRONS_MAY_STAY)
        )
        collection.put_barcodes((entry.value.id, entry.barcode) for entry in new_patrons if entry.barcode)
        for entry in new_patrons:
            if entry.passport is not None:
                work.allow_passport(entry.value.id, allowed=entry.passport)
        warnings = conflicts.look_alikes(work, new_patrons)
        work.commit()
    return ImportReport(len(new_titles), len(new_items), len(new_patrons), warnings)


def _absent(entries: list[Entry[Title]] | list[Entry[Patron]], columns: dict[str, str]) -> tuple[str, ...]:
    """The table's columns that the file does not have."""
    there = entries[0].columns if entries else frozenset()
    return tuple(column for name, column in columns.items() if name not in there)
