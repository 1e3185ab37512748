"""What certificates cost: a login over mutual TLS beside a plain one; how long a revoked station stays in."""

from __future__ import annotations

import socket
import ssl
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from central.broker import LocalBroker
from central.identity.eviction import shut_out
from tests.bench.row import Row
from tests.central.secured import Secured, Wire

TIMES = 50
REVOKED = 5
# MQTT 5 CONNECT with a clean start and the name "x"; CONNACK begins with 0x20
_CONNECT = bytes.fromhex("100e00044d5154540502003c00000178")


def _login(port: int, wrap: Callable[[socket.socket], socket.socket]) -> float:
    """Milliseconds from nothing to the broker's answer."""
    began = time.perf_counter()
    with wrap(socket.create_connection(("localhost", port), 5)) as wire:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wire.sendall(_CONNECT)
        answer = wire.recv(100)
    took = 1000 * (time.perf_counter() - began)
    assert answer[:1] == b"\x20", answer
    return took


def measure() -> Iterator[Row]:
    """The rows, each beside its floor."""
    with tempfile.TemporaryDirectory() as folder, LocalBroker(Path(folder) / "plain") as plain:
        secured = Secured(Path(folder) / "secured")
        secured.start_broker()
        try:
            context = ssl.create_default_context(cafile=str(secured.authority.file))
            context.load_cert_chain(secured.made("kiosk-1").file)
            over_tls = [
                _login(secured.port, lambda wire: context.wrap_socket(wire, server_hostname="localhost"))
                for _ in range(TIMES)
            ]
            floor = [_login(plain.port, lambda wire: wire) for _ in range(TIMES)]
            yield Row(
                "login over mutual TLS 1.3, shipped configuration",
                "ms, median",
                statistics.median(over_tls),
                statistics.median(floor),
                "without TLS",
                "under 10 ms",
            )
            yield Row(
                "a revoked station is out, the broker refuses it",
                "ms, median",
                statistics.median(_revocation(secured, number) for number in range(REVOKED)),
                None,
                "",
                "within seconds",
            )
        finally:
            secured.close()


def _revocation(secured: Secured, number: int) -> float:
    if not secured.door_port:
        secured.open_door()
    name = f"kiosk-{number}"
    with Wire(secured, secured.enrol(name).certificate) as wire:
        began = time.perf_counter()
        shut_out(secured.data, secured.authority, name, ("localhost", secured.port))
        wire.until(lambda: bool(wire.over))
        return 1000 * (time.perf_counter() - began)
