"""The light at the desk: a green and a yellow LED say what just happened, for those who do not read yet."""

from __future__ import annotations

import logging
from types import TracebackType
from typing import Any, Self

from gpiozero import LED, GPIOZeroError

from hardware.errors import HardwareError

log = logging.getLogger(__name__)

_OFF, _ON, _SLOW = "off", "on", "slow"
_SLOW_S = 1.0  # on as long as off: half a hertz, calm and far below what flashing light may do to a child
_CUES = {
    "ok": (_ON, _OFF),
    "ask": (_SLOW, _OFF),
    "no": (_OFF, _ON),
    "help": (_OFF, _SLOW),
    "fault": (_SLOW, _SLOW),
    "off": (_OFF, _OFF),
}  # cue -> green, yellow


class LampFault(HardwareError, OSError):
    """The pins of the lamp cannot be used."""


class TwoLamps:
    """A green and a yellow LED on BCM pins, each with its resistor. Raises LampFault: pins not to be had."""

    def __init__(self, green_pin: int, yellow_pin: int, *, pin_factory: Any = None) -> None:
        self._leds: list[LED] = []
        try:
            for pin in (green_pin, yellow_pin):
                self._leds.append(LED(pin, pin_factory=pin_factory))
        except (GPIOZeroError, OSError, ImportError) as error:
            self.close()
            raise LampFault(
                f"the lamp on GPIO{green_pin} and GPIO{yellow_pin} cannot be used: {error}"
            ) from error
        except BaseException:
            self.close()
            raise

    def __repr__(self) -> str:
        return f"<TwoLamps, {'closed' if self.closed else 'open'}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def closed(self) -> bool:
        """Whether the pins were released."""
        return not self._leds

    def show(self, cue: str) -> None:
        """Show "ok", "ask", "no", "help", "fault" or "off"; anything else changes nothing. Never raises."""
        wanted = _CUES.get(str(cue))
        if wanted is None:
            return
        try:
            for led, how in zip(self._leds, wanted, strict=False):
                if how == _SLOW:
                    led.blink(on_time=_SLOW_S, off_time=_SLOW_S)
                elif how == _ON:
                    led.on()
                else:
                    led.off()
        except (GPIOZeroError, OSError) as error:
            log.warning("the lamp cannot show %r: %s", str(cue), error)

    def close(self) -> None:
        """Lights off, pins released. May be called twice."""
        while self._leds:
            led = self._leds.pop()
            try:
                led.close()
            except (GPIOZeroError, OSError) as error:
                log.debug("%r could not be closed: %s", led, error)
