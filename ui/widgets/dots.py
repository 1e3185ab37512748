"""How much of a PIN was entered: one dot a digit, never which."""

from __future__ import annotations

from kivy.metrics import mm

from ui import theme
from ui.widgets.part import Part
from ui.widgets.plate import Plate
from ui.widgets.shapes import Disc

MOST = 12  # dots; no PIN is longer, and more would not be told apart


class Dots(Part):
    """A line of dots on paper, in the middle."""

    def __init__(self, count: int, style: theme.Style = theme.DEFAULT) -> None:
        super().__init__()
        self._panel = Plate(style, round_mm=4)
        self._dots = [Disc(style.ink) for _ in range(max(0, min(count, MOST)))]
        for part in (self._panel, *self._dots):
            self.add_widget(part)
        self.bind(pos=self._lay, size=self._lay)

    @property
    def count(self) -> int:
        """How many dots are drawn."""
        return len(self._dots)

    def _lay(self, *_: object) -> None:
        self._panel.pos, self._panel.size = self.pos, self.size
        if not self._dots:
            return
        step = min(mm(5.2), (self.width - mm(4)) / len(self._dots))
        side = min(step * 0.72, self.height * 0.5)
        left = self.center_x - step * len(self._dots) / 2
        for place, dot in enumerate(self._dots):
            dot.size = (side, side)
            dot.pos = (left + step * (place + 0.5) - side / 2, self.center_y - side / 2)
