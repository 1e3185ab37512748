"""Tiles to choose from: on a lying panel in a row, the sixth beside the buttons; on a standing one in two."""

from __future__ import annotations

from collections.abc import Sequence

from kivy.uix.widget import Widget

from ui import theme
from ui.screens.booklet import above, title_height
from ui.screens.parts import headline
from ui.widgets.box import Box
from ui.widgets.button import Choice
from ui.widgets.page_dots import HEIGHT, PageDots
from ui.widgets.scene import Scene
from ui.widgets.tile import Tile, lay_tiles

ACROSS = 5  # targets side by side on a lying panel; Chíp and help are the last two of the lower row
STANDING = 3  # and on a standing one
FITS = 6  # tiles a page has room for at a finger's size beside two buttons
WIDEST = 32.0  # millimetres
TALLEST = 34.0
SPACE = 0.5  # millimetres under the headline
OUT = 2.4  # millimetres that three tiles side by side reach into a standing panel's border
TIGHT = 4.0  # millimetres between more tiles than fit


def places(scene: Scene, count: int, buttons: int, title: float) -> tuple[list[Box], list[Box]]:
    """Where so many tiles and buttons go, under a headline of that height.

    More than six tiles are drawn smaller and closer rather than hidden.
    """
    grid = above(scene).less(top=title + SPACE)
    if scene.tall:
        return _standing(grid, count), _row(scene.choices_row, buttons)
    if count <= ACROSS:
        wide = min(WIDEST, (grid.w - theme.GAP * (count - 1)) / max(1, count))
        middle = grid.middle(wide * count + theme.GAP * (count - 1), grid.h)
        return middle.columns(count, theme.GAP), _row(scene.choices_row, buttons)
    across, gap, below = ACROSS, theme.GAP, ACROSS - 2
    while across + below < count + buttons:
        across, gap = across + 1, TIGHT
        wide = (grid.w - gap * (across - 1)) / across
        below = int((scene.choices_row.w + gap) // (wide + gap))
    lower = scene.choices_row.columns(below, gap)
    wide = min(lower[0].w, (grid.w - gap * (across - 1)) / across)
    step = (grid.w - wide) / (across - 1)
    upper = [Box(grid.x + number * step, grid.y, wide, grid.h) for number in range(across)]
    return [*upper, *lower[: count - across]], lower[below - buttons :]


def _standing(grid: Box, count: int) -> list[Box]:
    across, gap = (2 if count <= 4 else STANDING), theme.GAP
    if count > FITS:
        across, gap = -(-count // 2), TIGHT
    elif across == STANDING:  # a long nickname needs more than the free border leaves
        grid = grid.less(left=-OUT, right=-OUT)
    rows = max(1, -(-count // across))
    height = min(TALLEST, (grid.h - gap * (rows - 1)) / rows)
    return [
        box
        for row in range(rows)
        for box in grid.less(top=row * (height + gap)).top(height).columns(across, gap)
    ][:count]


def _row(row: Box, count: int) -> list[Box]:
    """The usual places of one or two choices."""
    return row.columns(2, theme.GAP)[-count:] if count else []


def picking(
    scene: Scene,
    title: str,
    tiles: Sequence[Tile],
    choices: Sequence[Choice],
    *,
    page: int,
    pages: int,
    sign: Widget | None = None,
) -> None:
    """A headline, the tiles, the choices, and dots when there are more pages.

    `sign` is a picture of what the tiles have in common; it stands before the headline.
    """
    high = title_height(scene)
    top = above(scene).top(high)
    if sign:
        scene.put(sign, top.left(top.h))
        top = top.less(left=top.h + 2.5)
    headline(scene, title, top, lines=1)
    tiled, buttons = places(scene, len(tiles), len(choices), high)
    lay_tiles(scene, tiles, tiled)
    for choice, box in zip(choices, buttons, strict=True):
        scene.button(choice, box)
    if pages > 1:
        row = scene.choices_row
        gap = Box(row.x, row.y + row.h, row.w, theme.GAP)
        scene.put(PageDots(page, pages, scene.style), gap.middle(gap.w, HEIGHT))
