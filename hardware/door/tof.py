"""The doorway from above: a VL53L1X time-of-flight sensor measures two zones in turn, as ST UM2600 shows.

Each zone is 8 x 16 of its receiving diodes. A zone is taken while something is clearly nearer than the floor,
and the two zones are to Passage what two beams are. The lens turns the picture round and the board may hang
either way: when in counts as out, swap `outer` and `inner`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from hardware.closing import Closing
from hardware.door.blockage import Blockage
from hardware.door.depth import SHALLOWEST_MM, Depth
from hardware.door.doorway import Doorway, Watch
from hardware.door.passage import Passage
from hardware.door.ranger import LEFT_HALF, RIGHT_HALF, SYNCHRONISATION, Ranger, RangerFault, Roi
from kiosk.events import ExtraBack, ExtraLost
from kiosk.ports import Post

log = logging.getLogger(__name__)

_MOST_FAILURES = 3  # measurements in a row; one may be a disturbed bus
_LEARN_S = 10.0  # an empty doorway is learnt in about one; longer, and it is not empty
_GUARD_MS = 5  # between measurements; with less than 4 the library's start is refused, without a word
_FIRST_RETRY_S, _LONGEST_RETRY_S = 1.0, 60.0
_WORKED_S = 60.0  # whatever works for so long may be tried again quickly
_END_S = 5.0  # the library waits up to 2 s for a silent sensor
_STANDING = "is something standing or hanging below the sensor?"
_UNSTEADY = "strong sunlight, or something that swings below the sensor"


class TwoZones(Closing):
    """Posts Crossed for everybody who walks below the sensor, ExtraLost and ExtraBack as it fails and heals.

    `connect` makes the ranger, in the counter's thread, and again after a fault. `mode` and `budget_ms`: ST's
    distance mode (1 short, to 1.3 m in any light; 2 medium; 3 long) and the time of a measurement, at least
    33 ms in modes 2 and 3. `height_mm`: from sensor to floor, used when a dark floor gives no answer. The
    rest as in TwoBeams. Never raises.
    """

    def __init__(
        self,
        connect: Callable[[], Ranger],
        post: Post,
        *,
        outer: Roi = LEFT_HALF,
        inner: Roi = RIGHT_HALF,
        mode: int = 2,
        budget_ms: int = 33,
        height_mm: int = 2200,
        longest_ms: float = 6000,
        shortest_ms: float = 60,
        blocked_s: float = 45.0,
        steady_s: float = 5.0,
        sensor: str = "door",
        watch: Watch | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connect, self._post, self._sensor, self._watch = connect, post, sensor, watch
        self._rois, self._mode, self._budget_ms, self._height_mm = (outer, inner), mode, budget_ms, height_mm
        self._longest_s, self._shortest_s = longest_ms / 1000, shortest_ms / 1000
        self._blocked_s, self._steady_s = blocked_s, steady_s
        self._monotonic = monotonic
        self._ranger: Ranger | None = None
        self._lost = False
        self._failures = 0
        self._retry_s = _FIRST_RETRY_S
        self._forget(monotonic())
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="door-tof", daemon=True)
        self._thread.start()

    def __repr__(self) -> str:
        state = "closed" if self.closed else f"floor at {[zone.floor_mm for zone in self._zones]} mm"
        return f"<TwoZones {self._sensor!r}, {state}>"

    @property
    def closed(self) -> bool:
        """Whether the counting has ended."""
        return self._stopping.is_set()

    def close(self) -> None:
        """End the counting, release the bus. May be called twice; never raises."""
        self._stopping.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(_END_S)
            if self._thread.is_alive():
                log.warning("the distance sensor's thread did not end within %g s; its bus hangs", _END_S)

    def _forget(self, at_s: float) -> None:
        """A sensor that starts or comes back knows neither the floor nor who is below it."""
        self._begun_s = at_s
        self._zones = (Depth(height_mm=self._height_mm), Depth(height_mm=self._height_mm))
        self._taken = [False, False]
        passage = Passage(longest_s=self._longest_s, shortest_s=self._shortest_s)
        self._blockage = Blockage(
            ("the outer zone", "the inner zone"),
            blocked_s=self._blocked_s,
            steady_s=self._steady_s,
            standing=_STANDING,
            sunlight=_UNSTEADY,
        )
        self._doorway = Doorway(
            self._post,
            judge=lambda taken, at_s: passage.see(taken[0], taken[1], at_s),
            blockage=self._blockage,
            sensor=self._sensor,
            watch=self._watch,
        )

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                for number in (0, 1):
                    try:
                        self._look(number)
                    except Exception as error:  # whatever a library does, the counter heals itself
                        self._stopping.wait(self._fail(error))
        finally:
            self._let_go()

    def _look(self, number: int) -> None:
        """Measure one zone and judge."""
        if self._ranger is None:
            try:
                self._ranger = self._opened()
            except BaseException:
                self._let_go()  # one that did not open is never measured with
                raise
            self._forget(self._monotonic())
        distance_mm = self._measure(self._ranger, self._rois[number])
        self._failures = 0
        at_s = self._monotonic()
        self._taken[number] = self._zones[number].see(distance_mm)
        if any(zone.floor_mm is None for zone in self._zones):
            self._still_learning(at_s)
            return
        if self._lost:
            self._lost = False
            log.info("%s: the distance sensor counts again", self._sensor)
            self._post(ExtraBack(self._sensor))
        if at_s - self._begun_s > _WORKED_S:
            self._retry_s = _FIRST_RETRY_S
        self._doorway.see((self._taken[0], self._taken[1]), at_s)

    def _opened(self) -> Ranger:
        ranger = self._connect()
        self._ranger = ranger  # whatever fails now is let go of
        ranger.open()
        ranger.set_distance_mode(self._mode)
        ranger.set_timing(self._budget_ms * 1000, self._budget_ms + _GUARD_MS)
        return ranger

    def _measure(self, ranger: Ranger, roi: Roi) -> int | None:
        """One distance in mm, None without an answer from the room. Raises RangerFault: none from the sensor.

        The library loses a bus error in its own callback and goes on with whatever was in memory. So an
        answer that came sooner than a measurement can be made was none.
        """
        ranger.set_user_roi(roi)
        begun_s = self._monotonic()
        ranger.start_ranging(0)
        try:
            distance_mm = ranger.get_distance()
            if ranger.get_range_status() == SYNCHRONISATION and not ranger.get_status():
                distance_mm = ranger.get_distance()
            status = ranger.get_status()
        finally:
            ranger.stop_ranging()
        took_ms = (self._monotonic() - begun_s) * 1000
        if status:
            raise RangerFault(f"the distance sensor is silent (status {status}): check its wires and power")
        if took_ms < self._budget_ms / 2:
            raise RangerFault(
                f"the distance sensor answered after {took_ms:.1f} ms, but a measurement takes "
                f"{self._budget_ms} ms: check its wires and power"
            )
        return distance_mm if distance_mm >= 0 else None

    def _fail(self, error: Exception) -> float:
        """Bear a few failures, then say so once and let go; answers how many seconds to rest."""
        self._failures += 1
        if self._ranger is not None and self._failures < _MOST_FAILURES:
            return 0.0
        self._say_lost(str(error) or type(error).__name__)
        self._let_go()
        self._failures = 0
        rest, self._retry_s = self._retry_s, min(2 * self._retry_s, _LONGEST_RETRY_S)
        return rest

    def _still_learning(self, at_s: float) -> None:
        if at_s - self._begun_s < _LEARN_S:
            return
        seen_cm = min(zone.middle_mm for zone in self._zones) / 10
        self._say_lost(
            f"the distance sensor sees something {seen_cm:.0f} cm below it and no floor: it needs an empty "
            f"doorway of more than {SHALLOWEST_MM / 10:.0f} cm once, to learn it"
        )

    def _say_lost(self, words: str) -> None:
        if self._lost:
            return
        self._lost = True
        log.warning("%s: %s", self._sensor, words)
        if not self._blockage.lost:  # else it is known already that nobody is counted
            self._post(ExtraLost(self._sensor, words))

    def _let_go(self) -> None:
        ranger, self._ranger = self._ranger, None
        if ranger is None:
            return
        try:
            ranger.close()
        except Exception as error:
            log.debug("the distance sensor could not be closed: %s", error)
