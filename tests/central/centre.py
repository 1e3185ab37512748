"""The centre as its own process, so that it can be killed; read through its database."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from central.broker import LocalBroker
from central.overview import counts
from central.recount import differences
from central.store import CentralStore, url_of


class Centre:
    """`central serve` on a data folder and a broker."""

    def __init__(self, data: Path, broker: LocalBroker, *more: str) -> None:
        self.data = data
        self._broker = broker
        self._more = more
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, connected: bool = True) -> None:
        """Start it and wait for its pages, and for its connection unless that is not expected."""
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "central", "serve", "--data", str(self.data)),
                *("--broker", self._broker.address, "--port", str(self.port), *self._more),
            ],
            stderr=subprocess.DEVNULL,
            # Its day is the stations' own day, wherever and at whatever hour the tests run.
            env=os.environ | {"TZ": "ICT-7"},
        )
        limit = time.monotonic() + 20
        while time.monotonic() < limit:
            try:
                if self.get("/healthz")["broker"] or not connected:
                    return
            except OSError:
                assert self._process.poll() is None, "the centre ended by itself"
            time.sleep(0.05)
        raise AssertionError("the centre never came up")

    def kill(self) -> None:
        """kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM, as a service manager says it."""
        self._end(signal.SIGTERM)

    def pause(self) -> None:
        """SIGSTOP: it is there and does nothing."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)

    def get(self, path: str) -> Any:
        """One of its JSON answers."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
            return json.loads(answer.read())

    def counts(self, station: str = "kiosk-1") -> dict[str, Any]:
        """What it has counted of a station."""
        store = CentralStore(url_of(self.data))
        try:
            with store.reading() as connection:
                return counts(connection)[station]
        finally:
            store.close()

    def wrong_counters(self) -> list[Any]:
        """Where the counters differ from a recount."""
        store = CentralStore(url_of(self.data))
        try:
            with store.reading() as connection:
                return differences(connection)
        finally:
            store.close()

    def _end(self, sign: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            os.kill(process.pid, sign)
            assert process.wait(15) == (0 if sign == signal.SIGTERM else -sign)
