"""A shelf with no book on it, and Chíp who waits there for one."""

from __future__ import annotations

from kivy.metrics import mm

from ui import theme
from ui.widgets.part import Part
from ui.widgets.shapes import Panel, Picture

WOOD, DEEP, EDGE = "#C98F58", "#8E5B34", "#A9713F"
RATIO = 1.25  # width : height


class EmptyShelf(Part):
    """As large as its box allows."""

    def __init__(self) -> None:
        super().__init__()
        self._case = Panel(WOOD, EDGE, round_mm=3)
        self._rooms = [Panel(DEEP, DEEP, round_mm=1.6, lip_mm=0) for _ in range(2)]
        self._chick = Picture(theme.animal("chick"))
        self._leaf = Picture(theme.picture("sprout"))
        for part in (self._case, *self._rooms, self._chick, self._leaf):
            self.add_widget(part)
        self.bind(pos=self._lay, size=self._lay)

    def _lay(self, *_: object) -> None:
        w = min(self.width, self.height * RATIO)
        h = w / RATIO
        x, y = self.center_x - w / 2, self.center_y - h / 2
        board = max(mm(1.4), h * 0.055)
        self._case.pos, self._case.size = (x, y), (w, h)
        upper, lower = h * 0.54, h - h * 0.54 - 3 * board
        for room, low, high in zip(
            self._rooms, (y + board, y + lower + 2 * board), (lower, upper), strict=True
        ):
            room.pos, room.size = (x + board, low), (w - 2 * board, high)
        stand = y + lower + 2 * board
        side = upper * 0.9
        self._chick.size, self._chick.pos = (side, side), (x + w * 0.36 - side / 2, stand - side * 0.02)
        leaf = upper * 0.5
        self._leaf.size, self._leaf.pos = (leaf, leaf), (x + w * 0.76 - leaf / 2, stand)
