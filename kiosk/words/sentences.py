"""The sentences of one language, and how they are said with a name, a number or a day in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from kiosk.words.po import Plural, one
from kiosk.words.text import clean, filled, placeholders

DEVICES = (
    "pad", "door", "lamp", "sounder", "speaker", "buttons", "scanner", "link", "pins", "gate", "panel-light",
    "storage", "desk", "board.power", "board.heat", "board.readonly", "board.disk", "board.card",
    "board.memory", "board.clock",
)  # fmt: skip
"""Devices that have a name and a remedy in the catalogues; any other is called by its key."""

TAG_KINDS = ("classic", "ultralight", "iso15693", "em4100", "other")
"""Kinds of tags that have a name in the catalogues."""

Heard = Callable[[str, str], None]
"""Told every key that is asked for, and the sentence that was said for it."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a key says: a text for each plural form, in the language it was found in."""

    forms: tuple[str, ...]
    language: str
    counted: bool = False
    plural: Plural = one

    def form(self, number: int) -> str:
        """The text for a number of things."""
        try:
            return self.forms[self.plural(number)]
        except (
            ArithmeticError,
            IndexError,
        ):  # a rule from outside that fails beyond the numbers it was tried with
            return self.forms[-1]


class Words:
    """Says things in one language. Keys are those of the .po files."""

    def __init__(
        self, language: str, sentences: Mapping[str, Sentence], *, font: str = "", heard: Heard | None = None
    ) -> None:
        self.language = language
        self.font = font
        """The face it is drawn in: "" the plain one, "tai-viet", or the path of a font file."""
        self._sentences = sentences
        self._heard = heard

    @cached_property
    def fixed(self) -> frozenset[str]:
        """All sentences that nothing is filled into: they say nothing about anybody, and never change."""
        forms = (form for sentence in self._sentences.values() for form in sentence.forms)
        return frozenset(form for form in forms if not placeholders(form))

    def listened_to(self, heard: Heard) -> Words:
        """The same words; `heard` is told what is asked for."""
        return Words(self.language, self._sentences, font=self.font, heard=heard)

    def say(self, key: str, **values: object) -> str:
        """The sentence of a key, its {placeholders} filled with clean values; the key when there is none."""
        known = self._sentences.get(key)
        return self._told(key, filled(known.forms[-1], values) if known else key)

    def count(self, key: str, number: int, **values: object) -> str:
        """The sentence of a key for a number of things; `{count}` is the number."""
        known = self._sentences.get(key)
        return self._told(key, filled(known.form(number), {"count": number, **values}) if known else key)

    def language_of(self, key: str) -> str:
        """The language a key is really said in: this one's, or one it falls back to."""
        known = self._sentences.get(key)
        return known.language if known else self.language

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
        return tuple(form for each in self._sentences.values() for form in each.forms)

    def all_keys(self) -> frozenset[str]:
        """Every key that has a sentence."""
        return frozenset(self._sentences)

    def plain_keys(self) -> frozenset[str]:
        """The keys that say the same every time: no {placeholder}, no number."""
        return frozenset(
            key for key, each in self._sentences.items()
            if not each.counted and not placeholders(each.forms[-1])
        )  # fmt: skip

    def _told(self, key: str, sentence: str) -> str:
        if self._heard is not None:
            self._heard(key, sentence)
        return sentence
