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
        self._entries: list[tuple[float, int]] = []
        self._actions: dict[int, Callable[[], None]] = {}
        self._numbers = count(1)

    def at(self, when: float, action: Callable[[], None]) -> int:
        """Have `action` run at `when` seconds; the number returned cancels it."""
        number = next(self._numbers)
        self._actions[number] = action
        heapq.heappush(self._entries, (when, number))
        return number

    def cancel(self, number: int) -> None:
        """Forget an action that has not run yet; 0 and numbers that are done are ignored."""
        self._actions.pop(number, None)

    @property
    def next_due(self) -> float:
        """When the next action falls due, in seconds; infinity when there is none."""
        while self._entries and self._entries[0][1] not in self._actions:
            heapq.heappop(self._entries)
        return self._entries[0][0] if self._entries else math.inf

    def run(self, until: float) -> None:
        """Run everything that is due up to `until`, each at its own moment."""
        while self._entries and self._entries[0][0] <= until:
            when, number = heapq.heappop(self._entries)
            action = self._actions.pop(number, None)
            if action is not None:
                self.now = max(self.now, when)
                action()
        self.now = max(self.now, until)


class Errands:
    """Actions of one unit that are dropped together when its command ends."""

    def __init__(self, agenda: Agenda) -> None:
        self._agenda = agenda
        self._numbers: set[int] = set()

    def at(self, when: float, action: Callable[[], None]) -> None:
        """As Agenda.at."""

        def due() -> None:
            self._numbers.discard(number)
            action()

        number = self._agenda.at(when, due)
        self._numbers.add(number)

    def drop(self) -> None:
        """Forget all that has not run yet."""
        for number in self._numbers:
            self._agenda.cancel(number)
        self._numbers.clear()
