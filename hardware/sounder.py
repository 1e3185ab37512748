"""A buzzer on a pin: a few soft notes say what just happened, where there is no loudspeaker."""

from __future__ import annotations

import logging
import queue
import threading
from typing import Any

from gpiozero import Buzzer, PinPWMUnsupported, TonalBuzzer
from gpiozero.tones import Tone

from hardware.closing import Closing
from hardware.errors import HardwareError

log = logging.getLogger(__name__)

Tune = tuple[tuple[float, float], ...]
"""(Hz, seconds) in turn; 0 Hz is a rest. A buzzer that knows only one tone takes any other figure as on."""

_C4, _C5, _E5, _A5 = 261.63, 523.25, 659.26, 880.0
_TUNES: dict[str, Tune] = {
    "ok": ((_E5, 0.12), (_A5, 0.22)),
    "ask": ((_E5, 0.12), (0, 0.12), (_E5, 0.12)),
    "no": ((_C4, 0.35),),
    "help": ((_E5, 0.25), (_C5, 0.4)),
}  # cue -> notes; the same figures as the loudspeaker's. Not named = silent
_BEEPS: dict[str, Tune] = {
    "ok": ((1, 0.06), (0, 0.08), (1, 0.12)),
    "ask": ((1, 0.06),),
    "no": ((1, 0.25),),
    "help": ((1, 0.12), (0, 0.12), (1, 0.12), (0, 0.12), (1, 0.12)),
}  # cue -> on and off
_SQUARE = 0.5  # the duty at which a buzzer is loudest
_LEAST_DUTY = 0.01  # gpiozero's lgpio factory cuts a duty to whole per cent: less would be silence
_PATIENCE_S = 1.0  # for the thread to end


class SounderFault(HardwareError, OSError):
    """The pin of the buzzer cannot be used."""


class Beeper(Closing):
    """A buzzer on a BCM pin. A cue plays its notes on a thread of its own; a new one cuts the old one short.

    `passive`: a buzzer that sounds the tone it is fed, by PWM; otherwise one that makes its own single tone.
    `loudness`: 0 to 100, for a passive one; how loud 100 is, the buzzer decides. Raises SounderFault.
    """

    def __init__(
        self, pin: int, *, passive: bool = True, loudness: int = 30, pin_factory: Any = None
    ) -> None:
        self._pin, self._passive = pin, passive
        self._duty = max(_SQUARE * loudness / 100, _LEAST_DUTY) if loudness else 0.0
        self._tunes = _TUNES if passive else _BEEPS
        self._buzzer: Any = None
        self._failing = False
        self._inbox: queue.SimpleQueue[Tune] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sounder", daemon=True)
        if not 0 <= loudness <= 100:
            raise SounderFault(f"a buzzer's loudness is 0 to 100, not {loudness}")
        try:
            if passive:
                self._buzzer = TonalBuzzer(pin, octaves=2, pin_factory=pin_factory)
            else:
                self._buzzer = Buzzer(pin, pin_factory=pin_factory)
            self._thread.start()
        except PinPWMUnsupported as error:
            self.close()
            raise SounderFault(
                f"the buzzer on GPIO{pin} needs PWM, which these pins have not: use the pin factory lgpio, "
                "or a buzzer that makes its own tone"
            ) from error
        except Exception as error:  # lgpio's own error is neither a GPIOZeroError nor an OSError
            self.close()
            raise SounderFault(f"the buzzer on GPIO{pin} cannot be used: {error}") from error
        except BaseException:
            self.close()
            raise

    def __repr__(self) -> str:
        kind = "passive" if self._passive else "active"
        return f"<Beeper on GPIO{self._pin}, {kind}, {'closed' if self.closed else 'open'}>"

    @property
    def closed(self) -> bool:
        """Whether the pin was released."""
        return self._buzzer is None

    def play(self, cue: str) -> None:
        """Sound "ok", "ask", "no" or "help"; other cues are silent, disturb none. Never raises or waits."""
        tune = self._tunes.get(str(cue))
        if tune is not None and not self._stopping.is_set():
            self._inbox.put(tune)

    def close(self) -> None:
        """Silent at once, thread ended, pin released. May be called twice."""
        self._stopping.set()
        self._inbox.put(())
        if self._thread.is_alive():
            self._thread.join(_PATIENCE_S)
            if self._thread.is_alive():
                log.warning("the buzzer's thread did not end within %g s; its pin hangs", _PATIENCE_S)
        buzzer, self._buzzer = self._buzzer, None
        if buzzer is not None:
            try:
                buzzer.close()
            except Exception as error:
                log.debug("%r could not be closed: %s", buzzer, error)

    def _run(self) -> None:
        tune: Tune | None = None
        while not self._stopping.is_set():
            tune = self._inbox.get() if tune is None else self._newer(tune)
        self._sound(0)

    def _newer(self, tune: Tune) -> Tune | None:
        """Play a tune to its end, or until a newer one comes: that one."""
        for hertz, seconds in tune:
            self._sound(hertz)
            try:
                return self._inbox.get(timeout=seconds)
            except queue.Empty:
                continue
        self._sound(0)
        return None

    def _sound(self, hertz: float) -> None:
        try:
            if not self._passive:
                self._buzzer.value = bool(hertz)
            elif hertz and self._duty:
                self._buzzer.play(Tone.from_frequency(hertz))
                self._buzzer.pwm_device.value = self._duty
            else:
                self._buzzer.stop()
                # PWM that lgpio ends leaves the pin as it was, perhaps high: current through a silent coil.
                self._buzzer.pwm_device.pin.state = 0
        except Exception as error:
            if not self._failing:
                log.warning("the buzzer cannot sound: %s", error)
            self._failing = True
        else:
            self._failing = False
