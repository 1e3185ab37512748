"""A page of covers to touch: beside its headline on a lying panel, under it on a standing one."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.events import Action
from kiosk.screens import Book, Child
from ui import theme
from ui.screens.booklet import above, page_title, title_height
from ui.screens.parts import headline
from ui.widgets.book import RATIO, CoverPicture
from ui.widgets.box import Box
from ui.widgets.button import Choice
from ui.widgets.child import Avatar
from ui.widgets.scene import Scene
from ui.widgets.tile import Tile, lay_tiles

MOST = 4  # covers on a page
COLUMN = 25.0  # millimetres beside the covers of a lying panel, for what the page is
WIDEST = 27.0  # millimetres; a tile wider than its cover is empty beside it
ACROSS = 2  # tiles in a row of a standing panel
FACE = 15.0  # millimetres of the child's animal


def cover_tile(scene: Scene, book: Book, shown: str, *, sticker: str = "") -> Tile:
    """A cover to touch; `shown` stands under it, and the book's name is what is said of it."""
    return Tile(
        Choice(Action.BOOK, book.name, "", theme.PLAIN, book.item_id),
        CoverPicture(book, scene.kit.covers),
        scene.tapped,
        scene.is_awake,
        scene.style,
        shown=shown,
        shape=RATIO,
        sticker=sticker,
        size_mm=theme.SMALL,
    )


def lay_covers(scene: Scene, title: str, tiles: Sequence[Tile], child: Child | None) -> None:
    """The page's headline and its covers, at most four."""
    tiles, grid = tiles[:MOST], above(scene)
    if scene.tall:
        if child:
            place = page_title(scene, title, child, grid)
        else:
            top = title_height(scene)
            headline(scene, title, grid.top(top), lines=1)
            place = grid.less(top=top + 2)
        height = (place.h - theme.GAP) / 2
        boxes = [
            box for row in (place.top(height), place.bottom(height)) for box in row.columns(ACROSS, theme.GAP)
        ]
        if all(tile.bare for tile in tiles):
            boxes = [box.middle(max(theme.TARGET, height * RATIO), height) for box in boxes]
        lay_tiles(scene, tiles, boxes[: len(tiles)])
        return
    column = grid.left(COLUMN)
    if child:
        scene.put(Avatar(child.animal), column.top(FACE).left(FACE))
        column = column.less(top=FACE + 1)
    headline(scene, title, column, lines=3)
    place = grid.less(left=COLUMN + 3)
    width = min(WIDEST, (place.w - theme.GAP * (MOST - 1)) / MOST)
    if all(tile.bare for tile in tiles):  # as high as the cover
        place = place.middle(place.w, width / RATIO + 2)
    lay_tiles(
        scene,
        tiles,
        [Box(place.x + at * (width + theme.GAP), place.y, width, place.h) for at in range(len(tiles))],
    )
