"""The clock says how far it can be trusted; the watchdog is fed only while every thread moves."""

from __future__ import annotations

import socket
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.bootstrap.places import opened_store
from kiosk.clock import LinuxKernel, StationClock
from kiosk.facts import StationStarted
from kiosk.model import ClockQuality
from kiosk.notify import Watchdog
from kiosk.ports import StoreError
from kiosk.settings import Settings, StationSection
from kiosk.store.kept_time import last_kept_time
from tests.unit.reading_corner import at, filled_corner, lend, open_corner


def test_the_monotonic_part_never_steps_back_and_the_wall_part_has_its_offset() -> None:
    clock = StationClock(7)
    moments = [clock.now() for _ in range(100)]
    assert [moment.mono for moment in moments] == sorted(moment.mono for moment in moments)
    assert moments[0].boot == 7
    assert moments[0].wall.utcoffset() is not None


def test_the_machine_itself_answers(tmp_path: Path) -> None:
    kernel = LinuxKernel(tmp_path)
    assert kernel.chip() is None
    (tmp_path / "since_epoch").write_text("1795000000\n")
    assert kernel.chip() == datetime.fromtimestamp(1_795_000_000, UTC)
    for nonsense in ("", "soon", "9" * 30):
        (tmp_path / "since_epoch").write_text(nonsense)
        assert kernel.chip() is None
    assert kernel.wall().utcoffset() is not None
    assert kernel.mono() <= kernel.mono()
    assert kernel.synchronised() in {True, False}


def test_the_last_time_that_was_surely_right_counts_on_with_the_time_the_station_ran_since(
    tmp_path: Path,
) -> None:
    path = tmp_path / "station.db"
    wrong = timedelta(days=4_000)
    with filled_corner(path) as store:
        lend(store, 1, now=at(5))
        assert last_kept_time(path) == at(5).wall
        lend(store, 2, now=replace(at(65, quality=ClockQuality.FREE), wall=at().wall - wrong))
        assert last_kept_time(path) == at(65).wall, "an hour later, whatever the clock said"
        for boot, minutes in ((2, 10), (2, 480), (3, 300)):  # days without a network
            late = at(minutes, boot=boot, quality=ClockQuality.RTC)
            with store.begin(replace(late, wall=at().wall + wrong)) as work:
                work.report(StationStarted(version="1"))
                work.commit()
        assert last_kept_time(path) == at(65 + 480 + 300).wall


def test_a_station_that_never_met_a_time_server_has_no_such_time(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    with open_corner(path) as store:
        assert last_kept_time(path) is None
        with store.begin(at(quality=ClockQuality.FREE)) as work:
            work.report(StationStarted(version="1"))
            work.commit()
        assert last_kept_time(path) is None
    with pytest.raises(StoreError, match=r"none\.db"):
        last_kept_time(tmp_path / "none.db")


def test_a_started_station_knows_the_time_it_has_on_record(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("kiosk.clock.kernel_says_synchronised", lambda: False)
    monkeypatch.setattr("kiosk.clock.LinuxKernel.chip", lambda self: None)
    settings = Settings(station=StationSection(id="goc-doc-1", data=tmp_path))
    far = datetime.now(UTC) + timedelta(days=400)
    with opened_store(settings) as (store, clock), store.begin(replace(at(), wall=far)) as work:
        assert clock.now().wall < far
        work.report(StationStarted(version="1"))
        work.commit()
    with opened_store(settings) as (_, clock):
        assert clock.now().today >= far.astimezone().date()


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
