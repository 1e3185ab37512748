"""The arithmetic by which a number proves that it was read whole. Pure; every argument is ASCII digits."""

from __future__ import annotations

_CODE_39 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"  # each character's value is its place


def digits(text: str) -> bool:
    """Whether it is ASCII digits and nothing else. "١" and "１" are digits to Python, and to nobody here."""
    return text.isascii() and text.isdigit()


def gs1(body: str) -> str:
    """The check digit of an EAN or UPC without it (GS1 General Specifications, 7.9: weights 3 and 1)."""
    total = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(body)))
    return str(-total % 10)


def luhn(body: str) -> str:
    """The check digit of a library's 14-digit number, from its first 13 (modulus 10, weights 2 and 1)."""
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2, 1)[place % 2]
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def isbn_10(body: str) -> str:
    """The check character of an ISBN-10 from its first 9 digits: modulus 11, where X is ten."""
    total = sum(int(digit) * weight for digit, weight in zip(body, range(10, 1, -1), strict=True))
    return "0123456789X"[-total % 11]


def code_39(body: str) -> str | None:
    """The modulus 43 check character (ISO/IEC 16388, annex A); None when Code 39 cannot write the text."""
    values = [_CODE_39.find(character) for character in body]
    return None if min(values, default=0) < 0 else _CODE_39[sum(values) % 43]
