"""Parts that several screens share: the usual choices, the headline with a line under it, the cover with a badge."""

from __future__ import annotations


from kiosk.events import Action
from kiosk.screens import Book, Child
from ui import theme
from ui.widgets.book import CoverPicture
from ui.widgets.box import Box
from ui.widgets.button import Choice
from ui.widgets.child import Avatar
from ui.widgets.scene import Scene
from ui.widgets.shapes import Picture
from ui.widgets.text import Say
from ui.words import Words

CHOICES = {
    Action.DONE: ("wave", theme.GO),
    Action.UNDO: ("undo", theme.PLAIN),
    Action.RETURN: ("return", theme.BLUE),
    Action.KEEP: ("calendar", theme.SUN),
    Action.BORROW: ("backpack", theme.GO),
    Action.NOT_NOW: ("cloud", theme.PLAIN),
    Action.STILL_HERE: ("hug", theme.GO),
    Action.BACK: ("thumb", theme.GO),
    Action.LANGUAGE: ("globe", theme.PLAIN),
}
"""Picture and colours of each thing to ask for."""


def choice(words: Words, action: Action, target: str = "", *, quiet: bool = False) -> Choice:
    """The button of an action; `quiet` when another button beside it is the usual one."""
    picture, face = CHOICES[action]
    return Choice(action, words.say(f"button.{action}"), picture, theme.PLAIN if quiet else face, target)


def headline(scene: Scene, text: str, box: Box, *, size_mm: float = theme.TITLE, lines: int = 2) -> None:
    """The one thing a screen says."""
    scene.put(Say(text, size_mm=size_mm, least_mm=theme.BODY, weight="title", lines=lines), box)


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
    scene.put(CoverPicture(book, scene.kit.covers), box)
    width = min(box.w, box.h * 0.75)
    height = width / 0.75
    x, y = box.x + (box.w - width) / 2, box.y + (box.h - height) / 2
    size = min(18.0, width * 0.48)
    if child:
        scene.put(Avatar(child.animal), Box(x - size * 0.42, y - size * 0.18, size, size))
    if badge:
        scene.put(
            Picture(theme.picture(badge)), Box(x + width - size * 0.62, y + height - size * 0.72, size, size)
        )


def about(scene: Scene, book: Book, box: Box) -> None:
    """The book's name and who wrote it."""
    scene.put(
        Say(book.name, size_mm=theme.LEAD, weight="strong", lines=2, valign="bottom"), box.top(box.h * 0.64)
    )
    scene.put(
        Say(book.author, size_mm=theme.SMALL, least_mm=3.4, colour=theme.SOFT_INK, lines=1, valign="top"),
        box.bottom(box.h * 0.34),
    )
