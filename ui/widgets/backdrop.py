"""What stands behind a screen: sky and hills in its mood, and flowers; black where contrast is strong."""

from __future__ import annotations

from functools import lru_cache

from kivy.graphics import Color, InstructionGroup, Rectangle
from kivy.graphics.texture import Texture
from kivy.metrics import mm

from ui import theme
from ui.widgets.masks import Hills
from ui.widgets.shapes import picture_texture

FAR_HILLS = ((-0.15, -30.0, 0.8, 43.0), (0.62, -34.0, 0.7, 49.0))
NEAR_HILLS = ((0.12, -40.0, 0.85, 48.0), (-0.4, -30.0, 0.75, 38.0), (0.7, -30.0, 0.6, 37.0))
"""Ellipses: left and width in shares of the width, bottom and height in millimetres."""
FLOWERS = (("tulip", 0.045, 6.5), ("tulip", 0.085, 5.0), ("mushroom", 0.42, 4.5), ("tulip", 0.765, 5.5))
"""Picture, share of the width, millimetres."""
FLOWER_UP = 2.2  # millimetres above the panel's edge


def backdrop(mood: theme.Mood | None, size: tuple[int, int]) -> InstructionGroup:
    """Painted for a panel of that many pixels. Its textures are made once; the instructions are each screen's
    own: one that is kept would hold the canvas of the screen it stood behind, and whatever is on that.
    """
    group = InstructionGroup()
    width, height = size
    if mood is None:
        group.add(Color(*theme.colour(theme.BLACK)))
        group.add(Rectangle(size=size))
        return group
    group.add(Color(1, 1, 1))
    group.add(Rectangle(texture=_air(mood, height), size=size))
    for code, hills in ((mood.far_hill, FAR_HILLS), (mood.near_hill, NEAR_HILLS)):
        group.add(Color(*theme.colour(code)))
        group.add(Hills(width, tuple((x * width, mm(y), w * width, mm(h)) for x, y, w, h in hills)))
    group.add(Color(1, 1, 1))
    for name, x, side in FLOWERS:
        texture = picture_texture(theme.picture(name), mm(side))
        place = (round(x * width), round(mm(FLOWER_UP)))
        group.add(Rectangle(texture=texture, pos=place, size=(round(mm(side)), round(mm(side)))))
    return group


@lru_cache(len(theme.MOODS))
def _air(mood: theme.Mood, height: int) -> Texture:
    """One pixel wide, a row for every row of the panel: nothing is left to mix where it is painted."""
    low, high = theme.colour(mood.bottom), theme.colour(mood.top)
    rows = bytes(
        round(255 * (one + (other - one) * row / (height - 1)))
        for row in range(height)
        for one, other in zip(low, high, strict=True)
    )
    air = Texture.create(size=(1, height), colorfmt="rgba")
    air.blit_buffer(rows, colorfmt="rgba", bufferfmt="ubyte")
    air.mag_filter = air.min_filter = "nearest"  # the largest thing to paint, and a third less to do for it
    return air
