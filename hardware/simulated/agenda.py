"""What is due later inside the chip: a list of timed actions that runs when somebody looks."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from itertools import count


class Agenda:
    """Timed actions in the order they fall due. `now` is the moment of the action that runs."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now
        self._entries: list[tuple[float, int, Callable[[], None]]] = []
        self._cancelled: set[int] = set()
        self._numbers = count(1)

    def at(self, when: float, action: Callable[[], None]) -> int:
        """Have `action` run at `when` seconds; the number returned cancels it."""
        number = next(self._numbers)
        heapq.heappush(self._entries, (when, number, action))
        return number

    def cancel(self, number: int) -> None:
        """Forget an action that has not run yet; 0 and numbers that are done are ignored."""
        if any(entry[1] == number for entry in self._entries):
            self._cancelled.add(number)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._cancelled.clear()

    @property
    def next_due(self) -> float:
        """When the next action falls due, in seconds; infinity when there is none."""
        return self._entries[0][0] if self._entries else math.inf

    def run(self, until: float) -> None:
        """Run everything that is due up to `until`, each at its own moment."""
        while self._entries and self._entries[0][0] <= until:
            when, number, action = heapq.heappop(self._entries)
            if number in self._cancelled:
                self._cancelled.discard(number)
                continue
            self.now = max(self.now, when)
            action()
        self.now = max(self.now, until)
