"""The back of a book with its two labels: the shop's small code, pale, and the library's, in a glow."""

from __future__ import annotations

from kivy.graphics import Color, Rectangle
from kivy.metrics import mm
from kivy.uix.widget import Widget

from ui import theme
from ui.widgets.masks import Rounded
from ui.widgets.part import Part
from ui.widgets.shapes import Panel, Picture

STRIPES = (2, 1, 1, 1, 3, 1, 1, 2, 1, 1, 2, 1, 3, 1, 1, 1, 2, 1, 1, 2, 1, 1, 3)  # bar, space, bar ...


class Barcode(Part):
    """Bars on white: any code and none, it cannot be scanned."""

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        with self.canvas:
            Color(*theme.colour(theme.INK, alpha))
            self._bars = [Rectangle() for _ in STRIPES[::2]]
        self.bind(pos=self._lay, size=self._lay)

    def _lay(self, *_: object) -> None:
        unit = self.width / sum(STRIPES)
        edges = [round(self.x + unit * sum(STRIPES[:place])) for place in range(len(STRIPES) + 1)]
        for bar, left, right in zip(self._bars, edges[::2], edges[1::2], strict=True):
            bar.pos, bar.size = (left, self.y), (right - left, self.height)


class LabelledBook(Part):
    """The book's back, both labels on it, and a hand that points at the right one."""

    def __init__(self) -> None:
        super().__init__()
        with self.canvas.before:
            Color(*theme.colour(theme.INK, 0.16))
            self._shadow = Rounded(mm(1.6))
            Color(*theme.colour(theme.PAPER))
            self._frame = Rounded(mm(1.6))
            Color(*theme.colour("#2E6BD0"))
            self._back = Rectangle()
            Color(*theme.colour(theme.INK, 0.18))
            self._spine = Rectangle()
        self._shop = Panel(theme.PAPER, lip_mm=0, lip=theme.PAPER, round_mm=0.8, alpha=0.55)
        self._shop_code = Barcode(0.4)
        self._glow = Panel("#FFC83F", lip="#FFC83F", lip_mm=0, round_mm=3.4)
        self._label = Panel(theme.PAPER, round_mm=2)
        self._band = Panel("#1E7F4F", lip="#1E7F4F", lip_mm=0, round_mm=1.4)
        self._books = Picture(theme.picture("books"))
        self._code = Barcode()
        self._hand = Picture(theme.picture("up"))
        for part in (
            self._shop, self._shop_code, self._glow, self._label, self._band, self._books, self._code,
            self._hand,
        ):  # fmt: skip
            self.add_widget(part)
        self.bind(pos=self._lay, size=self._lay)

    def _lay(self, *_: object) -> None:
        w, h = min(self.width, self.height * 0.75), min(self.height, self.width / 0.75)
        x, y = self.center_x - w / 2, self.center_y - h / 2
        edge = max(mm(0.5), w * 0.035)
        self._shadow.pos, self._shadow.size = (x + mm(0.6), y - mm(1)), (w, h)
        self._frame.pos, self._frame.size = (x, y), (w, h)
        self._back.pos, self._back.size = (x + edge, y + edge), (w - 2 * edge, h - 2 * edge)
        self._spine.pos = (x + w - edge - w * 0.07, y + edge)
        self._spine.size = (w * 0.07, h - 2 * edge)

        def lay(part: Widget, left: float, low: float, wide: float, high: float) -> None:
            part.size, part.pos = (w * wide, h * high), (x + w * left, y + h * low)

        lay(self._shop, 0.5, 0.08, 0.32, 0.13)
        lay(self._shop_code, 0.54, 0.1, 0.24, 0.09)
        lay(self._glow, 0.08, 0.52, 0.76, 0.4)
        lay(self._label, 0.12, 0.55, 0.68, 0.34)
        lay(self._band, 0.15, 0.83, 0.62, 0.04)
        lay(self._books, 0.15, 0.58, 0.27, 0.23)
        lay(self._code, 0.46, 0.61, 0.29, 0.17)
        lay(self._hand, 0.28, 0.24, 0.36, 0.3)
