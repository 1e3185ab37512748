"""A speech bubble with a word in it."""

from __future__ import annotations

from kivy.graphics import Color
from kivy.metrics import mm

from ui import theme
from ui.widgets.child import RINGS
from ui.widgets.masks import Tail
from ui.widgets.part import Part
from ui.widgets.shapes import Panel
from ui.widgets.text import Say

RATIO = 2.2  # width : height
SIGN = 4.1  # millimetres of letters that are a sign, not to be read


class Bubble(Part):
    """As large as its box allows; `tint` chooses among the colours of the animals' rings.

    `sign`: the letters are a picture, as small as need be.
    """

    def __init__(
        self, said: str, tint: int, style: theme.Style = theme.DEFAULT, *, sign: bool = False
    ) -> None:
        super().__init__()
        colour = theme.PAPER if style.contrast else RINGS[tint % len(RINGS)]
        ink = theme.BLACK if style.contrast else theme.INK
        with self.canvas.before:
            Color(*theme.colour(colour))
            self._tail = Tail()
        self._panel = Panel(colour, colour, round_mm=4, lip_mm=0)
        self._said = Say(
            said,
            size_mm=SIGN if sign else style.size(theme.BODY),
            least_mm=2.4 if sign else theme.SMALL,
            lines=2,
            weight="strong",
            colour=ink,
            halign="center",
        )
        self.add_widget(self._panel)
        self.add_widget(self._said)
        self.bind(pos=self._lay, size=self._lay)

    def _lay(self, *_: object) -> None:
        w = min(self.width, self.height * RATIO)
        h = min(self.height, w / 1.15)
        tail = h * 0.2
        x, y = self.center_x - w / 2, self.center_y - h / 2
        self._panel.pos, self._panel.size = (x, y + tail), (w, h - tail)
        self._tail.pos, self._tail.size = (x + w * 0.2, y), (w * 0.26, tail * 1.6)
        pad = mm(1.2)
        self._said.pos, self._said.size = (x + pad, y + tail + pad / 2), (w - 2 * pad, h - tail - pad)
