"""Which class? Each with a picture that is always the same for the same name."""

from __future__ import annotations

from kiosk.events import Action
from kiosk.screens import PickClass
from ui import theme
from ui.screens.booklet import turning
from ui.screens.picking import picking
from ui.widgets.badge import Medal
from ui.widgets.button import Choice
from ui.widgets.scene import Kit, Scene
from ui.widgets.tile import Tile

PICTURES = (
    "kite", "balloon", "rocket", "ball", "bicycle", "boat", "train", "umbrella", "teddy", "drum", "bus",
    "guitar", "lantern", "plane", "car", "tent", "puzzle", "trumpet", "wheel", "saucer", "yoyo", "carps",
    "tractor", "circus", "gift", "target",
)  # fmt: skip
"""Pictures of classes: none is a sign of a shelf or an animal of a child."""

LETTERS = 5  # classes of one year that surely differ: 1A to 5E are 25 pictures of the 26


def class_picture(name: str) -> str:
    """A picture's name for a class's name: the same one on every station and every day."""
    place = 0
    for letter in name.strip().upper():
        place = (place * LETTERS + ord(letter)) % len(PICTURES)
    return PICTURES[place]


def pick_class(view: PickClass, kit: Kit) -> Scene:
    """The name large under its picture."""
    scene = Scene(kit, theme.MORNING, grids=True)
    tiles = []
    for place, name in enumerate(view.classes, start=view.first):
        picture = class_picture(name)
        choice = Choice(Action.CLASS, name, "", theme.PLAIN, str(place))
        tiles.append(
            Tile(
                choice,
                Medal(picture, name),
                scene.tapped,
                scene.is_awake,
                scene.style,
                size_mm=theme.TITLE,
                weight="title",
            )
        )
    title = kit.words.say("pick_class.title")
    picking(scene, title, tiles, turning(kit, view.pages), page=view.page, pages=view.pages)
    return scene
