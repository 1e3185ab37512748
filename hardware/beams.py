"""The doorway: two light beams, one behind the other, tell who comes in and who goes out.

A beam's receiver has an open collector: light = pulled up, broken = low. The counts are estimates: two
children side by side are one.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from gpiozero import DigitalInputDevice, GPIOZeroError

from hardware.errors import HardwareError
from kiosk.events import Crossed, Direction
from kiosk.ports import Post

log = logging.getLogger(__name__)

_AROUND = ((False, False), (True, False), (True, True), (False, True))  # outer, inner; on the way in


class BeamFault(HardwareError, OSError):
    """The pins of the doorway cannot be used."""


class Passage:
    """Follows one body through two beams. Pure: fed with states and times, answers with crossings.

    In is 00 10 11 01 00 (outer, inner), out the reverse. The place on that way is counted in steps, so
    wavering between two neighbours, or a bouncing edge, neither counts nor spoils anything. Only the return
    to 00 decides: four steps on is a crossing, none is a turning back. A state that skips one (both beams at
    once: a thrown ball, a hand over both) spoils the passage, and so does one longer than `longest_ms`.
    """

    def __init__(self, *, longest_ms: int) -> None:
        self._longest_ms = longest_ms
        self._at = 0  # index into _AROUND
        self._steps = 0
        self._spoiled = False
        self._since_ms = 0.0

    def see(self, outer: bool, inner: bool, at_ms: float) -> Direction | None:
        """The beams' state (True = broken) at a time in ms; a direction when somebody has just passed."""
        at = _AROUND.index((outer, inner))
        step = (at - self._at) % 4
        if self._at == 0 and step:
            self._steps, self._spoiled, self._since_ms = 0, False, at_ms
        self._at = at
        if step == 2:
            self._spoiled = True
        elif step:
            self._steps += 1 if step == 1 else -1
        if at or not step:
            return None
        if at_ms - self._since_ms > self._longest_ms:
            log.info("doorway: %.1f s in the beams, not counted", (at_ms - self._since_ms) / 1000)
            return None
        if self._spoiled or abs(self._steps) != 4:
            return None
        return Direction.IN if self._steps > 0 else Direction.OUT


class TwoBeams:
    """Posts Crossed for everybody who passes the two beams, from gpiozero's own thread.

    `outer_pin`, `inner_pin`: BCM numbers; `longest_ms`: a longer passage counts as nothing; `bounce_ms`: how
    long an edge must hold. Raises BeamFault when the pins cannot be had.
    """

    def __init__(
        self,
        outer_pin: int,
        inner_pin: int,
        post: Post,
        *,
        longest_ms: int = 6000,
        bounce_ms: int = 15,
        sensor: str = "door",
        pin_factory: Any = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._post, self._sensor, self._monotonic = post, sensor, monotonic
        self._passage = Passage(longest_ms=longest_ms)
        self._beams: list[DigitalInputDevice] = []
        self._broken = [False, False]
        try:
            for pin in (outer_pin, inner_pin):
                self._beams.append(
                    DigitalInputDevice(
                        pin, pull_up=True, bounce_time=bounce_ms / 1000 or None, pin_factory=pin_factory
                    )
                )
            for number, beam in enumerate(self._beams):
                beam.when_activated = self._sees(number, broken=True)
                beam.when_deactivated = self._sees(number, broken=False)
                self._broken[number] = bool(beam.is_active)
            self._look()
        except (GPIOZeroError, OSError, ImportError) as error:
            self.close()
            raise BeamFault(
                f"the doorway on GPIO{outer_pin} and GPIO{inner_pin} cannot be used: {error}"
            ) from error
        except BaseException:
            self.close()
            raise

    def __repr__(self) -> str:
        state = "closed" if self.closed else f"outer, inner = {self._broken}"
        return f"<TwoBeams {self._sensor!r}, {state}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def closed(self) -> bool:
        """Whether the pins were released."""
        return not self._beams

    def close(self) -> None:
        """Release the pins. May be called twice."""
        while self._beams:
            self._beams.pop().close()

    def _sees(self, number: int, *, broken: bool) -> Callable[[], None]:
        def changed() -> None:
            self._broken[number] = broken
            self._look()

        return changed

    def _look(self) -> None:
        direction = self._passage.see(self._broken[0], self._broken[1], self._monotonic() * 1000)
        if direction is not None:
            self._post(Crossed(direction, self._sensor))
