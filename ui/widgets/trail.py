"""The way to the next cheer: a star for every book so far, a dot for every book to come, a cup at its end."""

from __future__ import annotations

from kivy.uix.widget import Widget

from ui import theme
from ui.widgets.part import Part
from ui.widgets.shapes import Disc, Picture

DOT = 0.34  # a dot's share of a star
CUP = 1.3  # and the cup's


class Trail(Part):
    """One row in the middle of its place; `done` of `whole` books."""

    def __init__(self, done: int, whole: int, style: theme.Style = theme.DEFAULT) -> None:
        super().__init__()
        self.done = max(0, min(done, whole))
        self._stars = [Picture(theme.picture("star")) for _ in range(self.done)]
        self._dots = [Disc(style.soft) for _ in range(whole - self.done)]
        self._cup = Picture(theme.picture("trophy"))
        for part in (*self._stars, *self._dots, self._cup):
            self.add_widget(part)
        self.bind(pos=self._lay, size=self._lay)

    def _lay(self, *_: object) -> None:
        steps: list[Widget] = [*self._stars, *self._dots]
        side = min(self.height / CUP, self.width / (len(steps) + CUP))
        left = self.center_x - side * (len(steps) + CUP) / 2
        for number, step in enumerate(steps):
            drawn = side if number < self.done else side * DOT
            step.size = (drawn, drawn)
            step.pos = (left + side * (number + 0.5) - drawn / 2, self.center_y - drawn / 2)
        cup = side * CUP
        self._cup.size, self._cup.pos = (cup, cup), (left + side * len(steps), self.center_y - cup / 2)
