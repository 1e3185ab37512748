"""The pad holds what the station cannot serve: too much, two cards, something unknown."""

from __future__ import annotations

from kiosk.events import Action
from kiosk.screens import OneByOne, OneCard, UnknownBook, UnknownCard
from ui import theme
from ui.screens.parts import choice, sentence, to_librarian
from ui.widgets.pad import PadPicture, Thing
from ui.widgets.scene import Kit, Scene


def one_by_one(_view: OneByOne, kit: Kit) -> Scene:
    """Too many things at once: lift them off, then one after another."""
    scene = Scene(kit, theme.PEACH)
    sentence(scene, kit.words.say("one_by_one.title"), kit.words.say("one_by_one.hint"))
    scene.halo(scene.art)
    scene.put(PadPicture(going=(Thing.BOOK, Thing.BOOK, Thing.BOOK)), scene.art)
    scene.friends("duck", "turtle")
    return scene


def one_card(_view: OneCard, kit: Kit) -> Scene:
    """Two cards: one child after another."""
    scene = Scene(kit, theme.PEACH)
    sentence(scene, kit.words.say("one_card.title"), kit.words.say("one_card.hint"))
    scene.halo(scene.art)
    scene.put(PadPicture(lying=(Thing.CARD,), going=(Thing.CARD,)), scene.art)
    scene.friends("cat", "frog")
    return scene


def unknown_card(_view: UnknownCard, kit: Kit) -> Scene:
    """A card this library does not know: to the librarian."""
    scene = Scene(kit, theme.PEACH)
    sentence(scene, kit.words.say("unknown_card.title"), kit.words.say("unknown_card.hint"))
    to_librarian(scene, "card", "question")
    scene.friends("fox", "penguin")
    return scene


def unknown_book(view: UnknownBook, kit: Kit) -> Scene:
    """A sticker this library does not know: to the librarian."""
    choices = [choice(kit.words, Action.DONE)] if view.child else []
    scene = Scene(kit, theme.PEACH, choices)
    sentence(scene, kit.words.say("unknown_book.title"), kit.words.say("unknown_book.hint"))
    to_librarian(scene, "book", "question")
    if not choices:
        scene.friends("cow", "hen")
    return scene
