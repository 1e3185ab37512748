"""The way of wires from pins on the left to terminals on the right: one upright track each, few crossings."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations


@dataclass(frozen=True, slots=True)
class Run:
    """A wire that leaves the header at height `start` and arrives at height `end`. `pin` joins runs."""

    pin: int
    start: float
    end: float


def tracks(runs: list[Run]) -> list[int]:
    """The track of each run, 0 = nearest to the header, so that few lines cross.

    Begins with a sensible order and swaps two tracks as long as that spares a crossing.
    """
    order = sorted(range(len(runs)), key=lambda index: -runs[index].start)
    best = _crossings(runs, order)
    improved = True
    while improved:
        improved = False
        for one, other in combinations(range(len(order)), 2):
            order[one], order[other] = order[other], order[one]
            crossings = _crossings(runs, order)
            if crossings < best:
                best, improved = crossings, True
            else:
                order[one], order[other] = order[other], order[one]
    return [order.index(index) for index in range(len(runs))]


def _crossings(runs: list[Run], order: list[int]) -> int:
    """How often the line of one run crosses that of another, if `order` lists runs from the left."""
    count = 0
    for left, right in combinations(order, 2):
        first, second = runs[left], runs[right]
        # The nearer upright crosses the further one's way out; the further one the nearer one's way in.
        if first.pin != second.pin:
            count += _between(second.start, first)
        count += _between(first.end, second)
    return count


def _between(height: float, run: Run) -> bool:
    return min(run.start, run.end) <= height <= max(run.start, run.end)
