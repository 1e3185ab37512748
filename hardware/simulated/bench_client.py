"""The bench's hands on the simulated wires: lay tags down, lift them, walk through, break the reader."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

from hardware.errors import BenchLost, BenchRefused
from hardware.simulated.channel import greet


class Bench:
    """One connection to the wires. Raises BenchLost when they are gone, BenchRefused when they say no."""

    def __init__(self, socket_path: str | Path) -> None:
        self._path = Path(socket_path)
        try:
            self._socket = greet(self._path, {"role": "bench"})
        except OSError as error:
            raise BenchLost(str(error)) from error
        self._lines = self._socket.makefile("rb")

    def __enter__(self) -> Bench:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hang up; everything on the wires stays as it is."""
        self._lines.close()
        self._socket.close()

    def place(self, uid: str, kind: str, *, memory: str = "") -> None:
        """Lay a tag on the pad. Kinds: hardware.simulated.tags.KINDS; `memory`: its user memory, in hex."""
        self._ask({"do": "place", "uid": uid, "type": kind, "memory": memory})

    def place_all(self, tags: Iterable[tuple[str, str]]) -> None:
        """Lay several tags, (uid, kind), down in the same moment; all of them or, when refused, none."""
        self._ask({"do": "place", "tags": [{"uid": uid, "type": kind} for uid, kind in tags]})

    def lift(self, uid: str) -> None:
        """Take a tag away."""
        self._ask({"do": "lift", "uid": uid})

    def lift_all(self, uids: Iterable[str]) -> None:
        """Take several tags away in the same moment; all of them or, when refused, none."""
        self._ask({"do": "lift", "uids": list(uids)})

    def clear(self) -> None:
        """Take every tag away."""
        self._ask({"do": "clear"})

    def cross(self, direction: str) -> None:
        """Walk through the doorway, "in" or "out"; returns when through, after about 0.3 s."""
        self._ask({"do": "cross", "direction": direction})

    def pin(self, pin: int, level: int) -> None:
        """Drive an input of the station to 0 or 1."""
        self._ask({"do": "pin", "pin": pin, "level": level})

    def reader(self, state: str) -> None:
        """Put the reader into a state: "ok", "unplugged", "frozen" or, for a moment, "brownout"."""
        self._ask({"do": "reader", "state": state})

    def status(self) -> dict[str, Any]:
        """What lies in the field, the reader's state, SPI transactions and bytes, the pins' levels."""
        return self._ask({"do": "status"})

    def _ask(self, command: dict[str, Any]) -> dict[str, Any]:
        try:
            self._socket.sendall(json.dumps(command).encode() + b"\n")
            line = self._lines.readline()
        except (OSError, ValueError) as error:
            raise BenchLost(f"simulated wires at {self._path}: {error}") from error
        if not line.endswith(b"\n"):
            raise BenchLost(f"simulated wires at {self._path} closed the connection; are they still running?")
        answer: dict[str, Any] = json.loads(line)
        if not answer.get("ok"):
            raise BenchRefused(str(answer.get("error", "refused without a reason")))
        return answer
