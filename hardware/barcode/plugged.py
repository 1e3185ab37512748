"""The thread of a device that may be unplugged at any time: opens it, attends to it, opens it again."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from hardware.errors import HardwareError

log = logging.getLogger(__name__)

_FIRST_RETRY_S, _LONGEST_RETRY_S = 0.2, 2.0
_RELAPSE_S = 30.0  # lost again within so long: a loose plug, which must prove itself longer
_FIRST_PROOF_S, _LONGEST_PROOF_S = 0.5, 2.5


class ReaderStuck(HardwareError, TimeoutError):
    """The reader's thread would not end in time."""


class ReaderRunning(HardwareError, RuntimeError):
    """The reader's thread was started twice."""


class Pluggable(Protocol):
    """A device behind a plug. Used by its thread only."""

    def open(self) -> None:
        """Take it. Raises when it is not there."""
        ...

    def attend(self) -> None:
        """Wait a tenth of a second or so for what it says, and pass it on. Raises when it went away."""
        ...

    def close(self) -> None:
        """Let go of it. Never raises; may be called twice."""
        ...


class PluggedThread:
    """Keeps `device` open on a thread named `name`.

    `on_lost` is told the cause once when the device cannot be opened or went away, `on_back` is called once
    when it works again; both on this thread. `heartbeat` is the monotonic second of the last turn.
    """

    def __init__(
        self,
        device: Pluggable,
        name: str,
        *,
        on_lost: Callable[[str], None] | None = None,
        on_back: Callable[[], None] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._device, self._name, self._monotonic = device, name, monotonic
        self._on_lost, self._on_back = on_lost, on_back
        self.heartbeat = monotonic()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._open = self._lost = False
        self._retry_s = _FIRST_RETRY_S
        self._opened_at = self._back_at = float("-inf")
        self._proof_s = 0.0

    @property
    def running(self) -> bool:
        """Whether it was started and not stopped."""
        return self._thread is not None

    @property
    def connected(self) -> bool:
        """Whether the device is open now."""
        return self._open

    @property
    def lost(self) -> bool:
        """Whether the device is known not to work."""
        return self._lost

    def start(self) -> None:
        """Begin. Raises ReaderRunning when it already did."""
        if self._thread is not None:
            raise ReaderRunning(f"the thread of {self._name!r} runs already")
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """Device closed, thread ended. Raises ReaderStuck when it has not ended after `timeout` seconds."""
        self._stopping.set()
        if self._thread is None:
            return
        self._thread.join(timeout)
        if self._thread.is_alive():
            raise ReaderStuck(f"the thread of {self._name!r} did not end within {timeout:g} s")
        self._thread = None

    def pause(self, seconds: float) -> None:
        """Sleep on this thread; cut short by `stop`."""
        self._stopping.wait(seconds)

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                rest = self.turn(self._monotonic())
                if rest:
                    self._stopping.wait(rest)
        finally:
            self._let_go()

    def turn(self, now: float) -> float:
        """Open the device if need be and attend to it once; how many seconds to rest before the next turn."""
        self.heartbeat = now
        try:
            if not self._open:
                self._device.open()
                self._open, self._opened_at = True, now
            self._device.attend()
        except Exception as error:
            return self._fail(error, now)
        if self._lost and self._monotonic() - self._opened_at >= self._proof_s:
            self._lost, self._back_at = False, now
            self._retry_s = _FIRST_RETRY_S
            log.info("%s: back", self._name)
            self._tell(self._on_back)
        return 0.0

    def _fail(self, error: Exception, now: float) -> float:
        self._let_go()
        if not self._lost:
            self._lost = True
            longer = min(max(2 * self._proof_s, _FIRST_PROOF_S), _LONGEST_PROOF_S)
            self._proof_s = longer if now - self._back_at < _RELAPSE_S else 0.0
            cause = str(error) or type(error).__name__
            log.warning("%s: lost: %s", self._name, cause)
            self._tell(self._on_lost, cause)
        rest, self._retry_s = self._retry_s, min(2 * self._retry_s, _LONGEST_RETRY_S)
        return rest

    def _tell(self, callback: Callable[..., None] | None, *said: str) -> None:
        """A callback that fails is a fault of whoever gave it, and no reason to stop reading."""
        if callback is None:
            return
        try:
            callback(*said)
        except Exception:
            log.exception("%s: its callback failed", self._name)

    def _let_go(self) -> None:
        self._open = False
        try:
            self._device.close()
        except Exception as error:
            log.debug("%s could not be closed: %s", self._name, error)


class PluggedReader:
    """What a reader behind a plug shows of its thread. `with` starts and stops it."""

    def __init__(self, thread: PluggedThread) -> None:
        self._thread = thread

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def state(self) -> str:
        """ "stopped", "lost" or "running"."""
        return "stopped" if not self.running else "lost" if self._thread.lost else "running"

    @property
    def running(self) -> bool:
        """Whether it was started and not stopped."""
        return self._thread.running

    @property
    def connected(self) -> bool:
        """Whether the device is there and read now."""
        return self._thread.connected

    @property
    def heartbeat(self) -> float:
        """The monotonic second of its thread's last turn, for a watchdog."""
        return self._thread.heartbeat

    def start(self) -> None:
        """Begin to read. A reader that is not there yet is lost and comes back. Raises ReaderRunning."""
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """Device given back, thread ended. May be called twice. Raises ReaderStuck after `timeout` s."""
        self._thread.stop(timeout)
