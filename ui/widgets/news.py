"""What the library tells everybody: a quiet banner; its picture, then two lines, four where it is narrow."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from kivy.metrics import mm

from ui import theme
from ui.widgets.part import Part
from ui.widgets.plate import Plate
from ui.widgets.shapes import Picture
from ui.widgets.text import Say

LARGEST = 13.0  # millimetres of the picture
USUAL = "bell"  # the picture of news that brings none, or one that is not known


class News(Part):
    """The banner. The text came from outside: plain, and "…" where it has no room."""

    def __init__(
        self, text: str, picture: str, style: theme.Style = theme.DEFAULT, *, lines: int = 2
    ) -> None:
        super().__init__()
        self._plate = Plate(style, lip_mm=0.7)
        self._picture = Picture(_picture(picture))
        self._words = Say(
            text,
            size_mm=style.size(theme.BODY),
            least_mm=style.size(theme.SMALL),
            lines=lines,
            weight="strong",
            colour=style.ink,
        )
        for part in (self._plate, self._picture, self._words):
            self.add_widget(part)
        self.bind(pos=self._lay, size=self._lay)

    def _lay(self, *_: object) -> None:
        pad = mm(2)
        side = min(self.height - 2 * pad, mm(LARGEST))
        self._plate.pos, self._plate.size = self.pos, self.size
        self._picture.pos, self._picture.size = (self.x + 1.2 * pad, self.center_y - side / 2), (side, side)
        self._words.size = (self.width - side - 4 * pad, self.height - mm(1))
        self._words.pos = (self.x + side + 2.2 * pad, self.y + mm(0.5))


def _picture(name: str) -> str:
    """A picture or an animal by its name: names only, so no path leads anywhere else."""
    if name in theme.ANIMALS:
        return theme.animal(name)
    return theme.picture(name if name in _known() else USUAL)


@cache
def _known() -> frozenset[str]:
    return frozenset(path.stem for path in Path(theme.picture(USUAL)).parent.glob("*.png"))
