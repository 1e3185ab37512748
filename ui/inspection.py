"""A socket that sees and touches the screen as a person would: for tests, demonstrations and screenshots.

A Unix stream socket, one JSON object a line, one answer a line. The listening thread only carries
questions to the Kivy thread and answers back. Coordinates are window pixels from the lower left corner.

    {"do": "screen"}                               what is shown: number, kind, language, targets, texts
    {"do": "tap", "action": "done", "target": ""}  touch that button through Kivy's own input dispatch
    {"do": "touch", "x": 10, "y": 20}              touch anywhere
    {"do": "key", "key": 9}                        press a key of a keyboard, by the window's own code
    {"do": "shot", "path": "welcome.png"}          write the window's real pixels
    {"do": "stop"}                                 close the window
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from kivy.base import EventLoop
from kivy.clock import Clock
from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glPixelStorei, glReadPixels
from kivy.input.motionevent import MotionEvent
from kivy.uix.widget import Widget
from PIL import Image

from ui.app import StationApp
from ui.widgets.button import BigButton
from ui.widgets.text import Say

log = logging.getLogger(__name__)

ANSWER_S = 60.0  # the Kivy thread answers within milliseconds; an emulated machine may need many seconds
LONGEST_LINE = 65_536  # bytes of one question
GL_PACK_ALIGNMENT = 0x0D05  # OpenGL ES 2.0, glPixelStorei; Kivy does not export it


class Finger(MotionEvent):
    """One finger on the glass."""

    def __init__(self, x: float, y: float) -> None:
        window = EventLoop.window
        width, height = (max(1, side - 1) for side in window.system_size)
        # A turned window turns touches back, so a place on the picture is first turned onto the glass.
        share = {
            0: (x / width, y / height),
            90: (1 - y / width, x / height),
            180: (1 - x / width, 1 - y / height),
            270: (y / width, 1 - x / height),
        }[window.rotation]
        super().__init__(
            "inspection", "finger", dict(zip("xy", share, strict=True)), is_touch=True, type_id="touch"
        )

    def depack(self, args: dict[str, float]) -> None:
        """Take the place as shares of the window's width and height."""
        self.sx, self.sy = args["x"], args["y"]
        self.profile = ["pos"]
        super().depack(args)


def touch(x: float, y: float) -> None:
    """Press and release at a place, through Kivy's input dispatch. Kivy thread only."""
    finger = Finger(x, y)
    EventLoop.post_dispatch_input("begin", finger)
    EventLoop.post_dispatch_input("end", finger)


def widgets(root: Widget) -> Iterator[Widget]:
    """A widget and everything in it."""
    yield root
    for child in root.children:
        yield from widgets(child)


def texts(root: Widget) -> list[str]:
    """Every sentence on the screen, whole, in drawing order."""
    return [each.said for each in widgets(root) if isinstance(each, Say) and each.said][::-1]


def targets(root: Widget) -> list[BigButton]:
    """Everything that can be touched."""
    return [each for each in widgets(root) if isinstance(each, BigButton)]


def settle(frames: int = 3) -> None:
    """Run the loop for some frames, when nobody else does. Kivy thread only."""
    for _ in range(frames):
        EventLoop.idle()


def save_pixels(path: Path) -> None:
    """Draw once more and write what the window's buffer then holds. Kivy thread only."""
    window = EventLoop.window
    window.canvas.ask_update()
    window.dispatch("on_draw")
    width, height = window.system_size
    glPixelStorei(GL_PACK_ALIGNMENT, 1)
    pixels = glReadPixels(0, 0, width, height, GL_RGB, GL_UNSIGNED_BYTE)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.frombytes("RGB", (width, height), bytes(pixels))
    picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM).save(path)


