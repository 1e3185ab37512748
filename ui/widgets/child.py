"""The child at the desk, as the child chose to be seen: an animal in a round frame, and the stars earned."""

from __future__ import annotations

from kivy.metrics import mm

from ui import theme
from ui.widgets.part import Part
from ui.widgets.plate import Plate
from ui.widgets.shapes import Disc, Picture
from ui.widgets.text import Say

RINGS = ("#FFC83F", "#7CC9F2", "#F79AC0", "#8FD19E", "#C3A6F0", "#FFA877")
"""Frame colours; the animal's name picks one, so that a child always meets the same."""


class Avatar(Part):
    """The animal in a round frame."""

    def __init__(self, animal: str) -> None:
        super().__init__()
        ring = RINGS[sum(animal.encode()) % len(RINGS)]
        self._discs = (Disc(theme.INK, 0.14), Disc(ring), Disc(theme.PAPER))
        self._animal = Picture(theme.animal(animal))
        for part in (*self._discs, self._animal):
            self.add_widget(part)
        self.bind(pos=self._lay, size=self._lay)

    def _lay(self, *_: object) -> None:
        side = min(self.size)
        for disc, share, sunk in zip(self._discs, (1.0, 1.0, 0.86), (mm(1), 0.0, 0.0), strict=True):
            disc.size = (side * share, side * share)
            disc.pos = (self.center_x - side * share / 2, self.center_y - side * share / 2 - sunk)
        self._animal.size = (side * 0.62, side * 0.62)
        self._animal.pos = (self.center_x - side * 0.31, self.center_y - side * 0.31)


class Stars(Part):
    """How many books were brought back: a star and the number."""

    def __init__(self, text: str, style: theme.Style = theme.DEFAULT) -> None:
        super().__init__()
        self._plate = Plate(style, round_mm=6)
        self._star = Picture(theme.picture("star"))
        self._words = Say(
            text,
            size_mm=style.size(theme.LEAD),
            least_mm=theme.SMALL,
            weight="strong",
            lines=1,
            halign="center",
            colour=style.ink,
        )
        for part in (self._plate, self._star, self._words):
            self.add_widget(part)
        self.bind(pos=self._lay, size=self._lay)

    def _lay(self, *_: object) -> None:
        self._plate.pos, self._plate.size = self.pos, self.size
        side = self.height * 0.8
        self._star.pos, self._star.size = (self.x + mm(1.5), self.y + self.height * 0.1), (side, side)
        self._words.pos = (self.x + side + mm(2), self.y)
        self._words.size = (self.width - side - mm(4.5), self.height)
