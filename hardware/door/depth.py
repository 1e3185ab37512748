"""One zone below an overhead sensor: how far the floor is, and whether somebody stands on it."""

from __future__ import annotations

from collections import deque
from statistics import median

_LEARNING = 15  # measurements: about a second of an empty doorway
_NEARER_MM, _CLEAR_MM = 400, 300  # a head is more than this above the floor; between the two nothing changes
_DEEPER_MM = 600  # so much is any body: a floor found this far below the one learnt was hidden by one
SHALLOWEST_MM = 1000
"""A floor nearer than this is none: something stands below the sensor, or it hangs too low to count."""


class Depth:
    """Learns the floor from an empty doorway, then says whether the zone is taken. Pure: fed with distances.

    None stands for a measurement without an answer: a dark or distant floor. `height_mm` is how far the floor
    is thought to be then. A body is seen 400 mm above the floor and gone below 300. Learnt while somebody
    stood there, the floor is learnt again as soon as it is seen to be deeper.
    """

    def __init__(self, *, height_mm: int = 2200) -> None:
        self._height_mm = height_mm
        self._recent: deque[int] = deque(maxlen=_LEARNING)
        self._floor_mm: int | None = None
        self._taken = False

    @property
    def floor_mm(self) -> int | None:
        """The distance learnt; None while learning."""
        return self._floor_mm

    @property
    def middle_mm(self) -> int:
        """The median of the last measurements, for words about a zone that cannot learn."""
        return round(median(self._recent)) if self._recent else self._height_mm

    def see(self, distance_mm: int | None) -> bool:
        """One measurement; answers whether somebody is in the zone. Never while learning."""
        far_mm = self._height_mm if distance_mm is None else min(distance_mm, self._height_mm)
        self._recent.append(far_mm)
        floor_mm = self._floor_mm
        if floor_mm is None or min(self._recent) > floor_mm + _DEEPER_MM:
            self._learn()
        elif far_mm < floor_mm - _NEARER_MM:
            self._taken = True
        elif far_mm > floor_mm - _CLEAR_MM:
            self._taken = False
        return self._taken

    def _learn(self) -> None:
        if len(self._recent) == _LEARNING and self.middle_mm >= SHALLOWEST_MM:
            self._floor_mm, self._taken = self.middle_mm, False
