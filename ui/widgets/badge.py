"""A round medal with a picture, and the name of what it was given for."""

from __future__ import annotations

from kivy.metrics import mm

from ui import theme
from ui.widgets.child import RINGS
from ui.widgets.part import Part
from ui.widgets.shapes import Disc, Picture
from ui.widgets.text import Ruler, Say

BESIDE = 1.2  # from this ratio of width to height the name stands beside the medal


class Medal(Part):
    """A picture in a ring; the ring's colour is the name's, so that the same one always looks the same."""

    def __init__(self, picture: str, name: str) -> None:
        super().__init__()
        ring = RINGS[sum(name.encode()) % len(RINGS)]
        self._discs = (Disc(theme.INK, 0.14), Disc(ring), Disc(theme.PAPER))
        self._picture = Picture(theme.picture(picture))
        for part in (*self._discs, self._picture):
            self.add_widget(part)
        self.bind(pos=self._lay, size=self._lay)

    def _lay(self, *_: object) -> None:
        side = min(self.size)
        for disc, share, sunk in zip(self._discs, (1.0, 1.0, 0.84), (mm(0.8), 0.0, 0.0), strict=True):
            disc.size = (side * share, side * share)
            disc.pos = (self.center_x - side * share / 2, self.center_y - side * share / 2 - sunk)
        inner = side * 0.6
        self._picture.size = (inner, inner)
        self._picture.pos = (self.center_x - inner / 2, self.center_y - inner / 2)


class Badge(Part):
    """A medal and its name: under it, or beside it where the place is wide."""

    def __init__(self, picture: str, name: str, style: theme.Style = theme.DEFAULT) -> None:
        super().__init__()
        self._medal = Medal(picture, picture)
        measure = Ruler("strong", round(mm(style.size(theme.SMALL))))
        self._line = measure.line
        self._widest = max(map(measure, name.split()), default=0.0) + 2  # pixels; no word is to be broken
        self._beside, self._under = (
            Say(
                name,
                size_mm=style.size(theme.SMALL),
                least_mm=theme.SMALL,
                weight="strong",
                lines=3,
                colour=style.ink,
                halign=side,
                valign=up,
            )
            for side, up in (("left", "middle"), ("center", "top"))
        )
        for part in (self._medal, self._beside, self._under):
            self.add_widget(part)
        self.bind(pos=self._lay, size=self._lay)

    def _lay(self, *_: object) -> None:
        gap = mm(1.5)
        if self.width > self.height * BESIDE:
            side = min(self.height - mm(0.8), self.width * 0.45, self.width - gap - self._widest)
            self._medal.size = (side, side)
            self._medal.pos = (self.x, self.center_y - side / 2 + mm(0.4))
            self._beside.size = (self.width - side - gap, self.height)
            self._beside.pos = (self.x + side + gap, self.y)
            self._under.size = (0, 0)
            return
        self._beside.size = (0, 0)
        # Room for two lines under each, so that all medals of a row are of one size.
        line = min(self._line * 2 + 1, self.height * 0.6)
        side = min(self.height - line - gap, self.width)
        self._under.size = (self.width, line)
        self._under.pos = (self.x, self.top - side - gap - line)
        self._medal.size, self._medal.pos = (side, side), (self.center_x - side / 2, self.top - side)
