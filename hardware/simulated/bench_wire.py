"""The bench's thread to the wires: the window never waits for the socket, and lost wires are found again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from hardware.simulated.bench_client import Bench

Command = Callable[[Bench], Any]


@dataclass(frozen=True, slots=True)
class WireState:
    """What the wires were last seen to be. `done` is the number of the newest command carried out."""

    connected: bool = False
    tags: tuple[str, ...] = ()  # UIDs in the field
    reader: str = "ok"
    levels: tuple[tuple[int, int], ...] = ()  # (BCM pin, level) of every pin the station drives
    transactions_per_s: float = 0.0
    bytes_per_s: float = 0.0
    done: int = 0
    error: str = ""  # why the newest command was not carried out

    def level(self, pin: int) -> int:
        """The level of a pin the station drives; 0 while it never drove it."""
        return dict(self.levels).get(pin, 0)


class BenchWire:
    """Carries commands to the wires one after another and tells `show` what is there.

    `show` is called on this thread, at least every `look_every_s` seconds and after every command.
    """

    def __init__(
        self,
        connect: Callable[[], Bench],
        show: Callable[[WireState], None],
        *,
        look_every_s: float = 0.5,
        retry_s: float = 1.0,
    ) -> None:
        self._connect = connect
        self._show = show
        self._look_every_s = look_every_s
        self._retry_s = retry_s
        self._commands: SimpleQueue[tuple[int, Command] | None] = SimpleQueue()
        self._issued = 0
        self._done = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bench-wire", daemon=True)

    def start(self) -> None:
        """Begin looking."""
        self._thread.start()

    def stop(self, timeout: float = 3.0) -> None:
        """End the thread; commands that still wait are dropped."""
        self._stopping.set()
        self._commands.put(None)
        self._thread.join(timeout)

    def do(self, command: Command) -> int:
        """Queue a command; the answer is its number, see WireState.done. Called by one thread only."""
        self._issued += 1
        self._commands.put((self._issued, command))
        return self._issued

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                bench = self._connect()
            except OSError:
                self._drop_waiting()
                self._show(WireState(done=self._done))
                self._stopping.wait(self._retry_s)
                continue
            try:
                self._serve(bench)
            except OSError:
                self._drop_waiting()
            finally:
                bench.close()

    def _serve(self, bench: Bench) -> None:
        before: tuple[float, int, int] | None = None
        error = ""
        while not self._stopping.is_set():
            status = bench.status()
            now = time.monotonic()
            transactions, octets = int(status["transactions"]), int(status["bytes"])
            rates = (0.0, 0.0)
            if before is not None and now > before[0]:
                passed = now - before[0]
                rates = ((transactions - before[1]) / passed, (octets - before[2]) / passed)
            before = (now, transactions, octets)
            self._show(
                WireState(
                    connected=True,
                    tags=tuple(_uid(tag) for tag in status["tags"]),
                    reader=str(status["reader"]),
                    levels=tuple((int(pin), int(level)) for pin, level in status["pins"].items()),
                    transactions_per_s=rates[0],
                    bytes_per_s=rates[1],
                    done=self._done,
                    error=error,
                )
            )
            try:
                waiting = self._commands.get(timeout=self._look_every_s)
            except Empty:
                continue
            if waiting is None:
                return
            number, command = waiting
            try:
                command(bench)
                error = ""
            except ValueError as refused:
                error = str(refused)
            finally:
                self._done = number

    def _drop_waiting(self) -> None:
        # A command meant for wires that are gone must not surprise somebody when they come back.
        while True:
            try:
                waiting = self._commands.get_nowait()
            except Empty:
                return
            if waiting is not None:
                self._done = waiting[0]


def _uid(tag: Any) -> str:
    return str(tag["uid"] if isinstance(tag, dict) else tag)
