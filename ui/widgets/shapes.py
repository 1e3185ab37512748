"""Drawn shapes: a smooth rounded panel, and a picture that keeps its proportions."""

from __future__ import annotations

from functools import cache

from kivy.core.image import Image as CoreImage
from kivy.graphics import Color, Rectangle, SmoothEllipse, SmoothRoundedRectangle
from kivy.graphics.texture import Texture
from kivy.metrics import mm
from kivy.uix.widget import Widget

from ui import theme


class Panel(Widget):
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
        self._lip_mm, self._round = lip_mm, mm(round_mm)
        shade = theme.colour(lip) if lip else theme.colour(theme.INK, 0.14)
        with self.canvas.before:
            Color(*shade)
            self._under = SmoothRoundedRectangle(radius=[self._round])
            Color(*theme.colour(face, alpha))
            self._over = SmoothRoundedRectangle(radius=[self._round])
        self.bind(pos=self._lay, size=self._lay)
        self._lay()

    def _lay(self, *_: object) -> None:
        self._under.pos = (self.x, self.y - mm(self._lip_mm))
        self._over.pos = self.pos
        self._under.size = self._over.size = self.size


class Picture(Widget):
    """A picture from the assets, as large as its box allows."""

    def __init__(self, path: str, **place: object) -> None:
        super().__init__(**place)
        self._texture = _texture(path)
        with self.canvas:
            Color(1, 1, 1)
            self._paint = Rectangle(texture=self._texture)
        self.bind(pos=self._lay, size=self._lay)
        self._lay()

    def _lay(self, *_: object) -> None:
        wide, high = self._texture.size
        scale = min(self.width / wide, self.height / high)
        size = (wide * scale, high * scale)
        self._paint.pos, self._paint.size = (self.center_x - size[0] / 2, self.center_y - size[1] / 2), size


@cache
def _texture(path: str) -> Texture:
    """The assets' pictures stay on the graphics chip: there are few, and nothing about anyone is in them."""
    return CoreImage(path, mipmap=True).texture


class Disc(Widget):
    """A filled round."""

    def __init__(self, face: str, alpha: float = 1.0, **place: object) -> None:
        super().__init__(**place)
        with self.canvas.before:
            Color(*theme.colour(face, alpha))
            self._disc = SmoothEllipse()
        self.bind(pos=self._lay, size=self._lay)
        self._lay()

    def _lay(self, *_: object) -> None:
        side = min(self.size)
        self._disc.pos = (self.center_x - side / 2, self.center_y - side / 2)
        self._disc.size = (side, side)
