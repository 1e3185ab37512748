"""A gpiozero pin factory on the simulated wires: inputs follow the world, outputs are sent to it."""

from __future__ import annotations

import json
import logging
import socket
import threading
from pathlib import Path
from typing import Any

from gpiozero import PinPWMFixedValue
from gpiozero.pins.mock import MockFactory, MockPWMPin

from hardware.simulated.channel import greet

_log = logging.getLogger(__name__)


class WiresPin(MockPWMPin):  # type: ignore[misc]  # gpiozero publishes no types
    """A pin at the end of the wires. An input shows the world's level, or its own pull.

    PWM behaves as in gpiozero's lgpio factory: without a frequency an output is on or off; with one, its duty
    is cut to whole per cent; and PWM that is ended leaves the level it was at (here: high, if it had any
    duty). The world knows no duty: it sees 1 for any above 0.
    """

    happened: float | None = None  # when the world changed the level that is being taken on; None = now

    def _call_when_changed(self) -> None:
        """Tell of an edge with its own time, as the kernel does on a board."""
        if self.happened is not None:
            self._last_change = self.happened
        super()._call_when_changed()

    def _set_function(self, value: str) -> None:
        was_output = self._function == "output"
        super()._set_function(value)
        if value == "input" and was_output:
            self.factory.released(self.info.name)

    def _set_pull(self, value: str) -> None:
        super()._set_pull(value)
        self.factory.show_world(self)

    def _set_frequency(self, value: float | None) -> None:
        if not value:
            self._frequency = None
            return
        if self._function != "output":
            raise PinPWMFixedValue(f"cannot start PWM on pin {self!r}")
        if self._frequency is None:
            self._change_state(0.0)
        self._frequency = value

    def _set_state(self, value: float) -> None:
        super()._set_state(bool(value) if self._frequency is None else int(value * 100) / 100)

    def _change_state(self, value: Any) -> bool:
        was_high = bool(self._state)
        changed = bool(super()._change_state(value))
        if self._function == "output" and bool(value) != was_high:
            self.factory.drive(self.info.name, int(bool(value)))
        return changed


class WiresFactory(MockFactory):  # type: ignore[misc]  # gpiozero publishes no types
    """Pins over the wires' Unix socket; a thread reads the levels. Raises OSError when no wires answer.

    Levels reach `when_*` callbacks on that thread, as they do with real pin factories. Wires that go away
    leave every input at its last level.
    """

    def __init__(self, socket_path: str | Path) -> None:
        super().__init__(pin_class=WiresPin)
        self._world: dict[int, int] = {}
        self._socket: socket.socket | None = greet(Path(socket_path), {"role": "pins"})
        self._lines = self._socket.makefile("rb")
        self._thread = threading.Thread(target=self._follow, name="wires-pins", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Release the pins, hang up and end the thread."""
        super().close()
        connection, self._socket = self._socket, None
        if connection is None:
            return
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            _log.debug("the wires had gone before the pins were closed")
        if threading.current_thread() is not self._thread:
            self._thread.join(2.0)
        self._lines.close()
        connection.close()

    def drive(self, name: str, level: int) -> None:
        """Send an output's level; wires that are gone are no reason to fail."""
        if self._socket is None:
            return
        try:
            self._socket.sendall(json.dumps({"pin": _bcm(name), "level": level}).encode() + b"\n")
        except OSError as error:
            _log.debug("%s is not sent, the wires are gone: %s", name, error)

    def released(self, name: str) -> None:
        """An output became an input: the world sees it low, as with nothing on it."""
        self.drive(name, 0)

    def show_world(self, pin: WiresPin) -> None:
        """Let an input take the level the world drives it to, if it does."""
        level = self._world.get(_bcm(pin.info.name))
        if level is not None:
            self._apply(pin, level)

    def _follow(self) -> None:
        try:
            for line in self._lines:
                message = json.loads(line)
                if "pin" in message:
                    number, level = int(message["pin"]), int(message["level"])
                    self._world[number] = level
                    for info, pin in list(self.pins.items()):
                        if _bcm(info.name) == number and pin.function == "input":
                            self._apply(pin, level, message.get("at"))
                else:
                    _log.warning("the wires refused a pin: %s", message.get("error"))
        except (OSError, ValueError) as error:
            _log.debug("the wires are gone: %s", error)

    @staticmethod
    def _apply(pin: WiresPin, level: int, at: float | None = None) -> None:
        pin.happened = at
        if level:
            pin.drive_high()
        else:
            pin.drive_low()
        pin.happened = None


def _bcm(name: str) -> int:
    """The BCM number in a pin's name, "GPIO17"."""
    return int(name.removeprefix("GPIO"))
