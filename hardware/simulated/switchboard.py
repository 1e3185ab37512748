"""The simulated wires' server: who connects, what they say, what they are told. One thread, one loop.

Roles: "spi" (binary frames: length in two bytes, then MOSI; the same back with MISO), "pins" and "bench"
(JSON lines). Clients may come, go or crash: the chip and the tags stay as they are.
"""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import selectors
import socket
import stat
import struct
from pathlib import Path
from typing import Any

from hardware.errors import SimulationError, WiresInUse
from hardware.simulated.clock import Clock
from hardware.simulated.world import World

_LENGTH = struct.Struct(">H")
_LONGEST_LINE = 65_536  # a command is a few dozen bytes
_MOST_UNREAD = 1_000_000  # a client that lets so many bytes wait does not read any more
_log = logging.getLogger(__name__)


class _Client:
    """One connection: what came in and is not understood yet, what has to go out."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.role = ""
        self.received = bytearray()
        self.unsent = bytearray()
        self.answer: tuple[float, dict[str, Any]] | None = None  # a bench answer that is due later


class Switchboard:
    """The server: one thread, one loop; the chip is touched by nobody else."""

    def __init__(self, path: Path, world: World, clock: Clock) -> None:
        self._path, self._world, self._clock = path, world, clock
        self._selector = selectors.DefaultSelector()
        self._clients: dict[socket.socket, _Client] = {}
        self._listener = _listen(path)
        self._wake, self._waker = socket.socketpair()
        self._stopping = False
        for watched in (self._listener, self._wake, self._waker):
            watched.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._wake, selectors.EVENT_READ)

    def stop(self) -> None:
        """Have `serve` return; safe from a signal handler and from any thread."""
        self._stopping = True
        with contextlib.suppress(OSError):
            self._waker.send(b"\0")

    def serve(self) -> None:
        """Serve until `stop`; then every connection is closed and the socket removed."""
        try:
            while not self._stopping:
                for key, events in self._selector.select(self._patience()):
                    self._ready(key.fileobj, events)
                self._tell_pins()
                self._send_due_answers()
        finally:
            for client in list(self._clients.values()):
                client.connection.close()
            self._selector.close()
            for watched in (self._listener, self._wake, self._waker):
                watched.close()
            self._path.unlink(missing_ok=True)

    def _patience(self) -> float | None:
        due = [
            self._world.next_due,
            *(client.answer[0] for client in self._clients.values() if client.answer),
        ]
        first = min(due)
        return None if first == float("inf") else max(0.0, first - self._clock.monotonic())

    def _ready(self, ready: object, events: int) -> None:
        if ready is self._listener:
            with contextlib.suppress(BlockingIOError, ConnectionAbortedError):
                connection, _ = self._listener.accept()
                connection.setblocking(False)
                self._clients[connection] = _Client(connection)
                self._selector.register(connection, selectors.EVENT_READ)
            return
        client = self._clients.get(ready) if isinstance(ready, socket.socket) else None
        if client is None:
            return
        if events & selectors.EVENT_WRITE:
            self._flush(client)
        if events & selectors.EVENT_READ:
            self._receive(client)

    def _receive(self, client: _Client) -> None:
        try:
            part = client.connection.recv(65_536)
        except BlockingIOError:
            return
        except OSError:
            part = b""
        if not part:
            self._drop(client)
            return
        client.received += part
        self._understand(client)
        if len(client.received) > _MOST_UNREAD:
            _log.warning("a %s client sends faster than it is answered; it is cut off", client.role or "new")
            self._drop(client)

    def _understand(self, client: _Client) -> None:
        while client.connection in self._clients and client.answer is None:
            if client.role == "spi":
                if not self._next_transfer(client):
                    return
                continue
            line, found, rest = client.received.partition(b"\n")
            if not found:
                if len(line) > _LONGEST_LINE:
                    self._send(client, {"ok": False, "error": f"line longer than {_LONGEST_LINE} bytes"})
                    self._drop(client)
                return
            client.received = rest
            self._line(client, bytes(line))

    def _next_transfer(self, client: _Client) -> bool:
        if len(client.received) < 2:
            return False
        (length,) = _LENGTH.unpack_from(client.received)
        if len(client.received) < 2 + length:
            return False
        mosi = bytes(client.received[2 : 2 + length])
        del client.received[: 2 + length]
        self._send_bytes(client, _LENGTH.pack(length) + self._world.chip.transfer(mosi))
        return True

    def _line(self, client: _Client, line: bytes) -> None:
        try:
            message = json.loads(line)
        except (ValueError, RecursionError) as error:
            self._refuse(client, f"not a JSON line: {error}")
            return
        if client.role == "bench":
            try:
                answer, due = self._world.command(message)
            except SimulationError as error:
                self._refuse(client, str(error))
                return
            if due:
                client.answer = (due, answer)
            else:
                self._send(client, answer)
        elif client.role == "pins":
            self._station_pin(client, message)
        else:
            self._greet(client, message)

    def _greet(self, client: _Client, message: object) -> None:
        role = message.get("role") if isinstance(message, dict) else None
        if role not in ("spi", "pins", "bench") or not isinstance(message, dict):
            self._refuse(client, f'the first line names a "role": spi, pins or bench; found {role!r:.60}')
            return
        chip_select = (message.get("bus", 0), message.get("device", 0))
        if role == "spi" and chip_select != (0, 0):
            self._refuse(
                client, "the reader hangs on bus 0, device 0; no chip on {!r}.{!r}".format(*chip_select)
            )
            return
        client.role = str(role)
        self._send(client, {"ok": True})
        if role == "pins":
            for pin, level in sorted(self._world.inputs.items()):
                self._send(client, {"pin": pin, "level": level})

    def _station_pin(self, client: _Client, message: object) -> None:
        pin = message.get("pin") if isinstance(message, dict) else None
        level = message.get("level") if isinstance(message, dict) else None
        if type(pin) is not int or not 0 <= pin <= 27 or type(level) is not int or level not in (0, 1):
            self._refuse(client, f'a pin line is {{"pin":0..27,"level":0|1}}, not {message!r:.60}')
            return
        self._world.station_drives(pin, level)

    def _refuse(self, client: _Client, why: str) -> None:
        self._send(client, {"ok": False, "error": why})
        if not client.role:
            self._drop(client)

    def _tell_pins(self) -> None:
        for pin, level, at in self._world.pin_changes():
            for client in list(self._clients.values()):
                if client.role == "pins":
                    self._send(client, {"pin": pin, "level": level, "at": at})

    def _send_due_answers(self) -> None:
        now = self._clock.monotonic()
        for client in list(self._clients.values()):
            if client.answer is not None and client.answer[0] <= now:
                answer, client.answer = client.answer[1], None
                self._send(client, answer)
                self._understand(client)

    def _send(self, client: _Client, message: dict[str, Any]) -> None:
        self._send_bytes(client, json.dumps(message).encode() + b"\n")

    def _send_bytes(self, client: _Client, data: bytes) -> None:
        client.unsent += data
        self._flush(client)

    def _flush(self, client: _Client) -> None:
        try:
            sent = client.connection.send(client.unsent)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._drop(client)
            return
        del client.unsent[:sent]
        if len(client.unsent) > _MOST_UNREAD:
            _log.warning("a %s client does not read any more; its connection is closed", client.role)
            self._drop(client)
            return
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if client.unsent else 0)
        if self._selector.get_key(client.connection).events != events:
            self._selector.modify(client.connection, events)

    def _drop(self, client: _Client) -> None:
        if self._clients.pop(client.connection, None) is None:
            return
        self._selector.unregister(client.connection)
        client.connection.close()
        if client.role == "pins" and not any(other.role == "pins" for other in self._clients.values()):
            self._world.station_left()


def _listen(path: Path) -> socket.socket:
    """A listening socket at `path`; a stale one is removed. Raises WiresInUse, or OSError naming the path."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _remove_stale(path)
        listener.bind(str(path))
        listener.listen(16)
    except WiresInUse:
        listener.close()
        raise
    except OSError as error:
        listener.close()
        raise OSError(f"cannot serve the simulated wires at {path}: {error}") from error
    return listener


def _remove_stale(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise FileExistsError(errno.EEXIST, "there is a file that is not a socket; choose another path")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            path.unlink(missing_ok=True)
            return
    raise WiresInUse(f"simulated wires are running at {path} already; stop them or choose another --socket")
