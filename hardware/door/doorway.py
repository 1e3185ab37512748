"""Turns what beams show into what the desk hears: crossings, and whether the doorway can be believed."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable

from hardware.door.blockage import Blockage, Blocked, Freed
from hardware.door.passage import NotCounted, Passed
from kiosk.events import Crossed, ExtraBack, ExtraLost
from kiosk.ports import Post

log = logging.getLogger(__name__)

_LOG_S = 1.0  # between two lines about what did not count; a child at play makes many

States = tuple[bool, ...]
Judge = Callable[[States, float], Passed | NotCounted | None]
Watch = Callable[[Passed | NotCounted | Blocked | Freed], None]


class Doorway:
    """Judges states and posts Crossed, ExtraLost and ExtraBack. Used by one thread, the sensor's.

    `judge` tells passages (Passage, Breaks), `blockage` faults; `sensor` names the doorway in every event.
    `watch` hears every outcome, also what did not count. While a beam flickers no outcome is believed.
    """

    def __init__(
        self, post: Post, *, judge: Judge, blockage: Blockage, sensor: str, watch: Watch | None = None
    ) -> None:
        self._post, self._judge, self._blockage, self._sensor = post, judge, blockage, sensor
        self._watch = watch
        self._told_at_s = -math.inf
        self._untold = 0

    def see(self, broken: States, at_s: float) -> None:
        """The beams' states (True = broken) at a moment; at every change and now and then."""
        alarm = self._blockage.see(broken, at_s)
        outcome = self._judge(broken, at_s)
        if isinstance(alarm, Blocked):
            log.warning("%s: %s", self._sensor, alarm.words)
            self._post(ExtraLost(self._sensor, alarm.words))
        elif isinstance(alarm, Freed):
            log.info("%s: counts again, after %.0f s", self._sensor, alarm.after_s)
            self._post(ExtraBack(self._sensor))
        if self._blockage.flickering:
            outcome = None
        elif isinstance(outcome, Passed):
            self._post(Crossed(outcome.direction, self._sensor))
        elif isinstance(outcome, NotCounted):
            self._tell(outcome, at_s)
        if self._watch is not None:
            for heard in (alarm, outcome):
                if heard is not None:
                    self._watch(heard)

    def doubt(self, beam: int, at_s: float) -> None:
        """A beam was found in a state that no edge had reported."""
        self._blockage.doubt(beam, at_s)

    def _tell(self, outcome: NotCounted, at_s: float) -> None:
        if at_s - self._told_at_s < _LOG_S:
            self._untold += 1
            return
        before = f", and {self._untold} before" if self._untold else ""
        log.info("%s: not counted, %s (%.1f s)%s", self._sensor, outcome.why, outcome.took_s, before)
        self._told_at_s, self._untold = at_s, 0
