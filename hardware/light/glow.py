"""LEDs on pins, dimmed by PWM where the pins can, playing a rhythm on a thread of their own."""

from __future__ import annotations

import logging
import queue
import threading
import time
from typing import Any

from gpiozero import LED, PWMLED, PinPWMUnsupported

from hardware.errors import HardwareError
from hardware.light.rhythm import Rhythm

log = logging.getLogger(__name__)

_LEAST_DUTY = 0.01  # gpiozero's lgpio factory cuts a duty to whole per cent: less would be dark
_HALF = 0.5  # from this level on, an LED that cannot be dimmed is lit
_PATIENCE_S = 1.0  # for the thread to end


class LampFault(HardwareError, OSError):
    """The pins of the lamp cannot be used."""


class Glow:
    """LEDs on BCM `pins`; plays the newest rhythm it was given, without ever keeping the giver waiting.

    `brightness`: 0 to 100, per cent of full power; where the pin factory has no PWM, anything above 0 is full
    power. `active_high`: False = the LEDs hang on 3.3 V and light when their pin is low. Raises LampFault.
    """

    def __init__(
        self, pins: tuple[int, ...], *, brightness: int, active_high: bool = True, pin_factory: Any = None
    ) -> None:
        self.pins = pins
        self._brightness = brightness
        self._leds: list[Any] = []
        self._failing = False
        self._inbox: queue.SimpleQueue[Rhythm] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lamp", daemon=True)
        if not 0 <= brightness <= 100:
            raise LampFault(f"a lamp's brightness is 0 to 100 per cent, not {brightness}")
        try:
            for pin in pins:
                self._leds.append(_led(pin, active_high, pin_factory))
            self._thread.start()
        except Exception as error:  # lgpio's own error is neither a GPIOZeroError nor an OSError
            self.close()
            names = " and ".join(f"GPIO{pin}" for pin in pins)
            raise LampFault(f"the lamp on {names} cannot be used: {error}") from error
        except BaseException:
            self.close()
            raise

    @property
    def closed(self) -> bool:
        """Whether the pins were released."""
        return not self._leds

    def play(self, rhythm: Rhythm) -> None:
        """Begin a rhythm; the one that plays already goes on undisturbed. Never raises, never waits."""
        if not self._stopping.is_set():
            self._inbox.put(rhythm)

    def close(self) -> None:
        """Thread ended, lights off, pins released. May be called twice."""
        self._stopping.set()
        self._inbox.put(())
        if self._thread.is_alive():
            self._thread.join(_PATIENCE_S)
            if self._thread.is_alive():
                log.warning("the lamp's thread did not end within %g s; a pin hangs", _PATIENCE_S)
        while self._leds:
            led = self._leds.pop()
            try:
                led.close()
            except Exception as error:
                log.debug("%r could not be closed: %s", led, error)

    def _run(self) -> None:
        rhythm: Rhythm = ()
        at, until = 0, None
        while True:
            try:
                rest = None if until is None else max(0.0, until - time.monotonic())
                newer = self._inbox.get(timeout=rest)
                if self._stopping.is_set():
                    return
                # Begun anew at every repetition of a cue, a slow light would flash.
                if newer == rhythm and not self._failing:
                    continue
                rhythm, at = newer, 0
            except queue.Empty:
                at = (at + 1) % len(rhythm)
            self._light(rhythm[at].levels)
            until = time.monotonic() + rhythm[at].seconds if len(rhythm) > 1 else None

    def _light(self, levels: tuple[float, ...]) -> None:
        try:
            for led, level in zip(self._leds, levels, strict=True):
                led.value = self._value(led, level)
        except Exception as error:
            if not self._failing:
                log.warning("the lamp cannot be lit: %s", error)
            self._failing = True
        else:
            self._failing = False

    def _value(self, led: Any, level: float) -> float:
        if isinstance(led, LED):
            return 1.0 if self._brightness and level >= _HALF else 0.0
        duty = level * self._brightness / 100
        return max(duty, _LEAST_DUTY) if duty else 0.0


def _led(pin: int, active_high: bool, pin_factory: Any) -> Any:
    try:
        return PWMLED(pin, active_high=active_high, pin_factory=pin_factory)
    except PinPWMUnsupported:
        return LED(pin, active_high=active_high, pin_factory=pin_factory)
