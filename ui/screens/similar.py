"""More like this book: covers that stand on its shelf now, and the shelf's sign to find them by."""

from __future__ import annotations

from kiosk.screens import Similar
from ui import theme
from ui.screens.booklet import turning
from ui.screens.covers import cover_tile, lay_covers
from ui.widgets.book import ShelfSign
from ui.widgets.scene import Kit, Scene

BACK = 26.0  # millimetres of the way back
SIGN = 15.5  # and of the sign's height: it is no button


def similar(view: Similar, kit: Kit) -> Scene:
    """Touch a cover and hear what it is; walk to the shelf and take it."""
    words, key = kit.words, view.book.shelf
    scene = Scene(kit, theme.MORNING, grids=True)
    row = scene.choices_row
    scene.button(turning(kit, 1)[0], row.right(BACK))
    sign = row.less(right=BACK + theme.GAP)
    shelf = words.shelf(key, key in theme.SHELVES)
    said = shelf[:1].upper() + shelf[1:]
    scene.put(ShelfSign(key, words, said, scene.style), sign.middle(sign.w, SIGN))
    tiles = [cover_tile(scene, book, "") for book in view.books]
    lay_covers(scene, words.say("similar.title"), tiles, view.child)
    return scene
