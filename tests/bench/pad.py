"""The pad's thread on the real clock: what it costs while nothing lies there, beside one that only naps."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from hardware.rfid.feig import Feig
from hardware.rfid.pn532 import PN532
from hardware.rfid.rc522 import RC522
from hardware.rfid.rdm6300 import RDM6300
from hardware.simulated.channel import greet
from hardware.simulated.feig_device import FeigDevice
from hardware.simulated.pn532_device import PN532Device
from hardware.simulated.rdm6300_device import RDM6300Device
from hardware.simulated.serial_line import Device, SerialLine
from hardware.simulated.spidev import SpiDev
from hardware.worker import PadWorker
from kiosk.ports import Pad
from tests.bench.row import Row

SECONDS = 8.0


def _cpu_share(thread: threading.Thread) -> float:
    """Per cent of a core that a thread uses over SECONDS."""
    assert thread.ident is not None
    clock = time.pthread_getcpuclockid(thread.ident)
    used, began = time.clock_gettime(clock), time.monotonic()
    time.sleep(SECONDS)
    return 100 * (time.clock_gettime(clock) - used) / (time.monotonic() - began)


def _worker(pad: Pad) -> tuple[float, int]:
    """CPU of the pad's thread over an empty pad, and how many threads are left after stop."""
    before = set(threading.enumerate())
    worker = PadWorker(pad, lambda event: None)
    worker.start()
    time.sleep(2.0)
    thread = next(thread for thread in set(threading.enumerate()) - before if thread.name == "pad")
    share = _cpu_share(thread)
    worker.stop()
    return share, len(set(threading.enumerate()) - before)


def _serial(device: Device, baud: int, make: Callable[[Path], Pad]) -> tuple[float, int]:
    """The same for a reader on a pseudo-terminal."""
    with (
        tempfile.TemporaryDirectory() as folder,
        SerialLine(device, Path(folder) / "usb", baud=baud) as line,
    ):
        return _worker(make(line.link))


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
    """Idle CPU of the pad's thread by reader, and what is left of it after stop."""
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
            readers = {"RC522": _worker(RC522(SpiDev(socket)))}
        finally:
            wires.terminate()
            wires.wait(5)
    readers["PN532"] = _serial(PN532Device(), 115_200, PN532)
    readers["FEIG"] = _serial(FeigDevice(), 38_400, Feig)
    readers["RDM6300"] = _serial(RDM6300Device(), 9_600, RDM6300)
    floor = _sleeper()
    peer = "a thread that only naps as often"
    for name, (share, left) in readers.items():
        yield Row(
            f"pad thread, {name}, empty pad, ten looks a second",
            "% of a core",
            share,
            floor,
            peer,
            "at most 2",
        )
        yield Row(f"pad thread, {name}, threads left after stop", "threads", left, None, "", "0")
