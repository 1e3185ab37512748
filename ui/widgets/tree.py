"""The tree that grows with every book brought back, from a seed to fruit; then a second one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

from kivy.graphics import Color, Quad, Rectangle
from kivy.graphics.texture import Texture
from PIL import Image, ImageChops

from ui import theme
from ui.widgets.part import Part
from ui.widgets.shapes import Picture

CROWN = 20  # fruits that one tree bears
SPROUTS, GROWS, STANDS, BLOSSOMS, BEARS = 1, 3, 5, 8, 10
"""From how many books on a tree is a sprout, a small tree, a tree, a tree in blossom, one with fruit."""
FULL = BEARS + CROWN  # books after which the next tree is sown
MOST = 2  # trees; a third would make all of them small

SOIL, GRASS = "#A9714B", "#7CC36A"
BARK = "#B07A4E"
DEEP, LEAVES, LIGHT = "#3C9A4C", "#57B556", "#83D166"

Clump = tuple[str, float, float, float]
"""A ball of leaves: its colour, its centre and its radius as shares of the tree's square."""

SMALL: tuple[Clump, ...] = (
    (DEEP, 0.35, 0.5, 0.155), (DEEP, 0.65, 0.5, 0.155), (LEAVES, 0.5, 0.48, 0.16), (LEAVES, 0.5, 0.68, 0.18),
    (LIGHT, 0.41, 0.58, 0.12), (LIGHT, 0.58, 0.63, 0.11),
)  # fmt: skip
LARGE: tuple[Clump, ...] = (
    (DEEP, 0.25, 0.54, 0.18), (DEEP, 0.75, 0.54, 0.18), (DEEP, 0.5, 0.5, 0.18), (DEEP, 0.3, 0.74, 0.19),
    (DEEP, 0.7, 0.74, 0.19),
    (LEAVES, 0.5, 0.82, 0.17), (LEAVES, 0.19, 0.62, 0.15), (LEAVES, 0.81, 0.62, 0.15),
    (LEAVES, 0.5, 0.65, 0.24), (LEAVES, 0.36, 0.51, 0.14), (LEAVES, 0.65, 0.52, 0.14),
    (LIGHT, 0.31, 0.66, 0.14), (LIGHT, 0.66, 0.69, 0.14), (LIGHT, 0.45, 0.82, 0.12),
    (LIGHT, 0.5, 0.57, 0.12),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Growth:
    """How far one tree is, by the number of books it has had."""

    books: int

    @property
    def blossoms(self) -> int:
        """Open blossoms: half of them first, and where a fruit hangs none."""
        if self.books < BLOSSOMS:
            return 0
        return CROWN // 2 if self.books == BLOSSOMS else CROWN - self.fruits

    @property
    def fruits(self) -> int:
        """Ripe fruit, one a book."""
        return max(0, min(CROWN, self.books - BEARS + 1))

    @property
    def share(self) -> float:
        """Size within its stage, up to 1: no book leaves the tree as it was."""
        for first, end, least in ((SPROUTS, GROWS, 0.78), (GROWS, STANDS, 0.84), (STANDS, BLOSSOMS, 0.84)):
            if first <= self.books < end:
                return least + (1 - least) * (self.books - first) / (end - 1 - first)
        return 1.0


def growths(stamps: int) -> tuple[Growth, ...]:
    """The trees of so many books brought back: one, or a full one and the next."""
    full = min(max(0, stamps) // FULL, MOST - 1)
    return (*(Growth(FULL) for _ in range(full)), Growth(min(max(0, stamps) - full * FULL, FULL)))


class Tree(Part):
    """As large as its box allows; a second tree stands beside the first one, a little in front of it."""

    def __init__(self, stamps: int) -> None:
        super().__init__()
        self._trees = [_OneTree(growth) for growth in growths(stamps)]
        for tree in self._trees:
            self.add_widget(tree)
        self.bind(pos=self._lay, size=self._lay)

    def _lay(self, *_: object) -> None:
        step = 0.72  # of a tree's width: the crowns touch
        wide = 1 + step * (len(self._trees) - 1)
        side = min(self.height, self.width / wide)
        left, low = self.center_x - side * wide / 2, self.center_y - side / 2
        for place, tree in enumerate(self._trees):
            tree.size, tree.pos = (side, side), (left + place * step * side, low)


class _OneTree(Part):
    """One tree in its square: earth, wood, leaves, blossoms and fruit, drawn from shaded balls."""

    def __init__(self, growth: Growth) -> None:
        super().__init__()
        self._parts: list[tuple[Rectangle, float, float, float, float]] = []  # what, centre, half sides
        self._wood: list[tuple[Quad, tuple[float, ...]]] = []
        self._hung: list[tuple[Picture, float, float, float]] = []
        books = growth.books
        self._ball(GRASS if books >= GROWS else SOIL, 0.5, 0.07, 0.36 if books >= GROWS else 0.3, 0.07)
        if books < SPROUTS:
            self._seed()
        elif books < GROWS:
            self._hang("sprout", 0.5, 0.05 + 0.3 * growth.share, 0.6 * growth.share)
        else:
            self._leafy(SMALL if books < STANDS else LARGE, growth)
        self.bind(pos=self._lay, size=self._lay)

    def _seed(self) -> None:
        """Half in the earth, with a glint: something is about to happen."""
        self._ball("#8A4B2E", 0.5, 0.2, 0.12, 0.16)
        self._ball(SOIL, 0.5, 0.06, 0.24, 0.06)
        self._hang("sparkles", 0.7, 0.38, 0.2)

    def _leafy(self, clumps: tuple[Clump, ...], growth: Growth) -> None:
        grown = growth.share

        def up(height: float) -> float:
            return 0.08 + (height - 0.08) * grown

        def across(place: float) -> float:
            return 0.5 + (place - 0.5) * grown

        if clumps is LARGE:
            for foot, tip in ((0.5, 0.3), (0.5, 0.7)):
                self._trunk(across(foot), up(0.3), 0.05 * grown, across(tip), up(0.54), 0.03 * grown)
        thick = (0.07 if clumps is LARGE else 0.048) * grown
        self._trunk(0.5, 0.07, thick * 1.35, 0.5, up(0.56 if clumps is LARGE else 0.46), thick * 0.8)
        self._ball(GRASS, 0.5, 0.045, 0.2, 0.04)
        for tint, x, y, radius in clumps:
            self._ball(tint, across(x), up(y), radius * grown, radius * grown)
        for place, (x, y) in enumerate(_spots()):
            if place < growth.fruits:
                self._hang("mango", x, y - 0.01, 0.135)
            elif place < growth.fruits + growth.blossoms:
                self._hang("blossom", x, y, 0.105)

    def _ball(self, tint: str, x: float, y: float, half_wide: float, half_high: float) -> None:
        with self.canvas:
            Color(*theme.colour(tint))
            self._parts.append((Rectangle(texture=_ball()), x, y, half_wide, half_high))

    def _trunk(self, x: float, y: float, half: float, tip_x: float, tip_y: float, tip: float) -> None:
        with self.canvas:
            Color(*theme.colour(BARK))
            corners = (x - half, y, x + half, y, tip_x + tip, tip_y, tip_x - tip, tip_y)
            self._wood.append((Quad(texture=_bark(), tex_coords=(0, 0, 1, 0, 1, 1, 0, 1)), corners))

    def _hang(self, picture: str, x: float, y: float, side: float) -> None:
        hung = Picture(theme.picture(picture))
        self._hung.append((hung, x, y, side))
        self.add_widget(hung)

    def _lay(self, *_: object) -> None:
        side = self.width
        for ball, x, y, half_wide, half_high in self._parts:
            ball.pos = (self.x + (x - half_wide) * side, self.y + (y - half_high) * side)
            ball.size = (2 * half_wide * side, 2 * half_high * side)
        for wood, corners in self._wood:
            wood.points = [
                (self.y if place % 2 else self.x) + share * side for place, share in enumerate(corners)
            ]
        for hung, x, y, share in self._hung:
            hung.size = (share * side, share * side)
            hung.pos = (self.x + (x - share / 2) * side, self.y + (y - share / 2) * side)


@cache
def _spots() -> tuple[tuple[float, float], ...]:
    """Where blossoms open: evenly over the crown, each next one far from the last (a sunflower's spiral)."""
    spiral = []
    for number in range(CROWN):
        reach, turn = math.sqrt((number + 0.4) / CROWN), number * math.pi * (3 - math.sqrt(5))
        spiral.append((0.5 + 0.37 * reach * math.cos(turn), 0.66 + 0.28 * reach * math.sin(turn)))
    return tuple(spiral[number * 7 % CROWN] for number in range(CROWN))


def _texture(picture: Image.Image) -> Texture:
    texture = Texture.create(size=picture.size, colorfmt="rgba")
    texture.blit_buffer(picture.tobytes(), colorfmt="rgba", bufferfmt="ubyte")
    return texture


@cache
def _ball() -> Texture:
    """A ball lit from the upper left, white: a colour is laid over it. Every leaf is this one texture."""
    side = 128
    away = Image.radial_gradient("L").resize((side * 2, side * 2))  # 0 in the middle
    # The texture's first row is the lowest one, so the light's place is counted from there.
    lit = away.crop((side * 3 // 4, side // 4, side * 7 // 4, side * 5 // 4))
    shade = lit.point(lambda far: round(255 - 105 * min(1.0, (far / 190) ** 1.6)))
    edge = Image.radial_gradient("L").resize((side, side))
    # The gradient is 180 where the round touches its square, and grows by three a pixel: a soft rim inside.
    alpha = edge.point(lambda far: max(0, min(255, (176 - far) * 50)))
    return _texture(Image.merge("RGBA", (shade, shade, shade, alpha)))


@cache
def _bark() -> Texture:
    """A round stem lit from the left."""
    across = Image.linear_gradient("L").rotate(90).resize((64, 8))
    lit = across.point(lambda x: round(255 - 120 * min(1.0, abs(x / 255 - 0.35) / 0.65)))
    rim = across.point(lambda x: max(0, min(255, x * 16, (255 - x) * 16)))
    return _texture(Image.merge("RGBA", (lit, lit, lit, ImageChops.lighter(rim, rim))))
