"""A long way to the broker: a TCP relay that hands everything on late and in order, as networks do."""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
import time

from central.broker import LocalBroker
from tests.central.wire import Address


class SlowWire:
    """Listens beside a broker while the `with` lasts. `round_trip_s` is shared by both directions."""

    def __init__(self, broker: LocalBroker | Address, round_trip_s: float) -> None:
        self._broker = Address(broker.host, broker.port)
        self._delay = round_trip_s / 2
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.up_bytes = 0  # that came from the station
        self.up_pieces = 0

    @property
    def host(self) -> str:
        """Where a station connects to."""
        return "127.0.0.1"

    @property
    def port(self) -> int:
        """Where a station connects to."""
        return int(self._listening.getsockname()[1])

    def __enter__(self) -> SlowWire:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                station, _ = self._listening.accept()
            except OSError:
                return
            broker = socket.create_connection(self._broker)
            for one in (station, broker):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._open.append(one)
            self._carry(station, broker, up=True)
            self._carry(broker, station, up=False)

    def _carry(self, source: socket.socket, target: socket.socket, *, up: bool) -> None:
        under_way: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()

        def take() -> None:
            while True:
                try:
                    piece = source.recv(65_536)
                except OSError:
                    piece = b""
                if up:
                    self.up_bytes += len(piece)
                    self.up_pieces += 1
                under_way.put((time.monotonic() + self._delay, piece))
                if not piece:
                    return

        def hand_on() -> None:
            while True:
                due, piece = under_way.get()
                time.sleep(max(0.0, due - time.monotonic()))
                try:
                    if not piece:
                        target.shutdown(socket.SHUT_WR)
                        return
                    target.sendall(piece)
                except OSError:
                    return

        for work in (take, hand_on):
            threading.Thread(target=work, daemon=True).start()
