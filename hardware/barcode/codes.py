"""What a barcode says and what it names. Pure: bytes in, a Code or a CodeFault out.

A scanner is a keyboard that anybody may print for, so a text is hostile until it was read here. No message
holds the text itself: it may be a child's card number, and messages go to the log.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from hardware.barcode import check_digits
from hardware.barcode.check_digits import digits
from hardware.errors import HardwareError
from kiosk.events import CodeNames


class CodeFault(HardwareError, ValueError):
    """What was read is no code a library has; says what is wrong and where, never the text."""


class Symbology(StrEnum):
    """How the bars are written, as far as the scanner tells or the number itself gives it away."""

    EAN_13 = "ean-13"
    EAN_8 = "ean-8"
    UPC_A = "upc-a"
    ISBN_10 = "isbn-10"  # the ten characters themselves, by a scanner set to "ISBN" or in a printed label
    CODE_39 = "code 39"
    CODE_128 = "code 128"
    CODABAR = "codabar"
    ITF = "interleaved 2 of 5"
    QR = "qr code"
    OTHER = "other"
    UNKNOWN = "unknown"  # the scanner sends no AIM prefix


_AIM = {
    "A": Symbology.CODE_39,
    "C": Symbology.CODE_128,
    "F": Symbology.CODABAR,
    "I": Symbology.ITF,
    "Q": Symbology.QR,
}  # AIM code characters, ISO/IEC 15424; E is EAN and UPC
_PREFIX = re.compile(r"\]([A-Za-z])([0-9A-Za-z])")
_ADD_ON = re.compile(r"\]E[12]")
_BOOKLAND = ("978", "979")  # ISBN
_PRESS = ("977", *_BOOKLAND)  # ISSN and ISBN: what is printed with an add-on of 2 or 5 digits
_CODABAR_ENDS = frozenset("ABCDTN*E")  # start and stop characters, by their new and their old names
_LIBRARY = {"2": CodeNames.PATRON, "3": CodeNames.ITEM}  # first digit of a library's 14-digit number
_NUMBER = re.compile(r"\w[\w ./-]*")  # as kiosk.imports takes a library's own numbers


@dataclass(frozen=True, slots=True)
class CodeRules:
    """How this library's labels are to be understood.

    `guess`: what a bare number may be taken for when the scanner sends no AIM prefix. EAN-8, UPC-A and
    ISBN-10 are left out because of ten of a library's own 8- or 12-digit numbers one is a right EAN-8 or
    UPC-A by chance; an ISBN (978, 979) and an ISBN-10 that ends in X are always known. `library_codabar`: 14
    digits with 2 or 3 first and the right check digit are a patron's or an item's number. `mod43`: labels in
    Code 39, or in what the scanner does not name, end in a check character. `longest`: in characters.
    """

    guess: frozenset[Symbology] = frozenset({Symbology.EAN_13, Symbology.CODABAR})
    library_codabar: bool = True
    mod43: bool = False
    longest: int = 64


RULES = CodeRules()
"""The rules of a library that has said nothing else."""


@dataclass(frozen=True, slots=True)
class Code:
    """A barcode that was read. `text` keeps its leading zeros; a title's is its EAN, 13 or 8 digits."""

    text: str
    symbology: Symbology
    names: CodeNames
    add_on: str = ""  # 2 or 5 digits printed beside an EAN: the issue, or the price

    @property
    def isbn(self) -> str | None:
        """The ISBN-13, when it is one."""
        is_one = self.names is CodeNames.TITLE and len(self.text) == 13 and self.text.startswith(_BOOKLAND)
        return self.text if is_one else None


def read_code(raw: bytes | str, rules: CodeRules = RULES) -> Code:
    """What a scanner sent, without its suffix. Raises CodeFault."""
    text = _clean(raw, rules.longest)
    prefix = _PREFIX.match(text)
    if prefix is None:
        return _unnamed(text, rules)
    letter, modifier = prefix.groups()
    body = text[prefix.end() :].strip(" ")
    if not body:
        raise CodeFault("the barcode is empty behind its AIM prefix; print it again")
    if letter == "E":
        return _ean(body)
    symbology = _AIM.get(letter, Symbology.OTHER)
    if symbology is Symbology.CODABAR:
        return _codabar(body, rules)
    if symbology is Symbology.CODE_39:
        return _code_39(body, modifier, rules)
    isbn = _as_isbn_10(body) if letter == "X" else None  # X0: scanners that send an ISBN as ISBN-10
    return isbn or _named(body, symbology, rules)


