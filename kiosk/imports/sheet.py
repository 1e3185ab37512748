"""One CSV file as rows of named cells: whatever Excel, LibreOffice or a hand has written.

UTF-8 with or without BOM; comma, semicolon (Excel in Vietnam) or tab; LF or CRLF; quoted newlines; headers in
English or Vietnamese, with or without accents, in any order. What comes out is NFC text without control
characters, runs of white space made one space.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kiosk.imports.refusal import Mistakes

MOST_BYTES = 16 * 1024 * 1024
MOST_ROWS = 50_000
LONGEST_CELL = 1_000  # characters; the longest real title is far below
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_SAVE_AS = "save it again as 'CSV UTF-8'"


@dataclass(frozen=True, slots=True)
class Line:
    """One row: where it begins in the file, and its cells by column name ("" = empty or absent)."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file's rows, and the names of the columns it has."""

    path: Path
    lines: tuple[Line, ...]
    columns: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Column:
    """A column we know, with the Vietnamese headers it may also have (written without accents)."""

    name: str
    required: bool
    also: tuple[str, ...] = ()


def plain(text: str) -> str:
    """Lower case without accents and with single spaces: how headers and code words are compared."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(bare.replace("đ", "d").replace("_", " ").split())


def read(path: Path, columns: tuple[Column, ...], mistakes: Mistakes) -> Sheet:
    """The file's rows; what is wrong with it goes into `mistakes`, and then the rows are not complete."""
    text = _text(path, mistakes)
    if text is None:
        return Sheet(path, ())
    first = text.split("\n", 1)[0].strip()
    skipped = 0
    if first.casefold().startswith("sep=") and len(first) == 5:  # Excel's own hint
        text = text.split("\n", 1)[1] if "\n" in text else ""
        skipped = 1
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    lines: list[Line] = []
    header: list[str] | None = None
    begins = 1
    try:
        for raw in reader:
            number, begins = begins + skipped, reader.line_num + 1
            if header is None:
                header = _header(path, number, raw, columns, mistakes)
                if header is None:
                    return Sheet(path, ())
                continue
            if not any(cell.strip() for cell in raw):
                continue
            if len(lines) >= MOST_ROWS:
                mistakes.add(
                    path, number, "", f"more than {MOST_ROWS} rows", "split the file and import the parts"
                )
                break
            lines.append(_line(path, number, raw, header, mistakes))
    except csv.Error as error:
        mistakes.add(
            path, begins + skipped, "", f"not readable as CSV: {error}", "look for a quote that is not closed"
        )
    if header is None:
        mistakes.add(path, 0, "", "the file is empty", "the first line must name the columns")
    return Sheet(path, tuple(lines), frozenset(header or ()) - {""})


def _text(path: Path, mistakes: Mistakes) -> str | None:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        mistakes.add(path, 0, "", f"cannot be read: {error.strerror}", "check the name and the permissions")
        return None
    if len(data) > MOST_BYTES:
        mistakes.add(path, 0, "", f"larger than {MOST_BYTES // 1024 // 1024} MB", "split the file")
        return None
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        mistakes.add(path, 0, "", "this is an Excel workbook, not CSV", f"open it and {_SAVE_AS}")
        return None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        mistakes.add(path, 0, "", "this is UTF-16 ('Unicode Text'), not UTF-8", _SAVE_AS)
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        mistakes.add(path, line, "", f"byte 0x{data[error.start]:02x} is not UTF-8", _SAVE_AS)
        return None


def _delimiter(text: str) -> str:
    counts = dict.fromkeys(",;\t", 0)
    quoted = False
    for character in text[:10_000]:
        if character == '"':
            quoted = not quoted
        elif character in "\r\n" and not quoted:
            break
        elif character in counts and not quoted:
            counts[character] += 1
    return max(counts, key=lambda delimiter: counts[delimiter])


def _header(
    path: Path, number: int, raw: list[str], columns: tuple[Column, ...], mistakes: Mistakes
) -> list[str] | None:
    names = {alias: column.name for column in columns for alias in (plain(column.name), *column.also)}
    known = ", ".join(column.name for column in columns)
    header: list[str] = []
    right = True
    for cell in raw:
        name = names.get(plain(cell), "")
        if not name and cell.strip():
            mistakes.add(path, number, "", "unknown column", f"known are: {known}", cell)
            right = False
        elif name and name in header:
            mistakes.add(path, number, name, "this column is there twice", "remove one", cell)
            right = False
        header.append(name)
    for column in columns:
        if column.required and column.name not in header:
            mistakes.add(path, number, column.name, "this column is missing", "the first line must name it")
            right = False
    return header if right else None


def _line(path: Path, number: int, raw: list[str], header: list[str], mistakes: Mistakes) -> Line:
    cells: dict[str, str] = {}
    for position, cell in enumerate(raw):
        name = header[position] if position < len(header) else ""
        if not name:
            if cell.strip():
                mistakes.add(
                    path, number, f"cell {position + 1}", "more cells than columns",
                    "put quotes around text that holds the delimiter", cell,
                )  # fmt: skip
            continue
        cells[name] = _clean(path, number, name, cell, mistakes)
    return Line(number, cells)


def _clean(path: Path, number: int, column: str, cell: str, mistakes: Mistakes) -> str:
    if len(cell) > LONGEST_CELL:
        mistakes.add(
            path, number, column, f"{len(cell)} characters in one cell, at most {LONGEST_CELL} are taken",
            "shorten it", cell,
        )  # fmt: skip
        return ""
    text = " ".join(unicodedata.normalize("NFC", cell).split())
    for character in text:
        if character in _BIDI or unicodedata.category(character) == "Cc":
            mistakes.add(
                path,
                number,
                column,
                f"holds the invisible character U+{ord(character):04X}",
                "remove it",
                cell,
            )
            return ""
    return text
