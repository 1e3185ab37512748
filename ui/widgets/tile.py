"""A touchable picture with a name: a cover, an animal, a class. It has the manners of every button."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from kivy.metrics import mm
from kivy.uix.widget import Widget

from kiosk.words import clean
from ui import theme
from ui.widgets.box import Box
from ui.widgets.button import BigButton, Choice
from ui.widgets.scene import Scene
from ui.widgets.shapes import Picture
from ui.widgets.text import Ruler, Say

PAD = 1.2  # millimetres between the face's edge and the picture
NAME_PAD = 0.3  # and the name, which needs every letter's width
BESIDE = 1.12  # from this ratio of width to height the name stands beside the picture, not under it
SMALLEST = 0.62  # of its full size that a picture beside a long word keeps
LINES = 2  # of a name under its picture; a nickname of twenty letters is set finer to fit
MOST = 0.62  # of the height that a name takes
FINE = 2.6  # millimetres; the smallest such a one may become


class Tile(BigButton):
    """A picture of one's own and a name, which is the choice's words; `shown` where they shall not be seen.

    `shape` is the picture's width : height. `sticker` is a small sign on the picture's lower right corner.
    Tiles that stand together have pictures of one size: `lay_tiles` sees to it.
    """

    def __init__(
        self,
        choice: Choice,
        art: Widget,
        act: Callable[[Choice], None],
        ready: Callable[[], bool],
        style: theme.Style = theme.DEFAULT,
        *,
        shown: str | None = None,
        shape: float = 1.0,
        sticker: str = "",
        size_mm: float = theme.BODY,
        weight: str = "text",
    ) -> None:
        # The button draws its face; what is on it is the tile's own.
        super().__init__(replace(choice, words="", picture=""), act, ready, style)
        self.choice = choice
        self._art, self._shape = art, shape
        self._weight = weight
        self._line = Ruler(weight, round(mm(style.size(theme.SMALL)))).line + 1
        words = clean(choice.words if shown is None else shown).split()
        measure = Ruler(weight, round(mm(style.size(size_mm))))
        self.widest = max(map(measure, words), default=0.0)  # word of the name, in pixels
        self._tried = (0.0, 0.0)
        self._level = 0.0  # pixels that the names of the tiles beside this one need
        said = choice.words if shown is None else shown
        self._name, self._fine = (
            Say(
                said,
                size_mm=style.size(size),
                least_mm=least,
                lines=lines,
                weight=weight,
                colour=self.colours.text,
                halign="center",
            )
            for size, least, lines in ((size_mm, theme.SMALL, LINES + 1), (theme.TINY, FINE, LINES))
        )
        self._sticker = Picture(theme.picture(sticker)) if sticker else None
        for part in (art, self._name, self._fine, self._sticker):
            if part is not None:
                self.add_widget(part)

    @property
    def bare(self) -> bool:
        """Whether the picture stands alone."""
        return not self._name.said

    def beside(self, width: float, height: float) -> bool:
        """Whether the name of a tile of that size stands beside the picture."""
        return width > height * BESIDE and self._shape < 1 and not self.bare

    def needs(self, width: float, height: float) -> float:
        """Pixels of height that the name takes under the picture of a tile of that size."""
        if self.bare or self.beside(width, height):
            return 0.0
        self._fit(*self._inside(width, height))
        drawn = self._name if self._name.text else self._fine
        lines = drawn.text.count("\n") + 1
        return float(lines * Ruler(self._weight, drawn.font_size).line + 1) if drawn.text else 0.0

    def level(self, room: float, widest: float) -> None:
        """Give the name as much room as the tiles beside it need, so that all pictures are of one size.

        Before the tile gets its size: pictures are read at the size at which they are drawn.
        """
        self._level, self.widest = room, widest

    def _inside(self, width: float, height: float) -> tuple[float, float]:
        """What a name has of a tile of that size: all of its width, and the height above the lip."""
        edge = self._edge + mm(NAME_PAD)
        return width - 2 * edge, height - mm(theme.LIP) - 2 * mm(PAD)

    def _lay(self, *_: object) -> None:
        super()._lay()
        lip, pad = mm(theme.LIP), mm(PAD)
        edge = self._edge + mm(NAME_PAD)
        x, y = self.x + pad, self.y + lip + pad
        width, height = self.width - 2 * pad, self.height - lip - 2 * pad
        if width <= 0 or height <= 0:
            return
        if self.beside(self.width, self.height):
            side = height * self._shape
            # Words are not to be broken for the picture's sake, nor the picture to vanish for a word's.
            side = max(side * SMALLEST, min(side, self.width - pad - self.widest - 4 * edge))
            self._put_art(x, y, side, height)
            left = x + side + 2 * edge
            self._name.size = (self.right - edge - left, height)
            self._name.pos, self._fine.size = (left, y), (0, 0)
            return
        if self.bare:
            self._put_art(x, y, width, height)
            return
        drawn = self._fit(*self._inside(self.width, self.height))
        room = max(self._level, self.needs(self.width, self.height))
        # The box is as high as was tried, the letters in its middle: set again they would be fitted again.
        drawn.pos = (self.x + edge, y + (room - drawn.height) / 2)
        above = height - room - pad * 0.5
        self._put_art(x, y + height - above, width, above)

    def _fit(self, width: float, height: float) -> Say:
        """The name as it can be read, or finer where it would not be whole; tried once for a size."""
        if self._tried != (width, height):
            self._tried = (width, height)
            self._fine.size = (0, 0)
            self._name.size = (width, min(self._line * LINES + 1, height * MOST))
            if self._name.text.replace("\n", " ") != self._name.said:
                self._name.size = (0, 0)
                self._fine.size = (width, height * MOST)
        return self._name if self._name.text else self._fine

    def _put_art(self, x: float, y: float, width: float, height: float) -> None:
        self._art.size, self._art.pos = (width, height), (x, y)
        if self._sticker is None:
            return
        drawn = min(width, height * self._shape), min(height, width / self._shape)
        side = min(mm(9), drawn[0] * 0.5)
        right, low = x + (width + drawn[0]) / 2, y + (height - drawn[1]) / 2
        self._sticker.size = (side, side)
        # A name beside the picture is not to be covered.
        out = 1.0 if self.beside(self.width, self.height) else 0.62
        self._sticker.pos = (min(right - side * out, self.right - side), low - side * 0.12)


def lay_tiles(scene: Scene, tiles: Sequence[Tile], boxes: Sequence[Box]) -> None:
    """Lay tiles into boxes of millimetres; in a row names stand at one height, pictures are of one size."""
    needs = [tile.needs(round(mm(box.w)), round(mm(box.h))) for tile, box in zip(tiles, boxes, strict=True)]
    widest = max((tile.widest for tile in tiles), default=0.0)
    for tile, box in zip(tiles, boxes, strict=True):
        tile.level(max(need for need, other in zip(needs, boxes, strict=True) if other.y == box.y), widest)
        scene.target(tile, box)
