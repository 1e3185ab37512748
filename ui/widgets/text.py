"""Text that always fits its box: as large as it can be, in as few lines as it needs, never clipped."""

from __future__ import annotations

from collections.abc import Callable

from kivy.core.text import Label as CoreLabel
from kivy.graphics import Color, Rectangle
from kivy.metrics import mm
from kivy.uix.widget import Widget

from ui import theme
from ui.words import clean

STEP = 0.94  # each try is this much smaller
LEADING = 1.02  # room between lines; the font's own line already holds two stacked accents
TALLEST = "Ế"  # the tallest line there is: a capital with two accents

Measure = Callable[[str], float]
"""Width in pixels of a line of text."""


class Ruler:
    """Measures lines of one weight and size, each word once; it lives as long as one fit."""

    def __init__(self, weight: str, size: int) -> None:
        self._label = CoreLabel(font_name=theme.font(weight), font_size=size)
        self._words: dict[str, int] = {}
        self.space = self._label.get_extents(" ")[0]
        self.line = self._label.get_extents(TALLEST)[1] * LEADING

    def __call__(self, text: str) -> float:
        """Width of a line in pixels."""
        words = text.split(" ")
        for word in words:
            if word not in self._words:
                self._words[word] = self._label.get_extents(word)[0]
        # Whole pixels a word: half a pixel each may be lost, so that much is added.
        lost = 0.5 * len(words) + 1
        return sum(self._words[word] for word in words) + self.space * (len(words) - 1) + lost


class Say(Widget):
    """One plain sentence, never markup. `said` is the whole of it, `text` what found room.

    `size_mm` is the wanted font size, `least_mm` the smallest; what does not fit even then ends in "…".
    """

    def __init__(
        self,
        said: str,
        *,
        size_mm: float = theme.BODY,
        least_mm: float = theme.SMALL,
        lines: int = 2,
        weight: str = "text",
        colour: str = theme.INK,
        halign: str = "left",
        valign: str = "middle",
        **place: object,
    ) -> None:
        self.said = clean(said)
        self.text = ""
        self.font_size = 0
        self._wish = (size_mm, min(least_mm, size_mm), lines)
        self._weight = weight
        self._corner = (halign, valign)
        super().__init__(**{"size": (0, 0), **place})
        with self.canvas:
            self._tint = Color(*theme.colour(colour))
            self._ink = Rectangle(size=(0, 0))
        self.bind(size=self._refit, pos=self._put)
        self._refit()

    @property
    def texture_size(self) -> tuple[int, int]:
        """Pixels the drawn text takes."""
        return self._ink.texture.size if self.text else (0, 0)

    @property
    def drawn(self) -> tuple[float, float, float, float]:
        """Where the text stands: left, bottom, width, height in pixels."""
        return (*self._ink.pos, *self._ink.size)

    def _refit(self, *_: object) -> None:
        width, height = self.size
        if width < 2 or height < 2 or not self.said:
            self.text, self._ink.size = "", (0, 0)
            return
        wish, least, most = self._wish
        size = mm(wish)
        while True:
            size = max(size, mm(least))
            measure = Ruler(self._weight, round(size))
            line = measure.line
            room = max(1, min(most, int(height / line)))
            lines = wrapped(self.said, width, measure)
            if len(lines) <= room and line <= height:
                lines = balanced(self.said, width, len(lines), measure)
                break
            if size <= mm(least) + 1:
                rest = " ".join(lines[room - 1 :])
                lines = [*lines[: room - 1], shortened(rest, width, measure)]
                break
            size *= STEP
        self._draw("\n".join(lines), round(size))

    def _draw(self, text: str, size: int) -> None:
        label = CoreLabel(
            text=text,
            font_name=theme.font(self._weight),
            font_size=size,
            halign=self._corner[0],
            line_height=LEADING,
        )
        label.refresh()
        self.text, self.font_size = text, size
        self._ink.texture, self._ink.size = label.texture, label.texture.size
        self._put()

    def _put(self, *_: object) -> None:
        share = {"left": 0.0, "bottom": 0.0, "center": 0.5, "middle": 0.5, "right": 1.0, "top": 1.0}
        width, height = self._ink.size
        across, up = (share[side] for side in self._corner)
        # Whole pixels: half a pixel off makes letters soft.
        self._ink.pos = (
            round(self.x + (self.width - width) * across),
            round(self.y + (self.height - height) * up),
        )


def wrapped(text: str, width: float, measure: Measure) -> list[str]:
    """Lines no wider than `width`; a word that is wider alone is broken between letters."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        together = f"{line} {word}" if line else word
        if measure(together) <= width:
            line = together
            continue
        if line:
            lines.append(line)
        while measure(word) > width and len(word) > 1:
            head = _fitting(word, width, measure)
            lines.append(word[:head])
            word = word[head:]  # noqa: PLW2901  what is left of the same word
        line = word
    return [*lines, line]


def balanced(text: str, width: float, count: int, measure: Measure) -> list[str]:
    """The same number of lines, but of like length: no lonely last word."""
    lines = wrapped(text, width, measure)
    if not 1 < count <= 3:
        return lines
    low, high = width / count, width
    while high - low > width / 50:
        middle = (low + high) / 2
        tried = wrapped(text, middle, measure)
        broken = any(" " not in line and line not in text.split(" ") for line in tried)
        if len(tried) == count and not broken:
            lines, high = tried, middle
        else:
            low = middle
    return lines


def shortened(text: str, width: float, measure: Measure) -> str:
    """As much of `text` as fits with "…" after it; all of it when all of it fits."""
    if measure(text) <= width:
        return text
    return text[: _fitting(text, width - measure("…"), measure)].rstrip() + "…"


def _fitting(text: str, width: float, measure: Measure) -> int:
    """How many letters of `text` fit, at least one."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if measure(text[:middle]) <= width:
            low = middle
        else:
            high = middle - 1
    return low
