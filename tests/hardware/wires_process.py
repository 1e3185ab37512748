"""The simulated wires as a real process for a test, on a socket of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from hardware.errors import BenchLost
from hardware.simulated.bench_client import Bench


def start_wires(socket_path: Path, *options: str) -> subprocess.Popen[str]:
    """Started and answering."""
    process = subprocess.Popen(
        [sys.executable, "-m", "hardware.simulated.wires", "--socket", str(socket_path), *options],
        stderr=subprocess.PIPE,
        text=True,
    )
    eventually(lambda: answers(socket_path) or process.poll() is not None)
    return process


def answers(socket_path: Path) -> bool:
    try:
        Bench(socket_path).close()
    except BenchLost:
        return False
    return True


def end(process: subprocess.Popen[str]) -> int:
    process.terminate()
    try:
        process.communicate(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return process.returncode


def eventually(true: Callable[[], object], within_s: float = 10.0) -> None:
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.005)
