"""Parts that several screens share: the choices, the headline, the cover with a badge."""

from __future__ import annotations

from datetime import date

from kiosk.events import Action
from kiosk.screens import Book, Child
from kiosk.words import Words
from ui import theme
from ui.widgets.book import RATIO, CoverPicture
from ui.widgets.box import Box
from ui.widgets.button import Choice
from ui.widgets.child import Avatar
from ui.widgets.column import Column
from ui.widgets.day import DueDay
from ui.widgets.scene import Scene
from ui.widgets.shapes import Picture
from ui.widgets.text import Say

STICKER = 5.0  # millimetres that an animal or a badge reaches beyond the cover it sticks on
DUE, DUE_SHORT = 18.5, 13.5  # height of the day to bring a book back, and without its first line
DUE_LEAST = 0.96  # of it; three lines that can be read need so much
FAN = 3.2  # millimetres that each book behind another one is seen
MOST_BEHIND = 2

CHOICES = {
    Action.DONE: ("wave", theme.GO),
    Action.UNDO: ("undo", theme.PLAIN),
    Action.RETURN: ("return", theme.BLUE),
    Action.KEEP: ("calendar", theme.SUN),
    Action.BORROW: ("backpack", theme.GO),
    Action.NOT_NOW: ("books", theme.PLAIN),
    Action.STILL_HERE: ("hug", theme.GO),
    Action.BACK: ("thumb", theme.GO),
    Action.LANGUAGE: ("globe", theme.PLAIN),
    Action.STAFF: ("key", theme.PLAIN),
    Action.RUB_OUT: ("left", theme.PLAIN),
    Action.ENTER: ("check", theme.PLAIN),
    Action.MINE: ("book", theme.PLAIN),
    Action.CARDLESS: ("card", theme.PLAIN),
    Action.SIMILAR: ("books", theme.BLUE),
    Action.ALLOW: ("star", theme.PLAIN),
    Action.ERASE: ("undo", theme.PLAIN),
}
"""Picture and colours of each thing to ask for."""


def choice(words: Words, action: Action, target: str = "", *, quiet: bool = False) -> Choice:
    """The button of an action; `quiet` when another button beside it is the usual one."""
    picture, face = CHOICES[action]
    return Choice(action, words.say(f"button.{action}"), picture, theme.PLAIN if quiet else face, target)


def headline(scene: Scene, text: str, box: Box, *, size_mm: float = theme.TITLE, lines: int = 2) -> None:
    """The one thing a screen says, in a place of its own."""
    style = scene.style
    said = Say(
        text,
        size_mm=style.size(size_mm),
        least_mm=theme.BODY,
        weight="title",
        lines=lines,
        colour=style.ink,
    )
    scene.put(said, box)


def digit(number: str) -> Choice:
    """A key of the librarian's keypad."""
    return Choice(Action.DIGIT, number, "", theme.PLAIN, number)


def sentence(scene: Scene, title: str, hint: str = "", *, box: Box | None = None) -> None:
    """A headline and a softer line under it, in the place of the words."""
    column = Column(scene, box)
    column.headline(title, size_mm=theme.HUGE, lines=2 if hint else 3)
    column.line(hint, lines=3)
    column.lay()


def due_day(column: Column, scene: Scene, lead: str, day: date, today: date) -> None:
    """The day to bring a book back, as a leaf, in words and in sleeps."""
    leaf = DueDay(lead, day, today, scene.words, scene.style)
    shorter = (DUE_SHORT, leaf.without_lead) if day >= today else None
    column.add(leaf, DUE, least=DUE_LEAST, drop=4 if shorter else 0, shorter=shorter)


def cover(
    scene: Scene,
    book: Book,
    box: Box,
    *,
    badge: str = "",
    child: Child | None = None,
    behind: tuple[Book, ...] = (),
) -> None:
    """A cover as the screen's picture, the child's animal on one corner, a badge on the other.

    Of the books `behind` it two are seen, fanned out.
    """
    behind = behind[:MOST_BEHIND]
    fan = FAN * len(behind)
    width = min(box.w - 2 * STICKER - fan, (box.h - STICKER - fan) * RATIO)
    spare = (box.h - STICKER - fan - width / RATIO) / 2
    place = Box(box.x + (box.w - fan - width) / 2, box.y + STICKER + spare, width, width / RATIO)
    for number in range(len(behind), 0, -1):
        moved = Box(place.x + FAN * number, place.y + FAN * number, place.w, place.h)
        scene.put(CoverPicture(behind[number - 1], scene.kit.covers, named=False), moved)
    scene.put(CoverPicture(book, scene.kit.covers), place)
    size = min(17.0, width * 0.48)
    x, y, width = place.x, place.y, place.w
    if child:
        scene.put(Avatar(child.animal), Box(x - STICKER, y - min(STICKER, size * 0.34), size, size))
    if badge:
        scene.put(
            Picture(theme.picture(badge)),
            Box(x + width + STICKER - size, y - min(STICKER, size * 0.34), size, size),
        )


def first_due(books: tuple[Book, ...]) -> tuple[Book, ...]:
    """The books in the order in which they are due, so that the day beside them belongs to the top one."""
    return tuple(sorted(books, key=lambda book: book.due or date.max))


def written(column: Column, book: Book, *, drop: int = 0) -> None:
    """The book's name and, where there is room, who wrote it."""
    column.name(book.name, lines=3, drop=drop)
    column.say(book.author, size_mm=theme.BODY, lines=1, gap=1, drop=drop + 1, colour=column.soft)


def to_librarian(scene: Scene, thing: str, badge: str) -> None:
    """The librarian's picture, with what to bring her and why."""
    place = scene.art.middle(48, 54)
    side = min(place.w / 48, place.h / 54)
    place = scene.art.middle(48 * side, 54 * side)
    scene.halo(scene.art)
    scene.put(Picture(theme.picture("librarian")), place.top(42 * side))
    scene.put(Picture(theme.picture(thing)), place.bottom(24 * side).right(26 * side))
    scene.put(Picture(theme.picture(badge)), place.top(17 * side).less(right=-3 * side).right(17 * side))
