"""Sets the window up before anything of Kivy's window is imported; later settings would be ignored."""

from __future__ import annotations

import ctypes
import logging
import os
import sys
from pathlib import Path

log = logging.getLogger(__name__)


class WindowError(RuntimeError):
    """The window cannot be set up as asked; the message says why and what to do."""


def prepare(
    *,
    width: int,
    height: int,
    dpi: int,
    rotation: int = 0,
    fullscreen: bool = False,
    fps: int = 30,
    left: int | None = None,
    top: int | None = None,
    home: Path,
) -> None:
    """Fix Kivy's environment and Config for one panel.

    `width` and `height` are the panel's own pixels, before `rotation` (degrees, turns picture and touch
    together); `dpi` makes millimetres true on that panel; `left`/`top` place the window on a desktop;
    `home` is where Kivy may write. Raises WindowError when a window module was imported already.
    """
    if "kivy.core.window" in sys.modules:
        raise WindowError("ui.window.prepare() came after kivy.core.window was imported; call it first")
    home.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        KIVY_NO_ARGS="1",
        KIVY_NO_CONFIG="1",
        KIVY_NO_FILELOG="1",
        KIVY_LOG_MODE="PYTHON",  # leave the station's own logging as it is
        KIVY_HOME=str(home),
        KIVY_DPI=str(dpi),
        KIVY_METRICS_DENSITY="1",
        KIVY_METRICS_FONTSCALE="1",
    )

    logging.getLogger("kivy").addFilter(_is_news)

    from kivy.config import Config  # noqa: PLC0415  the environment above must stand before this import

    def flag(yes: bool) -> str:
        return "1" if yes else "0"

    Config.set("kivy", "kivy_clock", "interrupt")  # a report from another thread wakes the loop at once
    Config.set("kivy", "exit_on_escape", flag(not fullscreen))
    Config.set("kivy", "desktop", flag(not fullscreen))
    Config.set("kivy", "log_level", "warning")
    Config.set("kivy", "window_icon", str(Path(__file__).parent / "assets" / "pictures" / "books.png"))
    Config.set("graphics", "width", str(width))
    Config.set("graphics", "height", str(height))
    Config.set("graphics", "rotation", str(rotation))
    Config.set("graphics", "maxfps", str(fps))
    Config.set("graphics", "multisamples", "0")  # shapes are smoothed by their own edges, not by the GPU
    Config.set("graphics", "vsync", "1")
    Config.set("graphics", "resizable", "0")
    Config.set("graphics", "borderless", flag(fullscreen))
    Config.set("graphics", "fullscreen", "auto" if fullscreen else "0")
    Config.set("graphics", "show_cursor", flag(not fullscreen))
    Config.set("graphics", "allow_screensaver", "0")
    if left is not None and top is not None:
        Config.set("graphics", "position", "custom")
        Config.set("graphics", "left", str(left))
        Config.set("graphics", "top", str(top))
    # SDL turns a finger into a mouse press by itself, and Kivy's Linux window takes only that one. Every
    # other provider would report the same finger again, or take a barcode scanner for a touch screen.
    for name, _ in Config.items("input"):
        Config.remove_option("input", name)
    Config.set("input", "mouse", "mouse,disable_multitouch")


def _is_news(record: logging.LogRecord) -> bool:
    """Kivy tries every input library of the world; that one we do not use is missing is no error."""
    return "MTDev is not supported" not in str(record.msg)


def video_driver() -> str:
    """The driver SDL really uses ("x11", "KMSDRM", "offscreen"); "unknown" where it cannot be asked.

    Without a display SDL picks "offscreen" by itself and says nothing: a black panel with a happy log.
    """
    with Path("/proc/self/maps").open(encoding="utf-8", errors="replace") as maps:
        library = next((line.split()[-1] for line in maps if "libSDL2-2" in line), None)
    if library is None:
        return "unknown"
    ask = ctypes.CDLL(library).SDL_GetCurrentVideoDriver
    ask.restype = ctypes.c_char_p
    name = ask()
    return name.decode() if name else "unknown"


def report() -> None:
    """Log where the open window is drawn, and loudly when nobody can see it or it is slow."""
    from kivy.core.window import Window  # noqa: PLC0415  importing it opens the window
    from kivy.graphics.opengl import GL_RENDERER, glGetString  # noqa: PLC0415

    driver = video_driver()
    name = glGetString(GL_RENDERER)
    text = name.decode(errors="replace") if isinstance(name, bytes) else str(name)
    log.info("the screen: %s, %s, %dx%d", driver, text, Window.width, Window.height)
    if driver == "offscreen" and os.environ.get("SDL_VIDEODRIVER") != "offscreen":
        log.error(
            "nobody sees this screen: SDL found no display and draws into memory; start it from a desktop, "
            "or on a panel with SDL_VIDEODRIVER=kmsdrm as a user in the groups video and render"
        )
    elif driver.lower() == "kmsdrm" and "llvmpipe" in text:
        log.warning("the screen is drawn by the processor: add this user to the group render")
