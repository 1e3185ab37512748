"""A station that cannot even begin says so to children, and ends when it is told to."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from kiosk.demo.processes import Program, Programs
from kiosk.demo.stage import OFFSCREEN

pytest.importorskip("kivy")

OPEN_S = 60.0
END_S = 8.0
"""systemd waits 10 s (TimeoutStopSec of the unit) before it kills."""


def wait_for(program: Program, words: str) -> None:
    deadline = time.monotonic() + OPEN_S
    while words not in program.tail(500):
        assert program.alive, f"ended with {program.returncode}: {program.tail(40)}"
        assert time.monotonic() < deadline, program.tail(40)
        time.sleep(0.05)


@pytest.mark.parametrize("folder", ["file", "file/in/a/file"])
def test_without_a_usable_data_folder_the_panel_still_says_that_the_station_is_shut(
    tmp_path: Path, folder: str
) -> None:
    (tmp_path / "file").write_text("no folder")
    settings = tmp_path / "station.toml"
    settings.write_text(
        f'[station]\ndata = "{tmp_path / folder}"\n[screen]\nfullscreen = true\n[link]\nenabled = false\n'
    )
    with Programs(tmp_path / "logs") as programs:
        station = programs.start(
            "station",
            [sys.executable, "-m", "kiosk", "run", "--settings", str(settings)],
            env={**OFFSCREEN, "TMPDIR": str(tmp_path)},
        )
        wait_for(station, "the panel says that the station is out of order")
        began = time.monotonic()
        station.end(END_S * 3)
        assert time.monotonic() - began < END_S, "it kept systemd waiting"
    assert station.returncode == 1, station.tail(40)
    assert "Traceback" not in station.tail(500)


def test_settings_that_cannot_be_used_are_told_on_the_panel_in_one_sentence(tmp_path: Path) -> None:
    settings = tmp_path / "station.toml"
    settings.write_text(
        f'[station]\ndata = "{tmp_path / "data"}"\n[screen]\nfullscreen = true\n[door]\nouter_pin = 5\n'
    )
    with Programs(tmp_path / "logs") as programs:
        station = programs.start(
            "station",
            [sys.executable, "-m", "kiosk", "run", "--settings", str(settings)],
            env={**OFFSCREEN, "TMPDIR": str(tmp_path)},
        )
        wait_for(station, "the panel says that the station is out of order")
        assert "door.outer_pin" in station.tail(500)
        assert "GPIO5" in station.tail(500)
        station.end(END_S * 3)
    assert station.returncode == 1, station.tail(40)
