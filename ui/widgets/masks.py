"""White shapes with soft edges that a colour is laid over: rounded corners, rounds, hills, a bubble's tail.

Each is a texture made once for a size. A shape smoothed by a line around it (Kivy's Smooth*) is twice as much
to build and to paint, and the graphics driver prepares a program of its own for it, as it does for every
further format or filter. With these all that is drawn is rectangles of one kind of texture.
"""

from __future__ import annotations

import math
from functools import cache

from kivy.graphics import BorderImage, Rectangle
from kivy.graphics.texture import Texture
from PIL import Image, ImageDraw

from ui.widgets.textures import stepped

FINER = 8  # edges are drawn so many times finer and averaged
LARGEST_ROUND = 128  # pixels; a larger one has a softer edge, which only a large one may have
SLOPE_FINER = 4  # hills are flat: coarser across than up

Hump = tuple[float, float, float, float]
"""An ellipse that looks out of the ground: left, bottom, width, height in pixels."""


class Rounded(BorderImage):
    """A rectangle with round corners of `radius` pixels; smaller ones where it is too small for them."""

    def __init__(self, radius: float) -> None:
        self._wanted = max(1, round(radius))
        self._corner = 0
        super().__init__(size=(0, 0))

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in pixels. Corners are never squeezed: a low box gets smaller ones."""
        return tuple(BorderImage.size.__get__(self))

    @size.setter
    def size(self, size: tuple[float, float]) -> None:
        corner = max(1, min(self._wanted, int(min(size) / 2)))
        if corner != self._corner:
            self._corner = corner
            self.texture, self.border = _corners(corner), (corner,) * 4
        BorderImage.size.__set__(self, size)


class Round(Rectangle):
    """A filled round, or an ellipse where it is wider than high."""

    def __init__(self) -> None:
        super().__init__(size=(0, 0))

    def lay(self, pos: tuple[float, float], size: tuple[float, float]) -> None:
        """Put it there; pixels."""
        side = max(size)
        if side < 1:
            self.size = (0.0, 0.0)
            return
        self.texture = _round(min(LARGEST_ROUND, stepped(side)))
        self.pos, self.size = pos, size


class Hills(Rectangle):
    """Hills along the foot of a page `width` pixels wide: what lies between some ellipses and the edge."""

    def __init__(self, width: float, humps: tuple[Hump, ...]) -> None:
        top = max(low + high for _, low, _, high in humps)
        super().__init__(texture=_hills(round(width), math.ceil(top), humps), size=(width, math.ceil(top)))


class Tail(Rectangle):
    """The tail of a bubble: from its upper edge down to the left."""

    def __init__(self) -> None:
        super().__init__(texture=_tail(), size=(0, 0))


@cache
def _corners(corner: int) -> Texture:
    side = 2 * corner + 2
    drawn = Image.new("L", (side * FINER, side * FINER))
    ImageDraw.Draw(drawn).rounded_rectangle(
        (0, 0, side * FINER - 1, side * FINER - 1), radius=corner * FINER, fill=255
    )
    return _white(drawn.reduce(FINER))


@cache
def _round(side: int) -> Texture:
    drawn = Image.new("L", (side * FINER, side * FINER))
    ImageDraw.Draw(drawn).ellipse((0, 0, side * FINER - 1, side * FINER - 1), fill=255)
    return _white(drawn.reduce(FINER))


@cache
def _hills(width: int, height: int, humps: tuple[Hump, ...]) -> Texture:
    drawn = Image.new("L", (width, height * SLOPE_FINER))
    pen = ImageDraw.Draw(drawn)
    for left, low, wide, high in humps:
        # Up is down: a texture's first row is its lowest.
        pen.ellipse((left, low * SLOPE_FINER, left + wide, (low + high) * SLOPE_FINER), fill=255)
    return _white(drawn.reduce((2, SLOPE_FINER)))


@cache
def _tail() -> Texture:
    side = 32
    drawn = Image.new("L", (side * FINER, side * FINER))
    end = side * FINER - 1
    ImageDraw.Draw(drawn).polygon([(end * 0.08, end), (end, end), (0, 0)], fill=255)
    return _white(drawn.reduce(FINER))


def _white(alpha: Image.Image) -> Texture:
    white = Image.new("L", alpha.size, 255)
    texture = Texture.create(size=alpha.size, colorfmt="rgba")
    texture.blit_buffer(
        Image.merge("RGBA", (white, white, white, alpha)).tobytes(), colorfmt="rgba", bufferfmt="ubyte"
    )
    return texture
