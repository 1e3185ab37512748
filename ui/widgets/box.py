"""Rectangles in millimetres, cut like paper: how a screen divides its place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A place on the screen: left, bottom, width, height in millimetres from the lower left corner."""

    x: float
    y: float
    w: float
    h: float

    def left(self, width: float) -> Box:
        """The leftmost strip."""
        return Box(self.x, self.y, width, self.h)

    def right(self, width: float) -> Box:
        """The rightmost strip."""
        return Box(self.x + self.w - width, self.y, width, self.h)

    def top(self, height: float) -> Box:
        """The topmost strip."""
        return Box(self.x, self.y + self.h - height, self.w, height)

    def bottom(self, height: float) -> Box:
        """The lowest strip."""
        return Box(self.x, self.y, self.w, height)

    def less(self, left: float = 0, right: float = 0, top: float = 0, bottom: float = 0) -> Box:
        """What remains when strips are cut away."""
        return Box(self.x + left, self.y + bottom, self.w - left - right, self.h - top - bottom)

    def middle(self, width: float, height: float) -> Box:
        """A piece in the middle, no larger than this box."""
        width, height = min(width, self.w), min(height, self.h)
        return Box(self.x + (self.w - width) / 2, self.y + (self.h - height) / 2, width, height)

    def columns(self, count: int, gap: float) -> list[Box]:
        """Equal columns with a gap between them."""
        width = (self.w - gap * (count - 1)) / count
        return [Box(self.x + i * (width + gap), self.y, width, self.h) for i in range(count)]
