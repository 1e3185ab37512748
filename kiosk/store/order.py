"""The order in which people look for classes and names: what SQLite's own byte order does not know."""

from __future__ import annotations

import re
import unicodedata

from kiosk.model import Patron

_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"  # the Vietnamese alphabet, with the four letters it lends
_TONES = "\u0300\u0309\u0303\u0301\u0323"  # huyền, hỏi, ngã, sắc, nặng: in the dictionaries' order
_RUNS = re.compile(r"\d+|\D+")


def class_order(group: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key of a school class: "2A" comes before "10A", "Lá 1" before "Lá 2"."""
    runs = _RUNS.findall(unicodedata.normalize("NFC", group.casefold()))
    # isdecimal: what int() takes, whatever script its digits are of.
    return tuple((0, int(run), "") if run.isdecimal() else (1, 0, run) for run in runs)


def name_order(patron: Patron) -> tuple[tuple[int, ...], tuple[int, ...], str, str]:
    """Sort key of a nickname as a Vietnamese dictionary has it, letters before tones; then the number."""
    letters: list[int] = []
    tones: list[int] = []
    for character in unicodedata.normalize("NFC", patron.nickname.casefold()):
        parts = unicodedata.normalize("NFD", character)
        tone = max((_TONES.find(part) + 1 for part in parts), default=0)
        bare = unicodedata.normalize("NFC", "".join(part for part in parts if part not in _TONES))
        place = _LETTERS.find(bare)
        letters.append(ord(bare[0]) - 0x110000 if place < 0 else place)  # spaces and digits come first
        tones.append(tone)
    return tuple(letters), tuple(tones), patron.nickname, patron.id
