"""A round number of books: large, with stars and balloons around it. It stands still; nothing flashes."""

from __future__ import annotations

from ui import theme
from ui.widgets.part import Part
from ui.widgets.shapes import Disc, Picture
from ui.widgets.text import Say

AROUND = (
    ("balloon", -0.02, 0.70, 0.26), ("balloon", 0.74, 0.72, 0.26), ("star", 0.80, 0.38, 0.20),
    ("star", 0.00, 0.38, 0.20), ("star", 0.41, 0.82, 0.18), ("trophy", 0.34, 0.00, 0.34),
)  # fmt: skip
"""Picture, and its left, bottom and side as shares of the square."""


class Cheer(Part):
    """The number on a sun of paper."""

    def __init__(self, number: int, style: theme.Style = theme.DEFAULT) -> None:
        super().__init__()
        face, ink = (theme.YELLOW, theme.BLACK) if style.contrast else (theme.PAPER, theme.INK)
        self._discs = (
            Disc(theme.INK if not style.contrast else theme.BLACK, 0.14),
            Disc("#FFC83F"),
            Disc(face),
        )
        self._number = Say(
            str(number),
            size_mm=style.size(17),
            least_mm=4.5,
            weight="title",
            halign="center",
            lines=1,
            colour=ink,
        )
        self._around = [(Picture(theme.picture(name)), x, y, side) for name, x, y, side in AROUND]
        for part in (*self._discs, *(each for each, *_ in self._around), self._number):
            self.add_widget(part)
        self.bind(pos=self._lay, size=self._lay)

    def _lay(self, *_: object) -> None:
        side = min(self.size)
        left, low = self.center_x - side / 2, self.center_y - side / 2
        for disc, share, sunk in zip(self._discs, (0.62, 0.62, 0.54), (0.02, 0.0, 0.0), strict=True):
            disc.size = (side * share, side * share)
            disc.pos = (self.center_x - side * share / 2, low + side * (0.56 - share / 2 - sunk))
        self._number.size = (side * 0.46, side * 0.34)
        self._number.pos = (self.center_x - side * 0.23, low + side * 0.4)
        for picture, x, y, share in self._around:
            picture.pos, picture.size = (left + side * x, low + side * y), (side * share, side * share)
