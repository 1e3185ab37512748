"""Parts that several screens share: the choices, the headline, the cover with a badge."""

from __future__ import annotations

from datetime import date

from kiosk.events import Action
from kiosk.screens import Book, Child
from ui import theme
from ui.widgets.book import RATIO, CoverPicture
from ui.widgets.box import Box
from ui.widgets.button import Choice
from ui.widgets.child import Avatar
from ui.widgets.scene import Scene
from ui.widgets.shapes import Picture
from ui.widgets.text import Say
from ui.words import Words

STICKER = 5.0  # millimetres that an animal or a badge reaches beyond the cover it sticks on

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
}
"""Picture and colours of each thing to ask for."""


def choice(words: Words, action: Action, target: str = "", *, quiet: bool = False) -> Choice:
    """The button of an action; `quiet` when another button beside it is the usual one."""
    picture, face = CHOICES[action]
    return Choice(action, words.say(f"button.{action}"), picture, theme.PLAIN if quiet else face, target)


def headline(scene: Scene, text: str, box: Box, *, size_mm: float = theme.TITLE, lines: int = 2) -> None:
    """The one thing a screen says."""
    scene.put(Say(text, size_mm=size_mm, least_mm=theme.BODY, weight="title", lines=lines), box)


def digit(number: str) -> Choice:
    """A key of the librarian's keypad."""
    return Choice(Action.DIGIT, number, "", theme.PLAIN, number)


def line(scene: Scene, text: str, box: Box, *, size_mm: float = theme.LEAD, lines: int = 2) -> None:
    """What else a screen says, in softer ink."""
    scene.put(Say(text, size_mm=size_mm, colour=theme.SOFT_INK, lines=lines, valign="top"), box)


def sentence(scene: Scene, title: str, hint: str = "", *, box: Box | None = None) -> None:
    """A headline and a softer line under it, in the place of the words."""
    place = box or scene.text
    if not hint:
        headline(scene, title, place, size_mm=theme.HUGE, lines=3)
        return
    headline_box = place.top(place.h * 0.58)
    scene.put(
        Say(title, size_mm=theme.HUGE, least_mm=theme.LEAD, weight="title", lines=2, valign="bottom"),
        headline_box,
    )
    line(scene, hint, place.less(top=headline_box.h + 2.5))


def cover(scene: Scene, book: Book, box: Box, *, badge: str = "", child: Child | None = None) -> None:
    """A cover as the screen's picture, the child's animal on one corner, a badge on the other."""
    width = min(box.w - 2 * STICKER, (box.h - STICKER) * RATIO)
    place = box.less(bottom=2).middle(width, width / RATIO)
    scene.put(CoverPicture(book, scene.kit.covers), place)
    size = min(17.0, width * 0.48)
    x, y, width = place.x, place.y, place.w
    if child:
        scene.put(Avatar(child.animal), Box(x - STICKER, y - size * 0.36, size, size))
    if badge:
        scene.put(
            Picture(theme.picture(badge)),
            Box(x + width + STICKER - size, y - size * 0.36, size, size),
        )


def first_due(books: tuple[Book, ...]) -> tuple[Book, ...]:
    """The books in the order in which they are due, so that the day beside them belongs to the top one."""
    return tuple(sorted(books, key=lambda book: book.due or date.max))


def about(scene: Scene, book: Book, box: Box) -> None:
    """The book's name and who wrote it."""
    scene.put(
        Say(book.name, size_mm=theme.LEAD, weight="strong", lines=2, valign="bottom"), box.top(box.h * 0.64)
    )
    scene.put(
        Say(book.author, size_mm=theme.SMALL, least_mm=3.4, colour=theme.SOFT_INK, lines=1, valign="top"),
        box.bottom(box.h * 0.34),
    )


def to_librarian(scene: Scene, thing: str, badge: str) -> None:
    """The librarian's picture, with what to bring her and why."""
    place = scene.art.middle(48, 54)
    scene.halo(scene.art)
    scene.put(Picture(theme.picture("librarian")), place.top(42))
    scene.put(Picture(theme.picture(thing)), place.bottom(24).right(26))
    scene.put(Picture(theme.picture(badge)), place.top(17).less(right=-3).right(17))
