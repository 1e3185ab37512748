"""What one cell may say: each reader takes a cell's text and answers with a value or a reason."""

from __future__ import annotations

import re
from datetime import date, datetime

from kiosk.imports.sheet import plain
from kiosk.model import ItemStatus
from kiosk.store.collection import UID

SHELVES = {
    "red": "do", "orange": "cam", "yellow": "vang", "green": "xanh la", "blue": "xanh duong",
    "purple": "tim", "pink": "hong", "brown": "nau", "teal": "xanh ngoc", "white": "trang", "grey": "xam",
}  # fmt: skip
"""Shelf colours, with their Vietnamese names as `plain` writes them."""

_STATUS = {
    "cho muon": "lendable",
    "doc tai cho": "reference",
    "tai cho": "reference",
    "thanh ly": "withdrawn",
}
_LANGUAGES = {"tieng viet": "vi", "viet": "vi", "tieng anh": "en", "anh": "en", "tieng h'mong": "hmn"}
_YES = {"1", "x", "yes", "true", "co", "khoa"}
_NO = {"", "0", "no", "false", "khong"}
_SCIENTIFIC = re.compile(r"\d[.,]\d+E\+?\d+|\d+E\+\d+", re.IGNORECASE)
_FILE_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NUMBER = re.compile(r"[\w][\w ./-]{0,63}")
_SLUG = re.compile(r"[a-z][a-z0-9-]{0,30}")
_BCP47 = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")


class CellError(ValueError):
    """A cell cannot be used: what is wrong, and the remedy."""

    def __init__(self, wrong: str, remedy: str) -> None:
        super().__init__(f"{wrong}; {remedy}")
        self.wrong = wrong
        self.remedy = remedy


def title_id(text: str) -> str:
    """A title's id; also the name of its cover file, hence the narrow alphabet."""
    _not_mangled(text)
    if not _FILE_SAFE.fullmatch(text):
        raise CellError("must be 1 to 64 letters a-z, digits, '.', '_' or '-'", "choose another id")
    return text


def number(text: str) -> str:
    """A library's own number for an item or a patron."""
    _not_mangled(text)
    if not _NUMBER.fullmatch(text):
        raise CellError("must be 1 to 64 letters, digits, spaces, '.', '/', '_' or '-'", "correct the number")
    return text


def words(text: str, longest: int) -> str:
    """Some text that may not be missing."""
    if not text:
        raise CellError("is empty", "fill it in")
    return short(text, longest)


def short(text: str, longest: int) -> str:
    """Some text, or none."""
    if len(text) > longest:
        raise CellError(f"is {len(text)} characters long, at most {longest} are taken", "shorten it")
    return text


def slug(text: str) -> str:
    """A code word such as an animal, a motif or a category: a-z, digits and '-'."""
    if not _SLUG.fullmatch(text):
        raise CellError("must be a code word of a-z, 0-9 and '-', 31 at most", "for instance 'tieu-hoc'")
    return text


def language(text: str) -> str:
    """A language: BCP 47, or its Vietnamese name."""
    code = _LANGUAGES.get(plain(text), text)
    if not _BCP47.fullmatch(code):
        raise CellError("is not a language code", "use vi, en or another BCP 47 code")
    return code


def age(text: str) -> int:
    """The youngest age, 0 to 18; "6+" means 6; empty means everybody."""
    digits = text.removesuffix("+").strip() or "0"
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 2 and int(digits) <= 18):
        raise CellError("must be an age from 0 to 18", "0 lends it to everybody")
    return int(digits)


def shelf(text: str) -> str:
    """A shelf's colour, in English or Vietnamese."""
    said = plain(text)
    for colour, vietnamese in SHELVES.items():
        if said in {colour, vietnamese}:
            return colour
    raise CellError("is not a shelf colour", f"use one of {', '.join(SHELVES)}")


def status(text: str) -> ItemStatus:
    """Whether a copy may leave the room; empty means it may."""
    said = plain(text) or ItemStatus.LENDABLE.value
    try:
        return ItemStatus(_STATUS.get(said, said))
    except ValueError as error:
        known = ", ".join(value.value for value in ItemStatus)
        raise CellError("is not a status", f"use one of {known}, or leave it empty") from error


def uid(text: str) -> str:
    """A tag's UID: 4, 5, 7, 8 or 10 bytes in hex, as readers print it."""
    _not_mangled(text)
    digits = re.sub(r"[ :-]", "", text).upper()
    if not UID.fullmatch(digits):
        remedy = "8, 10, 14, 16 or 20 hex digits were expected"
        if digits.isdigit() and len(digits) + 1 in {8, 10, 14, 16, 20}:
            remedy += "; Excel drops a leading 0: format the column as text and export again"
        raise CellError("is not a tag's UID", remedy)
    return digits


def barcode(text: str) -> str:
    """A number printed on a patron's card; not one that a scanner takes for a book."""
    code = number(text)
    if code.isascii() and code.isdigit():
        if len(code) == 13 and code.startswith(("978", "979")):
            raise CellError("is an ISBN, the number of a book", "enter the number printed on the card")
        if len(code) == 14 and code.startswith("3"):
            raise CellError(
                "is a 14-digit number that begins with 3, by library custom that of a book",
                "print cards with numbers that begin with 2",
            )
    return code


def year(text: str, today: date) -> int:
    """A year of birth."""
    if not (
        text.isascii() and text.isdigit() and len(text) == 4 and today.year - 120 <= int(text) <= today.year
    ):
        raise CellError(
            f"must be a year from {today.year - 120} to {today.year}", "give the year only, for instance 2018"
        )
    return int(text)


def day(text: str) -> date:
    """A date, ISO (2027-05-31) or as written in Vietnam (31/05/2027)."""
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a calendar day has no time zone
        except ValueError:
            continue
    raise CellError("is not a date", "write 2027-05-31 or 31/05/2027")


def yes_or_no(text: str) -> bool:
    """Yes or no, in English or Vietnamese; empty means no."""
    said = plain(text)
    if said in _YES:
        return True
    if said in _NO:
        return False
    raise CellError("is neither yes nor no", "write yes, or leave it empty")


def _not_mangled(text: str) -> None:
    if not text:
        raise CellError("is empty", "fill it in")
    if _SCIENTIFIC.fullmatch(text):
        raise CellError(
            "a spreadsheet has rounded this number and its last digits are lost",
            "format the column as text, enter the number again and export again",
        )
