"""What the pages of a child's booklet have in common: the way back, the next page, which page this is."""

from __future__ import annotations

from dataclasses import replace

from kiosk.events import Action
from kiosk.screens import Child
from ui import theme
from ui.screens.parts import choice, headline
from ui.widgets.box import Box
from ui.widgets.button import Choice
from ui.widgets.child import Avatar
from ui.widgets.page_dots import HEIGHT, PageDots
from ui.widgets.scene import Kit, Scene

LINE = 1.46  # height of a line of type, in font sizes: two accents above, a dot below
FACE = 13.0  # millimetres of the child's animal
COLUMN = 28.0  # millimetres beside the covers of a lying panel, for what the page is


def turning(kit: Kit, pages: int) -> list[Choice]:
    """Back, and the next page where there is one."""
    back = replace(choice(kit.words, Action.BACK, quiet=True), picture="left")
    page = Choice(Action.PAGE, kit.words.say("button.page"), "right", theme.GO)
    return [back, page] if pages > 1 else [back]


def booklet(kit: Kit, mood: theme.Mood, page: int, pages: int) -> Scene:
    """A page's frame, with its dots over the choices."""
    scene = Scene(kit, mood, turning(kit, pages), grids=True)
    if pages > 1:
        row = scene.choices_row
        gap = Box(row.x, row.y + row.h, row.w, theme.GAP)
        scene.put(PageDots(page, pages, scene.style), gap.middle(row.w, HEIGHT))
    return scene


def title_height(scene: Scene) -> float:
    """Millimetres of a headline of one line; a lying panel has no more, even where letters are larger."""
    return LINE * (scene.style.size(theme.TITLE) if scene.tall else theme.TITLE)


def above(scene: Scene) -> Box:
    """The place for things to choose from, over the choices, whether the scene or the screen laid those."""
    row, grid = scene.choices_row, scene.grid
    low = row.y + row.h + theme.GAP
    return Box(grid.x, low, grid.w, grid.y + grid.h - low)


def page_title(scene: Scene, text: str, child: Child, box: Box) -> Box:
    """Whose page it is and what it shows, along the top of a box; what is left of the box."""
    top = box.top(max(title_height(scene), FACE if scene.tall else 0.0))
    side = min(top.h, FACE)
    scene.put(Avatar(child.animal), top.left(side))
    headline(scene, text, top.less(left=side + 3), lines=1)
    return box.less(top=top.h + (2.0 if scene.tall else 0.5))
