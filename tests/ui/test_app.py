"""The running screen: presented to and stopped from other threads, seen through its socket, tidied away."""

from __future__ import annotations

import gc
import json
import os
import socket
import stat
import subprocess
import sys
import threading
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from kiosk.events import Action, Tapped
from kiosk.screens import AskHelp, Shown, Welcome
from ui.samples import samples

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


def test_many_screens_leave_no_widgets_no_textures_and_no_clocks_behind(driver: Driver) -> None:
    from kivy.base import EventLoop
    from kivy.clock import Clock
    from kivy.graphics.texture import Texture
    from kivy.uix.widget import Widget

    def count() -> dict[str, int]:
        driver.frames(3)
        gc.collect()
        driver.frames(2)
        alive = gc.get_objects()
        return {
            "widgets": sum(issubclass(type(each), Widget) for each in alive),
            "textures": sum(type(each) is Texture for each in alive),
            "clocks": len(list(Clock.get_events())),
            "touches": len(EventLoop.touches),
        }

    def round_trip() -> None:
        for screen in screens:
            driver.app.present(Shown(driver.number + 1, screen, "vi"))
            driver.frames()
        driver.show(Welcome(), awake=False)

    screens = list(samples().values())[::3]
    round_trip()  # every picture of the assets was read once
    first = count()
    changes = 0
    while changes < 120:
        round_trip()
        changes += len(screens) + 1
    after = count()
    assert all(after[kind] <= first[kind] + 5 for kind in first), f"{first} grew to {after}"


def test_a_screen_that_was_replaced_leaves_memory_soon_and_without_waiting_for_a_full_collector(
    driver: Driver,
) -> None:
    from ui.inspection import widgets
    from ui.widgets.text import Say

    gc.disable()
    try:
        for name in ("hello", "lent", "choose", "goodbye"):
            driver.show(samples()[name], awake=False)
            assert driver.app.scene is not None
            says = [weakref.ref(each) for each in widgets(driver.app.scene) if isinstance(each, Say)]
            assert says
            # What a canvas holds it draws: the letters of a name, though no widget knows them any more.
            gone = [*says, weakref.ref(driver.app.scene.canvas)]
            driver.show(Welcome(), awake=False)
            driver.until(lambda gone=gone: all(each() is None for each in gone), timeout=2)  # type: ignore[misc]
    finally:
        gc.enable()


def test_what_a_child_sees_just_after_the_start_is_never_frozen_into_memory(driver: Driver) -> None:
    before = gc.get_freeze_count()
    try:
        driver.show(samples()["hello"], awake=False)
        driver.app._freeze(0.0)
        assert gc.get_freeze_count() == before, "a child is there"
        driver.show(Welcome(), awake=False)
        driver.app._freeze(0.0)
        assert gc.get_freeze_count() > before
    finally:
        gc.unfreeze()


def test_a_finger_that_is_on_a_button_when_the_screen_changes_does_nothing(driver: Driver) -> None:
    driver.show(AskHelp())
    finger = driver.finger(*driver.button("back").center)
    driver.down(finger)
    driver.show(Welcome())
    driver.frames(3)
    driver.up(finger)
    assert driver.posted == []


def test_pictures_are_kept_at_the_size_they_are_drawn_and_within_a_bound(driver: Driver) -> None:
    from ui import theme
    from ui.widgets import shapes

    picture = shapes.Picture(theme.picture("sun"), size=(100, 60))
    assert picture._paint.size == (60, 60)
    assert picture._paint.texture.size == (64, 64)
    picture.size = (61, 200)
    assert picture._paint.texture is shapes.picture_texture(theme.picture("sun"), 64), "neighbours share one"
    for animal in theme.ANIMALS:
        for width in range(8, 260, 8):
            shapes.picture_texture(theme.animal(animal), width)
    assert shapes.pictures.bytes <= shapes.MOST_BYTES
    assert shapes.picture_texture(theme.animal("cat"), 5000).width <= 256, "never enlarged"


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
    assert {"return", "keep", "help"} <= {each["action"] for each in seen["targets"]}
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
    print(button.choice.action.name, end=" ")
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
    pressed = [line.split()[0] for line in lines[1:]]
    assert {"HELP", "BACK"} <= set(pressed)
    for name, line in zip(pressed, lines[1:], strict=True):
        assert f"Action.{name}:" in line, "the button under the finger answers, no other one"


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
