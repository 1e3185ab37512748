"""The screen: report to pixels, cold start, idle CPU, memory, beside an empty Kivy window of the same run."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from tests.bench.row import Row

REPORTS = 60
IDLE_S = 10.0

COMMON = """
import json, os, sys, threading, time
begun = float(sys.argv[2])
from pathlib import Path
from ui.window import prepare
prepare(width=1024, height=600, dpi=169, fps=30, home=Path(sys.argv[1]))
import psutil
me = psutil.Process()
result = {}
def watch(window):
    "Note the first flip; some seconds later, when all has come to rest, measure idle CPU and memory."
    def first(*_):
        result.setdefault("start_s", time.time() - begun)
    window.bind(on_flip=first)
"""

EMPTY = (
    COMMON
    + """
from kivy.base import EventLoop, runTouchApp, stopTouchApp
from kivy.clock import Clock
from kivy.uix.widget import Widget
EventLoop.ensure_window()
watch(EventLoop.window)
def visitor():
    time.sleep(5)
    used, since = sum(me.cpu_times()[:2]), time.time()
    time.sleep(IDLE_S)
    result["idle"] = 100 * (sum(me.cpu_times()[:2]) - used) / (time.time() - since)
    result["rss"] = me.memory_info().rss / 1e6
    Clock.schedule_once(lambda _: stopTouchApp())
threading.Thread(target=visitor, daemon=True).start()
runTouchApp(Widget())
print(json.dumps(result))
"""
)

STATION = (
    COMMON
    + """
from kivy.base import EventLoop
from kiosk.screens import Shown, Welcome
from ui.app import StationApp
from ui.gallery import samples
app = StationApp(post=lambda event: None, covers=Path("none"), first=Shown(0, Welcome(), "vi"))
EventLoop.ensure_window()
watch(EventLoop.window)
flipped = threading.Event()
asked = [None]
def flip(*_):
    if app.shown is asked[0]:
        flipped.set()
EventLoop.window.bind(on_flip=flip)
def visitor():
    time.sleep(5)  # the welcome's movement rests by then
    used, since = sum(me.cpu_times()[:2]), time.time()
    time.sleep(IDLE_S)
    result["idle"] = 100 * (sum(me.cpu_times()[:2]) - used) / (time.time() - since)
    screens = list(samples().values())
    for number in range(1, len(screens) + REPORTS + 1):
        flipped.clear()
        shown = asked[0] = Shown(number, screens[number % len(screens)], "vi")
        start = time.perf_counter()
        app.present(shown)
        flipped.wait(5)
        if number > len(screens):  # every picture was loaded once, as after some minutes of service
            result.setdefault("reports", []).append(1000 * (time.perf_counter() - start))
        time.sleep(0.437 if number > len(screens) else 0.05)  # not in step with the frames
    result["rss"] = me.memory_info().rss / 1e6
    app.stop()
threading.Thread(target=visitor, daemon=True).start()
app.run()
print(json.dumps(result))
"""
)

FLIPS = """
import json, os, sys, threading, time
from pathlib import Path
from ui.window import prepare
prepare(width=1024, height=600, dpi=169, fps=30, home=Path(sys.argv[1]))
from kivy.base import EventLoop, runTouchApp, stopTouchApp
from kivy.clock import Clock
from kivy.graphics import Color, Rectangle
from kivy.uix.widget import Widget
EventLoop.ensure_window()
root, flipped, took = Widget(), threading.Event(), []
with root.canvas:
    colour = Color(1, 1, 1)
    Rectangle(size=EventLoop.window.size)
EventLoop.window.bind(on_flip=lambda *_: changed[0] and flipped.set())
changed = [False]
def change(_):
    colour.r, changed[0] = 1 - colour.r, True
def visitor():
    time.sleep(2)
    for _ in range(REPORTS):
        flipped.clear()
        changed[0] = False
        start = time.perf_counter()
        Clock.schedule_once(change)
        flipped.wait(5)
        took.append(1000 * (time.perf_counter() - start))
        time.sleep(0.037)
    Clock.schedule_once(lambda _: stopTouchApp())
threading.Thread(target=visitor, daemon=True).start()
runTouchApp(root)
print(json.dumps({"reports": took}))
"""


def _run(code: str) -> dict[str, object]:
    import time

    code = code.replace("IDLE_S", str(IDLE_S)).replace("REPORTS", str(REPORTS))
    env = os.environ | {"SDL_AUDIODRIVER": "dummy"}
    if not env.get("DISPLAY"):
        env["SDL_VIDEODRIVER"] = "offscreen"
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [sys.executable, "-c", code, home, str(time.time())],
            env=env, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"the measured window ended with {done.returncode}: {done.stderr[-500:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def measure() -> Iterator[Row]:
    """Each figure beside the same window with nothing in it, one process after the other."""
    empty, station, flips = _run(EMPTY), _run(STATION), _run(FLIPS)
    ours, floor = list(station["reports"]), list(flips["reports"])  # type: ignore[call-overload]
    peer = "one coloured rectangle changed from another thread"
    yield Row(
        "report to pixels, median", "ms", statistics.median(ours), statistics.median(floor), peer,
        "a new screen within one frame of 30 a second",
    )  # fmt: skip
    yield Row("report to pixels, 95 of 100", "ms", _p95(ours), _p95(floor), peer)
    window = "an empty Kivy window"
    for key, what, unit in (
        ("start_s", "cold start to first flip", "s"),
        ("idle", "idle CPU at 30 frames a second", "% of a core"),
        ("rss", "memory after all screens", "MB"),
    ):
        yield Row(what, unit, float(str(station[key])), float(str(empty[key])), window)
