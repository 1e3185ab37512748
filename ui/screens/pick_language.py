"""Which language? Each says hello and its own name in its own words."""

from __future__ import annotations

from kiosk.events import Action
from kiosk.screens import PickLanguage
from kiosk.words import language_name, words_for
from ui import theme
from ui.screens.booklet import turning
from ui.screens.picking import picking
from ui.widgets.bubble import Bubble
from ui.widgets.button import Choice
from ui.widgets.scene import Kit, Scene
from ui.widgets.tile import Tile

FEW = 4  # languages whose tiles are wide enough for a greeting


def pick_language(view: PickLanguage, kit: Kit) -> Scene:
    """Nobody needs to read a language to find another: the words on a tile are that language's own."""
    scene = Scene(kit, theme.MORNING, grids=True)
    tiles, few = [], len(view.languages) <= FEW
    for number, language in enumerate(view.languages):
        choice = Choice(Action.TONGUE, language_name(language), "", theme.PLAIN, language)
        # Where tiles are narrow a greeting would be too small to read: the language's letters then.
        hello = words_for(language).say("welcome.title") if few else language.upper()
        bubble = Bubble(hello, number, scene.style, sign=not few)
        tiles.append(Tile(choice, bubble, scene.tapped, scene.is_awake, scene.style))
    picking(scene, kit.words.say("pick_language.title"), tiles, turning(kit, 1), page=0, pages=1)
    return scene
