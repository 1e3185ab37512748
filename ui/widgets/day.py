"""A day to remember: a calendar leaf with its number, the day in words, and the nights until then."""

from __future__ import annotations

from datetime import date

from kivy.metrics import mm
from kivy.uix.widget import Widget

from ui import theme
from ui.widgets.shapes import Panel, Picture
from ui.widgets.text import Say
from ui.words import Words


class Leaf(Widget):
    """A leaf torn from a calendar: weekday on red, the day's number under it."""

    def __init__(self, day: date, words: Words) -> None:
        super().__init__()
        self._paper = Panel(theme.PAPER, round_mm=2.4)
        self._head = Panel("#C93434", lip="#C93434", lip_mm=0, round_mm=2.4)
        weekday = words.weekday(day)
        self._weekday = Say(
            weekday,
            size_mm=theme.TINY,
            least_mm=2.0,
            weight="strong",
            colour=theme.PAPER,
            halign="center",
            lines=1,
        )
        self._number = Say(str(day.day), size_mm=12, least_mm=5, weight="title", halign="center", lines=1)
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


class DueDay(Widget):
    """The leaf, with a line above the day ("Yours until"), the day in words, and the nights to sleep."""

    def __init__(self, lead: str, day: date, today: date, words: Words) -> None:
        super().__init__()
        self._leaf = Leaf(day, words)
        self._lead = Say(
            lead, size_mm=theme.SMALL, least_mm=3.0, colour=theme.SOFT_INK, lines=1, valign="bottom"
        )
        self._day = Say(words.day(day), size_mm=theme.LEAD, least_mm=3.0, weight="strong", lines=1)
        self._moon = Picture(theme.picture("moon" if day > today else "sun"))
        self._sleeps = Say(words.sleeps(day, today), size_mm=theme.BODY, least_mm=3.2, lines=1)
        for part in (self._leaf, self._lead, self._day, self._moon, self._sleeps):
            self.add_widget(part)
        self.bind(pos=self._lay, size=self._lay)

    def _lay(self, *_: object) -> None:
        leaf = min(self.height, self.width * 0.3, mm(20))
        self._leaf.size, self._leaf.pos = (leaf * 0.92, leaf), (self.x, self.center_y - leaf / 2)
        x = self.x + leaf * 0.92 + mm(3.5)
        width = self.right - x
        line = leaf / 3
        low = self.center_y - leaf / 2
        self._lead.pos, self._lead.size = (x, low + 2 * line), (width, line)
        self._day.pos, self._day.size = (x, low + line), (width, line * 1.1)
        moon = line * 0.86
        self._moon.pos, self._moon.size = (x, low + line * 0.05), (moon, moon)
        self._sleeps.pos, self._sleeps.size = (x + moon + mm(1.5), low), (width - moon - mm(1.5), line)
