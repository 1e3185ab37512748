"""The drawn pad: what lies on it here lies in the field of the simulated reader."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.graphics import Color, Ellipse, Line, RoundedRectangle
from kivy.uix.floatlayout import FloatLayout

from hardware.simulated.bench_look import GREEN, PAD, PAD_GLOW, YELLOW, Key, words
from hardware.simulated.bench_thing import ThingView

MARGIN = 10


class PadView(FloatLayout):
    """Draws the pad, the lamps above it and the things on it."""

    def __init__(self, say: dict[str, str], clear: Callable[[], None], **more: Any) -> None:
        super().__init__(**more)
        self._lying: dict[str, ThingView] = {}
        with self.canvas.before:
            Color(*PAD)
            self._plate = RoundedRectangle(radius=[18])
            self._wave_colour = Color(*PAD_GLOW)
            self._waves = [Line(width=2.2), Line(width=1.8), Line(width=1.4)]
            self._green_colour = Color(*GREEN)
            self._green = Ellipse(size=(18, 18))
            self._yellow_colour = Color(*YELLOW)
            self._yellow = Ellipse(size=(18, 18))
        self._title = words(
            say["pad"], 14, bold=True, color=(1, 1, 1, 0.92), size_hint=(None, None), size=(220, 24)
        )
        self._hint = words(
            say["pad_hint"],
            13,
            color=(1, 1, 1, 0.9),
            halign="center",
            size_hint=(None, None),
            size=(280, 44),
        )
        self._clear = Key(
            say["clear"], clear, color=PAD_GLOW, letters=(1, 1, 1, 1), size_hint=(None, None), size=(92, 28)
        )
        for widget in (self._title, self._hint, self._clear):
            self.add_widget(widget)
        self.bind(pos=self._lay, size=self._lay)
        self.lamps(green=False, yellow=False)

    @property
    def lying(self) -> tuple[ThingView, ...]:
        """What lies here, in the order it came."""
        return tuple(self._lying.values())

    def lamps(self, *, green: bool, yellow: bool) -> None:
        """Show the desk's two lights."""
        self._green_colour.rgba = (0.35, 1.0, 0.62, 1) if green else (*GREEN[:3], 0.35)
        self._yellow_colour.rgba = (1.0, 0.86, 0.25, 1) if yellow else (*YELLOW[:3], 0.28)

    def working(self, yes: bool) -> None:
        """Draw the reader's field, or its absence."""
        self._wave_colour.a = 0.9 if yes else 0.15

    def put(self, view: ThingView, at: tuple[float, float] | None = None) -> None:
        """Lay a thing down with its middle at a point of the window, or at a free place."""
        if at is None:
            at = self._free_place(view)
        view.x = min(max(at[0] - view.width / 2, self.x + MARGIN), self.right - view.width - MARGIN)
        view.y = min(max(at[1] - view.height / 2, self.y + MARGIN), self.top - view.height - MARGIN)
        self._lying[view.thing.uid] = view
        self.add_widget(view)
        self._hint.opacity = 0.0

    def take(self, uid: str) -> None:
        """Take a thing away."""
        view = self._lying.pop(uid, None)
        if view is not None:
            self.remove_widget(view)
        self._hint.opacity = 0.0 if self._lying else 1.0

    def view(self, uid: str) -> ThingView | None:
        """The thing with this tag, if it lies here."""
        return self._lying.get(uid)

    def under(self, x: float, y: float) -> ThingView | None:
        """The topmost thing at a point of the window."""
        for view in reversed(self._lying.values()):
            if view.collide_point(x, y):
                return view
        return None

    def _free_place(self, view: ThingView) -> tuple[float, float]:
        cards = sum(other.thing.is_card for other in self._lying.values())
        books = len(self._lying) - cards
        if view.thing.is_card:
            return self.x + self.width * 0.2, self.y + self.height * 0.62 - 34 * cards
        across = self.x + self.width * 0.45 + books * (view.width + 8)
        return min(across, self.right - view.width / 2 - MARGIN), self.y + self.height * 0.5 - 9 * (
            books // 3
        )

    def _lay(self, *_: Any) -> None:
        self._plate.pos, self._plate.size = self.pos, self.size
        for number, wave in enumerate(self._waves, start=1):
            wide, high = self.width * (0.16 + 0.14 * number), self.height * (0.16 + 0.16 * number)
            wave.rounded_rectangle = (
                self.center_x - wide / 2,
                self.center_y - high / 2 - 8,
                wide,
                high,
                min(wide, high) / 3,
            )
        self._green.pos = (self.right - 62, self.top - 28)
        self._yellow.pos = (self.right - 34, self.top - 28)
        self._title.pos = (self.x + 14, self.top - 32)
        self._hint.center = (self.center_x, self.center_y - 8)
        self._clear.pos = (self.x + 12, self.y + 10)
