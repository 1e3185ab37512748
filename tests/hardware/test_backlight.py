"""The panel's light, on a file tree as Linux shows backlights."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path

import pytest

from hardware.backlight import PanelLight
from tests.hardware.wires_process import eventually

SOON = 0.05


def backlight(root: Path, name: str = "10-0045", *, most: int = 255, now: int = 200) -> Path:
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "max_brightness").write_text(f"{most}\n", encoding="ascii")
    (folder / "brightness").write_text(f"{now}\n", encoding="ascii")
    return folder / "brightness"


def shows(brightness: Path, level: int) -> bool:
    return brightness.read_text(encoding="ascii") == f"{level}\n"


@pytest.mark.parametrize(("most", "low"), [(255, 38), (31, 5), (100, 15), (4, 1), (3, 1)])
def test_it_dims_when_nobody_is_there_but_never_to_darkness(tmp_path, most, low):
    file = backlight(tmp_path, most=most, now=most)
    with PanelLight(dim_after_s=SOON, dim_percent=15, root=tmp_path):
        eventually(lambda: shows(file, low))


def test_a_touch_brings_back_at_once_what_was_there(tmp_path):
    file = backlight(tmp_path, now=200)
    with PanelLight(dim_after_s=0.5, root=tmp_path) as light:
        eventually(lambda: shows(file, 38))
        assert "dimmed" in repr(light)
        touched = time.monotonic()
        light.wake()
        eventually(lambda: shows(file, 200), within_s=0.4)
        assert time.monotonic() - touched < 0.4
        eventually(lambda: shows(file, 38))


def test_while_it_is_touched_it_stays_bright(tmp_path):
    file = backlight(tmp_path)
    with PanelLight(dim_after_s=0.8, root=tmp_path) as light:
        until = time.monotonic() + 1.0
        while time.monotonic() < until:
            light.wake()
            assert shows(file, 200)
            time.sleep(0.01)


def test_while_somebody_is_near_it_stays_bright_and_then_dims(tmp_path):
    file = backlight(tmp_path)
    with PanelLight(dim_after_s=SOON, root=tmp_path) as light:
        eventually(lambda: shows(file, 38))
        light.somebody()
        eventually(lambda: shows(file, 200))
        until = time.monotonic() + 6 * SOON
        while time.monotonic() < until:
            assert shows(file, 200)
            time.sleep(0.01)
        light.nobody()
        eventually(lambda: shows(file, 38))


def test_a_brightness_that_staff_have_chosen_meanwhile_is_the_one_that_comes_back(tmp_path):
    file = backlight(tmp_path, now=200)
    with PanelLight(dim_after_s=0.3, root=tmp_path) as light:
        file.write_text("120\n", encoding="ascii")
        eventually(lambda: shows(file, 38))
        light.wake()
        eventually(lambda: shows(file, 120))


def test_a_panel_left_dim_by_a_station_that_died_is_bright_again(tmp_path):
    file = backlight(tmp_path, most=255, now=38)
    with PanelLight(dim_after_s=60, root=tmp_path):
        eventually(lambda: shows(file, 255))


def test_closing_leaves_the_panel_bright_and_no_thread(tmp_path):
    file = backlight(tmp_path)
    light = PanelLight(dim_after_s=SOON, root=tmp_path)
    eventually(lambda: shows(file, 38))
    light.close()
    light.close()
    assert shows(file, 200)
    assert light.closed
    assert not any(thread.name == "panel-light" for thread in threading.enumerate())


def test_every_panel_is_dimmed_also_one_whose_driver_came_late(tmp_path):
    first = backlight(tmp_path, "10-0045")
    with PanelLight(dim_after_s=SOON, root=tmp_path) as light:
        eventually(lambda: shows(first, 38))
        late = backlight(tmp_path, "11-0045", most=31, now=31)
        light.wake()
        eventually(lambda: shows(late, 5))


def test_without_a_backlight_one_line_is_logged_and_nothing_else_happens(tmp_path, caplog):
    with caplog.at_level(logging.INFO, logger="hardware.backlight"):
        with PanelLight(dim_after_s=0.01, root=tmp_path / "none") as light:
            for _ in range(20):
                light.wake()
                time.sleep(0.005)
        assert len(caplog.records) == 1
    assert "no backlight" in caplog.text


@pytest.mark.parametrize("broken", ["unwritable", "garbage"])
def test_a_backlight_that_cannot_be_written_or_read_is_one_line_too(tmp_path, caplog, broken):
    file = backlight(tmp_path)
    if broken == "garbage":
        file.write_text("bright\n", encoding="ascii")
    else:  # whoever runs the tests as root may write anything but a folder
        file.unlink()
        file.mkdir()
    with caplog.at_level(logging.INFO, logger="hardware.backlight"):
        with PanelLight(dim_after_s=0.01, root=tmp_path) as light:
            for _ in range(20):
                light.wake()
                time.sleep(0.005)
        assert len(caplog.records) == 1
    assert "stays as it is" in caplog.text
