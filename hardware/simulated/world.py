"""Everything on the simulated wires: the chip, the tags on the pad, the pins, the doorway."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from functools import partial
from typing import Any

from hardware.errors import SimulationError
from hardware.simulated.agenda import Agenda
from hardware.simulated.clock import Clock
from hardware.simulated.field import Field
from hardware.simulated.picc import Picc
from hardware.simulated.rc522_chip import RC522Chip
from hardware.simulated.tags import make_tag

OUTER_BEAM, INNER_BEAM = 17, 27  # BCM; active low with pull-up: a broken beam reads 0
RESET_PIN, IRQ_PIN = 25, 24  # BCM pins the reader's RST and IRQ are wired to
_BEAT_S = 0.06  # a child passes a beam a few centimetres further on after so long
_log = logging.getLogger(__name__)


class World:
    """What the bench moves and the station sees. Used by one thread only."""

    def __init__(self, clock: Clock, *, version: int = 0x92, floating: int = 0x00) -> None:
        self._clock = clock
        self.field = Field()
        self.chip = RC522Chip(clock=clock, field=self.field, version=version, floating=floating)
        self.inputs: dict[int, int] = {OUTER_BEAM: 1, INNER_BEAM: 1, IRQ_PIN: 1}  # driven by the world
        self.outputs: dict[int, int] = {}  # driven by the station
        self._agenda = Agenda(clock.monotonic())
        self._door_free_at = 0.0
        self._known: dict[tuple[str, str], Picc] = {}  # tags keep their memory while they are away
        self._changes: list[tuple[int, int, float]] = []

    # Time and pins

    @property
    def next_due(self) -> float:
        """When something will happen by itself, in seconds of the clock; infinity for never."""
        chip = self.chip.next_due if self.chip.irq_armed else math.inf
        return min(self._agenda.next_due, chip)

    def pin_changes(self) -> list[tuple[int, int, float]]:
        """Bring everything up to now; the inputs that changed since the last call, in order.

        Pin, level, and when it changed in seconds of the clock: whoever looks late still hears of the moment.
        """
        self._agenda.run(self._clock.monotonic())
        self._drive(IRQ_PIN, int(self.chip.irq_line))
        changes, self._changes = self._changes, []
        return changes

    def station_drives(self, pin: int, level: int) -> None:
        """The station sets one of its outputs."""
        self.outputs[pin] = level
        if pin == RESET_PIN:
            self.chip.set_reset_line(bool(level))

    def station_left(self) -> None:
        """The station let its pins go: lamps are dark, RST is pulled up on the reader's board."""
        self.outputs.clear()
        self.chip.set_reset_line(True)

    def _drive(self, pin: int, level: int, at: float | None = None) -> None:
        if self.inputs.get(pin) != level:
            self.inputs[pin] = level
            self._changes.append((pin, level, self._clock.monotonic() if at is None else at))

    def _drive_when_due(self, pin: int, level: int) -> None:
        self._drive(pin, level, self._agenda.now)

    # Bench commands

    def command(self, command: object) -> tuple[dict[str, Any], float]:
        """Carry out a bench command: the answer, and when it is due in seconds of the clock.

        Raises SimulationError when it cannot be done; then nothing of it was.
        """
        if not isinstance(command, dict):
            raise SimulationError(f'a command is an object such as {{"do":"status"}}, not {command!r:.60}')
        commands: dict[object, Callable[[dict[str, Any]], float | None]] = {
            "place": self._place,
            "lift": self._lift,
            "clear": self._clear,
            "cross": self._cross,
            "pin": self._pin,
            "reader": self._reader,
        }
        wanted = command.get("do")
        if wanted == "status":
            return {"ok": True, **self.status()}, 0.0
        if not isinstance(wanted, str) or wanted not in commands:
            names = ", ".join([*map(str, commands), "status"])
            raise SimulationError(f"there is no command {wanted!r:.60}; choose one of {names}")
        return {"ok": True}, commands[wanted](command) or 0.0

    def status(self) -> dict[str, Any]:
        """The world as the bench sees it; `pins` are those the station drives."""
        return {
            "tags": [picc.uid for picc in self.field.piccs],
            "reader": self.chip.power.value,
            "transactions": self.chip.transactions,
            "bytes": self.chip.bytes,
            "pins": {str(pin): level for pin, level in sorted(self.outputs.items())},
            "inputs": {str(pin): level for pin, level in sorted(self.inputs.items())},
        }

    def _place(self, command: dict[str, Any]) -> None:
        tags = command.get("tags", [command])
        if not isinstance(tags, list) or not all(isinstance(tag, dict) for tag in tags):
            raise SimulationError('"tags" is a list of objects with "uid" and "type"')
        coming: dict[str, Picc] = {}
        for tag in tags:
            picc = self._tag(_text(tag, "uid"), _text(tag, "type"))
            content = _hex(tag, "memory")
            if picc.uid in coming or any(picc.uid == here.uid for here in self.field.piccs):
                raise SimulationError(f"tag {picc.uid} lies in the field already; lift it first")
            if content:
                picc.fill(content)
            coming[picc.uid] = picc
        for picc in coming.values():
            self.field.place(picc)

    def _tag(self, uid: str, kind: str) -> Picc:
        key = (uid.upper(), kind)
        if key not in self._known:
            self._known[key] = make_tag(uid, kind)
        return self._known[key]

    def _lift(self, command: dict[str, Any]) -> None:
        uids = command.get("uids", [command.get("uid")])
        if not isinstance(uids, list) or not all(isinstance(uid, str) for uid in uids):
            raise SimulationError('lift needs "uid", or "uids" as a list, in hex text')
        leaving = dict.fromkeys(uid.upper() for uid in uids)
        here = [picc.uid for picc in self.field.piccs]
        absent = [uid for uid in leaving if uid not in here]
        if absent:
            raise SimulationError(f"not in the field: {', '.join(absent)}; there are: {', '.join(here)}")
        for uid in leaving:
            self.field.lift(uid)

    def _clear(self, command: dict[str, Any]) -> None:
        self.field.clear()

    def _cross(self, command: dict[str, Any]) -> float:
        direction = _text(command, "direction")
        if direction not in ("in", "out"):
            raise SimulationError(f'direction {direction!r} is unknown; it is "in" or "out"')
        beams = (OUTER_BEAM, INNER_BEAM) if direction == "in" else (INNER_BEAM, OUTER_BEAM)
        # First beam, both, second beam, none: whoever comes next waits until the doorway is free.
        start = max(self._clock.monotonic(), self._door_free_at)
        steps = ((beams[0], 0), (beams[1], 0), (beams[0], 1), (beams[1], 1))
        for beat, (pin, level) in enumerate(steps):
            self._agenda.at(start + beat * _BEAT_S, partial(self._drive_when_due, pin, level))
        self._door_free_at = start + len(steps) * _BEAT_S
        return self._door_free_at

    def _pin(self, command: dict[str, Any]) -> None:
        pin, level = command.get("pin"), command.get("level")
        if type(pin) is not int or not 0 <= pin <= 27 or type(level) is not int or level not in (0, 1):
            raise SimulationError(f'pin needs "pin" 0 to 27 and "level" 0 or 1, not {pin!r} and {level!r}')
        if pin == IRQ_PIN:
            raise SimulationError(f"GPIO{pin} is the reader's own IRQ line; choose another pin")
        self._drive(pin, level)

    def _reader(self, command: dict[str, Any]) -> None:
        states: dict[str, Callable[[], None]] = {
            "ok": self.chip.restore,
            "unplugged": self.chip.unplug,
            "frozen": self.chip.freeze,
            "brownout": self.chip.brown_out,
        }
        state = _text(command, "state")
        if state not in states:
            raise SimulationError(f"reader state {state!r} is unknown; choose one of {', '.join(states)}")
        states[state]()
        _log.info("reader: %s", state)


def _hex(command: dict[str, Any], key: str) -> bytes:
    value = command.get(key, "")
    try:
        return bytes.fromhex(value)
    except (TypeError, ValueError) as error:
        raise SimulationError(f'"{key}" must be hex text, found {value!r:.60}') from error


def _text(command: dict[str, Any], key: str) -> str:
    value = command.get(key)
    if not isinstance(value, str):
        raise SimulationError(f'"{key}" must be text, found {value!r:.60}')
    return value
