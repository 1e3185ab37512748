"""The board's thread: looks once a minute, at the power every two seconds, and tells what changed.

A worry is told when it begins and when it is over, and only then: a value that wavers is told once.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from hardware.board.readings import Board, BoardReadings
from hardware.board.worries import Severity, Worry, worries
from hardware.errors import HardwareError
from kiosk.events import ExtraBack, ExtraLost
from kiosk.ports import Post

log = logging.getLogger(__name__)

PREFIX = "board."
_POWER_EVERY_S = 2.0  # the kernel's own watch of the voltage forgets a dip after so long (power.py)
_LOOKS_TO_BEGIN = 2  # a peak of heat or memory at one look only is nothing to send somebody for
_QUIET_S = 600.0  # so long without it, and a worry is over


class WatchStuck(HardwareError, TimeoutError):
    """The board's thread would not end in time."""


class WatchRunning(HardwareError, RuntimeError):
    """The board's thread was started twice."""


class BoardWatch:
    """Looks at `board` on a thread of its own; posts ExtraLost and ExtraBack with devices "board.power" ...

    A worry of severity NOW is told at once, SOON when it was seen twice running, NOTE never: `kiosk board`
    shows those. It is over after `quiet_s` without it. Tests drive `poll_once` with a clock of their own.
    """

    def __init__(
        self,
        board: Board,
        post: Post,
        *,
        every_s: float = 60.0,
        quiet_s: float = _QUIET_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._board, self._post, self._monotonic = board, post, monotonic
        self._every_s, self._quiet_s = every_s, quiet_s
        self._look_at = float("-inf")
        self._readings: BoardReadings | None = None
        self._seen: dict[str, int] = {}  # looks running at which a worry not yet told was there
        self._told: dict[str, float] = {}  # told worries: the second each was last there
        self._pressing: set[str] = set()  # told as NOW
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def __repr__(self) -> str:
        state = "stopped" if self._thread is None else "running"
        return f"<BoardWatch {state}, standing: {', '.join(sorted(self._told)) or 'none'}>"

    @property
    def standing(self) -> frozenset[str]:
        """The names of the worries that were told and are not over."""
        return frozenset(self._told)

    @property
    def readings(self) -> BoardReadings | None:
        """What the last full look saw; None before the first."""
        return self._readings

    def start(self) -> None:
        """Begin to look. Raises WatchRunning when it already does."""
        if self._thread is not None:
            raise WatchRunning("the board's thread runs already")
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="board", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """End the thread. Raises WatchStuck when it has not ended after `timeout` seconds."""
        self._stopping.set()
        if self._thread is None:
            return
        self._thread.join(timeout)
        if self._thread.is_alive():
            raise WatchStuck(f"the board's thread did not end within {timeout:g} s; the card may hang")
        self._thread = None

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._stopping.wait(self.poll_once(self._monotonic()))

    def poll_once(self, now: float) -> float:
        """One look at monotonic second `now`; answers how many seconds to rest. Never raises."""
        try:
            if now >= self._look_at:
                self._look_at = now + self._every_s
                self._readings = self._board.read()
                self._weigh(worries(self._readings, self.standing), now)
            else:
                self._weigh_power(now)
        except Exception as error:
            log.warning("the board could not be looked at: %s", error)
        return max(0.0, min(_POWER_EVERY_S, self._look_at - now))

    def _weigh_power(self, now: float) -> None:
        """A dip of the voltage between two full looks: told at once, and keeps a told one standing."""
        for worry in worries(BoardReadings(power=self._board.power())):
            if worry.severity is Severity.NOW:
                self._enter(worry, now)

    def _weigh(self, found: tuple[Worry, ...], now: float) -> None:
        """Enter one full look."""
        pressing = {worry.name: worry for worry in found if worry.severity is not Severity.NOTE}
        self._seen = {name: self._seen.get(name, 0) + 1 for name in pressing if name not in self._told}
        for name, worry in pressing.items():
            if name in self._told or worry.severity is Severity.NOW or self._seen[name] >= _LOOKS_TO_BEGIN:
                self._enter(worry, now)
        for name, last in list(self._told.items()):
            if now - last >= self._quiet_s:
                del self._told[name]
                self._pressing.discard(name)
                log.info("board: %s is over", name)
                self._post(ExtraBack(PREFIX + name))

    def _enter(self, worry: Worry, now: float) -> None:
        """It is there: told if it was not, or has become pressing since; and not over."""
        worse = worry.severity is Severity.NOW and worry.name not in self._pressing
        if worry.name not in self._told or worse:
            self._seen.pop(worry.name, None)
            if worse:
                self._pressing.add(worry.name)
            log.warning("board: %s", worry.words)
            self._post(ExtraLost(PREFIX + worry.name, worry.words))
        self._told[worry.name] = now
