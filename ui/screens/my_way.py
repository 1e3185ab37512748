"""My booklet: how the screen should be for this child, by touch, each with its picture."""

from __future__ import annotations

from kiosk.events import Action
from kiosk.screens import Ease, MyWay
from kiosk.words import language_name
from ui import theme
from ui.screens.booklet import turning
from ui.screens.picking import picking
from ui.widgets.button import Choice
from ui.widgets.scene import Kit, Scene
from ui.widgets.shapes import Picture
from ui.widgets.tile import Tile
from ui.widgets.toggle import Toggle

PICTURES = {Ease.LARGE: "magnifier", Ease.CONTRAST: "palette", Ease.SPOKEN: "loud", Ease.SLOW: "turtle"}


def my_way(view: MyWay, kit: Kit) -> Scene:
    """What is on lies pressed in and bears a tick; the language tile names the one it changes to."""
    words = kit.words
    scene = Scene(kit, theme.JOY, grids=True)
    tiles: list[Tile] = []
    for ease, picture in PICTURES.items():
        if ease is Ease.SPOKEN and not view.can_speak:
            continue
        on = ease in view.on
        face = theme.GO if on else theme.PLAIN
        choice = Choice(Action.EASE, words.say(f"ease.{ease}"), picture, face, ease)
        tiles.append(Toggle(choice, on, scene.tapped, scene.is_awake, scene.style))
    if view.next_language:
        name = language_name(view.next_language)
        choice = Choice(Action.EASE, name, "globe", theme.PLAIN, Ease.LANGUAGE)
        globe = Picture(theme.picture("globe"))
        tiles.append(Tile(choice, globe, scene.tapped, scene.is_awake, scene.style))
    title = words.say("my_way.title")
    picking(scene, title, tiles, turning(kit, view.pages), page=view.page, pages=view.pages)
    return scene
