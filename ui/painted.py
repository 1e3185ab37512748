"""What a scene really paints, shape by shape, in the order it is painted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kivy.graphics import Color, InstructionGroup
from kivy.graphics.instructions import VertexInstruction
from kivy.uix.widget import Widget

from ui.widgets.masks import Hills, Round
from ui.widgets.shapes import Picture
from ui.widgets.text import Say

Rect = tuple[float, float, float, float]
"""Left, bottom, width, height in pixels."""

Colour = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Paint:
    """One shape: whose it is, where, in which colour; of a text (`say`), or a `picture` of the assets.

    A `round` fills the ellipse in its rectangle; one of which it cannot be told what it covers is `uneven`.
    """

    owner: Widget
    rect: Rect
    colour: Colour
    round: bool
    uneven: bool
    picture: bool
    say: Say | None

    def share_of(self, rect: Rect) -> float:
        """How much of a rectangle it covers, as far as that matters: 0 none, 1 all, 0.5 a part."""
        x, y, w, h = self.rect
        left, low, wide, high = rect
        if left >= x + w or x >= left + wide or low >= y + h or y >= low + high:
            return 0.0
        if self.uneven:
            return 0.5
        corners = [(a, b) for a in (left, left + wide) for b in (low, low + high)]
        inside = sum(self._holds(*corner) for corner in corners)
        if inside == len(corners):
            return 1.0
        middle = (left + wide / 2, low + high / 2)
        if inside or not self.round:
            return 0.5
        nearest = (min(max(x + w / 2, left), left + wide), min(max(y + h / 2, low), low + high))
        return 0.5 if self._holds(*nearest) or self._holds(*middle) else 0.0

    def _holds(self, across: float, up: float) -> bool:
        x, y, w, h = self.rect
        if not self.round:
            return x - 1 <= across <= x + w + 1 and y - 1 <= up <= y + h + 1
        a, b = w / 2, h / 2
        return ((across - x - a) / a) ** 2 + ((up - y - b) / b) ** 2 <= 1 if a > 0 and b > 0 else False


def widgets(root: Widget) -> Iterator[Widget]:
    """A widget and everything in it."""
    yield root
    for child in root.children:
        yield from widgets(child)


def code(colour: Colour) -> str:
    """A colour as `#RRGGBB`."""
    return "#" + "".join(f"{round(min(1.0, max(0.0, part)) * 255):02X}" for part in colour[:3])


def painted(root: Widget) -> list[Paint]:
    """Every shape of a widget and of all that is in it."""
    owners = {id(each.canvas): each for each in widgets(root)}
    paints: list[Paint] = []
    colour: Colour = (1.0, 1.0, 1.0, 1.0)

    def walk(group: InstructionGroup, owner: Widget) -> None:
        nonlocal colour
        owner = owners.get(id(group), owner)
        for each in group.children:
            if isinstance(each, InstructionGroup):
                walk(each, owner)
            elif isinstance(each, Color):
                colour = tuple(each.rgba)
            elif isinstance(each, VertexInstruction) and hasattr(each, "size"):
                size = tuple(each.size)
                if size[0] > 0 and size[1] > 0:
                    paints.append(_paint(each, (*each.pos, *size), owner, colour))

    walk(root.canvas, root)
    return paints


def _paint(each: VertexInstruction, rect: Rect, owner: Widget, colour: Colour) -> Paint:
    say = owner if isinstance(owner, Say) else None
    return Paint(
        owner,
        rect,
        colour,
        isinstance(each, Round),
        isinstance(each, Hills),
        isinstance(owner, Picture),
        say,
    )
