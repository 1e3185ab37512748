"""A day to remember: a calendar leaf with its number, the day in words, and the nights until then."""

from __future__ import annotations

from datetime import date

from kivy.metrics import mm

from kiosk.words import Words
from ui import theme
from ui.widgets.part import Part
from ui.widgets.plate import Plate
from ui.widgets.shapes import Panel, Picture
from ui.widgets.text import Say

NARROWEST = 14.0  # millimetres of a leaf, for the longest weekday
RED = "#C93434"


class Leaf(Part):
    """A leaf torn from a calendar: weekday on red, the day's number under it."""

    def __init__(self, day: date, words: Words, style: theme.Style = theme.DEFAULT) -> None:
        super().__init__()
        self._paper = Plate(style, round_mm=2.4)
        head, ink = (style.edge, theme.BLACK) if style.contrast else (RED, theme.PAPER)
        self._head = Panel(head, lip=head, lip_mm=0, round_mm=2.4)
        self._weekday = Say(
            words.weekday(day),
            size_mm=theme.TINY,
            least_mm=2.0,
            weight="strong",
            colour=ink,
            halign="center",
            lines=1,
        )
        self._number = Say(
            str(day.day), size_mm=14, least_mm=5, weight="title", halign="center", lines=1, colour=style.ink
        )
        for part in (self._paper, self._head, self._weekday, self._number):
            self.add_widget(part)
        self.bind(pos=self._lay, size=self._lay)

    def _lay(self, *_: object) -> None:
        head = self.height * 0.32
        self._paper.pos, self._paper.size = self.pos, self.size
        self._head.pos, self._head.size = (self.x, self.top - head), (self.width, head)
        self._weekday.pos = (self.x + mm(0.6), self.top - head)
        self._weekday.size = (self.width - mm(1.2), head)
        self._number.pos, self._number.size = (self.x, self.y), (self.width, self.height - head)


class DueDay(Part):
    """The leaf, with a line above the day ("Yours until"), the day in words, and the nights to sleep."""

    def __init__(
        self, lead: str, day: date, today: date, words: Words, style: theme.Style = theme.DEFAULT
    ) -> None:
        super().__init__()
        self._leaf = Leaf(day, words, style)
        self._lead = Say(
            lead,
            size_mm=style.size(theme.SMALL),
            least_mm=theme.SMALL,
            colour=style.soft,
            lines=1,
            valign="bottom",
        )
        self._day = Say(
            words.day(day),
            size_mm=style.size(theme.LEAD),
            least_mm=theme.SMALL,
            weight="strong",
            lines=1,
            colour=style.ink,
        )
        self._late = day < today  # has no nights to count, but a sentence, which takes the line above too
        self._moon = Picture(theme.picture("moon" if day > today else "sun"))
        self._sleeps = Say(
            words.sleeps(day, today),
            size_mm=style.size(theme.BODY),
            least_mm=theme.SMALL,
            lines=2 if self._late else 1,
            colour=style.ink,
        )
        for part in (self._leaf, self._lead, self._day, self._moon, self._sleeps):
            if part is not self._lead or not self._late:
                self.add_widget(part)
        self.bind(pos=self._lay, size=self._lay)

    def without_lead(self) -> None:
        """Two lines, for a place that has no room for three: the day, and the nights until then."""
        if self._lead.parent:
            self.remove_widget(self._lead)
            self._lay()

    def _lay(self, *_: object) -> None:
        leaf = min(self.height, self.width * 0.26, mm(20))
        wide = max(leaf * 0.92, mm(NARROWEST))
        self._leaf.size, self._leaf.pos = (wide, leaf), (self.x, self.center_y - leaf / 2)
        x = self.x + wide + mm(3)
        width = self.right - x
        lead, low = (0.31, 0.315) if self._lead.parent else (0.0, 0.66 if self._late else 0.46)
        self._lead.size = (width, self.height * lead)
        self._lead.pos = (x, self.y + self.height * (1 - lead))
        self._day.size = (width, self.height * (1 - lead - low))
        self._day.pos = (x, self.y + self.height * low)
        line = self.height * low
        moon = min(line * 0.86, mm(7))
        self._moon.pos, self._moon.size = (x, self.y + (line - moon) / 2), (moon, moon)
        self._sleeps.pos, self._sleeps.size = (x + moon + mm(1.5), self.y), (width - moon - mm(1.5), line)
