"""A thin line to the broker: a TCP relay that carries so many bits a second, counts them, and can be cut."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

from central.broker import LocalBroker
from tests.central.wire import Address

PIECE = 1_024
HEADERS = 52
"""Bytes that TCP and IP add to a segment (RFC 9293 with timestamps, RFC 791)."""
SEGMENT = 1_448


class ThinWire:
    """Listens beside a broker while the `with` lasts. Each direction has the whole of `kbit_s`."""

    def __init__(self, broker: LocalBroker | Address, kbit_s: float) -> None:
        self._broker = Address(broker.host, broker.port)
        self._bytes_s = kbit_s * 1000 / 8
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.down = 0  # bytes towards the station
        self.up = 0
        self.connections = 0

    host = "127.0.0.1"

    @property
    def port(self) -> int:
        """Where a station connects to."""
        return int(self._listening.getsockname()[1])

    def cut(self) -> None:
        """Break every connection, in the middle of whatever it carries."""
        gone, self._open = self._open, []
        for one in gone:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def __enter__(self) -> ThinWire:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                station, _ = self._listening.accept()
                broker = socket.create_connection(self._broker)
            except OSError:
                return
            for one in (station, broker):  # what waits in the kernel would be carried at once
                one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
                one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
            self.connections += 1
            self._open += [station, broker]
            threading.Thread(target=self._carry, args=(station, broker, True), daemon=True).start()
            threading.Thread(target=self._carry, args=(broker, station, False), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, up: bool) -> None:
        free_at = time.monotonic()
        try:
            while piece := source.recv(PIECE):
                carried = len(piece) * (1 + HEADERS / SEGMENT)
                free_at = max(free_at, time.monotonic()) + carried / self._bytes_s
                time.sleep(max(0.0, free_at - time.monotonic()))
                target.sendall(piece)
                if up:
                    self.up += len(piece)
                else:
                    self.down += len(piece)
        except OSError:
            pass
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
