"""The doorway with its two beams, and the keys that break the reader."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.graphics import Color, Line, Mesh, Rectangle
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.gridlayout import GridLayout
from kivy.uix.widget import Widget

from hardware.simulated.bench_look import BLUE, EDGE, GREEN, INK, RED, YELLOW, Key, Panel, words

READER_STATES = ("ok", "unplugged", "frozen", "brownout")
_KEY_COLOURS = {"ok": GREEN, "unplugged": RED, "frozen": BLUE, "brownout": YELLOW}


class Frame(Widget):
    """A door frame seen from the front, with the outer and the inner beam across it."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        with self.canvas:
            Color(*EDGE)
            self._floor = Rectangle()
            Color(0.42, 0.30, 0.20, 1)
            self._frame = Line(width=3, joint="miter", cap="square")
            Color(0.86, 0.80, 0.70, 1)
            self._leaf = Mesh(mode="triangle_fan", indices=range(4))
            Color(0.85, 0.2, 0.2, 0.9)
            self._beams = [Line(width=1.3), Line(width=1.3)]
        self.bind(pos=self._lay, size=self._lay)

    def _lay(self, *_: Any) -> None:
        left, right = self.center_x - 27, self.center_x + 27
        low, high = self.y + 6, self.top - 4
        self._floor.pos, self._floor.size = (self.x, self.y + 3), (self.width, 3)
        self._frame.points = [left, low, left, high, right, high, right, low]
        corners = ((left + 2, low), (left - 20, low - 2), (left - 20, high - 14), (left + 2, high - 2))
        self._leaf.vertices = [value for x, y in corners for value in (x, y, 0, 0)]
        for beam, share in zip(self._beams, (0.34, 0.46), strict=True):
            y = low + (high - low) * share
            beam.points = [left + 3, y, right - 3, y]


class Doorway(Panel):
    """Two arrows: a child walks in or out. Counts what was walked since the window opened."""

    def __init__(self, say: dict[str, str], cross: Callable[[str], None], **more: Any) -> None:
        super().__init__(orientation="vertical", padding=10, spacing=6, **more)
        self._counts = {"in": 0, "out": 0}
        self._say = say
        self._cross = cross
        self.add_widget(words(say["door"], 13, bold=True, size_hint=(1, None), height=20))
        self.add_widget(Frame())
        keys = BoxLayout(size_hint=(1, None), height=34, spacing=8)
        self.keys = {
            "in": Key("", lambda: self._walk("in"), color=GREEN, arrow=1),
            "out": Key("", lambda: self._walk("out"), color=BLUE, arrow=-1),
        }
        for key in self.keys.values():
            keys.add_widget(key)
        self.add_widget(keys)
        self._write()

    def _walk(self, direction: str) -> None:
        self._counts[direction] += 1
        self._write()
        self._cross(direction)

    def _write(self) -> None:
        self.keys["in"].text = f"{self._say['in']} {self._counts['in']}"
        self.keys["out"].text = f"{self._say['out']} {self._counts['out']}"


class ReaderKeys(Panel):
    """Working, unplugged, frozen, browned out: the one in force is lit."""

    def __init__(self, say: dict[str, str], choose: Callable[[str], None], **more: Any) -> None:
        super().__init__(orientation="vertical", padding=10, spacing=6, **more)
        self.add_widget(words(say["reader"], 13, bold=True, size_hint=(1, None), height=20))
        grid = GridLayout(cols=2, spacing=6)
        self.keys = {
            state: Key(say[state], lambda state=state: choose(state), color=_KEY_COLOURS[state])  # type: ignore[misc]
            for state in READER_STATES
        }
        for key in self.keys.values():
            grid.add_widget(key)
        self.add_widget(grid)

    def show(self, state: str) -> None:
        """Light the key of the present state."""
        for name, key in self.keys.items():
            key.lit = name == state
            key.paint()
            if name == "brownout" and key.lit:
                key.color = INK
