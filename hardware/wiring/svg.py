"""A drawing of boxes, lines and texts that becomes an SVG file: plain shapes, nothing from outside."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape
from typing import Final

WIDTH: Final = 800  # shown at this width nothing is smaller than SMALL
SMALL: Final = 12.5
FONT: Final = "'DejaVu Sans', Verdana, 'Noto Sans', Arial, sans-serif"
INK: Final = "#1a1a1a"
GREY: Final = "#666666"
# Widths of letters as parts of their size, in DejaVu Sans, the widest of FONT.
_NARROW: Final = frozenset("iIíìỉĩịljftr.,:;'()| –-")
_WIDE: Final = frozenset("mwMW%@Ω→")
_BOLD: Final = 1.12

_UNIT: Final = re.compile(r"([0-9]) (V|Ω|kΩ|cm|mA)(?!\w)")  # a number and its unit stay on one line

Point = tuple[float, float]


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """About how many pixels wide a text is; rather too many than too few."""
    whole = 0.0
    for letter in text:
        if letter in _NARROW:
            whole += 0.40
        elif letter in _WIDE:
            whole += 0.95
        else:
            whole += 0.76 if letter.isupper() else 0.64
    return whole * size * (_BOLD if bold else 1.0)


def wrapped(text: str, size: float, width: float) -> list[str]:
    """A text in lines no wider than `width`."""
    lines = [""]
    for word in _UNIT.sub("\\1\u00a0\\2", text).split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and width_of(longer, size) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


@dataclass
class Drawing:
    """Collects shapes, in the order they are painted."""

    title: str
    height: float
    _shapes: list[str] = field(default_factory=list)

    def box(self, at: Point, size: Point, *, fill: str, edge: str = INK, round_by: float = 4) -> None:
        """A rectangle by its upper left corner."""
        self._shapes.append(
            f'<rect x="{at[0]:g}" y="{at[1]:g}" width="{size[0]:g}" height="{size[1]:g}" rx="{round_by:g}" '
            f'fill="{fill}" stroke="{edge}" stroke-width="1.5"/>'
        )

    def disc(self, at: Point, radius: float, *, fill: str, edge: str = INK) -> None:
        """A filled circle by its middle."""
        self._shapes.append(
            f'<circle cx="{at[0]:g}" cy="{at[1]:g}" r="{radius:g}" fill="{fill}" stroke="{edge}"/>'
        )

    def wire(self, points: list[Point], colour: str, *, dashed: bool = False) -> None:
        """A coloured line with a white seam, so that crossing lines stay apart."""
        path = " ".join(f"{x:g},{y:g}" for x, y in points)
        dash = ' stroke-dasharray="7 4"' if dashed else ""
        for seam, width, kind in (("#ffffff", 6, "seam"), (colour, 3, "wire")):
            self._shapes.append(
                f'<polyline class="{kind}" points="{path}" fill="none" stroke="{seam}" '
                f'stroke-width="{width}" stroke-linejoin="round"{dash if kind == "wire" else ""}/>'
            )

    def text(
        self, at: Point, words: str, *, size: float = SMALL, anchor: str = "start", bold: bool = False,
        colour: str = INK,
    ) -> None:  # fmt: skip
        """Words; `at` is the middle of their height, at their start, middle or end."""
        weight = ' font-weight="bold"' if bold else ""
        self._shapes.append(
            f'<text x="{at[0]:g}" y="{at[1] + size * 0.35:g}" font-size="{size:g}" text-anchor="{anchor}" '
            f'fill="{colour}"{weight}>{escape(words, quote=False)}</text>'
        )

    def svg(self) -> str:
        """The file."""
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.height:g}" '
                f'width="{WIDTH}" height="{self.height:g}" role="img" font-family="{FONT}">',
                f"<title>{escape(self.title, quote=False)}</title>",
                f'<rect width="{WIDTH}" height="{self.height:g}" fill="#ffffff"/>',
                *self._shapes,
                "</svg>",
                "",
            ]
        )
