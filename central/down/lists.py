"""titles.csv and items.csv as a library's own program writes them: the columns a station's import knows.

Comma, semicolon or tab; headers in English or Vietnamese; what is wrong is named by file and line, and then
nothing is taken in. Columns that belong to a station (tag) are left aside.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from central.errors import CentreError
from kiosk.catalogue import CatalogueError, ItemEntry, TitleEntry, item_entry, title_entry

MOST_BYTES = 256 * 1024 * 1024
MOST_SHOWN = 20
TITLES = {
    "id": ("ma nhan de", "ma sach", "ma"),
    "title": ("nhan de", "ten sach", "ten"),
    "author": ("tac gia",),
    "language": ("ngon ngu",),
    "age_from": ("tuoi tu", "do tuoi", "tuoi"),
    "shelf": ("mau ke", "ke", "ke sach"),
    "motif": ("hinh", "hinh bia"),
    "about": ("gioi thieu", "tom tat", "noi dung"),
}
ITEMS = {
    "item": ("so dkcb", "so dang ky ca biet", "ma dkcb"),
    "title_id": ("ma nhan de", "ma sach"),
    "status": ("trang thai", "tinh trang"),
}
_MAY_MISS = {"motif", "about", "status"}
_SHELVES = {
    "do": "red", "cam": "orange", "vang": "yellow", "xanh la": "green", "xanh duong": "blue", "tim": "purple",
    "hong": "pink", "nau": "brown", "xanh ngoc": "teal", "trang": "white", "xam": "grey",
}  # fmt: skip
_STATUS = {"": "lendable", "cho muon": "lendable", "doc tai cho": "reference", "tai cho": "reference",
           "thanh ly": "withdrawn"}  # fmt: skip
_LANGUAGES = {"tieng viet": "vi", "viet": "vi", "tieng anh": "en", "anh": "en", "tieng h'mong": "hmn"}


class ListRefused(CentreError, ValueError):
    """Nothing was taken in; one line a mistake, the first 20."""


def read_lists(titles: Path, items: Path) -> tuple[list[TitleEntry], list[ItemEntry]]:
    """Both lists, whole. Raises ListRefused."""
    wrong: list[str] = []
    by_id: dict[str, TitleEntry] = {}
    for line, cells in _rows(titles, TITLES, wrong):
        try:
            age = cells["age_from"].removesuffix("+").strip() or "0"
            title = title_entry(
                cells["id"],
                cells["title"],
                cells["author"],
                _LANGUAGES.get(_plain(cells["language"]), cells["language"]),
                int(age) if age.isascii() and age.isdigit() else age,
                _SHELVES.get(_plain(cells["shelf"]), _plain(cells["shelf"])),
                cells["motif"],
                cells["about"],
            )
        except CatalogueError as error:
            wrong.append(f"{titles.name}:{line}: {error}")
            continue
        if title.id in by_id:
            wrong.append(f"{titles.name}:{line}: id {title.id!r} is there twice; remove one")
        by_id[title.id] = title
    copies: dict[str, ItemEntry] = {}
    for line, cells in _rows(items, ITEMS, wrong):
        said = _plain(cells["status"])
        try:
            item = item_entry(cells["item"], cells["title_id"], _STATUS.get(said, said))
        except CatalogueError as error:
            wrong.append(f"{items.name}:{line}: {error}")
            continue
        if item.title not in by_id:
            wrong.append(f"{items.name}:{line}: title_id {item.title!r} is no title; add it to {titles.name}")
        if item.id in copies:
            wrong.append(f"{items.name}:{line}: item {item.id!r} is there twice; remove one")
        copies[item.id] = item
    if wrong:
        more = [f"... and {len(wrong) - MOST_SHOWN} more mistakes"] if len(wrong) > MOST_SHOWN else []
        raise ListRefused("\n".join([*wrong[:MOST_SHOWN], *more, "Nothing was taken in."]))
    return list(by_id.values()), list(copies.values())


def _rows(
    path: Path, columns: dict[str, tuple[str, ...]], wrong: list[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    text = _text(path)
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    try:
        header = [_plain(cell) for cell in next(reader, [])]
        places: dict[str, int] = {}
        for name, also in columns.items():
            found = [place for place, cell in enumerate(header) if cell in {_plain(name), *also}]
            if found:
                places[name] = found[0]
            elif name not in _MAY_MISS:
                wrong.append(f"{path.name}:1: there is no column {name}; add it")
        if wrong:
            return
        for row in reader:
            if any(cell.strip() for cell in row):
                cells = [" ".join(unicodedata.normalize("NFC", cell).split()) for cell in row]
                yield (
                    reader.line_num,
                    {
                        name: cells[places[name]] if places.get(name, len(cells)) < len(cells) else ""
                        for name in columns
                    },
                )
    except csv.Error as error:
        wrong.append(f"{path.name}:{reader.line_num}: {error}; check the quotation marks around there")


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ListRefused(f"{path}: is larger than {MOST_BYTES // 2**20} MB; is this the right file?")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ListRefused(f"{path}: cannot be read ({error.strerror}); check the name") from error
    except UnicodeDecodeError as error:
        raise ListRefused(f"{path}: is not UTF-8; save it again as 'CSV UTF-8'") from error


def _plain(text: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(bare.replace("đ", "d").replace("_", " ").split())
