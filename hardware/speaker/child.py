"""A program started by the station: watched, and ended for certain, with everything it started itself."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO

_COMPLAINT = 65_536  # bytes of what it wrote to stderr; no pipe holds more
_LONGEST_WORDS = 160


class Child:
    """A started program in a process group of its own. Raises OSError when it cannot be started.

    It reads `stdin` or nothing, its output goes nowhere, and of what it writes to stderr the last line is
    kept for `complaint`. `files` are descriptors it may open as /proc/self/fd/N.
    """

    def __init__(
        self, command: Sequence[str], *, stdin: IO[bytes] | None = None, files: Sequence[int] = ()
    ) -> None:
        self.name = Path(command[0]).name
        self.code: int | None = None
        self.complaint = ""
        self._process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL if stdin is None else stdin,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            bufsize=0,
            pass_fds=tuple(files),
            start_new_session=True,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
        if self._process.stderr is not None:
            os.set_blocking(self._process.stderr.fileno(), False)

    def __repr__(self) -> str:
        return f"<Child {self.name} {self._process.pid}, {'running' if self.code is None else self.code}>"

    def ended(self) -> bool:
        """Whether the program is over. It is not reaped yet, so that its number still is its own."""
        try:
            state = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return True
        return state is not None

    def end(self, within_s: float) -> bool:
        """Kill what is left of its whole group and reap it; False = still there, a driver holds on to it.

        SIGKILL at once: a player that is to be silent has nothing to tidy up, and one that hangs may not hear
        anything else. Before the reaping, or the group's number might already be somebody else's.
        """
        if self.code is not None:
            return True
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        try:
            self.code = self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            return False
        self.complaint = self._last_words()
        return True

    def _last_words(self) -> str:
        pipe = self._process.stderr
        if pipe is None:
            return ""
        said = b""
        with contextlib.suppress(OSError), pipe:
            while len(said) < _COMPLAINT and (part := os.read(pipe.fileno(), _COMPLAINT)):
                said += part
        lines = said.decode("utf-8", "replace").split("\n")
        words = ["".join(sign if sign.isprintable() else " " for sign in line).strip() for line in lines]
        return next((line[:_LONGEST_WORDS] for line in reversed(words) if line), "")
