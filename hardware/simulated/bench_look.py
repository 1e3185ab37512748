"""Colours, letters and the two plain widgets every part of the bench is made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fontpkg_be_vietnam_pro import ROOT as FONTS
from kivy.core.text import LabelBase
from kivy.graphics import Color, Line, RoundedRectangle, Triangle
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.label import Label
from kivy.utils import get_color_from_hex

FONT = "BenchVietnam"
LabelBase.register(
    FONT,
    fn_regular=str(FONTS / "files" / "BeVietnamPro-Medium.ttf"),
    fn_bold=str(FONTS / "files" / "BeVietnamPro-Bold.ttf"),
)

TABLE = get_color_from_hex("#E9E3D6")
PAPER = get_color_from_hex("#FFFDF8")
INK = get_color_from_hex("#28323C")
QUIET = get_color_from_hex("#6C7680")
EDGE = get_color_from_hex("#CFC6B4")
PAD = get_color_from_hex("#23425A")
PAD_GLOW = get_color_from_hex("#4F86AB")
GREEN = get_color_from_hex("#1F8A5B")
YELLOW = get_color_from_hex("#F2B705")
RED = get_color_from_hex("#C4442B")
BLUE = get_color_from_hex("#2C6FB3")
SHELVES = {
    "red": "#D64545",
    "orange": "#E8833A",
    "yellow": "#E5B325",
    "green": "#3E9B5F",
    "blue": "#3B7DC4",
    "purple": "#8257B8",
    "pink": "#D96C9F",
    "brown": "#8B6347",
    "white": "#D9D4C7",
    "grey": "#87909A",
}
"""Spine colours for books without a cover picture."""


def words(text: str, px: float = 13, *, bold: bool = False, color: Any = INK, **more: Any) -> Label:
    """A label that wraps inside its own box."""
    label = Label(text=text, font_name=FONT, font_size=px, bold=bold, color=color, **more)
    label.text_size = label.size
    label.bind(size=lambda it, box: setattr(it, "text_size", box))
    label.halign = more.get("halign", "left")
    label.valign = more.get("valign", "middle")
    return label


class Panel(BoxLayout):
    """A sheet of paper with round corners that holds other things."""

    def __init__(self, *, fill: Any = PAPER, edge: Any = EDGE, radius: float = 12, **more: Any) -> None:
        super().__init__(**more)
        with self.canvas.before:
            self.fill = Color(*fill)
            self._sheet = RoundedRectangle(radius=[radius])
            self.edge = Color(*edge)
            self._line = Line(width=1.1)
        self._radius = radius
        self.bind(pos=self._lay, size=self._lay)

    def _lay(self, *_: Any) -> None:
        self._sheet.pos, self._sheet.size = self.pos, self.size
        self._line.rounded_rectangle = (*self.pos, *self.size, self._radius)


class Key(ButtonBehavior, Label):
    """A button. `lit` shows that it is the present state; `arrow` 1 or -1 draws one to the right or left."""

    def __init__(
        self,
        text: str,
        press: Callable[[], None],
        *,
        color: Any = BLUE,
        letters: Any = INK,
        arrow: int = 0,
        **more: Any,
    ) -> None:
        super().__init__(text=text, font_name=FONT, font_size=13, bold=True, **more)
        self._base = color
        self._letters = letters
        self.lit = False
        with self.canvas.before:
            self._fill = Color(*color)
            self._sheet = RoundedRectangle(radius=[9])
        with self.canvas.after:
            self._arrow_colour = Color(*INK)
            self._arrow = Triangle(points=[0] * 6)
        self._way = arrow
        self.bind(pos=self._lay, size=self._lay, state=lambda *_: self.paint())
        self._press = press
        self.paint()

    def on_release(self) -> None:
        """Somebody clicked."""
        self._press()

    def paint(self) -> None:
        """Draw it by its state."""
        strong = self.lit or self.state == "down"
        self._fill.rgba = self._base if strong else (*self._base[:3], 0.16)
        self.color = (1, 1, 1, 1) if strong else self._letters
        self._arrow_colour.rgba = self.color

    def _lay(self, *_: Any) -> None:
        self._sheet.pos, self._sheet.size = self.pos, self.size
        if self._way:
            foot = self.x + 8 if self._way > 0 else self.right - 8
            tip = foot + 10 * self._way
            self._arrow.points = [foot, self.center_y - 6, foot, self.center_y + 6, tip, self.center_y]