def isbn_13(text: str) -> str:
    """An ISBN as people write it, of 10 or 13 characters, hyphens or not, as ISBN-13. Raises CodeFault."""
    bare = text.strip().replace("-", "").replace(" ", "").upper()
    if len(bare) == 10 and digits(bare[:9]):
        _expect(check_digits.isbn_10(bare[:9]), bare[9], "ISBN-10")
        return "978" + bare[:9] + check_digits.gs1("978" + bare[:9])
    if _bookland(bare):
        _expect(check_digits.gs1(bare[:12]), bare[12], "ISBN-13")
        return bare
    raise CodeFault("this is no ISBN: 10 characters, or 13 digits that begin with 978 or 979, were expected")


def _clean(raw: bytes | str, longest: int) -> str:
    most = 4 * (longest + 16)  # UTF-8 takes up to 4 bytes a character; prefix, ends and spaces come on top
    if len(raw) > most:
        raise CodeFault(f"the barcode is {len(raw)} long, at most {longest} characters are taken")
    try:
        text = raw.decode("utf-8") if isinstance(raw, bytes) else raw
    except UnicodeDecodeError as error:
        raise CodeFault(
            f"byte {error.object[error.start]:02X}h at place {error.start + 1} of {len(raw)} is not text "
            "(UTF-8); if every code is like this, check the baud rate"
        ) from error
    for place, character in enumerate(text, 1):
        if unicodedata.category(character).startswith("C"):
            raise CodeFault(
                f"control character U+{ord(character):04X} at place {place} of {len(text)}; "
                "scan again, or check the suffix the scanner is set to"
            )
    text = unicodedata.normalize("NFC", text).strip(" ")
    if not text:
        raise CodeFault("the barcode is empty; scan again")
    if len(text) > longest + 16:
        raise CodeFault(f"the barcode is {len(text)} characters long, at most {longest} are taken")
    return text


def _expect(right: str, found: str, what: str) -> None:
    if found != right:
        raise CodeFault(f"the check digit of this {what} is {found!r} and must be {right!r}; scan it again")


def _ean(body: str) -> Code:
    """EAN and UPC as the AIM prefix ]E announces them; an add-on follows directly or with its own prefix."""
    main, *rest = _ADD_ON.split(body)
    add_on = "".join(rest)
    if not digits(main) or (add_on and not digits(add_on)):
        raise CodeFault("an EAN is digits only; scan it again")
    if not add_on and len(main) in {14, 15, 17, 18}:
        length = 12 if len(main) in {14, 17} else 13
        main, add_on = main[:length], main[length:]
    if len(main) not in {8, 12, 13} or len(add_on) not in {0, 2, 5}:
        raise CodeFault(
            f"an EAN has 13, 12 or 8 digits, this one has {len(body)}; "
            "set the scanner to send EAN and UPC whole, with their check digit"
        )
    symbology = {13: Symbology.EAN_13, 12: Symbology.UPC_A, 8: Symbology.EAN_8}[len(main)]
    _expect(check_digits.gs1(main[:-1]), main[-1], symbology.upper())
    return _title(main, symbology, add_on)


def _title(ean: str, symbology: Symbology, add_on: str = "") -> Code:
    """A UPC-A is the EAN-13 with a 0 before it (GS1 General Specifications, 5.2)."""
    text = "0" + ean if symbology is Symbology.UPC_A else ean
    return Code(text, symbology, CodeNames.TITLE, add_on)


def _as_isbn_10(text: str) -> Code | None:
    if len(text) != 10 or not digits(text[:9]) or check_digits.isbn_10(text[:9]) != text[9].upper():
        return None
    return Code(isbn_13(text), Symbology.ISBN_10, CodeNames.TITLE)


