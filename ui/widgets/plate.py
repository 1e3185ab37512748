"""A piece of paper to write on, as the look wants it: white with a soft shadow, or black, edged in yellow."""

from __future__ import annotations

from kivy.metrics import mm

from ui import theme
from ui.widgets.part import Part
from ui.widgets.shapes import Panel

EDGE = 0.7  # millimetres


class Plate(Part):
    """A panel in the style's colours, or in `face` with its `lip` where contrast need not be strong."""

    def __init__(
        self,
        style: theme.Style = theme.DEFAULT,
        *,
        face: str = theme.PAPER,
        lip: str | None = None,
        round_mm: float = theme.ROUND,
        lip_mm: float = 0.9,
        alpha: float = 1.0,
    ) -> None:
        super().__init__()
        self._edge = 0.0
        if style.edge:
            self._edge = mm(EDGE)
            self._papers = [
                Panel(style.edge, lip=style.edge, lip_mm=0, round_mm=round_mm),
                Panel(style.paper, lip=style.paper, lip_mm=0, round_mm=max(0.5, round_mm - EDGE)),
            ]
        else:
            self._papers = [Panel(face, lip, round_mm=round_mm, lip_mm=lip_mm, alpha=alpha)]
        for paper in self._papers:
            self.add_widget(paper)
        self.bind(pos=self._lay, size=self._lay)

    def _lay(self, *_: object) -> None:
        for number, paper in enumerate(self._papers):
            inset = self._edge * number
            paper.size = (self.width - 2 * inset, self.height - 2 * inset)
            paper.pos = (self.x + inset, self.y + inset)
