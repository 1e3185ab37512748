"""What the station's screen shows and how to touch it, through its inspection socket.

For scripts and tests that stand before the real window: they see what a child sees and can do no more.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LOOK_EVERY_S = 0.02
"""Pause between two looks while waiting for a screen: under a frame of 30 a second."""


ANSWER_S = 30.0
"""How long the station may take to answer a question about its screen."""


class NotSeen(AssertionError):
    """A screen that should have come did not; the message says what was there instead."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One look at the screen."""

    number: int
    screen: str  # the view-model's class name: "Lent"
    language: str
    targets: tuple[tuple[str, str], ...]  # (action, target) of every button
    texts: tuple[str, ...]
    ring: tuple[str, ...] = ()  # (action, target) of what the ring of keys stands around

    def offers(self, action: str, target: str | None = None) -> bool:
        """Whether there is such a button."""
        return any(a == action and target in (None, t) for a, t in self.targets)

    def says(self, words: str) -> bool:
        """Whether a text on the screen contains these words, whatever their case and line breaks."""
        wanted = " ".join(words.split()).casefold()
        return any(wanted in " ".join(text.split()).casefold() for text in self.texts)


class Glass:
    """The station's screen seen from outside. Raises OSError when the station is gone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.slowness = 1.0  # every deadline here is so many times longer
        self._socket: socket.socket | None = None
        self._answers = b""

    def close(self) -> None:
        """Look away."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None
        self._answers = b""

    def ready(self) -> bool:
        """Whether the station shows anything yet."""
        try:
            self.look()
        except (OSError, KeyError, ValueError):
            self.close()
            return False
        return True

    def look(self) -> Seen:
        """What is on the screen now."""
        answer = self._ask({"do": "screen"})
        return Seen(
            number=int(answer["number"]),
            screen=str(answer["screen"]),
            language=str(answer["language"]),
            targets=tuple((str(t["action"]), str(t["target"])) for t in answer["targets"]),
            texts=tuple(str(text) for text in answer["texts"]),
            ring=tuple(str(word) for word in answer["ring"]),
        )

    def until(
        self,
        *screens: str,
        within: float = 15.0,
        after: int | None = None,
        where: Callable[[Seen], bool] | None = None,
    ) -> Seen:
        """Wait for one of `screens`: newer than number `after`, and such that `where` agrees.

        Raises NotSeen when it has not come within so many seconds (times the machine's slowness).
        """
        deadline = time.monotonic() + within * self.slowness
        passed: list[str] = []
        while True:
            seen = self.look()
            label = f"{seen.number} {seen.screen}"
            if not passed or passed[-1] != label:
                passed.append(label)
            if (
                (not screens or seen.screen in screens)
                and (after is None or seen.number > after)
                and (where is None or where(seen))
            ):
                return seen
            if time.monotonic() > deadline:
                wanted = " or ".join(screens) or "a new screen"
                raise NotSeen(
                    f"{wanted} did not come within {within:g} s; seen: {', '.join(passed)}; "
                    f"it says {' | '.join(seen.texts)!r}"
                )
            time.sleep(LOOK_EVERY_S * self.slowness)

    def tap(self, action: str, target: str = "") -> None:
        """Touch a button in its middle. Raises NotSeen when the screen has no such button."""
        self._ask({"do": "tap", "action": action, "target": target})

    def press(self, key: int) -> None:
        """Press a key of a keyboard, by the code the window knows it by."""
        self._ask({"do": "key", "key": key})

    def shot(self, path: Path) -> None:
        """Keep what is on the screen as a PNG."""
        self._ask({"do": "shot", "path": str(path)})

    def shut(self) -> None:
        """Close the station's window, as its frame's button would."""
        self._ask({"do": "stop"})

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        if self._socket is None:
            link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            link.settimeout(ANSWER_S * self.slowness)
            try:
                link.connect(str(self._path))
            except OSError:
                link.close()
                raise
            self._socket = link
        try:
            self._socket.sendall(json.dumps(question).encode() + b"\n")
            while b"\n" not in self._answers:
                piece = self._socket.recv(65_536)
                if not piece:
                    raise ConnectionResetError(f"{self._path}: the station closed its screen")
                self._answers += piece
        except OSError:
            self.close()
            raise
        line, _, self._answers = self._answers.partition(b"\n")
        answer = json.loads(line)
        if not answer.get("ok"):
            raise NotSeen(f"{question}: {answer.get('error', 'refused')}")
        return dict(answer)
