"""What lies on the bench: readers' cards and books of a library kept as CSV files, with their tags.

The bench reads the files itself: it stands outside the station and knows nothing of how that keeps them.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

CARD_TAG = "classic1k"
BOOK_TAG = "ntag213"
TELL_AGE = 9
"""Books for readers from this age carry a mark: below it nearly every child may have them."""
UNKNOWN_CARD = "7C0FFEE5"
UNKNOWN_BOOK = "045AFE7E57C0DE"


class LibraryUnreadable(ValueError):
    """The folder holds no library; the message names file, line and what is missing there."""


LISTS = {"giao-vien": "teacher", "gia-dinh": "family"}
"""Categories whose card opens a list instead of a visit (`[ways]` in the settings) -> note."""

PICTURES = (".jpg", ".jpeg", ".png")
"""Endings of a cover: the library's own goes before the drawn one."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A card or a book with a tag in it."""

    uid: str
    tag: str  # the wires' word for the tag's type
    is_card: bool
    name: str  # nickname or title
    number: str = ""  # the library's own number of the patron or item
    shelf: str = ""
    picture: Path | None = None
    age: int | None = None  # of the reader; of a book, the youngest it is lent to
    note: str = ""  # key of bench_words: why it is no ordinary card or book
    is_stranger: bool = False  # the library does not know it

    @staticmethod
    def stranger(uid: str) -> Thing:
        """Something that lies in the field and is in no file."""
        return Thing(uid, BOOK_TAG, is_card=len(uid) == 8, name=uid, note="stranger", is_stranger=True)


def read_things(
    folder: Path, *, pictures: Path | None = None, covers: Path | None = None, today: date | None = None
) -> tuple[Thing, ...]:
    """Cards first, then books, then a card and a book that no library knows.

    Animal pictures are `<pictures>/<animal>.png`, covers `<covers>/<title id>` with one of PICTURES
    (`<folder>/covers` when not told otherwise); both may be missing. Raises LibraryUnreadable.
    """
    day = today or date.today()  # noqa: DTZ011 - the day at the desk, where the bench stands too
    titles = {row["id"]: row for row in _rows(folder / "titles.csv", ("id", "title", "shelf"))}
    cards = []
    for row in _rows(folder / "patrons.csv", ("id", "nickname", "animal", "card")):
        if not row["card"]:
            continue
        cards.append(
            Thing(
                uid=row["card"].upper(),
                tag=CARD_TAG if len(row["card"]) == 8 else BOOK_TAG,
                is_card=True,
                name=row["nickname"],
                number=row["id"],
                picture=_existing(pictures, row["animal"]),
                age=_age(row.get("birth_year", ""), day),
                note=_card_note(row, day),
            )
        )
    books = []
    for row in _rows(folder / "items.csv", ("item", "title_id", "tag")):
        title = titles.get(row["title_id"], {"title": row["title_id"], "shelf": ""})
        if not row["tag"]:
            continue
        books.append(
            Thing(
                uid=row["tag"].upper(),
                tag=BOOK_TAG,
                is_card=False,
                name=title["title"],
                number=row["item"],
                shelf=title["shelf"],
                picture=_existing(covers or folder / "covers", row["title_id"]),
                age=_number(title.get("age_from", "")),
                note=_book_note(row, title),
            )
        )
    strangers = (
        Thing(UNKNOWN_CARD, CARD_TAG, is_card=True, name="?", note="stranger_card", is_stranger=True),
        Thing(UNKNOWN_BOOK, BOOK_TAG, is_card=False, name="?", note="stranger_book", is_stranger=True),
    )
    return (*cards, strangers[0], *books, strangers[1])


def _rows(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [column for column in columns if column not in (reader.fieldnames or ())]
            if missing:
                raise LibraryUnreadable(f"{path}: line 1: no column {', '.join(missing)}")
            return [{key: (value or "").strip() for key, value in row.items() if key} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise LibraryUnreadable(f"{path}: cannot be read: {error}") from error


def _existing(folder: Path | None, name: str) -> Path | None:
    if folder is None or not name or Path(name).name != name:
        return None
    paths = (folder / f"{name}{ending}" for ending in PICTURES)
    return next((path for path in paths if path.is_file()), None)


def _card_note(row: dict[str, str], day: date) -> str:
    if row.get("blocked", "").casefold() in {"1", "yes", "true", "x"}:
        return "blocked"
    expires = row.get("expires", "")
    if expires and expires < day.isoformat():
        return "expired"
    return LISTS.get(row.get("category", ""), "")


def _book_note(row: dict[str, str], title: dict[str, str]) -> str:
    status = row.get("status", "")
    if status in {"reference", "withdrawn"}:
        return status
    age = _number(title.get("age_from", "")) or 0
    return f"{age}+" if age >= TELL_AGE else ""


def _age(birth_year: str, day: date) -> int | None:
    year = _number(birth_year)
    return None if year is None else max(0, day.year - year)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() else None
