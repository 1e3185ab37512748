"""The pad as the child sees it before the screen, and what should come onto it or off it."""

from __future__ import annotations

import math
from enum import Enum

from kivy.clock import Clock, ClockEvent
from kivy.graphics import Color
from kivy.metrics import mm
from kivy.uix.widget import Widget

from ui import theme
from ui.widgets.masks import Round, Rounded
from ui.widgets.part import Part
from ui.widgets.shapes import Panel, Picture

MOVES = 3  # the things hop so often, then rest: endless movement heats the board
HOP_S = 0.55
FRAMES_A_SECOND = 20.0  # while they hop
BANDS = ("#7CC9F2", "#F79AC0")  # colours of the first and the second card


class Thing(Enum):
    """What can lie on the pad."""

    CARD = "card"
    BOOK = "book"


class LittleCard(Part):
    """A library card: white, a coloured band, an animal."""

    def __init__(self, animal: str, band: str) -> None:
        super().__init__()
        self._paper = Panel(theme.PAPER, lip="#B9AFD6", round_mm=1.8)
        self._band = Panel(band, lip=band, lip_mm=0, round_mm=1.2)
        self._lines = [Panel("#D9D3EC", lip="#D9D3EC", lip_mm=0, round_mm=0.6) for _ in range(2)]
        self._animal = Picture(theme.animal(animal))
        for part in (self._paper, self._band, *self._lines, self._animal):
            self.add_widget(part)
        self.bind(pos=self._lay, size=self._lay)

    def _lay(self, *_: object) -> None:
        w, h = self.size
        self._paper.pos, self._paper.size = self.pos, self.size
        self._band.pos, self._band.size = (self.x + w * 0.05, self.y + h * 0.74), (w * 0.9, h * 0.18)
        self._animal.pos, self._animal.size = (self.x + w * 0.07, self.y + h * 0.1), (h * 0.58, h * 0.58)
        for line, (up, long) in zip(self._lines, ((0.46, 0.36), (0.24, 0.26)), strict=True):
            line.pos, line.size = (self.x + w * 0.54, self.y + h * up), (w * long, h * 0.13)


class PadPicture(Part):
    """The pad, things on it (`lying`) and things that shall come (`coming`) or go (`going`).

    A book is a pile of books, or `book` where one certain book is meant: the picture is taller then.
    The hopping lasts a few seconds, then everything rests where it shall be.
    """

    def __init__(
        self,
        *,
        lying: tuple[Thing, ...] = (),
        coming: tuple[Thing, ...] = (),
        going: tuple[Thing, ...] = (),
        animals: tuple[str, ...] = ("cat", "frog"),
        badge: str = "",
        book: Widget | None = None,
    ) -> None:
        super().__init__()
        self._certain = book is not None
        with self.canvas.before:
            Color(*theme.colour("#9C6B43"))
            self._side = Rounded(mm(5))
            Color(*theme.colour("#E9BE8B"))
            self._top = Rounded(mm(5))
            self._rings = []
            for tint in ("#FFE7BF", "#D99A55", "#FFE7BF"):
                Color(*theme.colour(tint))
                self._rings.append(Round())
        self._raised: list[tuple[Widget, float, float]] = []
        self._started = 0.0
        self._ticking: ClockEvent | None = None
        self._things: list[tuple[Widget, Thing, str]] = []
        order = [(t, "lie") for t in lying] + [(t, "come") for t in coming] + [(t, "go") for t in going]
        for thing, how in sorted(order, key=lambda pair: pair[0] is Thing.BOOK):
            if thing is Thing.CARD:
                number = sum(1 for _, other, _ in self._things if other is Thing.CARD)
                widget: Widget = LittleCard(animals[number % len(animals)], BANDS[number % len(BANDS)])
            else:
                widget = book or Picture(theme.picture("books"))
            self._things.append((widget, thing, how))
            self.add_widget(widget)
        self._hand = Picture(theme.picture("up" if going else "down")) if coming or going else None
        if self._hand:
            self.add_widget(self._hand)
        self._badge = Picture(theme.picture(badge)) if badge else None
        if self._badge:
            self.add_widget(self._badge)
        self.bind(pos=self._lay, size=self._lay, parent=self._follow)

    def _lay(self, *_: object) -> None:
        tall = 1.25 if self._certain else 1.0
        w = min(self.width, self.height * 1.08 / tall)
        h = w / 1.08
        x, y = self.center_x - w / 2, self.center_y - h * tall / 2
        deep = h * 0.36
        self._side.pos, self._side.size = (x, y), (w, deep)
        self._top.pos, self._top.size = (x, y + h * 0.06), (w, deep)
        centre = (x + w / 2, y + h * 0.06 + deep / 2)
        for ring, share in zip(self._rings, (1.0, 0.88, 0.85), strict=True):
            wide, high = w * 0.72 * share, deep * 0.66 * share
            ring.lay((centre[0] - wide / 2, centre[1] - high / 2), (wide, high))
        count = len(self._things)
        self._raised = []
        for place, (widget, thing, how) in enumerate(self._things):
            scale = 1.0 if count < 3 else 0.78
            across = centre[0] + (place - (count - 1) / 2) * w * 0.42 * scale
            size = (w * 0.36, w * 0.24) if thing is Thing.CARD else self._book_size(w)
            size = (size[0] * scale, size[1] * scale)
            widget.size = size
            raised = h * 0.20 if how != "lie" else 0.0
            widget.pos = (across - size[0] / 2, centre[1] - deep * 0.22 + raised)
            if raised:
                self._raised.append((widget, widget.y, raised))
        if self._hand:
            side = h * 0.27
            self._hand.size = (side, side)
            self._hand.pos = (centre[0] - side / 2, y + h * tall - side)
        if self._badge:
            side = h * 0.5
            self._badge.size = (side, side)
            self._badge.pos = (centre[0] - side / 2, centre[1] - side * 0.32)

    def _book_size(self, pad: float) -> tuple[float, float]:
        """A cover is higher than wide, a pile is not."""
        return (pad * 0.42, pad * 0.56) if self._certain else (pad * 0.4, pad * 0.4)

    def _follow(self, *_: object) -> None:
        """Move only while on the screen."""
        if self._ticking is not None:
            self._ticking.cancel()
            self._ticking = None
        if self.parent is not None and any(how != "lie" for _, _, how in self._things):
            self._started = Clock.time()
            self._ticking = Clock.schedule_interval(self._tick, 1 / FRAMES_A_SECOND)

    def _tick(self, _elapsed: float) -> bool:
        gone = Clock.time() - self._started
        swing = abs(math.sin(math.pi * gone / HOP_S / 2)) if gone < MOVES * 2 * HOP_S else 0.0
        for widget, rest, raised in self._raised:
            widget.y = rest - raised * 0.75 * swing
        return gone < MOVES * 2 * HOP_S
