"""Rows of a sheet become titles, items and patrons, each with the place it came from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

from kiosk.imports import cells
from kiosk.imports.cells import CellError
from kiosk.imports.refusal import Mistakes
from kiosk.imports.sheet import Column, Line, Sheet, read
from kiosk.model import Item, ItemStatus, Patron, Title

TITLE_COLUMNS = (
    Column("id", True, ("ma nhan de", "ma sach", "ma")),
    Column("title", True, ("nhan de", "ten sach", "ten")),
    Column("author", True, ("tac gia",)),
    Column("language", True, ("ngon ngu",)),
    Column("age_from", True, ("tuoi tu", "do tuoi", "tuoi")),
    Column("shelf", True, ("mau ke", "ke", "ke sach")),
    Column("motif", False, ("hinh", "hinh bia")),
    Column("about", False, ("gioi thieu", "tom tat", "noi dung")),
)
ITEM_COLUMNS = (
    Column("item", True, ("so dkcb", "so dang ky ca biet", "ma dkcb")),
    Column("title_id", True, ("ma nhan de", "ma sach")),
    Column("status", False, ("trang thai", "tinh trang")),
    Column("tag", False, ("uid", "nhan rfid", "the rfid")),
)
PATRON_COLUMNS = (
    Column("id", True, ("ma ban doc", "so ban doc", "ma")),
    Column("nickname", True, ("biet danh", "ten goi")),
    Column("animal", True, ("con vat",)),
    Column("category", True, ("nhom", "nhom ban doc", "doi tuong")),
    Column("birth_year", False, ("nam sinh",)),
    Column("expires", False, ("het han", "ngay het han", "han the")),
    Column("card", False, ("the", "ma the", "uid")),
    Column("language", False, ("ngon ngu",)),
    Column("blocked", False, ("khoa", "bi khoa", "khoa the")),
    Column("group", False, ("lop", "lop hoc")),
    Column("family", False, ("gia dinh", "ho gia dinh", "ma gia dinh")),
    Column("barcode", False, ("ma vach", "ma vach the")),
    Column("passport", False, ("ho chieu", "ho chieu doc sach")),
)

LONGEST_ABOUT = 200
"""Letters of what a book is about: as many as a child reads on one screen."""
SECRET = frozenset({"card", "barcode"})
"""Columns whose cells are never repeated in a message."""

V = TypeVar("V")
C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Entry(Generic[V]):
    """A value read from `path`, line `line`, with the UID of its tag or card when the file gives one.

    `columns` are those the file has. Of a patron: the `barcode` on its card, and whether the family allows
    the reading passport; None where the file does not say.
    """

    value: V
    path: Path
    line: int
    uid: str | None = None
    columns: frozenset[str] = frozenset()
    barcode: str | None = None
    passport: bool | None = None


class _Row:
    """One line being read: takes cells, notes what is wrong with them."""

    def __init__(self, sheet: Sheet, line: Line, mistakes: Mistakes) -> None:
        self._path = sheet.path
        self._columns = sheet.columns
        self._line = line
        self._mistakes = mistakes

    def take(self, column: str, convert: Callable[[str], C], otherwise: C) -> C:
        """The cell's value; `otherwise` when it is wrong, which has then been noted."""
        text = self._line.cells.get(column, "")
        try:
            return convert(text)
        except CellError as error:
            self.wrong(column, error.wrong, error.remedy, text)
            return otherwise

    def maybe(self, column: str, convert: Callable[[str], C]) -> C | None:
        """The cell's value; None when it is empty or wrong."""
        return self.take(column, convert, None) if self._line.cells.get(column) else None

    def wrong(self, column: str, wrong: str, remedy: str, found: str) -> None:
        """Note a mistake in this line. A card's number is never repeated: messages end up in logs."""
        shown = None if column in SECRET else found
        self._mistakes.add(self._path, self._line.number, column, wrong, remedy, shown)

    def entry(self, value: V, uid: str | None = None) -> Entry[V]:
        """The value with its place."""
        return Entry(value, self._path, self._line.number, uid, self._columns)


