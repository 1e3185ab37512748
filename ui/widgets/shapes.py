"""Drawn shapes: a rounded panel, a round, and a picture that keeps its proportions."""

from __future__ import annotations

from functools import cache

from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture
from kivy.metrics import mm
from PIL import Image

from ui import theme
from ui.widgets.masks import Round, Rounded
from ui.widgets.part import Part
from ui.widgets.textures import Textures, fitted, stepped, uploaded

MOST_BYTES = 5_500_000  # nearly all pictures of a panel; reading one anew takes 2 ms

pictures = Textures(MOST_BYTES)
"""The assets' pictures that were drawn: they may stay, nothing about anyone is in them."""


class Panel(Part):
    """A rounded piece of paper with a lip under it, a soft shadow when no colour is given."""

    def __init__(
        self,
        face: str = theme.PAPER,
        lip: str | None = None,
        *,
        round_mm: float = theme.ROUND,
        lip_mm: float = 0.9,
        alpha: float = 1.0,
        **place: object,
    ) -> None:
        super().__init__(**place)
        self._lip, self._round = mm(lip_mm), mm(round_mm)
        self._solid = alpha == 1.0
        self._under: Rounded | None = None
        shade = theme.colour(lip) if lip else theme.colour(theme.INK, 0.14)
        with self.canvas.before:
            if self._lip > 0:
                Color(*shade)
                self._under = Rounded(self._round)
            Color(*theme.colour(face, alpha))
            self._over = Rounded(self._round)
        self.bind(pos=self._lay, size=self._lay)
        self._lay()

    def _lay(self, *_: object) -> None:
        self._over.pos, self._over.size = self.pos, self.size
        if self._under is not None:
            # Of a lip only the lowest part is ever seen; painted whole it would cost as much as the paper.
            high = min(self.height, 2 * self._round + self._lip) if self._solid else self.height
            self._under.pos, self._under.size = (self.x, self.y - self._lip), (self.width, high)


class Picture(Part):
    """A picture from the assets, as large as its box allows. `path` is its file."""

    def __init__(self, path: str, **place: object) -> None:
        self.path = path
        # No size yet, no pixels yet: a picture is read at the size at which it is drawn.
        super().__init__(**{"size": (0, 0), **place})
        with self.canvas:
            Color(1, 1, 1)
            self._paint = Rectangle(size=(0, 0))
        self.bind(pos=self._put, size=self._lay)
        self._lay()

    def _lay(self, *_: object) -> None:
        size = fitted(_proportions(self.path), self.size)
        if size[0] >= 1 and size[1] >= 1:
            self._paint.texture = picture_texture(self.path, size[0])
        self._paint.size = size
        self._put()

    def _put(self, *_: object) -> None:
        width, height = self._paint.size
        self._paint.pos = (self.center_x - width / 2, self.center_y - height / 2)


@cache
def _proportions(path: str) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def picture_texture(path: str, width: float) -> Texture:
    """A picture of the assets for being drawn `width` pixels wide. Raises OSError when there is none."""
    wide, high = _proportions(path)
    taken = min(stepped(width), wide)

    def read() -> Texture:
        with Image.open(path) as image:
            return uploaded(image.convert("RGBA"), (taken, max(1, round(taken * high / wide))))

    return pictures.get((path, taken), read)


class Disc(Part):
    """A filled round."""

    def __init__(self, face: str, alpha: float = 1.0, **place: object) -> None:
        super().__init__(**place)
        with self.canvas.before:
            Color(*theme.colour(face, alpha))
            self._disc = Round()
        self.bind(pos=self._lay, size=self._lay)
        self._lay()

    def _lay(self, *_: object) -> None:
        side = min(self.size)
        self._disc.lay((self.center_x - side / 2, self.center_y - side / 2), (side, side))
