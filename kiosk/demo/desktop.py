"""The station on a desktop: its window, beside it the bench, and the centre's page in a browser.

`python -m kiosk.demo.desktop` is what `./run` calls. Everything is the real program in a process of its own;
closing the station's window ends them all.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from kiosk.demo.processes import ProgramFailed, Programs
from kiosk.demo.stage import LIBRARIAN, LIBRARY, PASSWORD, Stage, Waits

TOP = 48  # pixels a desktop's own bar may take
BROWSERS = ("xdg-open", "chromium", "chromium-browser", "firefox", "google-chrome")
SMALL_DESKTOP = (1366, 768)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the two windows stand, in pixels of the desktop."""

    station: tuple[int, int]
    dpi: int
    bench: tuple[int, int]

    @property
    def bench_left(self) -> int:
        """The bench stands to the right of the station."""
        return self.station[0] + 8


def layout_for(desktop: tuple[int, int]) -> Layout:
    """The largest panel that leaves room for the bench beside it."""
    width, height = desktop
    tall = max(640, height - 2 * TOP)
    if width >= 1024 + 8 + 640:
        return Layout((1024, 600), 169, (min(880, width - 1024 - 16), min(860, tall)))
    return Layout((800, 480), 133, (max(560, min(640, width - 800 - 8)), tall))


def desktop_size() -> tuple[int, int]:
    """The X display's size in pixels; a small laptop's where it cannot be asked."""
    try:
        x11 = ctypes.CDLL("libX11.so.6")
    except OSError:
        return SMALL_DESKTOP
    x11.XOpenDisplay.restype = ctypes.c_void_p
    display = ctypes.c_void_p(x11.XOpenDisplay(None))
    if not display:
        return SMALL_DESKTOP
    size = (x11.XDisplayWidth(display, 0), x11.XDisplayHeight(display, 0))
    x11.XCloseDisplay(display)
    return size


def settings_of(layout: Layout) -> str:
    """What the demonstration's settings file says besides the stage's own: the window and the rules."""
    width, height = layout.station
    screen = f"[screen]\nwidth = {width}\nheight = {height}\ndpi = {layout.dpi}\nleft = 0\ntop = {TOP}\n"
    return f"\n{screen}\n{(LIBRARY / 'demo.toml').read_text(encoding='utf-8')}"


def main(argv: Sequence[str] | None = None) -> int:
    """Open everything and wait until the station's window is closed; the answer is the exit status."""
    parser = argparse.ArgumentParser(prog="./run", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("var/desktop"), help="folder for data and logs")
    parser.add_argument("--no-browser", action="store_true", help="do not open the centre's page")
    options = parser.parse_args(argv)
    try:
        return _play(options.out.resolve(), browser=not options.no_browser)
    except (ProgramFailed, OSError) as error:
        print(f"run: {error}", file=sys.stderr)  # noqa: T201 - this is a command
        return 1
    except KeyboardInterrupt:
        return 130


def _play(folder: Path, *, browser: bool) -> int:
    layout = layout_for(desktop_size())
    with Stage(folder, waits=Waits(idle_s=20, still_there_s=10, goodbye_s=6, message_s=8)) as stage:
        with stage.settings.open("a", encoding="utf-8") as settings:
            settings.write(settings_of(layout))
        stage.load_library()
        stage.broker.start()
        stage.give_the_librarian_an_account()
        stage.start_centre()
        stage.start_wires()
        station = stage.start_station(env={})
        _open_bench(stage, layout)
        _say(f"The centre's page: {stage.page}  (log in as {LIBRARIAN}, password: {PASSWORD})")
        if browser:
            _open_page(stage.programs, stage.page)
        _say("Put a card on the bench's pad, then a book. Close the station's window to end.")
        while not station.wait(0.5):
            pass
        if station.returncode:
            _say(f"The station ended with {station.returncode}; its log:\n{station.tail()}")
        return 1 if station.returncode else 0


def _open_bench(stage: Stage, layout: Layout) -> None:
    width, height = layout.bench
    stage.programs.start(
        "bench",
        [
            *(sys.executable, "-m", "hardware.simulated.bench"),
            *(
                "--socket",
                str(stage.wires),
                "--library",
                str(LIBRARY),
                "--covers",
                str(stage.data / "covers"),
            ),
            *("--pictures", str(files("ui") / "assets" / "animals")),
            *("--left", str(layout.bench_left), "--top", str(TOP)),
            *("--width", str(width), "--height", str(height)),
        ],
        env={"KIVY_HOME": str(stage.folder / "bench")},
    )


def _open_page(programs: Programs, address: str) -> None:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        _say("No browser was found on this machine; open that address in one.")
        return
    # Chromium refuses to start as root with its sandbox on; nobody but a container works as root here.
    unsafe = ["--no-sandbox"] if os.geteuid() == 0 and "chrom" in Path(browser).resolve().name else []
    programs.start("browser", [browser, *unsafe, address])


def _say(words: str) -> None:
    print(words, flush=True)  # noqa: T201 - this is a command


if __name__ == "__main__":
    sys.exit(main())
