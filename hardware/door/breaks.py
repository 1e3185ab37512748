"""Counts the breaks of a single beam: somebody passed, nobody knows which way."""

from __future__ import annotations

import math

from hardware.door.passage import NotCounted, Passed, Why
from kiosk.events import Direction


class Breaks:
    """Turns one beam's state into passages of unknown direction. Pure: fed with states and seconds.

    A break counts when the beam is clear again. It is nobody when it took longer than `longest_s` or less
    than `shortest_s` (15 cm at 4 m/s take 38 ms), and the same body as before when it began within `apart_s`
    of the last one's end: an arm swings behind its child.
    """

    def __init__(self, *, longest_s: float = 6.0, shortest_s: float = 0.035, apart_s: float = 0.2) -> None:
        self._longest_s, self._shortest_s, self._apart_s = longest_s, shortest_s, apart_s
        self._broken = False
        self._since_s = 0.0
        self._clear_since_s = -math.inf
        self._spoiled = False
        self._first = True

    def see(self, broken: bool, at_s: float) -> Passed | NotCounted | None:
        """The beam's state at a moment; answers when it has just become clear."""
        first, self._first = self._first, False
        if broken == self._broken:
            return None
        self._broken = broken
        if broken:
            self._since_s, self._spoiled = at_s, first
            return None
        last_clear_s, self._clear_since_s = self._clear_since_s, at_s
        took_s = at_s - self._since_s
        if took_s > self._longest_s:
            return NotCounted(Why.TOO_LONG, took_s)
        if self._spoiled:
            return NotCounted(Why.SKIPPED, took_s)
        if self._since_s - last_clear_s < self._apart_s:
            return NotCounted(Why.AGAIN, took_s)
        if took_s < self._shortest_s:
            return NotCounted(Why.TOO_FAST, took_s)
        return Passed(Direction.UNKNOWN, took_s)
