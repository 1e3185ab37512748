"""`./run` on a desktop: whichever way it ends, no process of it is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from kiosk.demo.glass import Glass

pytestmark = [pytest.mark.broker, pytest.mark.display]

PARTS = {"kiosk run", "hardware.simulated.bench", "hardware.simulated.wires", "central serve", "mosquitto"}


class Desktop:
    """The running demonstration, its windows drawn into memory."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kiosk.demo.desktop", "--no-browser", "--out", str(folder / "out")],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "SDL_VIDEODRIVER": "offscreen", "SDL_AUDIODRIVER": "dummy"},
        )
        self.children: list[psutil.Process] = []

    def until(self, right: Callable[[], bool], within: float = 40.0) -> None:
        deadline = time.monotonic() + within
        while not right():
            assert self.process.poll() is None or not self.parts(), self.said()
            assert time.monotonic() < deadline, f"running: {sorted(self.parts())}"
            time.sleep(0.1)

    def parts(self) -> set[str]:
        """Which of its programs run now."""
        found = set()
        self.children = psutil.Process(self.process.pid).children(recursive=True)
        for child in self.children:
            line = " ".join(_line_of(child))
            found |= {part for part in PARTS if part in line}
        return found

    def glass(self) -> Glass:
        """The station's screen."""
        for child in self.children:
            words = _line_of(child)
            if "--inspect" in words:
                return Glass(Path(words[words.index("--inspect") + 1]))
        raise AssertionError("the station runs without an inspection socket")

    def left(self) -> list[str]:
        """What still runs of what was once started."""
        return [
            " ".join(_line_of(child))
            for child in self.children
            if child.is_running() and child.status() != psutil.STATUS_ZOMBIE
        ]

    def said(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.read().decode(errors="replace")

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        if self.process.stdout is not None:
            self.process.stdout.close()


def _line_of(child: psutil.Process) -> list[str]:
    try:
        return list(child.cmdline())
    except psutil.Error:
        return []


@pytest.fixture
def desktop(tmp_path: Path, mosquitto: str) -> Iterator[Desktop]:
    running = Desktop(tmp_path)
    try:
        running.until(lambda: running.parts() == PARTS)
        yield running
    finally:
        running.end()


def test_closing_the_stations_window_ends_every_program_with_status_0(desktop: Desktop) -> None:
    glass = desktop.glass()
    glass.until("Welcome", within=20)
    glass.shut()
    assert desktop.process.wait(30) == 0
    assert desktop.left() == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_every_program(desktop: Desktop, number: signal.Signals) -> None:
    desktop.process.send_signal(number)
    desktop.process.wait(30)
    assert desktop.left() == []
