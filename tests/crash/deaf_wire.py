"""A link that goes half open: a TCP relay that stays connected and carries nothing any more."""

from __future__ import annotations

import contextlib
import socket
import threading

from central.broker import LocalBroker


class DeafWire:
    """Listens beside a broker while the `with` lasts."""

    host = "127.0.0.1"

    def __init__(self, broker: LocalBroker) -> None:
        self._broker = (broker.host, broker.port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._deaf: set[socket.socket] = set()
        self.swallowed = 0  # bytes

    @property
    def port(self) -> int:
        """Where a station connects to."""
        return int(self._listening.getsockname()[1])

    @property
    def connections(self) -> int:
        """That were made in all."""
        return len(self._open) // 2

    def go_deaf(self) -> None:
        """What is connected now stays so, and nothing of it arrives. Later connections are well."""
        self._deaf.update(self._open)

    def __enter__(self) -> DeafWire:
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
                broker = socket.create_connection(self._broker)
            except OSError:
                return
            self._open += [station, broker]
            for source, target in ((station, broker), (broker, station)):
                threading.Thread(target=self._carry, args=(source, target), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(65_536):
                if source in self._deaf:
                    self.swallowed += len(piece)
                else:
                    target.sendall(piece)
        if source not in self._deaf:  # else: the end of one side is not heard at the other either
            with contextlib.suppress(OSError):
                target.shutdown(socket.SHUT_RDWR)
