"""Which page of several this is: a row of dots, the one that is open larger and filled."""

from __future__ import annotations

from kivy.metrics import mm

from ui import theme
from ui.widgets.part import Part
from ui.widgets.shapes import Disc

MOST = 12  # dots; more pages would be dust
HEIGHT = 3.4  # millimetres


class PageDots(Part):
    """Dots in the middle of their place. `page` counts from 0."""

    def __init__(self, page: int, pages: int, style: theme.Style = theme.DEFAULT) -> None:
        super().__init__()
        self.page, self.pages = page, pages
        self._dots = []
        for number in range(min(pages, MOST)):
            here = number == min(page, MOST - 1)
            self._dots.append((Disc(style.ink), Disc(style.ink if here else style.paper), here))
        for ring, inner, _ in self._dots:
            self.add_widget(ring)
            self.add_widget(inner)
        self.bind(pos=self._lay, size=self._lay)

    def _lay(self, *_: object) -> None:
        step, side = self.height * 1.6, self.height
        left = self.center_x - step * (len(self._dots) - 1) / 2
        for number, (ring, inner, here) in enumerate(self._dots):
            outer = side if here else side * 0.72
            for disc, diameter in ((ring, outer), (inner, outer - mm(0.8))):
                disc.size = (diameter, diameter)
                disc.pos = (left + step * number - diameter / 2, self.center_y - diameter / 2)
