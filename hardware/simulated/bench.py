"""`python -m hardware.simulated.bench`: cards, books and a doorway for the mouse, beside the station.

It talks to the simulated wires alone. The station does not know it, and it does not know the station.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from hardware.simulated.bench_library import LibraryUnreadable, read_things


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window; the answer is the exit status."""
    options = _options(argv)
    try:
        things = read_things(options.library, pictures=options.pictures, covers=options.covers)
    except LibraryUnreadable as error:
        sys.stderr.write(f"{error}\n")
        return 2
    prepare(options.width, options.height, left=options.left, top=options.top)
    # Kivy opens its window while it is imported, by the settings it finds then.
    from hardware.simulated.bench_window import BenchApp  # noqa: PLC0415

    app = BenchApp(options.socket, things, options.language)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: app.stop())
    app.run()
    return 0


def prepare(width: int, height: int, *, left: int | None = None, top: int | None = None) -> None:
    """Set Kivy up for a desktop window of so many pixels. Call it before anything imports Kivy's window."""
    os.environ.setdefault("KIVY_NO_ARGS", "1")
    os.environ.setdefault("KIVY_NO_CONFIG", "1")
    os.environ.setdefault("KIVY_NO_FILELOG", "1")
    os.environ.setdefault("KIVY_LOG_MODE", "PYTHON")
    os.environ.setdefault("KIVY_CLIPBOARD", "sdl2")  # the others ask for programs that may not be there
    # Sizes here are plain pixels of a desktop, not millimetres of a child's screen.
    os.environ["KIVY_METRICS_DENSITY"] = "1"
    os.environ["KIVY_METRICS_FONTSCALE"] = "1"
    logging.getLogger("kivy").addFilter(_worth_telling)
    from kivy.config import Config  # noqa: PLC0415

    graphics = {
        "width": width,
        "height": height,
        "multisamples": 0,
        "maxfps": 30,
        "minimum_width": 560,
        "minimum_height": 640,
    }
    if left is not None and top is not None:
        graphics |= {"left": left, "top": top}
        Config.set("graphics", "position", "custom")
    for key, value in graphics.items():
        Config.set("graphics", key, str(value))
    Config.set("kivy", "kivy_clock", "interrupt")
    Config.set("kivy", "exit_on_escape", "0")
    Config.set("input", "mouse", "mouse,disable_multitouch")
    for name, _ in Config.items("input"):
        if name != "mouse":
            Config.remove_option("input", name)


def _worth_telling(record: logging.LogRecord) -> bool:
    # Kivy tells, with tracebacks, of two libraries the bench has no use for.
    return not record.getMessage().startswith(("Cutbuffer:", "Input: MTDev"))


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m hardware.simulated.bench", description=__doc__)
    parser.add_argument("--socket", type=Path, required=True, help="socket of the simulated wires")
    parser.add_argument(
        "--library", type=Path, required=True, help="folder with the library's CSV files and covers"
    )
    parser.add_argument("--pictures", type=Path, help="folder with the animals' pictures, <animal>.png")
    parser.add_argument(
        "--covers",
        type=Path,
        help="folder with the covers, <title>.jpg, .jpeg or .png (default: covers in the library)",
    )
    parser.add_argument("--left", type=int, help="window position, pixels")
    parser.add_argument("--top", type=int, help="window position, pixels")
    parser.add_argument("--width", type=int, default=640, help="pixels (default 640)")
    parser.add_argument("--height", type=int, default=780, help="pixels (default 780)")
    parser.add_argument("--language", choices=("vi", "en"), default="vi")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
