"""The pad's thread on the real clock: what it costs while nothing lies there, beside one that only naps."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from hardware.rfid.rc522 import RC522
from hardware.simulated.channel import greet
from hardware.simulated.spidev import SpiDev
from hardware.worker import PadWorker
from tests.bench.row import Row

SECONDS = 10.0


def _cpu_share(thread: threading.Thread) -> float:
    """Per cent of a core that a thread uses over SECONDS."""
    assert thread.ident is not None
    clock = time.pthread_getcpuclockid(thread.ident)
    used, began = time.clock_gettime(clock), time.monotonic()
    time.sleep(SECONDS)
    return 100 * (time.clock_gettime(clock) - used) / (time.monotonic() - began)


def _ours(socket: Path) -> tuple[float, int]:
    """The worker with the driver on the simulated wires, which are another process, as a bus is."""
    before = set(threading.enumerate())
    worker = PadWorker(RC522(SpiDev(socket)), lambda event: None)
    worker.start()
    time.sleep(1.0)
    thread = next(thread for thread in set(threading.enumerate()) - before if thread.name == "pad")
    share = _cpu_share(thread)
    worker.stop()
    return share, len(set(threading.enumerate()) - before)


def _sleeper() -> float:
    """A thread that wakes as often as the driver's idle look does, and does nothing."""
    stopping = threading.Event()

    def nap(pauses: Callable[[float], bool]) -> None:
        while not pauses(0.1):
            time.sleep(0.00125)

    thread = threading.Thread(target=nap, args=(stopping.wait,), daemon=True)
    thread.start()
    share = _cpu_share(thread)
    stopping.set()
    thread.join()
    return share


def measure() -> Iterator[Row]:
    """Idle CPU of the pad's thread, and what is left of it after stop."""
    with tempfile.TemporaryDirectory() as folder:
        socket = Path(folder) / "w"
        wires = subprocess.Popen(
            [sys.executable, "-m", "hardware.simulated.wires", "--socket", str(socket)],
            stderr=subprocess.DEVNULL,
        )
        try:
            for _ in range(200):
                try:
                    greet(socket, {"role": "bench"}).close()
                    break
                except OSError:
                    time.sleep(0.05)
            share, left = _ours(socket)
        finally:
            wires.terminate()
            wires.wait(5)
    peer = "a thread that only naps as often"
    yield Row(
        "pad thread, empty pad, ten looks a second", "% of a core", share, _sleeper(), peer, "at most 2"
    )
    yield Row("threads left after stop", "threads", left, None, "", "0")
