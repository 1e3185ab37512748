"""The window's set-up, looked at in processes of their own, because Kivy reads it once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

LOOK = """
import json, sys
from pathlib import Path
from ui.window import prepare
prepare(home=Path(sys.argv[1]), **json.loads(sys.argv[2]))
from kivy.config import Config
from kivy.metrics import mm, dp
import kivy.app
print(json.dumps({
    "input": list(Config.items("input")), "graphics": dict(Config.items("graphics")),
    "kivy": dict(Config.items("kivy")), "mm": mm(1), "dp": dp(1),
}))
"""
PANEL = {"width": 1024, "height": 600, "dpi": 169}


def run(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"SDL_VIDEODRIVER": "offscreen", "SDL_AUDIODRIVER": "dummy"}
    return subprocess.run(
        [sys.executable, "-c", code, *words], env=env, capture_output=True, text=True, timeout=60, check=False
    )


def look(home: Path, **more: object) -> dict[str, Any]:
    done = run(LOOK, str(home), json.dumps(PANEL | more))
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return dict(json.loads(done.stdout))


def test_a_finger_is_reported_by_one_provider_only(tmp_path: Path) -> None:
    assert look(tmp_path)["input"] == [["mouse", "mouse,disable_multitouch"]]


def test_millimetres_are_true_on_the_panel(tmp_path: Path) -> None:
    seen = look(tmp_path)
    assert seen["mm"] == pytest.approx(169 / 25.4)
    assert look(tmp_path, dpi=133)["mm"] == pytest.approx(133 / 25.4)


def test_reports_wake_the_loop_and_frames_are_few(tmp_path: Path) -> None:
    seen = look(tmp_path, fps=25)
    assert seen["kivy"]["kivy_clock"] == "interrupt"
    assert seen["graphics"]["maxfps"] == "25"
    assert seen["graphics"]["multisamples"] == "0"


def test_a_station_fills_the_panel_and_escape_does_not_leave_it(tmp_path: Path) -> None:
    seen = look(tmp_path, fullscreen=True, rotation=90)
    assert seen["graphics"]["fullscreen"] == "auto"
    assert seen["graphics"]["borderless"] == "1"
    assert seen["graphics"]["show_cursor"] == "0"
    assert seen["graphics"]["rotation"] == "90"
    assert seen["kivy"]["exit_on_escape"] == "0"


def test_a_desktop_window_stands_where_it_is_told(tmp_path: Path) -> None:
    graphics = look(tmp_path, left=40, top=60)["graphics"]
    assert (graphics["position"], graphics["left"], graphics["top"]) == ("custom", "40", "60")
    assert (graphics["width"], graphics["height"], graphics["fullscreen"]) == ("1024", "600", "0")


def test_kivy_writes_nowhere_but_in_its_home(tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "kivy", tmp_path / "elsewhere"
    elsewhere.mkdir()
    env = os.environ | {"SDL_VIDEODRIVER": "offscreen", "HOME": str(elsewhere)}
    subprocess.run(
        [sys.executable, "-c", LOOK, str(home), json.dumps(PANEL)], env=env, check=True, capture_output=True
    )
    assert list(elsewhere.rglob("*")) == []
    assert not list(home.rglob("*.ini"))
    assert not list(home.rglob("*.txt"))


def test_set_up_after_the_window_was_imported_is_refused(tmp_path: Path) -> None:
    code = (
        "import sys, types; sys.modules['kivy.core.window'] = types.ModuleType('w')\n"
        "from pathlib import Path; from ui.window import prepare\n"
        "prepare(width=1, height=1, dpi=100, home=Path(sys.argv[1]))"
    )
    done = run(code, str(tmp_path))
    assert done.returncode == 1
    assert "call it first" in done.stderr


def test_the_parts_that_need_no_window_import_no_kivy() -> None:
    code = "import sys, ui.window, ui.theme, kiosk.words, ui.gallery; assert 'kivy' not in sys.modules"
    assert run(code).returncode == 0


REPORT = """
import logging, sys
from pathlib import Path
from ui import window
logging.basicConfig(level=logging.INFO)
window.prepare(home=Path(sys.argv[1]), width=800, height=480, dpi=133)
import kivy.core.window
window.report()
"""


@pytest.mark.display
@pytest.mark.parametrize("asked", [True, False])
def test_a_screen_that_nobody_sees_is_said_aloud_unless_it_was_asked_for(tmp_path: Path, asked: bool) -> None:
    hidden = {"DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"}
    env = {key: value for key, value in os.environ.items() if key not in hidden}
    if asked:
        env["SDL_VIDEODRIVER"] = "offscreen"
    done = subprocess.run(
        [sys.executable, "-c", REPORT, str(tmp_path)],
        env=env, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "the screen: offscreen" in done.stderr
    assert ("nobody sees this screen" in done.stderr) is not asked
