"""The doorway's pins, brought to one thread: edges in their order, and a look at the pins themselves.

gpiozero calls back from a thread of its pin factory. Its edges go through a queue to the doorway's thread,
which owns every judgement, so nothing is shared and nothing is lost when two pins change in the same moment.
An edge can still be missing: with lgpio a level that does not hold for the bounce time is never reported
(lgpio, gpio_set_debounce_micros: only alerts are debounced, reading is not). So the thread also reads the
pins ten times a second; a pin that twice shows what no edge has told is believed. gpiozero's when_activated
would swallow the edge after a missed one, as told already; so the pins' own when_changed is used.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from gpiozero import InputDevice

from hardware.errors import HardwareError

log = logging.getLogger(__name__)

_LOOK_S = 0.1
_END_S = 5.0
_OLDEST_S = 1.0  # an edge older than that carries the time of another clock (kernels before 5.7)


class DoorFault(HardwareError, OSError):
    """The pins of the doorway cannot be used."""


class Lines:
    """Input pins on BCM numbers; calls `see(states, moment)` from its own thread, True = active.

    `see` comes at the start, at every change in order, and about every 0.1 s while nothing changes; `doubt`
    comes when a pin was found in a state that no edge had reported. `pull_up`: active is low (a beam's open
    collector), else active is high. `bounce_ms`: how long an edge must hold. `what` names the device in
    errors, `name` its thread. Moments are those of `monotonic`. Raises DoorFault when the pins cannot be had.
    """

    def __init__(
        self,
        pins: Sequence[int],
        see: Callable[[tuple[bool, ...], float], None],
        *,
        doubt: Callable[[int, float], None] | None = None,
        pull_up: bool = True,
        bounce_ms: float = 15,
        what: str = "the doorway",
        name: str = "door",
        pin_factory: Any = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._see, self._doubt, self._monotonic, self._pull_up = see, doubt, monotonic, pull_up
        self._changes: queue.SimpleQueue[tuple[int, bool, float] | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._devices: list[InputDevice] = []
        self._callbacks: list[Callable[[float, int], None]] = []  # a pin keeps only a weak reference
        self._unreadable = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        try:
            for pin in pins:
                self._devices.append(InputDevice(pin, pull_up=pull_up, pin_factory=pin_factory))
            for number, device in enumerate(self._devices):
                device.pin.bounce = bounce_ms / 1000 or None
                device.pin.edges = "both"
                self._callbacks.append(partial(self._changed, number, device.pin_factory))
                device.pin.when_changed = self._callbacks[number]
            self._states = [bool(device.is_active) for device in self._devices]
            self._doubted = [False] * len(self._devices)
            self._thread.start()
        except Exception as error:  # lgpio's own ("GPIO busy") is neither an OSError nor one of gpiozero's
            self.close()
            where = " and ".join(f"GPIO{pin}" for pin in pins)
            raise DoorFault(f"{what} on {where} cannot be used: {error}") from error
        except BaseException:
            self.close()
            raise

    @property
    def closed(self) -> bool:
        """Whether the pins were released."""
        return not self._devices

    @property
    def states(self) -> tuple[bool, ...]:
        """The states last believed."""
        return tuple(self._states)

    def close(self) -> None:
        """Take what was already seen, end the thread, release the pins. May be called twice; never raises."""
        self._stopping.set()
        self._changes.put(None)
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(_END_S)
            if self._thread.is_alive():
                log.warning("%s: its thread did not end within %g s", self._thread.name, _END_S)
        while self._devices:
            try:
                self._devices.pop().close()
            except Exception as error:
                log.debug("%s: a pin could not be released: %s", self._thread.name, error)

    def _changed(self, number: int, factory: Any, ticks: float, level: int) -> None:
        """An edge, in the pin factory's thread; the screen may have kept that waiting, so by its own time."""
        at_s = self._monotonic()
        age_s = factory.ticks_diff(factory.ticks(), ticks)
        if 0 <= age_s < _OLDEST_S:
            at_s -= age_s
        self._changes.put((number, bool(level) != self._pull_up, at_s))

    def _run(self) -> None:
        self._show(self._monotonic())
        while True:
            try:
                change = self._changes.get(timeout=_LOOK_S)
            except queue.Empty:
                if self._stopping.is_set():
                    return
                self._look(self._monotonic())
                continue
            if change is None:
                return
            number, active, at_s = change
            self._states[number], self._doubted[number] = active, False
            self._show(at_s)

    def _look(self, at_s: float) -> None:
        """Compare what was reported with the pins themselves."""
        for number, device in enumerate(self._devices):
            try:
                active = bool(device.is_active)
            except Exception as error:
                if not self._unreadable:
                    self._unreadable = True
                    log.warning("%s: %r cannot be read: %s", self._thread.name, device, error)
                continue
            if self._doubted[number]:
                if self._doubt is not None:
                    self._doubt(number, at_s)
                if active != self._states[number]:
                    log.debug("%s: an edge of line %d was missed", self._thread.name, number)
                    self._states[number] = active
            self._doubted[number] = active != self._states[number]
        self._show(at_s)

    def _show(self, at_s: float) -> None:
        try:
            self._see(tuple(self._states), at_s)
        except Exception:
            log.exception("%s: a state could not be taken; counting goes on", self._thread.name)
