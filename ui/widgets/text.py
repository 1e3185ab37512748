"""Text that always fits its box: as large as it can be, in as few lines as it needs, never clipped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from kivy.core.text import Label as CoreLabel
from kivy.graphics import Color, Rectangle
from kivy.metrics import mm

from kiosk.words import clean, face_for
from ui import theme
from ui.widgets.part import Part

SIZES = tuple(round(8 * 1.065**step) for step in range(48))
"""Pixels of font size that are tried below the wanted one. All sentences try the same ones: every further
size is one more font that the text library opens, keeps, and closes when there are 64."""
LEADING = 1.02  # room between lines; the font's own line already holds two stacked accents
TALLEST = "Ế"  # the tallest line there is: a capital with two accents
REFERENCE = 100  # pixels of font size at which letters are measured
MOST_LETTERS = 2000  # a weight; Vietnamese needs some 200
MOST_TRIES = 3  # times the same size is set again with wider letters

Measure = Callable[[str], float]
"""Width in pixels of a line of text."""


MOST_FITS = 3000  # some 400 bytes each; the screens of two languages and four looks have some 2,000

Fit = tuple[str, int]
"""A text in its lines, and the pixels of its font size."""

_FACE: ContextVar[str] = ContextVar("face", default="")
_FIXED: ContextVar[frozenset[str]] = ContextVar("fixed", default=frozenset())

_fits: dict[tuple[object, ...], Fit] = {}
"""How the station's own sentences fit their boxes. Nothing with a name in it is ever kept here."""


@contextmanager
def drawn_in(face: str, fixed: frozenset[str] = frozenset()) -> Iterator[None]:
    """Texts made within are drawn in a language's face, `Words.font`; of its own sentences, `Words.fixed`, it
    is remembered how they fit.
    """
    before = _FACE.set(face), _FIXED.set(fixed)
    try:
        yield
    finally:
        _FACE.reset(before[0])
        _FIXED.reset(before[1])


class Ruler:
    """Measures lines of one weight and size by their letters: a little too wide rather than too narrow.

    Trying a size costs no font, so a text may be tried at many; what the font itself takes, which moves
    letters to whole pixels, is asked only for the lines that are to be drawn.
    """

    def __init__(self, weight: str, size: int, stretch: float = 1.0, font: str = "") -> None:
        self._font = font or theme.font(weight, _FACE.get())
        self._letters = _letters(self._font)
        self.size, self.stretch = size, stretch
        self.line = _line(self._font, size)

    def __call__(self, text: str) -> float:
        """Width of a line in pixels."""
        return sum(map(self._letters.__getitem__, text)) * self.size * self.stretch

    def drawn(self, lines: list[str]) -> tuple[float, float]:
        """Width and height in pixels of the lines as drawn; letters with many marks are high."""
        font = CoreLabel(font_name=self._font, font_size=self.size)
        sizes = [font.get_extents(line) for line in lines]
        return max(width for width, _ in sizes), sum(height for _, height in sizes) * LEADING

    def exact(self, text: str) -> float:
        """Width of a line in pixels as the font draws it."""
        font = CoreLabel(font_name=self._font, font_size=self.size)
        return float(font.get_extents(text)[0])


class _Letters(dict[str, float]):
    """Widths of single letters in font sizes, each measured once. Letters only, no word anybody wrote."""

    def __init__(self, font: str) -> None:
        self._font = CoreLabel(font_name=font, font_size=REFERENCE)

    def __missing__(self, letter: str) -> float:
        if len(self) >= MOST_LETTERS:
            self.clear()
        self[letter] = width = self._font.get_extents(letter)[0] / REFERENCE
        return float(width)


_letters = cache(_Letters)


def _smaller(size: int) -> int:
    return next((each for each in reversed(SIZES) if each < size), SIZES[0])


@cache
def _line(font: str, size: int) -> float:
    """Height of a line in pixels: a property of the font, asked once a size."""
    return float(CoreLabel(font_name=font, font_size=size).get_extents(TALLEST)[1] * LEADING)


class Say(Part):
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
        self.font = theme.font(weight, face_for(self.said, _FACE.get()))
        self._fixed = self.said in _FIXED.get()
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
        if not self._fixed:
            self._draw(*self._fitted())
            return
        key = (self.said, width, height, self._wish, self._weight, self.font)
        fit = _fits.get(key)
        if fit is None:
            if len(_fits) >= MOST_FITS:
                _fits.clear()
            fit = _fits[key] = self._fitted()
        self._draw(*fit)

    def _fitted(self) -> Fit:
        width, height = self.size
        wish, least = self._wish[:2]
        smallest = round(mm(least))
        measure = Ruler(self._weight, max(round(mm(wish)), smallest), font=self.font)
        tries = 0
        while True:
            last = measure.size == smallest
            lines = self._lines(measure, last=last)
            wide, high = measure.drawn(lines) if lines else (0.0, 0.0)
            if lines and (last or (wide <= width and high <= height + 1)):
                break
            if lines and high <= height + 1 and tries < MOST_TRIES:
                measure = Ruler(self._weight, measure.size, measure.stretch * wide / width, self.font)
                tries += 1
                continue
            measure, tries = Ruler(self._weight, max(_smaller(measure.size), smallest), font=self.font), 0
        return "\n".join(lines), measure.size

    def _lines(self, measure: Ruler, *, last: bool) -> list[str] | None:
        """The text in lines of that size; None when it does not fit. At the last size it is cut instead."""
        width, height = self.size
        room = max(1, min(self._wish[2], int(height / measure.line)))
        if last:
            whole = wrapped(self.said, width, measure.exact)
            lines = balanced(self.said, width, len(whole), measure.exact)
            while len(lines) > room or (len(lines) > 1 and measure.drawn(lines)[1] > height + 1):
                room = min(room, len(lines) - 1)
                rest = " ".join(whole[room - 1 :])
                lines = [*whole[: room - 1], shortened(rest, width, measure.exact)]
            return lines
        if measure.line > height or any(measure(word) > width for word in self.said.split(" ")):
            return None
        lines = wrapped(self.said, width, measure)
        return balanced(self.said, width, len(lines), measure) if len(lines) <= room else None

    def _draw(self, text: str, size: int) -> None:
        label = CoreLabel(
            text=text,
            font_name=self.font,
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
    line, used, space = "", 0.0, measure(" ") + 1  # letters stand on whole pixels: one may be lost
    for word in text.split(" "):
        wide = measure(word)
        if line and used + space + wide <= width:
            line, used = f"{line} {word}", used + space + wide
            continue
        if line:
            lines.append(line)
        while wide > width and len(word) > 1:
            head = _fitting(word, width, measure)
            lines.append(word[:head])
            word = word[head:]  # noqa: PLW2901  what is left of the same word
            wide = measure(word)
        line, used = word, wide
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
