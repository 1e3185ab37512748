"""Follows one body through two beams, and says who passed and why somebody else does not count."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kiosk.events import Direction

_AROUND = ((False, False), (True, False), (True, True), (False, True))  # outer, inner; on the way in
_BOTH = 2  # index of "both broken"
_TOGETHER_S = 0.004  # even at 5 m/s, beams 5 cm apart change 10 ms apart; sooner, it was one cause for both


class Why(StrEnum):
    """Why something in the beams was nobody's visit."""

    ONE_BEAM = "one beam only"  # a hand, a toe, somebody who thought better of it
    TURNED_BACK = "turned back"  # both beams were broken, but the way out was the way in
    SKIPPED = "skipped a state"  # both beams at once: two who met, an arm across, or there from the start
    TOO_LONG = "too long"
    TOO_FAST = "too fast"  # faster than a child runs: a ball
    AGAIN = "the one before, again"  # a single beam: the arm behind the body


@dataclass(frozen=True, slots=True)
class Passed:
    """Somebody is through."""

    direction: Direction
    took_s: float


@dataclass(frozen=True, slots=True)
class NotCounted:
    """Something was in the beams and has left them, and counts as nobody."""

    why: Why
    took_s: float


class Passage:
    """Follows one body through two beams. Pure: fed with states and seconds, answers with what came of it.

    In is 00 10 11 01 00 (outer, inner), out the reverse, as in ST UM2600. The place on that way is counted
    in steps, so wavering between two neighbours, or a bouncing edge, neither counts nor spoils anything. Only
    the return to 00 decides: four steps on is a passage, none is a turning back. Both beams changing in the
    same moment (to within 4 ms) skip a state, which spoils the passage: emitters that lost their power for a
    second are nobody. So is a passage longer than `longest_s` or shorter than `shortest_s`, from the first
    beam broken to both clear: 25 cm of body and beams at 4 m/s take 63 ms.
    """

    def __init__(self, *, longest_s: float = 6.0, shortest_s: float = 0.06) -> None:
        self._longest_s, self._shortest_s = longest_s, shortest_s
        self._at = 0  # index into _AROUND
        self._steps = 0
        self._since_s = 0.0
        self._reached_both = False
        self._spoiled = False
        self._first = True
        self._changed: tuple[bool, float] | None = None  # was it the outer beam, and when

    def see(self, outer: bool, inner: bool, at_s: float) -> Passed | NotCounted | None:
        """The beams' state (True = broken) at a moment; answers when the doorway has just become clear."""
        at = _AROUND.index((outer, inner))
        step = (at - self._at) % 4
        together = self._together(outer != _AROUND[self._at][0], at_s) if step else False
        if self._at == 0 and step:
            self._steps, self._since_s, self._reached_both = 0, at_s, False
            self._spoiled = self._first  # whoever stood there at the start: nobody saw how they came
            together = False
        self._first = False
        self._at = at
        self._reached_both |= at == _BOTH
        if step == 2 or together:
            self._spoiled = True
        elif step:
            self._steps += 1 if step == 1 else -1
        if at or not step:
            return None
        return self._judge(at_s - self._since_s)

    def _together(self, outer_changed: bool, at_s: float) -> bool:
        """Whether this change and the last one, of the other beam, are one."""
        before, self._changed = self._changed, (outer_changed, at_s)
        return before is not None and before[0] != outer_changed and abs(at_s - before[1]) < _TOGETHER_S

    def _judge(self, took_s: float) -> Passed | NotCounted:
        if took_s > self._longest_s:
            return NotCounted(Why.TOO_LONG, took_s)
        if self._spoiled:
            return NotCounted(Why.SKIPPED, took_s)
        if not self._steps:
            return NotCounted(Why.TURNED_BACK if self._reached_both else Why.ONE_BEAM, took_s)
        if took_s < self._shortest_s:
            return NotCounted(Why.TOO_FAST, took_s)
        return Passed(Direction.IN if self._steps > 0 else Direction.OUT, took_s)
