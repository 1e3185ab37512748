"""The book was lifted off: how was it? One of three faces, or none."""

from __future__ import annotations

from kiosk.events import Action
from kiosk.screens import Liked, Rate
from ui import theme
from ui.screens.booklet import title_height
from ui.screens.parts import choice, cover, headline
from ui.screens.picking import OUT
from ui.widgets.button import Choice
from ui.widgets.scene import Kit, Scene
from ui.widgets.shapes import Picture
from ui.widgets.tile import Tile, lay_tiles

COVER = 43.0  # millimetres of the cover's place beside the faces
FACES, FACES_BY_LARGE = 29.0, 32.0  # of a face's height on a standing panel, and by larger letters


def rate(view: Rate, kit: Kit) -> Scene:
    """Every face is a good answer: none is red, none cries."""
    words = kit.words
    scene = Scene(kit, theme.MINT, [choice(words, Action.DONE, quiet=True)] if view.child else [], grids=True)
    high = title_height(scene)
    title = words.say("rate.title")
    if scene.tall:
        faces = scene.grid.bottom(FACES if scene.style.scale == 1.0 else FACES_BY_LARGE).less(
            left=-OUT, right=-OUT
        )
        headline(scene, title, scene.grid.top(high), lines=1)
        cover(scene, view.book, scene.grid.less(top=high + 1, bottom=faces.h + 4), child=view.child)
    else:
        place = scene.free if len(scene.targets) < 2 + kit.can_speak else scene.art
        cover(scene, view.book, place.left(COVER), child=view.child)
        right = scene.grid.less(left=COVER + 5)
        headline(scene, title, right.top(high), lines=1)
        faces = right.less(top=high + 1.5)
    tiles = []
    for liked in Liked:
        asked = Choice(Action.RATE, words.say(f"rate.{liked}"), "", theme.PLAIN, liked)
        face = Picture(theme.picture(f"face_{liked}"))
        tiles.append(Tile(asked, face, scene.tapped, scene.is_awake, scene.style))
    lay_tiles(scene, tiles, faces.columns(len(tiles), theme.GAP))
    return scene
