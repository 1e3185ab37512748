"""A tap on the wire: a TCP relay that keeps every byte both ways, and what MQTT messages it carried."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from central.broker import LocalBroker

PUBLISH = 3  # MQTT 5, 2.1.2: the packet's type in its first byte


@dataclass(frozen=True, slots=True)
class Message:
    """One PUBLISH."""

    topic: str
    payload: bytes
    up: bool  # from the station


class Tap:
    """Listens beside a broker while the `with` lasts."""

    host = "127.0.0.1"

    def __init__(self, broker: LocalBroker) -> None:
        self._broker = (broker.host, broker.port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._kept: list[tuple[bool, bytearray]] = []

    @property
    def port(self) -> int:
        """Where a station connects to."""
        return int(self._listening.getsockname()[1])

    @property
    def bytes(self) -> bytes:
        """Everything that was carried."""
        return b"\0\0".join(bytes(kept) for _, kept in self._kept)

    @property
    def messages(self) -> list[Message]:
        """Every message that was carried whole."""
        return [one for up, kept in self._kept for one in _published(bytes(kept), up)]

    def __enter__(self) -> Tap:
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
            for up, source, target in ((True, station, broker), (False, broker, station)):
                self._kept.append((up, kept := bytearray()))
                threading.Thread(target=_carry, args=(source, target, kept), daemon=True).start()


def _carry(source: socket.socket, target: socket.socket, kept: bytearray) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65_536):
            kept += piece
            target.sendall(piece)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)


def _published(stream: bytes, up: bool) -> Iterator[Message]:
    at = 0
    while at < len(stream):
        first = stream[at]
        length, at = _number(stream, at + 1)
        packet, at = stream[at : at + length], at + length
        if first >> 4 != PUBLISH or len(packet) < length:
            continue
        name = 2 + int.from_bytes(packet[:2])
        rest = name + (2 if first & 0b110 else 0)  # a packet identifier, unless QoS is 0
        properties, rest = _number(packet, rest)
        yield Message(packet[2:name].decode(), packet[rest + properties :], up)


def _number(stream: bytes, at: int) -> tuple[int, int]:
    """A variable byte integer (MQTT 5, 1.5.5), and where it ends."""
    value = shift = 0
    while at < len(stream):
        byte = stream[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    return value, at
