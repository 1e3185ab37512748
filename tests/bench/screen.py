"""The screen: report to pixels, start, idle CPU, memory, growth, beside an empty Kivy window of the same run.

Without a display a flip draws nothing: the commands queue up, and with them the memory they hold. So every
flip is finished here, in the empty window too, as a panel's flip is: pixels are pixels. Every screen of the
gallery is reported once.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from kiosk.imports.covers import draw_covers
from kiosk.model import Title
from tests.bench.row import Row
from ui.samples.library import BOOKS, FREE

IDLE_S = 10.0
STARTS = 5  # of each window, in turn
FEW, MANY = 100, 600  # changes after which the memory is compared

COMMON = """
import json, os, sys, threading, time
begun, only_start = float(sys.argv[2]), sys.argv[4] == "start"
from pathlib import Path
from ui.window import prepare
prepare(width=1024, height=600, dpi=169, fps=30, home=Path(sys.argv[1]))
import psutil
me = psutil.Process()
result = {}
def watch(window):
    "Note the first flip; some seconds later, when all has come to rest, measure idle CPU and memory."
    from kivy.graphics.opengl import glFinish
    def first(*_):
        glFinish()
        result.setdefault("start_s", time.time() - begun)
    window.bind(on_flip=first)
def rested():
    used, since = sum(me.cpu_times()[:2]), time.time()
    time.sleep(IDLE_S)
    return 100 * (sum(me.cpu_times()[:2]) - used) / (time.time() - since)
def rss():
    time.sleep(1)  # what is tidied away after a change is gone by then
    return me.memory_info().rss / 1e6
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
    while "start_s" not in result:
        time.sleep(0.01)
    if not only_start:
        time.sleep(5)
        result["idle"] = rested()
        result["rss"] = rss()
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
app = StationApp(post=lambda event: None, covers=Path(sys.argv[3]), first=Shown(0, Welcome(), "vi"))
EventLoop.ensure_window()
flipped = threading.Event()
asked = [None]
def flip(*_):
    if app.shown is asked[0]:
        flipped.set()
EventLoop.window.bind(on_flip=flip)
watch(EventLoop.window)  # bound last, called first: the flip is finished before it counts
def show(number, screen):
    flipped.clear()
    shown = asked[0] = Shown(number, screen, "vi")
    start = time.perf_counter()
    app.present(shown)
    flipped.wait(5)
    return 1000 * (time.perf_counter() - start)
def visitor():
    while "start_s" not in result:
        time.sleep(0.01)
    if only_start:
        app.stop()
        return
    from ui.samples import samples
    time.sleep(5)  # the welcome's movement rests by then
    result["idle"] = rested()
    screens = list(samples().values())
    number = 0
    for number in range(1, len(screens) + 1):
        show(number, screens[number % len(screens)])
        time.sleep(0.05)
    result["reports"] = []
    # Every picture was loaded once, as after some minutes of service.
    for number in range(number + 1, number + len(screens) + 1):
        result["reports"].append(show(number, screens[number % len(screens)]))
        time.sleep(0.437)  # not in step with the frames
    result["rss"] = rss()
    for change in range(1, MANY + 1):
        show(number + change, screens[change % len(screens)])
        time.sleep(0.02)
        if change == FEW:
            result["few"] = rss()
    result["many"] = rss()
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
from kivy.graphics.opengl import glFinish
def flip(*_):
    glFinish()
    if changed[0]:
        flipped.set()
EventLoop.window.bind(on_flip=flip)
changed = [False]
def change(_):
    colour.r, changed[0] = 1 - colour.r, True
def visitor():
    time.sleep(2)
    for _ in range(60):
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


def _run(code: str, covers: Path, what: str = "all") -> dict[str, object]:
    for name, value in {"IDLE_S": IDLE_S, "MANY": MANY, "FEW": FEW}.items():
        code = code.replace(name, str(value))
    env = os.environ | {"SDL_AUDIODRIVER": "dummy"}
    if not env.get("DISPLAY"):
        env["SDL_VIDEODRIVER"] = "offscreen"
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [sys.executable, "-c", code, home, str(time.time()), str(covers), what],
            env=env, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"the measured window ended with {done.returncode}: {done.stderr[-500:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _start_s(code: str, covers: Path) -> float:
    return float(str(_run(code, covers, "start")["start_s"]))


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def measure() -> Iterator[Row]:
    """Each figure beside the same window with nothing in it, one process after the other."""
    with tempfile.TemporaryDirectory() as folder:
        covers = Path(folder)
        draw_covers([Title(b.title_id, b.name, b.author, "vi", 0, b.shelf) for b in (*BOOKS, FREE)], covers)
        empty, station, flips = _run(EMPTY, covers), _run(STATION, covers), _run(FLIPS, covers)
        starts = [(_start_s(STATION, covers), _start_s(EMPTY, covers)) for _ in range(STARTS)]
    ours, floor = list(station["reports"]), list(flips["reports"])  # type: ignore[call-overload]
    peer = "one coloured rectangle changed from another thread"
    yield Row(
        "report to pixels, median", "ms", statistics.median(ours), statistics.median(floor), peer,
        "at most 15: a new screen within one frame of 30 a second, with room",
    )  # fmt: skip
    yield Row("report to pixels, 95 of 100", "ms", _p95(ours), _p95(floor), peer, "at most 35")
    window = "an empty Kivy window"
    yield Row(
        f"start to first flip, median of {STARTS}", "s", *map(statistics.median, zip(*starts, strict=True)),
        window, "at most 1.6 times",
    )  # fmt: skip
    for key, what, unit, bar in (
        ("idle", "idle CPU at 30 frames a second", "% of a core", "at most 3"),
        ("rss", "memory after all screens", "MB", "at most 1.4 times"),
    ):
        yield Row(what, unit, float(str(station[key])), float(str(empty[key])), window, bar)
    yield Row(
        f"memory after {MANY} changes", "MB", float(str(station["many"])), float(str(station["few"])),
        f"after {FEW} changes", "no growth: at most 1.05 times, give or take what the allocator keeps",
    )  # fmt: skip
