"""A table to take home: CSV and XLSX, in which no cell is ever a formula.

A device's name or a title comes from outside. A spreadsheet runs what begins with = + - @ or a tab, so such
text gets an apostrophe before it in CSV (OWASP, "CSV Injection"); in XLSX text is written as text.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import xlsxwriter

Cell = str | int | None
FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_BEGINS_A_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")  # also as wide characters
_LONGEST = 32_767  # characters in a cell of a spreadsheet
_WIDEST = 60


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is written: the name is also the file's."""

    name: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def harmless(cell: Cell) -> Cell:
    """A cell that no spreadsheet runs."""
    if isinstance(cell, str):
        text = cell.replace("\0", "")
        return f"'{text}" if text.lstrip(" ").startswith(_BEGINS_A_FORMULA) else text
    return cell


def as_csv(sheet: Sheet) -> bytes:
    """Comma separated, UTF-8 with the mark by which Excel knows it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([harmless(head) for head in sheet.heads])
    writer.writerows([["" if cell is None else harmless(cell) for cell in row] for row in sheet.rows])
    return b"\xef\xbb\xbf" + text.getvalue().encode(errors="replace")


def as_xlsx(sheet: Sheet) -> bytes:
    """A workbook of one sheet: a head that stays, columns as wide as what is in them, a filter."""
    whole = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(whole, options) as book:
        page = book.add_worksheet()  # its name would have rules of its own
        bold = book.add_format({"bold": True, "bottom": 1})
        for column, head in enumerate(sheet.heads):
            page.write_string(0, column, head, bold)
            widths = (len(str(row[column])) for row in sheet.rows[:500])
            page.set_column(column, column, min(_WIDEST, max([len(head), *widths]) + 2))
        for number, row in enumerate(sheet.rows, 1):
            for column, cell in enumerate(row):
                if isinstance(cell, int):
                    page.write_number(number, column, cell)
                elif cell:
                    page.write_string(number, column, _readable(cell[:_LONGEST]))
        page.freeze_panes(1, 0)
        if sheet.rows:
            page.autofilter(0, 0, len(sheet.rows), len(sheet.heads) - 1)
    return whole.getvalue()


def written(sheet: Sheet, form: str) -> bytes:
    """The table as `csv` or `xlsx`."""
    return as_csv(sheet) if form == "csv" else as_xlsx(sheet)


def _readable(text: str) -> str:
    """Without what an XML file cannot hold."""
    return "".join(
        c if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff" else "\ufffd"
        for c in text
    )
