"""The light at the desk as one LED of three colours, told apart by its rhythm as well as by its colour."""

from __future__ import annotations

from typing import Any

from hardware.closing import Closing
from hardware.light.glow import Glow
from hardware.light.rhythm import Rhythm, blinking, steady

# Near the palette of Okabe and Ito, which eyes that lack one kind of cone still tell apart. Red, green, blue.
_GREEN = (0.0, 1.0, 0.3)
_BLUE = (0.1, 0.3, 1.0)
_AMBER = (1.0, 0.5, 0.0)
_PURPLE = (1.0, 0.1, 0.8)
_WHITE = (0.6, 0.6, 0.6)

_CUES: dict[str, Rhythm] = {
    "ok": steady(*_GREEN),
    "ask": blinking(*_BLUE, seconds=(1.0, 1.0)),  # even: your turn
    "no": blinking(*_AMBER, seconds=(3.0, 1.0)),  # long
    "help": blinking(*_PURPLE, seconds=(0.7, 0.5, 0.7, 2.1)),  # two by two: somebody calls
    "fault": blinking(*_WHITE, seconds=(0.5, 3.5)),  # short and seldom: asleep
    "off": steady(0.0, 0.0, 0.0),
}


class RgbLamp(Closing):
    """One RGB LED on three BCM pins, a resistor each. Raises LampFault: pins not to be had.

    `common_anode`: the LED's common leg is on 3.3 V (a pin lights it when low); otherwise on ground.
    `brightness`: 0 to 100, per cent of full power.
    """

    def __init__(
        self,
        red_pin: int,
        green_pin: int,
        blue_pin: int,
        *,
        common_anode: bool = False,
        brightness: int = 60,
        pin_factory: Any = None,
    ) -> None:
        self._glow = Glow(
            (red_pin, green_pin, blue_pin),
            brightness=brightness,
            active_high=not common_anode,
            pin_factory=pin_factory,
        )

    def __repr__(self) -> str:
        return f"<RgbLamp on {self._glow.pins}, {'closed' if self.closed else 'open'}>"

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
        """Light off, pins released. May be called twice."""
        self._glow.close()
