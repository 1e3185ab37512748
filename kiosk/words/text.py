"""Text from outside made safe: what may be drawn, what may be a message, what a {placeholder} is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

LONGEST = 240  # letters of one text from outside; no title or nickname needs more
MOST_MARKS = 2  # Vietnamese stacks two marks on a letter at most
PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
_SHOWN = 24  # letters of a refused piece that are worth repeating


class TextRefused(ValueError):
    """A text cannot be said; the message says why and what would be right."""


def clean(text: str) -> str:
    """Text from outside as one plain line: NFC, no control or direction signs, never endless."""
    letters: list[str] = []
    marks = 0
    for letter in unicodedata.normalize("NFC", text[: LONGEST * 4]):
        category = unicodedata.category(letter)
        if category in {"Mn", "Me"}:
            marks += 1
            if marks > MOST_MARKS:
                continue
        else:
            marks = 0
        letters.append(" " if category[0] in "CZ" else letter)
    line = " ".join("".join(letters).split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1].rstrip() + "…"


def message(raw: str) -> str:
    """A translator's or librarian's text as it may be said: NFC, one line. Raises TextRefused.

    Unlike `clean` it mends nothing that its writer should know of.
    """
    line = " ".join(unicodedata.normalize("NFC", raw).split())
    for letter in line:
        if unicodedata.category(letter)[0] == "C":
            raise TextRefused(f"holds a sign that nobody can see (U+{ord(letter):04X}); type that place anew")
    if len(line) > LONGEST:
        raise TextRefused(f"has {len(line)} letters, at most {LONGEST} are said; shorten it")
    return line


def placeholders(text: str) -> frozenset[str]:
    """The names of the {placeholders} in a text. Raises TextRefused for a brace that is none of one.

    A text from outside is never a format string: only a plain {name} is one, nothing that looks inside
    (`{name.__class__}`), converts (`{name!r}`) or counts (`{0}`).
    """
    rest = PLACEHOLDER.sub("\0", text)
    for place, letter in enumerate(rest):
        if letter in "{}":
            piece = re.split(r"[\s\0]", rest[place:])[0][:_SHOWN]
            raise TextRefused(f"{piece!r} is no placeholder; write it as the Vietnamese text does: {{name}}")
    return frozenset(PLACEHOLDER.findall(text))


def filled(sentence: str, values: Mapping[str, object]) -> str:
    """The sentence with clean values in place of its {placeholders}; braces in a value are only letters.

    Raises KeyError for a placeholder without a value: a mistake of the caller's.
    """
    return PLACEHOLDER.sub(lambda found: clean(str(values[found[1]])), sentence)
