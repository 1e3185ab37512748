"""The station's screen: shows the newest view-model, reports taps. Holds no rule."""

from __future__ import annotations

import ctypes
import gc
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from kivy.base import EventLoop, runTouchApp, stopTouchApp
from kivy.clock import Clock
from kivy.uix.widget import Widget

from kiosk.events import Action, Event, Tapped
from kiosk.screens import Shown, Welcome
from kiosk.words import words_for
from ui import window
from ui.screens import draw, load
from ui.widgets.button import Choice
from ui.widgets.covers import covers
from ui.widgets.focus import ENTER, TAB, Keys
from ui.widgets.scene import Kit, Scene

BEAT_S = 2.0
FREEZE_S = 1.0  # after the start: the first screen is on the glass by then, and need not wait for this
TIDY_S = 0.1  # after a change: old widgets leave memory while nobody waits, not in the middle of the next
GIVE_BACK_S = 0.4  # and their pixels, which the graphics driver lets go of a frame or two later


class StationApp:
    """The window's content. `ui.window.prepare()` must have been called before this module is imported.

    `post` takes the taps, `covers` is the folder of the covers (`<title_id>.jpg`), `first` what is shown
    before anything was presented. `can_speak`: Chíp can be pressed. `focused` is called with every target
    that the ring of keys and switches comes to, and the language of its words; `touched` whenever a finger
    lands anywhere. With `scan_s` the ring moves by itself (`ui.widgets.focus`).
    """

    def __init__(
        self,
        *,
        post: Callable[[Event], None],
        covers: Path,
        first: Shown,
        can_speak: bool = False,
        focused: Callable[[Choice, str], None] = lambda _choice, _language: None,
        touched: Callable[[], None] = lambda: None,
        scan_s: float = 0.0,
    ) -> None:
        self._post, self._covers = post, covers
        self._can_speak, self._focused, self._touched = can_speak, focused, touched
        self.keys = Keys(lambda: self.scene, scan_s=scan_s)
        self._latest = first
        self.root = Widget()
        self.scene: Scene | None = None
        self._tidy = Clock.create_trigger(self._collect, TIDY_S)
        self._give_back = Clock.create_trigger(_trim, GIVE_BACK_S)
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
        Clock.schedule_once(self._freeze, FREEZE_S)
        runTouchApp(self.root)

    def open(self) -> None:
        """Open the window and draw the first screen, without running the loop."""
        EventLoop.ensure_window()
        EventLoop.window.bind(size=self._redraw, on_key_down=self._key, on_touch_down=self._touch)
        EventLoop.window.clearcolor = (1, 1, 1, 1)
        EventLoop.window.set_title("Góc Đọc")
        Clock.schedule_interval(self._beat, BEAT_S)
        self._redraw()

    def stop(self) -> None:
        """Leave run(); from any thread."""
        Clock.schedule_once(lambda _elapsed: stopTouchApp())

    def switch(self, name: str) -> None:
        """A switch beside the panel was pressed: "next" or "choose"; from any thread."""
        key = {"next": TAB, "choose": ENTER}.get(name)
        if key is not None:
            Clock.schedule_once(lambda _elapsed: self._key(None, key, 0, None, ()))

    def _key(
        self, window: object, key: int, scancode: int, text: str | None, modifiers: Sequence[str]
    ) -> bool:
        self._touched()
        return self.keys.on_key_down(window, key, scancode, text, modifiers)

    def _touch(self, *_: object) -> bool:
        self._touched()
        return False

    def _beat(self, _elapsed: float) -> None:
        self.heartbeat = time.monotonic()

    def _draw_latest(self, _elapsed: float) -> None:
        if self._latest is not self.shown or self.scene is None:
            self._redraw()

    def _redraw(self, *_: object) -> None:
        shown = self._latest
        size = tuple(EventLoop.window.size)
        kit = Kit(
            words_for(shown.language),
            self._covers,
            self._tap,
            size,
            shown.look,
            self._can_speak,
            lambda choice: self._focused(choice, shown.language),
        )
        asked = covers.asked
        gc.disable()  # the next collection is on its way; in here it would only hold the screen up
        try:
            scene = draw(shown.screen, kit)
        finally:
            gc.enable()
        if covers.asked == asked or isinstance(shown.screen, Welcome):
            covers.empty()
        # The old scene goes as a whole: nothing of a child can stay behind in a widget that is kept.
        self.root.clear_widgets()
        self.root.size = kit.size
        self.root.add_widget(scene)
        self.scene, self.shown = scene, shown
        self._tidy()

    def _collect(self, _elapsed: float) -> None:
        # Every widget of Kivy's refers to itself, so none goes without the collector. Soon after each change
        # it has little to do; left to itself it comes after dozens, and holds a screen up by 100 ms.
        gc.collect()
        self._give_back()

    def _freeze(self, _elapsed: float) -> None:
        """Load the other screens. What is there then stays; frozen, it holds no screen up when others go.

        Only while nobody is there: what is frozen never goes, and nothing of a child may stay.
        """
        load()
        if not isinstance(self.shown.screen, Welcome) or self._latest is not self.shown:
            Clock.schedule_once(self._freeze, FREEZE_S)
            return
        gc.collect()
        gc.freeze()

    def _tap(self, action: Action, target: str) -> None:
        self._post(Tapped(action, target, self.shown.number))


def _trim(_elapsed: float) -> None:
    """Give the system back what the allocator holds free; 0.3 ms, and some 10 to 40 MB after many screens."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it
    if trim is not None:
        trim(0)
