"""The doorway with a single beam: how many passed it, in both directions together.

As many come as go, so half of the passages are visits; the centre halves them, the station does not.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from hardware.closing import Closing
from hardware.door.blockage import Blockage
from hardware.door.breaks import Breaks
from hardware.door.doorway import Doorway, Watch
from hardware.door.lines import Lines
from kiosk.ports import Post


class OneBeam(Closing):
    """Posts Crossed(Direction.UNKNOWN) for each break of the beam, ExtraLost and ExtraBack as TwoBeams does.

    `pin`: BCM number; breaks that begin within `apart_ms` of the last one's end are the same body, those
    longer than `longest_ms` or shorter than `shortest_ms` count as nothing; the rest as in TwoBeams. Raises
    DoorFault when the pin cannot be had.
    """

    def __init__(
        self,
        pin: int,
        post: Post,
        *,
        longest_ms: float = 6000,
        shortest_ms: float = 35,
        apart_ms: float = 200,
        blocked_s: float = 45.0,
        steady_s: float = 5.0,
        bounce_ms: float = 15,
        sensor: str = "door",
        watch: Watch | None = None,
        pin_factory: Any = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        breaks = Breaks(longest_s=longest_ms / 1000, shortest_s=shortest_ms / 1000, apart_s=apart_ms / 1000)
        self._sensor = sensor
        self._doorway = Doorway(
            post,
            judge=lambda broken, at_s: breaks.see(broken[0], at_s),
            blockage=Blockage(("the beam",), blocked_s=blocked_s, steady_s=steady_s),
            sensor=sensor,
            watch=watch,
        )
        self._lines = Lines(
            (pin,),
            self._doorway.see,
            doubt=self._doorway.doubt,
            bounce_ms=bounce_ms,
            pin_factory=pin_factory,
            monotonic=monotonic,
        )

    def __repr__(self) -> str:
        state = "closed" if self.closed else f"broken = {self._lines.states[0]}"
        return f"<OneBeam {self._sensor!r}, {state}>"

    @property
    def broken(self) -> tuple[bool, ...]:
        """The beams as they are now, True = broken; for whoever aligns them."""
        return self._lines.states

    @property
    def closed(self) -> bool:
        """Whether the pin was released."""
        return self._lines.closed

    def close(self) -> None:
        """Post what was already seen, release the pin. May be called twice; never raises."""
        self._lines.close()
