"""The station's words in the child's language, and text from outside made safe to draw. No Kivy in here."""

from __future__ import annotations

import gettext
import unicodedata
from datetime import date
from functools import cache
from pathlib import Path

from ui.locale import po

LOCALE = Path(__file__).parent / "locale"
FIRST = "vi"
LONGEST = 240  # letters of one text from outside; no title or nickname needs more
MOST_MARKS = 2  # Vietnamese stacks two marks on a letter at most

DEVICES = (
    "pad", "door", "lamp", "sounder", "speaker", "buttons", "scanner", "link", "pins", "gate", "panel-light",
    "storage", "desk", "board.power", "board.heat", "board.readonly", "board.disk", "board.card",
    "board.memory", "board.clock",
)  # fmt: skip
"""Devices that have a name and a remedy in the catalogues; any other is called by its key."""

TAG_KINDS = ("classic", "ultralight", "iso15693", "em4100", "other")
"""Kinds of tags that have a name in the catalogues."""


@cache
def languages() -> tuple[str, ...]:
    """Languages the station speaks, Vietnamese first."""
    found = sorted(path.parent.parent.name for path in LOCALE.glob("*/LC_MESSAGES/gocdoc.po"))
    return (FIRST, *(name for name in found if name != FIRST))


def catalogue(language: str) -> Path:
    """Path of a language's translation file."""
    return LOCALE / language / "LC_MESSAGES" / "gocdoc.po"


@cache
def words_for(language: str) -> Words:
    """The words of a language; of Vietnamese when the language is not known."""
    known = language if language in languages() else FIRST
    return Words(known, po.load(catalogue(known)))


class Words:
    """Says things in one language. Keys are those of the .po files."""

    def __init__(self, language: str, translation: gettext.GNUTranslations) -> None:
        self.language = language
        self._translation = translation

    def say(self, key: str, **values: object) -> str:
        """The sentence of a key, its {placeholders} filled with clean values."""
        return self._filled(self._translation.gettext(key), values)

    def count(self, key: str, number: int, **values: object) -> str:
        """The sentence of a key for a number of things; `{count}` is the number."""
        return self._filled(self._translation.ngettext(key, key, number), {"count": number, **values})

    def day(self, day: date) -> str:
        """A day as a child says it: "thứ Ba, 8 tháng 12"."""
        weekday, month = self.weekday(day), self.say(f"month.{day.month}")
        return self.say("date.long", weekday=weekday, day=day.day, month=month)

    def weekday(self, day: date) -> str:
        """The name of the day of the week."""
        return self.say(f"weekday.{day.isoweekday()}")

    def sleeps(self, day: date, today: date) -> str:
        """How long until `day`: nights to sleep, "today", or that the book is waited for."""
        nights = (day - today).days
        if nights < 0:
            return self.say("due.late")
        return self.say("due.today") if nights == 0 else self.count("due.sleeps", nights)

    def shelf(self, key: str, known: bool) -> str:
        """A shelf by its colour; a plain shelf when the colour is not known."""
        return self.say(f"shelf.{key}" if known else "shelf.none")

    def device(self, key: str) -> str:
        """A device by the name librarians know it by; its key when it is not known."""
        return self.say(f"device.{key}") if key in DEVICES else clean(key)

    def remedy(self, key: str) -> str:
        """What a librarian does about a device that does not work."""
        return self.say(f"device.{key}.do" if key in DEVICES else "device.unknown.do")

    def tag_kind(self, kind: str) -> str:
        """A kind of tag by the name on its packet; as it is written when it is not known."""
        return self.say(f"kind.{kind}") if kind in TAG_KINDS else clean(kind)

    def sentences(self) -> tuple[str, ...]:
        """Everything that can be said, placeholders unfilled."""
        return tuple(text for form in po.read(catalogue(self.language)).values() for text in form.split("\0"))

    @staticmethod
    def _filled(sentence: str, values: dict[str, object]) -> str:
        return sentence.format(**{name: clean(str(value)) for name, value in values.items()})


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
