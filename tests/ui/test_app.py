"""The running screen: presented to and stopped from other threads, seen through its socket."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from kiosk.events import Action, Tapped
from kiosk.screens import AskHelp, Shown, Welcome
from ui.gallery import samples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.ui.conftest import Driver
    from ui.inspection import Inspection

pytestmark = pytest.mark.display


def test_another_thread_presents_and_the_screen_shows_it(driver: Driver) -> None:
    driver.show(Welcome())
    shown = Shown(driver.number + 1000, AskHelp(), "en")
    thread = threading.Thread(target=driver.app.present, args=(shown,))
    thread.start()
    driver.until(lambda: driver.app.shown is shown)
    thread.join()
    driver.until(lambda: driver.app.scene is not None and driver.app.scene.is_awake())
    driver.tap(Action.BACK)
    assert driver.posted == [Tapped(Action.BACK, "", shown.number)]


def test_of_many_presented_within_a_frame_the_last_one_is_drawn(driver: Driver) -> None:
    for number in range(5000, 5020):
        driver.app.present(Shown(number, AskHelp(), "vi"))
    driver.app.present(Shown(5020, Welcome(), "vi"))
    driver.frames(2)
    assert driver.app.shown.number == 5020
    assert len(driver.app.root.children) == 1


def test_hundreds_of_screens_leave_no_widgets_and_no_clocks_behind(driver: Driver) -> None:
    import gc

    from kivy.uix.widget import Widget

    def count() -> int:
        gc.collect()
        return sum(1 for each in gc.get_objects() if issubclass(type(each), Widget))

    def round_trip() -> None:
        for screen in samples().values():
            driver.show(screen, awake=False)
        driver.show(Welcome(), awake=False)
        driver.frames(3)

    round_trip()
    first = count()
    for _ in range(3):
        round_trip()
    assert count() <= first + 5


class Client:
    """Asks over the socket from a thread of its own while the test runs the frames."""

    def __init__(self, driver: Driver, path: Path) -> None:
        self._driver = driver
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._stream = self._socket.makefile("rwb")

    def raw(self, line: bytes) -> dict[str, Any]:
        answers: list[dict[str, Any]] = []

        def ask() -> None:
            self._stream.write(line + b"\n")
            self._stream.flush()
            answers.append(json.loads(self._stream.readline()))

        thread = threading.Thread(target=ask)
        thread.start()
        self._driver.until(lambda: bool(answers))
        thread.join()
        return answers[0]

    def ask(self, do: str, **more: object) -> dict[str, Any]:
        return self.raw(json.dumps({"do": do, **more}).encode())

    def close(self) -> None:
        self._stream.close()
        self._socket.close()


@pytest.fixture
def inspection(driver: Driver, tmp_path: Path) -> Iterator[Inspection]:
    from ui.inspection import Inspection

    listening = Inspection(driver.app, tmp_path / "screen.sock")
    listening.start()
    yield listening
    listening.stop()


@pytest.fixture
def client(driver: Driver, inspection: Inspection, tmp_path: Path) -> Iterator[Client]:
    made = Client(driver, tmp_path / "screen.sock")
    yield made
    made.close()


def test_the_socket_tells_what_is_shown(driver: Driver, client: Client) -> None:
    driver.show(samples()["choose"], "en")
    seen = client.ask("screen")
    assert seen["ok"]
    assert (seen["number"], seen["screen"], seen["language"]) == (driver.number, "Choose", "en")
    assert {each["action"] for each in seen["targets"]} == {"return", "keep", "done", "help"}
    assert {each["target"] for each in seen["targets"] if each["action"] == "keep"} == {"LK-0000002"}
    assert all(each["w"] > 100 and each["h"] > 100 for each in seen["targets"])
    assert "Give it back or keep it?" in seen["texts"]


def test_the_socket_taps_a_button_as_a_finger_would_even_right_after_a_change(
    driver: Driver, client: Client
) -> None:
    driver.show(samples()["choose"], awake=False)
    assert client.ask("tap", action="keep", target="LK-0000002")["ok"]
    assert driver.posted == [Tapped(Action.KEEP, "LK-0000002", driver.number)]


def test_the_socket_touches_a_place(driver: Driver, client: Client) -> None:
    driver.show(AskHelp())
    x, y = driver.button("back").center
    assert client.ask("touch", x=x, y=y)["ok"]
    assert driver.posted == [Tapped(Action.BACK, "", driver.number)]


def test_the_socket_writes_the_windows_pixels(driver: Driver, client: Client, tmp_path: Path) -> None:
    driver.show(samples()["lent"])
    assert client.ask("shot", path=str(tmp_path / "deep" / "lent.png"))["ok"]
    picture = Image.open(tmp_path / "deep" / "lent.png")
    assert picture.size == (1024, 600)
    assert len(picture.convert("RGB").getcolors(1_000_000)) > 500


@pytest.mark.parametrize(
    "line",
    [
        b"not json",
        b"[]",
        b'{"do": "dance"}',
        b"[" * 60_000,
        b'{"do": "tap"}',
        b'{"do": "tap", "action": "undo"}',
        b'{"do": "touch", "x": "far"}',
        b'{"do": "shot", "path": "/proc/nowhere/x.png"}',
    ],
)
def test_a_question_that_makes_no_sense_gets_an_answer_and_the_next_one_works(
    driver: Driver, client: Client, line: bytes
) -> None:
    driver.show(Welcome())
    answer = client.raw(line)
    assert not answer["ok"]
    assert answer["error"]
    assert client.ask("screen")["ok"]


def test_only_this_user_may_open_the_socket_and_it_is_gone_afterwards(driver: Driver, tmp_path: Path) -> None:
    from ui.inspection import Inspection

    path = tmp_path / "mine.sock"
    listening = Inspection(driver.app, path)
    listening.start()
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    listening.stop()
    listening.stop()
    assert not path.exists()


RUN = """
import sys, threading
from pathlib import Path
from ui.window import prepare
prepare(width=800, height=480, dpi=133, home=Path(sys.argv[1]))
from kiosk.screens import Shown, Welcome, AskHelp
from ui.app import StationApp
app = StationApp(post=print, covers=Path("none"), first=Shown(0, Welcome(), "vi"))
def visitor():
    app.present(Shown(1, AskHelp(), "vi"))
    app.stop()
