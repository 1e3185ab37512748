"""Buttons beside the panel (help, louder, quieter): each from its pin to ground, each a device of its own."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

from gpiozero import DigitalInputDevice

from hardware.closing import Closing
from hardware.errors import HardwareError

log = logging.getLogger(__name__)

_PATIENCE_S = 1.0  # for the thread to end


class ButtonFault(HardwareError, OSError):
    """The pin of a button cannot be used."""


class Press:
    """Follows one button. Pure: fed with states and times in seconds, answers with presses.

    A press counts when the button goes down, once, however long it is held; a second one within `rest_s` of
    the last (a bouncing contact, a child that drums) is the same. A button down from the start (jammed, or
    shorted) presses nothing. Down for `stuck_s`, it is stuck.
    """

    def __init__(self, *, rest_s: float, stuck_s: float, down: bool = False, at: float = 0.0) -> None:
        self._rest_s, self._stuck_s = rest_s, stuck_s
        self._down = down
        self._pressed_at = float("-inf")
        self.stuck_at: float | None = at + stuck_s if down else None

    def see(self, down: bool, at: float) -> bool:
        """The button's state at a moment; whether this is a press."""
        if down == self._down:
            return False
        self._down = down
        self.stuck_at = at + self._stuck_s if down else None
        if not down or at - self._pressed_at < self._rest_s:
            return False
        self._pressed_at = at
        return True

    def stuck(self, at: float) -> bool:
        """Whether the button has just turned out to be stuck; said once for each time it goes down."""
        if self.stuck_at is None or at < self.stuck_at:
            return False
        self.stuck_at = None
        return True


class PushButton(Closing):
    """A button between a BCM pin and ground, held up by the pin's own resistor. Raises ButtonFault.

    `pressed` is called for each press, `stuck` with the button's `name` when it is held for `stuck_s`
    seconds; both on the button's own thread, never on the one that serves every pin of the board: an error
    there would end the doorway's counting too. `bounce_ms`: how long an edge must hold; `rest_ms`: between
    two presses.
    """

    def __init__(
        self,
        pin: int,
        pressed: Callable[[], None],
        *,
        name: str = "button",
        stuck: Callable[[str], None] | None = None,
        stuck_s: float = 15.0,
        bounce_ms: int = 30,
        rest_ms: int = 250,
        pin_factory: Any = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name, self._pin = name, pin
        self._pressed, self._stuck, self._stuck_s = pressed, stuck, stuck_s
        self._monotonic = monotonic
        self._button: DigitalInputDevice | None = None
        self._inbox: queue.SimpleQueue[tuple[bool, float] | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"button {name}", daemon=True)
        try:
            # Not gpiozero's Button: its thread for held buttons looks ten times a second, for ever.
            self._button = DigitalInputDevice(
                pin, pull_up=True, bounce_time=bounce_ms / 1000 or None, pin_factory=pin_factory
            )
            self._press = Press(
                rest_s=rest_ms / 1000, stuck_s=stuck_s, down=bool(self._button.is_active), at=monotonic()
            )
            self._button.when_activated = lambda: self._inbox.put((True, monotonic()))
            self._button.when_deactivated = lambda: self._inbox.put((False, monotonic()))
            self._thread.start()
        except Exception as error:  # lgpio's own error is neither a GPIOZeroError nor an OSError
            self.close()
            raise ButtonFault(f"the {name} button on GPIO{pin} cannot be used: {error}") from error
        except BaseException:
            self.close()
            raise

    def __repr__(self) -> str:
        return f"<PushButton {self.name!r} on GPIO{self._pin}, {'closed' if self.closed else 'open'}>"

    @property
    def closed(self) -> bool:
        """Whether the pin was released."""
        return self._button is None

    def close(self) -> None:
        """Release the pin and end the thread. May be called twice, and by `pressed` itself."""
        self._stopping.set()
        button, self._button = self._button, None
        if button is not None:
            try:
                button.close()
            except Exception as error:
                log.debug("%r could not be closed: %s", button, error)
        self._inbox.put(None)
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(_PATIENCE_S)
            if self._thread.is_alive():
                log.warning("the %s button's thread did not end within %g s", self.name, _PATIENCE_S)

    def _run(self) -> None:
        while not self._stopping.is_set():
            stuck_at = self._press.stuck_at
            try:
                edge = self._inbox.get(
                    timeout=None if stuck_at is None else max(0.0, stuck_at - self._monotonic())
                )
            except queue.Empty:
                self._look_whether_stuck()
                continue
            if edge is not None and self._press.see(*edge):
                self._tell(self._pressed)

    def _look_whether_stuck(self) -> None:
        button = self._button
        if button is None or not self._press.stuck(self._monotonic()):
            return
        try:
            held = bool(button.is_active)
        except Exception as error:
            log.debug("the %s button cannot be read: %s", self.name, error)
            return
        if not held:  # the edge was lost
            self._press.see(False, self._monotonic())
        else:
            log.warning("the %s button has been down for %g s: it is stuck", self.name, self._stuck_s)
            if self._stuck is not None:
                stuck, name = self._stuck, self.name
                self._tell(lambda: stuck(name))

    def _tell(self, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception:
            log.exception("what the %s button does has failed; the button goes on", self.name)
