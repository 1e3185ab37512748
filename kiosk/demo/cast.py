"""Who plays in the afternoon and which books they take: chosen from the library by what the rules look at."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hardware.simulated.bench_library import Thing

STRIDE = 37
"""Step through the list of items: neighbours are copies of one title, and children differ in taste."""


class Unplayable(RuntimeError):
    """The library has nobody, or nothing, for a part; the message names the part."""


class Cast:
    """Cards and books of a library, handed out once each."""

    def __init__(self, things: tuple[Thing, ...]) -> None:
        self._cards = [thing for thing in things if thing.is_card and not thing.is_stranger]
        books = [thing for thing in things if not thing.is_card and not thing.is_stranger]
        turns = [books[(at * STRIDE) % len(books)] for at in range(len(books))]
        # A stride that shares a factor with the length would meet some books twice and others never.
        self._books = list(dict.fromkeys([*turns, *books]))
        self._titles = Counter[str]()
        strangers = [thing for thing in things if thing.is_stranger]
        self.unknown_card = next(thing for thing in strangers if thing.is_card)
        self.unknown_book = next(thing for thing in strangers if not thing.is_card)

    def children(self) -> tuple[Thing, ...]:
        """Every reader whose card is good, youngest first."""
        good = [card for card in self._cards if not card.note]
        return tuple(sorted(good, key=lambda card: (card.age is None, card.age or 0)))

    def card_with(self, note: str) -> Thing:
        """A card that is "blocked" or "expired". Raises Unplayable when there is none."""
        for card in self._cards:
            if card.note == note:
                return card
        raise Unplayable(f"no card of the library is {note}")

    def book_for(self, *readers: Thing) -> Thing:
        """A free book that every one of these readers may have. Raises Unplayable when there is none left."""
        youngest = min((reader.age for reader in readers if reader.age is not None), default=0)
        fit = [
            book
            for book in self._books
            if book.note not in {"reference", "withdrawn"} and (book.age or 0) <= youngest
        ]
        return self._take(fit, f"a book for a reader of {youngest}")

    def book_too_old_for(self, reader: Thing) -> Thing:
        """A book the reader is too young for."""
        fit = [book for book in self._books if not _stays(book) and (book.age or 0) > (reader.age or 0)]
        return self._take(fit, f"a book too old for a reader of {reader.age}")

    def reference_book(self) -> Thing:
        """A book that is read on the spot only."""
        return self._take([book for book in self._books if book.note == "reference"], "a reference book")

    def _take(self, fit: list[Thing], part: str) -> Thing:
        if not fit:
            raise Unplayable(f"the library has nothing left for this part: {part}")
        # Titles that did not appear yet come first.
        book = min(fit, key=lambda one: self._titles[one.name])
        self._titles[book.name] += 1
        self._books.remove(book)
        return book


def _stays(book: Thing) -> bool:
    return book.note in {"reference", "withdrawn"}