threading.Timer(0.5, visitor).start()
app.run()
print("left in peace", app.shown.number)
"""


TURNED = """
import sys
from pathlib import Path
from ui.window import prepare
turn = int(sys.argv[2])
portrait = turn in (90, 270)
width, height = (600, 1024) if portrait else (1024, 600)
prepare(width=width, height=height, dpi=169, rotation=turn, home=Path(sys.argv[1]))
from kivy.base import EventLoop, runTouchApp
from kivy.clock import Clock
from kiosk.screens import AskHelp, Shown
from ui.app import StationApp
from ui.inspection import touch
app = StationApp(post=print, covers=Path("none"), first=Shown(7, AskHelp(), "vi"))
app.open()
runTouchApp(app.root, embedded=True)
while not app.scene.is_awake():
    EventLoop.idle()
print(tuple(app.scene.size))
for button in app.scene.targets:
    touch(*button.center)
"""


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_turned_panel_turns_picture_and_touch_together(tmp_path: Path, turn: int) -> None:
    env = os.environ | {"SDL_VIDEODRIVER": "offscreen", "SDL_AUDIODRIVER": "dummy"}
    done = subprocess.run(
        [sys.executable, "-c", TURNED, str(tmp_path), str(turn)],
        env=env, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "(1024, 600)"
    assert len(lines) == 3
    assert "Action.HELP" in lines[1]
    assert "Action.BACK" in lines[2]


def test_the_whole_program_runs_and_stops_from_another_thread(tmp_path: Path) -> None:
    env = os.environ | {"SDL_VIDEODRIVER": "offscreen", "SDL_AUDIODRIVER": "dummy"}
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(tmp_path)],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "left in peace 1" in done.stdout
    assert "Traceback" not in done.stderr
