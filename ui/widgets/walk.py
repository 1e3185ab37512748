"""An animal that walks home while the station waits: time a child can see without reading a number."""

from __future__ import annotations

import math

from kivy.clock import Clock, ClockEvent
from kivy.graphics import Color
from kivy.metrics import mm

from ui import theme
from ui.widgets.masks import Rounded
from ui.widgets.part import Part
from ui.widgets.shapes import Picture

STEPS_A_SECOND = 12.0  # redraws; enough for a hop, a third of a full animation's heat


class WalkingAnimal(Part):
    """The child's animal walks along a path to its house within `seconds`, then stands there."""

    def __init__(self, animal: str, seconds: int) -> None:
        super().__init__()
        self.share = 0.0  # of the way, 0..1
        self._seconds = max(1, seconds)
        with self.canvas.before:
            Color(*theme.colour("#E9BE8B"))
            self._path = Rounded(mm(2))
            Color(*theme.colour("#FFE7BF"))
            self._stones = [Rounded(mm(0.8)) for _ in range(9)]
        self._home = Picture(theme.picture("home"))
        self._animal = Picture(theme.animal(animal))
        self.add_widget(self._home)
        self.add_widget(self._animal)
        self._started = Clock.time()
        self._ticking: ClockEvent | None = None
        self.bind(pos=self._lay, size=self._lay, parent=self._follow)

    def _follow(self, *_: object) -> None:
        """Walk only while on the screen."""
        if self.parent is None and self._ticking is not None:
            self._ticking.cancel()
            self._ticking = None
        elif self.parent is not None and self._ticking is None:
            self._ticking = Clock.schedule_interval(self._tick, 1 / STEPS_A_SECOND)

    def _tick(self, _elapsed: float) -> bool:
        self.share = min(1.0, (Clock.time() - self._started) / self._seconds)
        self._lay()
        return self.share < 1.0

    def _lay(self, *_: object) -> None:
        path = mm(5)
        self._path.pos, self._path.size = (self.x, self.y), (self.width, path)
        for place, stone in enumerate(self._stones):
            stone.size = (mm(5), mm(1.6))
            stone.pos = (self.x + self.width * (place + 0.5) / len(self._stones) - mm(2.5), self.y + mm(1.7))
        side = min(self.height - path, mm(34))
        self._home.pos, self._home.size = (self.right - side, self.y + path * 0.7), (side, side)
        animal = side * 0.74
        hop = abs(math.sin(self.share * self._seconds * 4)) * mm(2.4) if 0 < self.share < 1 else 0
        way = self.width - side * 0.9 - animal
        self._animal.size = (animal, animal)
        self._animal.pos = (self.x + way * self.share, self.y + path * 0.7 + hop)
