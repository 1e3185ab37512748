"""The pad holds what the station cannot serve: too much, two cards, something unknown."""

from __future__ import annotations

from kiosk.events import Action
from kiosk.screens import OneByOne, OneCard, UnknownBook, UnknownCard
from ui import theme
from ui.screens.parts import choice, sentence
from ui.widgets.pad import PadPicture, Thing
from ui.widgets.scene import Kit, Scene
from ui.widgets.shapes import Picture


def one_by_one(_view: OneByOne, kit: Kit) -> Scene:
    """Too many things at once: lift them off, then one after another."""
    scene = Scene(kit, theme.PEACH)
    scene.put(PadPicture(going=(Thing.BOOK, Thing.BOOK, Thing.BOOK)), scene.art)
    sentence(scene, kit.words.say("one_by_one.title"), kit.words.say("one_by_one.hint"))
    return scene


def one_card(_view: OneCard, kit: Kit) -> Scene:
    """Two cards: one child after another."""
    scene = Scene(kit, theme.PEACH)
    scene.put(PadPicture(lying=(Thing.CARD,), going=(Thing.CARD,), animal="rabbit"), scene.art)
    sentence(scene, kit.words.say("one_card.title"), kit.words.say("one_card.hint"))
    return scene


def unknown_card(_view: UnknownCard, kit: Kit) -> Scene:
    """A card this library does not know: to the librarian."""
    scene = Scene(kit, theme.PEACH)
    _ask(scene, "card")
    sentence(scene, kit.words.say("unknown_card.title"), kit.words.say("unknown_card.hint"))
    return scene


def unknown_book(view: UnknownBook, kit: Kit) -> Scene:
    """A sticker this library does not know: to the librarian."""
    choices = [choice(kit.words, Action.DONE)] if view.child else []
    scene = Scene(kit, theme.PEACH, choices)
    _ask(scene, "book")
    sentence(scene, kit.words.say("unknown_book.title"), kit.words.say("unknown_book.hint"))
    return scene


def _ask(scene: Scene, thing: str) -> None:
    art = scene.art
    scene.put(Picture(theme.picture("librarian")), art.middle(50, 50))
    scene.put(Picture(theme.picture(thing)), art.bottom(24).left(24))
