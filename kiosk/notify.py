"""Telling systemd that the station lives: READY=1 once, WATCHDOG=1 while the threads that matter move.

The protocol is sd_notify(3): one datagram to the socket named in NOTIFY_SOCKET.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable

STALE_S = 20.0  # a thread that did not move for so long is stuck
EVERY_S = 5.0


class Watchdog:
    """Feeds systemd's watchdog from the desk thread, and only when every `beat` is fresh.

    `beats` name the threads and answer with the moment (time.monotonic) each moved last.
    """

    def __init__(self, beats: dict[str, Callable[[], float]]) -> None:
        self._beats = beats
        self._path = os.environ.get("NOTIFY_SOCKET", "")
        self._last = float("-inf")

    def ready(self) -> None:
        """The station serves."""
        self._send("READY=1")

    def stopping(self) -> None:
        """The station is being shut down."""
        self._send("STOPPING=1")

    def stuck(self) -> list[str]:
        """The threads that have not moved lately."""
        now = time.monotonic()
        return [name for name, beat in self._beats.items() if now - beat() > STALE_S]

    def tick(self) -> None:
        """Feed the watchdog, unless some thread is stuck: then systemd starts the station anew."""
        now = time.monotonic()
        if now - self._last < EVERY_S:
            return
        self._last = now
        stuck = self.stuck()
        self._send(f"STATUS=stuck: {', '.join(stuck)}" if stuck else "WATCHDOG=1")

    def _send(self, message: str) -> None:
        if not self._path:
            return
        address = "\0" + self._path[1:] if self._path.startswith("@") else self._path
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
                out.sendto(message.encode(), address)
        except OSError:
            return  # no systemd to hear it: the station runs all the same
