"""What a screen says, from top to bottom: texts and small pictures that share one place.

First everything at the size wished for; where that has no room all of it a little smaller, then the parts
that may go are left out, and only then the letters go down to the least that may be read. Larger text thus
drives out decoration, softer lines and second pictures, and nothing gets smaller than without it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kivy.metrics import mm
from kivy.uix.widget import Widget

from kiosk.words import clean
from ui import theme
from ui.widgets.box import Box
from ui.widgets.scene import Scene
from ui.widgets.text import Ruler, Say, wrapped

SOFT = 0.85  # of the wished size, before anything is left out
STEP = 0.95
SPARE = 0.4  # millimetres of a text's box beyond its lines: rounding to whole pixels


Shorter = tuple[float, Callable[[], None]]
"""A lesser height, and what makes a widget fit for it."""


@dataclass(slots=True)
class _Part:
    """One thing in the column. `height(share)`: its millimetres at that share of its wished size."""

    height: Callable[[float], float]
    put: Callable[[float, Box], None]
    gap: float  # above it
    drop: int  # 0 = stays; otherwise the highest goes first
    instead: _Part | None = None  # what stands there once it has gone


class Column:
    """Collects the parts, then lays them: `lay()` answers with the place they took.

    `drop` of a part: 0 = it stays, otherwise the parts with the highest number are left out first.
    `gap` is the millimetres above a part.
    """

    def __init__(self, scene: Scene, box: Box | None = None, *, valign: str = "") -> None:
        self._scene, self._style = scene, scene.style
        self._box = box or scene.text
        self._valign = valign or ("top" if scene.tall else "middle")
        self._parts: list[_Part] = []

    @property
    def soft(self) -> str:
        """The colour of softer lines."""
        return self._style.soft

    def headline(self, text: str, *, size_mm: float = theme.TITLE, lines: int = 2, drop: int = 0) -> None:
        """The one thing a screen says."""
        self.say(
            text,
            size_mm=size_mm,
            least_mm=theme.LEAD,
            soft_mm=theme.TITLE,
            lines=lines,
            weight="title",
            drop=drop,
        )

    def line(self, text: str, *, size_mm: float = theme.LEAD, lines: int = 2, drop: int = 0) -> None:
        """What else it says, in softer ink."""
        self.say(text, size_mm=size_mm, lines=lines, colour=self._style.soft, gap=2.5, drop=drop)

    def name(self, text: str, *, lines: int = 2, drop: int = 0) -> None:
        """A book's name."""
        self.say(text, size_mm=theme.LEAD, lines=lines, weight="strong", gap=3, drop=drop)

    def say(
        self,
        text: str,
        *,
        size_mm: float,
        least_mm: float = theme.SMALL,
        soft_mm: float = 0.0,
        lines: int = 2,
        least_lines: int = 0,
        weight: str = "text",
        colour: str = "",
        gap: float = 2.0,
        drop: int = 0,
    ) -> None:
        """Any text; `least_mm` is not scaled with the look: it is where letters end, not where they begin.

        It does not go under `soft_mm` while anything can still be left out. With `least_lines` it is cut to
        so many before it goes at its `drop`.
        """
        said = clean(text)
        wish, colour = self._style.size(size_mm), colour or self._style.ink

        def part(most: int) -> _Part:
            def fitted(share: float) -> tuple[float, float]:
                """Font size and height, in millimetres."""
                size = max(wish * share, least_mm, min(wish, soft_mm) if share >= SOFT else 0.0)
                while True:
                    ruler = Ruler(weight, round(mm(size)))
                    needed = len(wrapped(said, mm(self._box.w), ruler))
                    if needed <= most or size <= least_mm:
                        return size, min(needed, most) * ruler.line / mm(1) + SPARE
                    size = max(size * STEP, least_mm)

            def put(share: float, box: Box) -> None:
                size, _ = fitted(share)
                written = Say(said, size_mm=size, least_mm=least_mm, lines=most, weight=weight, colour=colour)
                self._scene.put(written, box)

            shorter = part(most - 1) if 0 < least_lines < most else None
            return _Part(lambda share: fitted(share)[1], put, gap, drop, shorter)

        if said:
            self._parts.append(part(lines))

    def add(
        self,
        widget: Widget,
        height: float,
        *,
        width: float = 0.0,
        read: bool = True,
        gap: float = 3.0,
        drop: int = 0,
        least: float = 0.0,
        shorter: Shorter | None = None,
    ) -> None:
        """A widget of that height, and width where it shall not be the column's. `read`: it grows with text.

        `least` is the share of its height, as it is without larger text, that it must have. `shorter`: at its
        `drop` it does not go, but gets less high and says less.
        """
        grown = self._style.size if read else float

        def part(high: float, gone: int, least: float, before: Callable[[], None] | None = None) -> _Part:
            def put(share: float, box: Box) -> None:
                if before:
                    before()
                self._scene.put(widget, box.left(min(box.w, grown(width))) if width else box)

            return _Part(lambda share: max(grown(high) * share, high * least), put, gap, gone)

        made = part(height, drop, least)
        if shorter:
            made.instead = part(shorter[0], 0, 0.0, shorter[1])
        self._parts.append(made)

    def lay(self) -> Box:
        """Put everything onto the scene; on a standing panel the picture gets all that is left."""
        parts, share = self._chosen()
        heights = [part.height(share) for part in parts]
        gaps = [part.gap if number else 0.0 for number, part in enumerate(parts)]
        needed = sum(heights) + sum(gaps)
        spare = max(0.0, self._box.h - needed)
        y = self._box.y + self._box.h - (spare / 2 if self._valign == "middle" else 0.0)
        top = y
        for part, height, gap in zip(parts, heights, gaps, strict=True):
            y -= gap + height
            part.put(share, Box(self._box.x, y, self._box.w, height))
        used = Box(self._box.x, y, self._box.w, top - y)
        if self._scene.tall:
            low = self._scene.art.y
            self._scene.art = Box(self._box.x, low, self._box.w, used.y - low - theme.GAP / 2)
        return used

    def _chosen(self) -> tuple[list[_Part], float]:
        parts = self._parts
        while True:
            floor = SOFT if any(part.drop for part in parts) else 0.5
            share = 1.0
            while share >= floor:
                if self._needs(parts, share) <= self._box.h:
                    return parts, share
                share *= STEP
            last = max((part.drop for part in parts), default=0)
            if not last:
                return parts, floor
            kept = (part.instead if part.drop == last else part for part in parts)
            parts = [part for part in kept if part]

    @staticmethod
    def _needs(parts: list[_Part], share: float) -> float:
        return sum(part.height(share) for part in parts) + sum(part.gap for part in parts[1:])
