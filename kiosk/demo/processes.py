"""The programs of a demonstration: started in order, watched, and always ended.

A child process here ends with its parent whatever happens to the parent: an orderly end, Ctrl-C, SIGTERM,
or SIGKILL (the kernel then tells the child itself, prctl(2) PR_SET_PDEATHSIG).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType, TracebackType

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_LIBC = ctypes.CDLL(None, use_errno=True)


class ProgramFailed(RuntimeError):
    """A program did not start or ended by itself; the message carries the end of its log."""


def _end_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


class Program:
    """One running child process and its log."""

    def __init__(
        self, name: str, argv: Sequence[str], *, log: Path, env: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as sink:
            # One session a program: Ctrl-C at the terminal reaches only the parent, which ends its
            # children in the right order; and a program's own children can be ended with it.
            self._process = subprocess.Popen(
                list(argv),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                env={**os.environ, **(env or {})},
                start_new_session=True,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 - one C call, loaded beforehand, takes no lock
            )

    def __repr__(self) -> str:
        state = "running" if self.alive else f"ended with {self._process.returncode}"
        return f"<Program {self.name} pid {self.pid} {state}>"

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    @property
    def returncode(self) -> int | None:
        """How it ended; None while it runs."""
        return self._process.poll()

    def wait(self, seconds: float) -> bool:
        """Wait for the end; False when it still runs afterwards."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return not self.alive

    def kill(self) -> None:
        """End it as a power cut would: at once, without a word to it (SIGKILL)."""
        self._process.kill()
        self._process.wait()

    def end(self, seconds: float = 8.0) -> None:
        """Ask it to end; after `seconds` insist. What it started itself ends with it."""
        if self.alive:
            self._process.terminate()
            if not self.wait(seconds):
                self._process.kill()
                self._process.wait()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def tail(self, lines: int = 15) -> str:
        """The end of its log."""
        try:
            text = self.log.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            return f"(no log: {error})"
        return "\n".join(text.splitlines()[-lines:])


class Programs:
    """A context: the programs started in it are ended in reverse order when it is left.

    In the main thread SIGTERM and SIGHUP leave the context like Ctrl-C does, so nothing survives them.
    """

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._running: list[Program] = []
        self._handlers: dict[int, object] = {}

    def __enter__(self) -> Programs:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGHUP):
                self._handlers[number] = signal.signal(number, _leave)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            while self._running:
                self._running.pop().end()
        finally:
            for number, handler in self._handlers.items():
                signal.signal(number, handler)  # type: ignore[arg-type]
            self._handlers.clear()

    def start(
        self,
        name: str,
        argv: Sequence[str],
        *,
        ready: Callable[[], bool] | None = None,
        within: float = 30.0,
        env: Mapping[str, str] | None = None,
    ) -> Program:
        """Start a program and wait until `ready` says so, at most `within` seconds.

        Raises ProgramFailed with the end of its log when it ends first or is not ready in time.
        """
        program = Program(name, argv, log=self._logs / f"{name}.log", env=env)
        self._running.append(program)
        if ready is not None:
            deadline = time.monotonic() + within
            while not ready():
                if not program.alive:
                    raise ProgramFailed(f"{name} ended with {program.returncode}; its log:\n{program.tail()}")
                if time.monotonic() > deadline:
                    raise ProgramFailed(
                        f"{name} was not ready after {within:g} s; its log:\n{program.tail()}"
                    )
                time.sleep(0.02)
        return program

    def kill(self, program: Program) -> None:
        """A power cut for one program; it is forgotten here."""
        program.kill()
        self._forget(program)

    def end(self, program: Program) -> None:
        """An orderly end for one program; it is forgotten here."""
        program.end()
        self._forget(program)

    def _forget(self, program: Program) -> None:
        with contextlib.suppress(ValueError):
            self._running.remove(program)


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