def _unnamed(text: str, rules: CodeRules) -> Code:
    """A text without AIM prefix: what it is, by its shape and its check digit."""
    bare = text.replace("-", "")
    if bare != text and _bookland(bare):
        return _title(isbn_13(bare), Symbology.UNKNOWN)
    if digits(text) and len(text) in {15, 18} and text.startswith(_PRESS):
        main, add_on = text[:13], text[13:]
        if check_digits.gs1(main[:12]) == main[12]:
            return _title(main, Symbology.EAN_13, add_on)
    for symbology, length in ((Symbology.EAN_13, 13), (Symbology.UPC_A, 12), (Symbology.EAN_8, 8)):
        if symbology in rules.guess and len(text) == length and digits(text):
            if check_digits.gs1(text[:-1]) == text[-1]:
                return _title(text, symbology)
            break
    if text.upper().endswith("X") or Symbology.ISBN_10 in rules.guess:
        isbn = _as_isbn_10(text)
        if isbn is not None:
            return isbn
    if Symbology.CODABAR in rules.guess and len(text) == 16:
        inner = _without_ends(text)
        if _library_number(inner, rules):
            return Code(inner, Symbology.CODABAR, _LIBRARY[inner[0]])
    if rules.mod43 and not _bookland(text) and not _library_number(text, rules):
        text = _without_check_character(text)
    return _named(text, Symbology.UNKNOWN, rules)


def _codabar(body: str, rules: CodeRules) -> Code:
    text = _without_ends(body)
    if rules.library_codabar and len(text) == 14 and digits(text) and text[0] in _LIBRARY:
        _expect(check_digits.luhn(text[:13]), text[13], "14-digit library number")
    return _named(text, Symbology.CODABAR, rules)


def _without_ends(text: str) -> str:
    """Codabar's start and stop character taken off, when the scanner sends both."""
    if len(text) > 2 and {text[0].upper(), text[-1].upper()} <= _CODABAR_ENDS:
        return text[1:-1]
    return text


def _code_39(body: str, modifier: str, rules: CodeRules) -> Code:
    """Modifier (ISO/IEC 15424): 1, 5 = check character verified and sent; 3, 7 = verified and cut off."""
    text = body[1:-1] if len(body) > 2 and body[0] == body[-1] == "*" else body
    if modifier in "15" or (rules.mod43 and modifier not in "37"):
        text = _without_check_character(text)
    return _named(text, Symbology.CODE_39, rules)


def _without_check_character(text: str) -> str:
    right = check_digits.code_39(text[:-1])
    if right is None or len(text) < 2:
        raise CodeFault("a Code 39 with check character was expected; this text has none")
    _expect(right, text[-1], "Code 39")
    return text[:-1]


def _bookland(text: str) -> bool:
    """Whether it looks like an ISBN-13; whether it is one, its check digit says."""
    return len(text) == 13 and digits(text) and text.startswith(_BOOKLAND)


def _library_number(text: str, rules: CodeRules) -> bool:
    return (
        rules.library_codabar
        and len(text) == 14
        and digits(text)
        and text[0] in _LIBRARY
        and check_digits.luhn(text[:13]) == text[13]
    )


def _named(text: str, symbology: Symbology, rules: CodeRules) -> Code:
    """What a text names that is no EAN by its bars. An ISBN stays a title, whatever it is printed in."""
    if _bookland(text):
        _expect(check_digits.gs1(text[:12]), text[12], "ISBN-13")
        return _title(text, symbology)
    guessed = symbology is not Symbology.UNKNOWN or Symbology.CODABAR in rules.guess
    if guessed and _library_number(text, rules):
        return Code(text, symbology, _LIBRARY[text[0]])
    if len(text) > rules.longest:
        raise CodeFault(f"the barcode is {len(text)} characters long, at most {rules.longest} are taken")
    good = _NUMBER.match(text)
    end = good.end() if good else 0
    if end < len(text):
        wrong = text[end]
        raise CodeFault(
            f"{wrong!r} (U+{ord(wrong):04X}) at place {end + 1} of {len(text)}; "
            "a library's number has letters, digits, spaces, '.', '/', '_' and '-' only"
        )
    return Code(text, symbology, CodeNames.PLAIN)