def read_titles(path: Path, mistakes: Mistakes) -> list[Entry[Title]]:
    """Every title of titles.csv; a broken one is there too, so that its items are not called unknown."""
    entries: list[Entry[Title]] = []
    sheet = read(path, TITLE_COLUMNS, mistakes)
    for line in sheet.lines:
        row = _Row(sheet, line, mistakes)
        title = Title(
            id=row.take("id", cells.title_id, ""),
            name=row.take("title", partial(cells.words, longest=300), ""),
            author=row.take("author", partial(cells.short, longest=200), ""),
            language=row.take("language", cells.language, ""),
            age_from=row.take("age_from", cells.age, 0),
            shelf=row.take("shelf", cells.shelf, ""),
            motif=row.maybe("motif", cells.slug) or "",
            about=row.take("about", partial(cells.short, longest=LONGEST_ABOUT), ""),
        )
        entries.append(row.entry(title))
    _once(((entry, entry.value.id) for entry in entries), "id", mistakes)
    return entries


def read_items(path: Path, titles: Mapping[str, Title], mistakes: Mistakes) -> list[Entry[Item]]:
    """Every item of items.csv whose title is known."""
    entries: list[Entry[Item]] = []
    sheet = read(path, ITEM_COLUMNS, mistakes)
    for line in sheet.lines:
        row = _Row(sheet, line, mistakes)
        item_id = row.take("item", cells.number, "")
        title_id = row.take("title_id", cells.title_id, "")
        status = row.take("status", cells.status, ItemStatus.LENDABLE)
        uid = row.maybe("tag", cells.uid)
        title = titles.get(title_id)
        if title is not None:
            entries.append(row.entry(Item(item_id, title, status), uid))
        elif title_id:
            row.wrong(
                "title_id", "there is no such title", "add it to titles.csv, or correct the id", title_id
            )
    _once(((entry, entry.value.id) for entry in entries), "item", mistakes)
    _once(((entry, entry.uid or "") for entry in entries), "tag", mistakes)
    return entries


def read_patrons(path: Path, today: date, mistakes: Mistakes) -> list[Entry[Patron]]:
    """Every patron of patrons.csv."""
    entries: list[Entry[Patron]] = []
    sheet = read(path, PATRON_COLUMNS, mistakes)
    for line in sheet.lines:
        row = _Row(sheet, line, mistakes)
        allowed = row.maybe("passport", cells.yes_or_no)
        patron = Patron(
            id=row.take("id", cells.number, ""),
            nickname=row.take("nickname", partial(cells.words, longest=40), ""),
            animal=row.take("animal", cells.slug, ""),
            category=row.take("category", cells.slug, ""),
            birth_year=row.maybe("birth_year", partial(cells.year, today=today)),
            expires=row.maybe("expires", cells.day),
            blocked=row.take("blocked", cells.yes_or_no, False),
            language=row.maybe("language", cells.language) or "",
            group=row.take("group", partial(cells.short, longest=20), ""),
            family=row.maybe("family", cells.number) or "",
            passport=bool(allowed),
        )
        entry = row.entry(patron, row.maybe("card", cells.uid))
        entries.append(replace(entry, barcode=row.maybe("barcode", cells.barcode), passport=allowed))
    _once(((entry, entry.value.id) for entry in entries), "id", mistakes)
    _once(((entry, entry.uid or "") for entry in entries), "card", mistakes)
    _once(((entry, entry.barcode or "") for entry in entries), "barcode", mistakes)
    return entries


def _once(keys: Iterable[tuple[Entry[V], str]], column: str, mistakes: Mistakes) -> None:
    first: dict[str, int] = {}
    for entry, key in keys:
        if key and key in first:
            mistakes.add(
                entry.path,
                entry.line,
                column,
                f"already given in line {first[key]}",
                "remove one",
                None if column in SECRET else key,
            )
        elif key:
            first[key] = entry.line
