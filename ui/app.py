"""The station's screen: shows the newest view-model, reports taps. Holds no rule."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from pathlib import Path

from kivy.base import EventLoop, runTouchApp, stopTouchApp
from kivy.clock import Clock
from kivy.uix.widget import Widget

from kiosk.events import Action, Event, Tapped
from kiosk.screens import Shown
from ui import window
from ui.screens import draw
from ui.widgets.scene import Kit, Scene
from ui.words import words_for

BEAT_S = 2.0
TIDY_S = 0.3  # after a change: old widgets leave memory while nobody waits, not in the middle of the next


class StationApp:
    """The window's content. `ui.window.prepare()` must have been called before this module is imported.

    `post` takes the taps, `covers` is the folder of the covers (`<title_id>.png`), `first` what is shown
    before anything was presented.
    """

    def __init__(self, *, post: Callable[[Event], None], covers: Path, first: Shown) -> None:
        self._post, self._covers = post, covers
        self._latest = first
        self.root = Widget()
        self.scene: Scene | None = None
        self._tidy = Clock.create_trigger(lambda _elapsed: gc.collect(), TIDY_S)
        self.shown = first
        self.heartbeat = time.monotonic()  # when this thread moved last, for a watchdog

    def present(self, shown: Shown) -> None:
        """Show this next; from any thread. Of several that come within one frame the last one is drawn."""
        self._latest = shown
        Clock.schedule_once(self._draw_latest)

    def run(self) -> None:
        """Open the window and stay until it is closed or stop() is called. Main thread only."""
        self.open()
        window.report()
        # All this stays; frozen, it no longer makes every full collection hold a screen up by 50 ms.
        gc.collect()
        gc.freeze()
        runTouchApp(self.root)

    def open(self) -> None:
        """Open the window and draw the first screen, without running the loop."""
        EventLoop.ensure_window()
        EventLoop.window.bind(size=self._redraw)
        EventLoop.window.clearcolor = (1, 1, 1, 1)
        EventLoop.window.set_title("Góc Đọc")
        Clock.schedule_interval(self._beat, BEAT_S)
        self._redraw()

    def stop(self) -> None:
        """Leave run(); from any thread."""
        Clock.schedule_once(lambda _elapsed: stopTouchApp())

    def _beat(self, _elapsed: float) -> None:
        self.heartbeat = time.monotonic()

    def _draw_latest(self, _elapsed: float) -> None:
        if self._latest is not self.shown or self.scene is None:
            self._redraw()

    def _redraw(self, *_: object) -> None:
        shown = self._latest
        kit = Kit(words_for(shown.language), self._covers, self._tap, tuple(EventLoop.window.size))
        scene = draw(shown.screen, kit)
        # The old scene goes as a whole: nothing of a child can stay behind in a widget that is kept.
        self.root.clear_widgets()
        self.root.size = kit.size
        self.root.add_widget(scene)
        self.scene, self.shown = scene, shown
        self._tidy.cancel()
        self._tidy()

    def _tap(self, action: Action, target: str) -> None:
        self._post(Tapped(action, target, self.shown.number))
