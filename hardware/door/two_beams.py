"""The doorway: two light beams, one behind the other, tell who comes in and who goes out.

A beam's receiver has an open collector: light = pulled up, broken = low. The counts are estimates: two
children side by side are one, and so are two closer to each other than the beams are.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from hardware.closing import Closing
from hardware.door.blockage import Blockage
from hardware.door.doorway import Doorway, Watch
from hardware.door.lines import Lines
from hardware.door.passage import Passage
from kiosk.ports import Post


class TwoBeams(Closing):
    """Posts Crossed for everybody who passes the two beams, ExtraLost and ExtraBack when they fail and heal.

    `outer_pin`, `inner_pin`: BCM numbers; a passage longer than `longest_ms` or shorter than `shortest_ms`
    counts as nothing; a beam broken for `blocked_s` is an alarm, over when there was light for `steady_s`;
    `bounce_ms`: how long an edge must hold; `sensor` names the doorway in events; `watch` hears every
    outcome, in the doorway's thread. Raises DoorFault when the pins cannot be had.
    """

    def __init__(
        self,
        outer_pin: int,
        inner_pin: int,
        post: Post,
        *,
        longest_ms: float = 6000,
        shortest_ms: float = 60,
        blocked_s: float = 45.0,
        steady_s: float = 5.0,
        bounce_ms: float = 15,
        sensor: str = "door",
        watch: Watch | None = None,
        pin_factory: Any = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        passage = Passage(longest_s=longest_ms / 1000, shortest_s=shortest_ms / 1000)
        self._sensor = sensor
        self._doorway = Doorway(
            post,
            judge=lambda broken, at_s: passage.see(broken[0], broken[1], at_s),
            blockage=Blockage(("the outer beam", "the inner beam"), blocked_s=blocked_s, steady_s=steady_s),
            sensor=sensor,
            watch=watch,
        )
        self._lines = Lines(
            (outer_pin, inner_pin),
            self._doorway.see,
            doubt=self._doorway.doubt,
            bounce_ms=bounce_ms,
            pin_factory=pin_factory,
            monotonic=monotonic,
        )

    def __repr__(self) -> str:
        state = "closed" if self.closed else f"outer, inner broken = {self._lines.states}"
        return f"<TwoBeams {self._sensor!r}, {state}>"

    @property
    def broken(self) -> tuple[bool, ...]:
        """The beams as they are now, True = broken; for whoever aligns them."""
        return self._lines.states

    @property
    def closed(self) -> bool:
        """Whether the pins were released."""
        return self._lines.closed

    def close(self) -> None:
        """Post what was already seen, release the pins. May be called twice; never raises."""
        self._lines.close()
