"""Programs that are killed and started by the hundred: forked from one process that has loaded everything.

Each is a process of its own, and SIGKILL ends it as it ends any. One is there within hundredths of a second,
where an interpreter that imports a station anew takes a whole one.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.crash.station", "tests.crash.centre"])
_ONE = threading.Lock()  # multiprocessing keeps its list of children for one thread

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def begin(log: Path) -> None:
    """The first thing a program does: end with the one that forks, speak into a file."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    spoken = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(spoken, 1)
    os.dup2(spoken, 2)


class Forked:
    """One program: `work(duty)` in a process."""

    def __init__(self, work: Callable[[Any], None], duty: Any) -> None:
        self._process = _FORKS.Process(target=work, args=(duty,), daemon=True)
        with _ONE:
            self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        with _ONE:
            return self._process.is_alive()

    def kill(self) -> None:
        """kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM, and the time it takes."""
        self._end(signal.SIGTERM)

    def _end(self, sign: signal.Signals) -> None:
        if self.alive:
            os.kill(self.pid, sign)
        self._process.join(15)
        if self.alive:
            os.kill(self.pid, signal.SIGKILL)
            raise AssertionError(f"{self._process} did not end")
