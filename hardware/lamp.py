"""The light at the desk: a green and a yellow LED say what just happened, for those who do not read yet."""

from __future__ import annotations

from typing import Any

from hardware.closing import Closing
from hardware.light.glow import Glow, LampFault
from hardware.light.rhythm import Rhythm, blinking, steady

__all__ = ["LampFault", "TwoLamps"]

_SLOW = (1.0, 1.0)  # seconds on and off: calm, and far below what flashing light may do to a child
_CUES: dict[str, Rhythm] = {
    "ok": steady(1.0, 0.0),
    "ask": blinking(1.0, 0.0, seconds=_SLOW),
    "no": steady(0.0, 1.0),
    "help": blinking(0.0, 1.0, seconds=_SLOW),
    "fault": blinking(1.0, 1.0, seconds=_SLOW),
    "off": steady(0.0, 0.0),
}  # cue -> green, yellow; each its own place, so that nobody needs the colours


class TwoLamps(Closing):
    """A green and a yellow LED on BCM pins, each with its resistor. Raises LampFault: pins not to be had.

    `brightness`: 0 to 100, per cent of full power.
    """

    def __init__(
        self, green_pin: int, yellow_pin: int, *, brightness: int = 60, pin_factory: Any = None
    ) -> None:
        self._glow = Glow((green_pin, yellow_pin), brightness=brightness, pin_factory=pin_factory)

    def __repr__(self) -> str:
        return f"<TwoLamps on {self._glow.pins}, {'closed' if self.closed else 'open'}>"

    @property
    def closed(self) -> bool:
        """Whether the pins were released."""
        return self._glow.closed

    def show(self, cue: str) -> None:
        """Show "ok", "ask", "no", "help", "fault" or "off"; anything else changes nothing. Never raises."""
        wanted = _CUES.get(str(cue))
        if wanted is not None:
            self._glow.play(wanted)

    def close(self) -> None:
        """Lights off, pins released. May be called twice."""
        self._glow.close()
