"""Who are you? The animals of a class, each in its ring, the name the child chose under it."""

from __future__ import annotations

from dataclasses import replace

from kiosk.events import Action
from kiosk.screens import PickAnimal
from ui import theme
from ui.screens.booklet import turning
from ui.screens.pick_class import class_picture
from ui.screens.picking import picking
from ui.widgets.badge import Medal
from ui.widgets.button import Choice
from ui.widgets.child import Avatar
from ui.widgets.scene import Kit, Scene
from ui.widgets.tile import Tile


def pick_animal(view: PickAnimal, kit: Kit) -> Scene:
    """In a session the next child is called, and the way back ends it for all: its picture is the door."""
    words = kit.words
    scene = Scene(kit, theme.MORNING, grids=True)
    tiles = []
    for place, child in enumerate(view.children, start=view.first):
        choice = Choice(Action.ANIMAL, child.nickname, "", theme.PLAIN, str(place))
        tiles.append(Tile(choice, Avatar(child.animal), scene.tapped, scene.is_awake, scene.style))
    choices = turning(kit, view.pages)
    if view.session:
        choices[0] = replace(choices[0], picture="door")
    # The class is the headline: the animals ask by themselves. A longer call needs a standing panel's width.
    title = words.say("pick_animal.next") if view.session else view.title or words.say("pick_animal.title")
    sign = Medal(class_picture(view.title), view.title) if view.title else None
    if view.session and scene.tall:
        sign = None
    picking(scene, title, tiles, choices, page=view.page, pages=view.pages, sign=sign)
    return scene
