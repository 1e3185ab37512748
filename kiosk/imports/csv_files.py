"""A library's own lists into the store: titles.csv, items.csv, patrons.csv. All of it or nothing.

| file | columns (? = may be missing or empty) |
| --- | --- |
| titles.csv | id, title, author, language, age_from, shelf, motif? |
| items.csv | item, title_id, status?, tag? |
| patrons.csv | id, nickname, animal, category, birth_year?, expires?, card?, language?, blocked? |

Rows already there are brought up to date by their id; an empty tag or card leaves the bound one alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kiosk.imports.entries import Entry, read_items, read_patrons, read_titles
from kiosk.imports.refusal import ImportRefused, Mistakes
from kiosk.model import Item, Now, Patron
from kiosk.store.collection import Collection
from kiosk.store.station import StationStore

FILES = ("titles", "items", "patrons")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """How many rows of each kind were taken in."""

    titles: int = 0
    items: int = 0
    patrons: int = 0


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
        _check_tags(collection, new_items, new_patrons, mistakes)
        _check_cards(collection, new_items, new_patrons, mistakes)
        mistakes.refuse_if_any()
        collection.put_titles(entry.value for entry in new_titles)
        collection.put_items((entry.value, entry.uid) for entry in new_items)
        collection.put_patrons((entry.value, entry.uid) for entry in new_patrons)
        work.commit()
    return ImportReport(len(new_titles), len(new_items), len(new_patrons))


def _check_tags(
    collection: Collection, items: list[Entry[Item]], patrons: list[Entry[Patron]], mistakes: Mistakes
) -> None:
    """No tag of the files may stay on another item, or be a card as well."""
    rebound = {entry.value.id for entry in items if entry.uid}
    bound = {uid: item_id for uid, item_id in collection.tags().items() if item_id not in rebound}
    for entry in items:
        if entry.uid in bound:
            other = bound[entry.uid]
            mistakes.add(
                entry.path, entry.line, "tag", f"already bound to item {other!r}",
                "give that item another tag in the same file", entry.uid,
            )  # fmt: skip
    used = bound | {entry.uid: entry.value.id for entry in items if entry.uid}
    for patron in patrons:
        if patron.uid in used:
            mistakes.add(
                patron.path, patron.line, "card", f"is the tag of item {used[patron.uid]!r}",
                "give the patron another card",
            )  # fmt: skip


def _check_cards(
    collection: Collection, items: list[Entry[Item]], patrons: list[Entry[Patron]], mistakes: Mistakes
) -> None:
    """No card of the files may stay with another patron, or be a book's tag as well. Never says whose."""
    given = {item.uid for item in items if item.uid} | {patron.uid for patron in patrons if patron.uid}
    recarded = {entry.value.id for entry in patrons if entry.uid}
    issued = {uid for uid, of in collection.cards_among(given).items() if of not in recarded}
    for patron in patrons:
        if patron.uid in issued:
            mistakes.add(
                patron.path, patron.line, "card", "is already another patron's card",
                "give the patron a fresh one",
            )  # fmt: skip
    for item in items:
        if item.uid in issued:
            mistakes.add(
                item.path, item.line, "tag", "is a library card", "use a tag made for books", item.uid
            )
