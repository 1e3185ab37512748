"""The phrases speech is put together from, each with the name of the recording that may stand for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from kiosk.screens import Book, TagLine
from kiosk.words.catalogue import FIRST
from kiosk.words.words import DEVICES, Words, clean, language_name, languages, voice_of

VIETNAMESE = frozenset("ăđĩũơư") | frozenset(map(chr, range(0x1EA0, 0x1EFA)))
"""Letters no other language of the station writes: a name that has one is read by the Vietnamese voice."""

COUNTED: Mapping[str, tuple[int, ...]] = {
    "lent.title": tuple(range(1, 6)),
    "due.sleeps": tuple(range(1, 31)),
    "hello.home": tuple(range(1, 11)),
    "goodbye.home": tuple(range(1, 11)),
    "returned.where_many": tuple(range(2, 6)),
    "returned.stamps": tuple(range(1, 6)),
    "returned.cheer": tuple(range(10, 101, 10)),
    "refused.too_many.detail": tuple(range(1, 11)),
    "refused.for_older.detail": tuple(range(3, 17)),
    "info.age": tuple(range(3, 17)),
    "my_passport.stamps": tuple(range(1, 31)),
    "my_passport.next": tuple(range(1, 11)),
    "spoken.day": tuple(range(1, 32)),
}
"""Sentences with a number in them, and the numbers worth a recording: "due.sleeps.3" says three sleeps."""

LABELS = ("button.", "rate.", "ease.")
"""Beginnings of the keys of what stands on buttons."""

_PARTS = re.compile(r"\b(?:weekday|day|month)\b")
_NO_PLURAL = frozenset({"returned.cheer", "spoken.day", "info.age"})


@dataclass(frozen=True, slots=True)
class Utterance:
    """One thing to say. `key` names a recording ("lent.title.1"), "" where none can be made of it.

    `language` says it in another language than the screen's, "" = in the screen's.
    """

    key: str
    text: str
    language: str = ""


@lru_cache(maxsize=8)
def plain_keys(words: Words) -> frozenset[str]:
    """The keys that say the same every time, kept: every screen asks for them."""
    return words.plain_keys()


class Phrases:
    """Makes utterances in one language."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self._plain = plain_keys(words)

    def fixed(self, key: str) -> Utterance:
        """A sentence that is always the same."""
        return Utterance(key, self.words.say(key), self._language_of(key))

    def all(self, keys: Iterable[str]) -> tuple[Utterance, ...]:
        """Several of them."""
        return tuple(map(self.fixed, keys))

    def counted(self, key: str, number: int) -> Utterance:
        """A sentence with a number in it; without a key where nobody would record that number."""
        if key in _NO_PLURAL:
            text = self.words.say(key, count=number, day=number, age=number)
        else:
            text = self.words.count(key, number)
        return Utterance(f"{key}.{number}" if number in COUNTED[key] else "", text, self._language_of(key))

    def outside(self, text: str) -> tuple[Utterance, ...]:
        """A title, a nickname, whatever was written elsewhere: nothing where nothing is written.

        The screen's voice reads it; the Vietnamese one what it alone can read, and where there is no other.
        """
        line, language = clean(text), self.words.language
        mine = bool(voice_of(language)) and VIETNAMESE.isdisjoint(line.lower())
        return (Utterance("", line, "" if mine or language == FIRST else FIRST),) if line else ()

    def call(self, nickname: str) -> tuple[Utterance, ...]:
        """A child called by its name."""
        say = self.words.say
        return tuple(
            replace(each, text=say("spoken.call", name=each.text)) for each in self.outside(nickname)
        )

    def title(self, book: Book) -> tuple[Utterance, ...]:
        """A book by its title."""
        return self.outside(book.name)

    def author(self, book: Book) -> tuple[Utterance, ...]:
        """Who wrote it."""
        name = self.outside(book.author)
        return (self.fixed("spoken.author"), *name) if name else ()

    def age(self, age_from: int) -> tuple[Utterance, ...]:
        """For which age a book is; nothing where it is for everybody."""
        return (self.counted("info.age", age_from),) if age_from > 0 else ()

    def day(self, day: date) -> tuple[Utterance, ...]:
        """A day in the order the language says it, in parts that can be recorded: "thứ Ba, ngày 8 ..."."""
        parts = {
            "weekday": self.fixed(f"weekday.{day.isoweekday()}"),
            "day": self.counted("spoken.day", day.day),
            "month": self.fixed(f"spoken.month.{day.month}"),
        }
        order = self.words.say("spoken.date", **{name: name for name in parts})
        return tuple(parts[name] for name in _PARTS.findall(order))

    def sleeps(self, day: date, today: date) -> Utterance:
        """How long until `day`, in nights to sleep."""
        nights = (day - today).days
        if nights > 0:
            return self.counted("due.sleeps", nights)
        return self.fixed("due.late" if nights < 0 else "due.today")

    def until(self, book: Book, today: date) -> tuple[Utterance, ...]:
        """The day it is to be brought back, in words and in sleeps; nothing without one."""
        if book.due is None:
            return ()
        if book.due <= today:
            return (self.sleeps(book.due, today),)
        return (self.fixed("due.until"), *self.day(book.due), self.sleeps(book.due, today))

    def listed(self, books: Iterable[Book], today: date) -> tuple[Utterance, ...]:
        """Each title and how long it may stay."""
        return tuple(
            part
            for book in books
            for part in (*self.title(book), *((self.sleeps(book.due, today),) if book.due else ()))
        )

    def to_shelf(self, book: Book) -> Utterance:
        """Where to carry a book; undone.where says the same."""
        return self.on_shelf("returned.where", book.shelf)

    def stands_on(self, book: Book) -> Utterance:
        """Where a book stands."""
        return self.on_shelf("spoken.where", book.shelf)

    def on_shelf(self, key: str, shelf: str) -> Utterance:
        """A sentence that names a shelf; a plain shelf when its colour is not known."""
        known = shelf if f"shelf.{shelf}" in self._plain else "none"
        text = self.words.say(key, shelf=self.words.say(f"shelf.{known}"))
        return Utterance(f"{key}.{known}", text, self._language_of(key))

    def language(self, language: str) -> Utterance:
        """A language by its own name, in its own voice."""
        return Utterance(f"spoken.language.{language}", language_name(language), language)

    def school_class(self, name: str) -> tuple[Utterance, ...]:
        """A class by its name."""
        return (self.fixed("spoken.class"), *self.outside(name))

    def device(self, device: str) -> Utterance:
        """A device by the name librarians know it by."""
        key = f"device.{device}"
        return self.fixed(key) if device in DEVICES else Utterance("", self.words.device(device))

    def remedy(self, device: str) -> Utterance:
        """What a librarian does about a device."""
        return self.fixed(f"device.{device}.do" if device in DEVICES else "device.unknown.do")

    def tag(self, tag: TagLine | None) -> tuple[Utterance, ...]:
        """What lies on the pad, as staff are told: what it is, never the number that it carries."""
        if tag is None:
            return (self.fixed("tag.none"),)
        if f"tag.{tag.verdict}" in self._plain:
            return (self.fixed(f"tag.{tag.verdict}"),)
        return (Utterance("", self.words.say(f"tag.{tag.verdict}", item=tag.item)),)

    def named(self, key: str) -> Utterance:
        """A button by its key or by its words; anything else is a name that stands on it."""
        if key in self._plain and key != "button.language":
            return self.fixed(key)
        line = clean(key)
        if key == "button.language" or line == self.words.say("button.language"):
            line = self.words.say("button.language")  # what stands on it is another language's name
            other = next((each for each in languages() if language_name(each) == line), "")
            return self.language(other) if other else Utterance("", line)
        labels = (each for each in self._plain if each.startswith(LABELS) and self.words.say(each) == line)
        known = min(labels, default="")
        return self.fixed(known) if known else next(iter(self.outside(line)), Utterance("", ""))

    def choices(self, choices: Iterable[Utterance | str]) -> tuple[Utterance, ...]:
        """What can be pressed, the last one after an "or"."""
        said = [self.named(each) if isinstance(each, str) else each for each in choices]
        if len(said) > 1:
            said.insert(-1, self.fixed("spoken.or"))
        return (self.fixed("spoken.choices"), *said) if said else ()

    def _language_of(self, key: str) -> str:
        """The language a key falls back to, "" where it is the screen's own."""
        language = self.words.language_of(key)
        return "" if language == self.words.language else language
