"""A real window without a display: Mesa draws into memory, the tests look at pixels and touch them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kiosk.events import Event
from kiosk.screens import PLAIN, Look, Screen, Shown, Welcome
from ui.gallery import PANELS
from ui.window import prepare

if TYPE_CHECKING:
    from ui.app import StationApp
    from ui.widgets.button import BigButton
    from ui.widgets.scene import Scene

TWO = ("1024x600", "720x1280")  # a panel that lies and one that stands; test_screens.py goes through them all


class Driver:
    """Runs the station's screen frame by frame, with no loop of its own, and touches it."""

    def __init__(self, app: StationApp, posted: list[Event]) -> None:
        from kivy.base import EventLoop

        self.app, self.posted, self._loop = app, posted, EventLoop
        self._number = 0

    def frames(self, count: int = 1) -> None:
        for _ in range(count):
            self._loop.idle()

    def until(self, condition: Callable[[], bool], timeout: float = 5.0) -> None:
        deadline = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < deadline, "it did not happen in time"
            self.frames()

    def panel(self, name: str) -> None:
        """Make the window that panel: its pixels and its dots per inch."""
        from kivy.metrics import Metrics

        width, height, dpi = PANELS[name]
        Metrics.dpi = dpi
        self._loop.window.size = (width, height)
        self.until(lambda: tuple(self._loop.window.size) == (width, height))

    def show(self, screen: Screen, language: str = "vi", look: Look = PLAIN, *, awake: bool = True) -> None:
        """Present a screen and, unless told otherwise, wait until touches count."""
        self._number += 1
        number = self._number
        self.app.present(Shown(number, screen, language, look))
        self.until(lambda: self.app.shown.number == number)
        if awake:
            self.until(lambda: self.app.scene is not None and self.app.scene.is_awake())
        self.posted.clear()

    def drawn(
        self, screen: Screen, language: str = "vi", look: Look = PLAIN, *, speaks: bool = True
    ) -> Scene:
        """The scene of a screen, laid out but not put into the window."""
        from kiosk.words import words_for
        from ui.screens import draw
        from ui.widgets.scene import Kit

        size = tuple(self._loop.window.size)
        kit = Kit(words_for(language), Path("no covers"), lambda *_: None, size, look, can_speak=speaks)
        return draw(screen, kit)

    @property
    def number(self) -> int:
        return self.app.shown.number

    def button(self, action: str) -> BigButton:
        assert self.app.scene is not None
        return next(each for each in self.app.scene.targets if each.choice.action == action)

    def finger(self, x: float, y: float) -> Any:
        from ui.inspection import Finger

        return Finger(x, y)

    def down(self, finger: Any) -> None:
        self._loop.post_dispatch_input("begin", finger)
        self.frames()

    def up(self, finger: Any) -> None:
        self._loop.post_dispatch_input("end", finger)
        self.frames()

    def tap(self, action: str) -> None:
        finger = self.finger(*self.button(action).center)
        self.down(finger)
        self.up(finger)

    def pixels(self) -> bytes:
        """The whole window as RGB, row by row from the top."""
        from PIL import Image

        from ui.inspection import save_pixels

        path = Path(os.environ["KIVY_HOME"]) / "pixels.png"
        save_pixels(path)
        return Image.open(path).tobytes()


@pytest.fixture(scope="session")
def covers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("covers")


@pytest.fixture(scope="session")
def station(tmp_path_factory: pytest.TempPathFactory, covers: Path) -> Iterator[Driver]:
    os.environ.update(SDL_VIDEODRIVER="offscreen", SDL_AUDIODRIVER="dummy")
    prepare(width=1024, height=600, dpi=169, home=tmp_path_factory.mktemp("kivy"))
    from kivy.base import EventLoop, runTouchApp, stopTouchApp
    from kivy.clock import Clock

    EventLoop.ensure_window()
    if EventLoop.window is None:
        reason = "no software GL for Kivy's window: apt install libgl1-mesa-dri libegl1 libgles2 libgl1"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    from ui.app import StationApp

    Clock._max_fps = 0
    posted: list[Event] = []
    app = StationApp(post=posted.append, covers=covers, first=Shown(0, Welcome(), "vi"), can_speak=True)
    app.open()
    runTouchApp(app.root, embedded=True)  # everything of a real start but the loop
    yield Driver(app, posted)
    stopTouchApp()


@pytest.fixture
def driver(station: Driver) -> Driver:
    station.panel("1024x600")
    station.posted.clear()
    return station


@pytest.fixture(params=TWO)
def every_panel(station: Driver, request: pytest.FixtureRequest) -> Driver:
    station.panel(request.param)
    return station
