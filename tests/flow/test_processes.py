"""Programs of a demonstration are always ended, however their parent ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from kiosk.demo.processes import ProgramFailed, Programs

SLEEPER = [sys.executable, "-c", "import time; print('awake', flush=True); time.sleep(600)"]
IGNORES = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
STUBBORN = [sys.executable, "-c", IGNORES + SLEEPER[2]]
PARENT = """
import sys, time
from pathlib import Path
from kiosk.demo.processes import Programs
with Programs(Path(sys.argv[1])) as programs:
    program = programs.start("sleeper", [sys.executable, "-c", "import time; time.sleep(600)"])
    print(program.pid, flush=True)
    time.sleep(600)
"""


def eventually(right: Callable[[], bool], within: float = 5.0) -> bool:
    deadline = time.monotonic() + within
    while not right():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def says(log: Path, word: str) -> Callable[[], bool]:
    return lambda: log.exists() and word in log.read_text()


def test_leaving_the_context_ends_every_program(tmp_path: Path) -> None:
    with Programs(tmp_path) as programs:
        first = programs.start("first", SLEEPER, ready=says(tmp_path / "first.log", "awake"))
        second = programs.start("second", SLEEPER)
        assert first.alive
        assert second.alive
    assert not first.alive
    assert not second.alive


def test_an_error_in_the_context_ends_them_too(tmp_path: Path) -> None:
    started = []

    def fails() -> None:
        with Programs(tmp_path) as programs:
            started.append(programs.start("sleeper", SLEEPER))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert not started[0].alive


def test_a_program_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    with Programs(tmp_path) as programs:
        program = programs.start("stubborn", STUBBORN, ready=says(tmp_path / "stubborn.log", "awake"))
        program.end(0.2)
        assert program.returncode == -signal.SIGKILL


def test_what_a_program_started_itself_ends_with_it(tmp_path: Path) -> None:
    script = f"import subprocess, time; subprocess.Popen({SLEEPER!r}); time.sleep(600)"
    with Programs(tmp_path) as programs:
        program = programs.start(
            "parent", [sys.executable, "-c", script], ready=says(tmp_path / "parent.log", "awake")
        )
        (grandchild,) = psutil.Process(program.pid).children()
    assert eventually(lambda: not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE)


def test_a_program_that_ends_at_once_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    with (
        pytest.raises(ProgramFailed, match=r"broken ended with 3(.|\n)*no such reader"),
        Programs(tmp_path) as programs,
    ):
        programs.start(
            "broken", [sys.executable, "-c", "print('no such reader'); exit(3)"], ready=lambda: False
        )


def test_a_program_that_is_not_ready_in_time_is_told_and_ended(tmp_path: Path) -> None:
    with (
        pytest.raises(ProgramFailed, match=r"slow was not ready after 0\.2 s"),
        Programs(tmp_path) as programs,
    ):
        programs.start("slow", SLEEPER, ready=lambda: False, within=0.2)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_a_program_ends_with_its_parent(tmp_path: Path, number: signal.Signals) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    os.kill(parent.pid, number)
    parent.wait(10)
    parent.stdout.close()
    assert eventually(
        lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE
    )


@pytest.mark.broker
def test_a_broker_ends_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time, pathlib; from central.broker import LocalBroker;"
        "b = LocalBroker(pathlib.Path(sys.argv[1])); b.start(); print(b.port, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    with parent.stdout:
        port = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            return
        time.sleep(0.05)
    raise AssertionError(f"mosquitto still listens on {port}")
