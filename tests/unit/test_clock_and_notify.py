"""The clock says how far it can be trusted; the watchdog is fed only while every thread moves."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from kiosk.clock import StationClock
from kiosk.model import ClockQuality
from kiosk.notify import Watchdog


def test_the_monotonic_part_never_steps_back_and_the_wall_part_has_its_offset() -> None:
    clock = StationClock(7)
    moments = [clock.now() for _ in range(100)]
    assert [moment.mono for moment in moments] == sorted(moment.mono for moment in moments)
    assert moments[0].boot == 7
    assert moments[0].wall.utcoffset() is not None


def test_without_time_server_and_without_clock_chip_the_clock_is_free(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("kiosk.clock.kernel_says_synchronised", lambda: False)
    assert StationClock(1, rtc=tmp_path / "none").now().quality is ClockQuality.FREE
    assert StationClock(1, rtc=tmp_path).now().quality is ClockQuality.RTC
    monkeypatch.setattr("kiosk.clock.kernel_says_synchronised", lambda: True)
    assert StationClock(1, rtc=tmp_path / "none").now().quality is ClockQuality.NTP


def received(listening: socket.socket) -> list[str]:
    listening.setblocking(False)
    messages = []
    while True:
        try:
            messages.append(listening.recv(1000).decode())
        except BlockingIOError:
            return messages


def test_systemd_hears_that_the_station_is_ready_and_lives(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(path)
        monkeypatch.setenv("NOTIFY_SOCKET", path)
        watchdog = Watchdog({"pad": time.monotonic, "screen": time.monotonic})
        watchdog.ready()
        watchdog.tick()
        watchdog.tick()  # too soon: not said again
        watchdog.stopping()
        assert received(listening) == ["READY=1", "WATCHDOG=1", "STOPPING=1"]


def test_a_stuck_thread_starves_the_watchdog(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(path)
        monkeypatch.setenv("NOTIFY_SOCKET", path)
        watchdog = Watchdog({"pad": lambda: time.monotonic() - 60, "screen": time.monotonic})
        watchdog.tick()
        assert received(listening) == ["STATUS=stuck: pad"]


def test_without_systemd_nothing_is_said_and_nothing_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    Watchdog({}).ready()
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    Watchdog({}).ready()