class Inspection:
    """Listens on a socket that only this user may open; `start()` and `stop()` from any thread."""

    def __init__(self, app: StationApp, socket_path: Path | str) -> None:
        self._app = app
        self._path = Path(socket_path)
        self._stopping = threading.Event()
        self._server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._thread = threading.Thread(target=self._listen, name="inspection", daemon=True)

    def start(self) -> None:
        """Open the socket and listen."""
        self._path.unlink(missing_ok=True)
        old = os.umask(0o177)
        try:
            self._server.bind(str(self._path))
        finally:
            os.umask(old)
        self._server.listen(4)
        self._thread.start()

    def stop(self, timeout: float = 2.0) -> None:
        """Close the socket and end the thread; from any thread, more than once if need be."""
        self._stopping.set()
        with contextlib.suppress(OSError):  # was not listening
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        if self._thread.is_alive():
            self._thread.join(timeout)
        self._path.unlink(missing_ok=True)

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(
                target=self._serve, args=(connection,), name="inspection-client", daemon=True
            ).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rwb") as stream:
            try:
                while line := stream.readline(LONGEST_LINE):
                    answer = self._answer(line)
                    stream.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
                    stream.flush()
            except OSError:
                log.debug("inspection client went away")

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            asked = json.loads(line)
        except (ValueError, RecursionError):
            return {"ok": False, "error": "not a line of JSON"}
        deeds: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "screen": self._screen,
            "tap": self._tap,
            "touch": self._touch,
            "key": self._key,
            "shot": self._shot,
            "stop": self._stop,
        }
        deed = deeds.get(str(asked.get("do"))) if isinstance(asked, dict) else None
        if deed is None:
            return {"ok": False, "error": f"unknown question; known are {', '.join(deeds)}"}
        return self._on_kivy_thread(lambda: deed(asked), lambda: self._delay(asked))

    def _delay(self, asked: dict[str, Any]) -> float:
        """A touch waits until the screen listens, as a person would."""
        scene = self._app.scene
        return scene.seconds_until_awake() if scene and asked.get("do") in {"tap", "touch", "key"} else 0.0

    def _on_kivy_thread(
        self, deed: Callable[[], dict[str, Any]], delay: Callable[[], float]
    ) -> dict[str, Any]:
        answers: SimpleQueue[dict[str, Any]] = SimpleQueue()

        def run(_elapsed: float) -> None:
            # Kivy counts a delay from its last frame, and a newer screen may have come: ask again each time.
            wait = delay()
            if wait > 0:
                Clock.schedule_once(run, wait)
                return
            try:
                answers.put({"ok": True, **deed()})
            except (ValueError, OSError, KeyError, TypeError) as error:
                answers.put({"ok": False, "error": f"{type(error).__name__}: {error}"})

        Clock.schedule_once(run)
        try:
            return answers.get(timeout=ANSWER_S)
        except Empty:
            return {"ok": False, "error": "the screen does not answer"}

    def _screen(self, _asked: dict[str, Any]) -> dict[str, Any]:
        shown = self._app.shown
        return {
            "number": shown.number,
            "screen": type(shown.screen).__name__,
            "language": shown.language,
            "targets": [
                {"action": str(each.choice.action), "target": each.choice.target,
                 "x": each.x, "y": each.y, "w": each.width, "h": each.height}
                for each in targets(self._app.root)
            ],
            "ring": self._ring(),
            "texts": texts(self._app.root),
        }  # fmt: skip

    def _ring(self) -> list[str]:
        """Action and target of what the ring of keys stands around; nothing where there is no ring."""
        under = self._app.scene.focus.current if self._app.scene else None
        return [str(under.choice.action), under.choice.target] if under else []

    def _tap(self, asked: dict[str, Any]) -> dict[str, Any]:
        action, target = str(asked["action"]), str(asked.get("target", ""))
        for each in targets(self._app.root):
            if each.choice.action == action and target in {"", each.choice.target}:
                touch(*each.center)
                return {"number": self._app.shown.number}
        raise ValueError(f"no button {action!r} for {target!r} on {type(self._app.shown.screen).__name__}")

    def _touch(self, asked: dict[str, Any]) -> dict[str, Any]:
        touch(float(asked["x"]), float(asked["y"]))
        return {}

    def _key(self, asked: dict[str, Any]) -> dict[str, Any]:
        EventLoop.window.dispatch("on_key_down", int(asked["key"]), 0, None, [])
        return {"number": self._app.shown.number}

    def _shot(self, asked: dict[str, Any]) -> dict[str, Any]:
        save_pixels(Path(str(asked["path"])))
        return {}

    def _stop(self, _asked: dict[str, Any]) -> dict[str, Any]:
        self._app.stop()
        return {}
