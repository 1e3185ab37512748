"""One picture of every kind of screen that was seen, numbered in the order of kiosk.screens."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final, get_args

from kiosk.demo.glass import Glass, Seen
from kiosk.screens import Screen

KINDS: Final[tuple[str, ...]] = tuple(kind.__name__ for kind in get_args(Screen))
"""Every kind of screen there is."""

STILL_S = 0.45
"""A new screen slides in within a quarter of a second; its picture is taken when it stands."""


class Album:
    """Pictures in `folder`, one a kind."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._kept: dict[str, Path] = {}

    @property
    def missing(self) -> tuple[str, ...]:
        """Kinds of screens that were not seen."""
        return tuple(kind for kind in KINDS if kind not in self._kept)

    @property
    def pictures(self) -> tuple[Path, ...]:
        """What was kept, in the order of the kinds."""
        return tuple(self._kept[kind] for kind in KINDS if kind in self._kept)

    def keep(self, glass: Glass, seen: Seen) -> None:
        """Take the picture of `seen` unless there is one of its kind, or the screen has gone on meanwhile."""
        if seen.screen in self._kept or seen.screen not in KINDS:
            return
        time.sleep(STILL_S)
        path = self._folder / f"{KINDS.index(seen.screen) + 1:02d}-{seen.screen}.png"
        glass.shot(path)
        if glass.look().number == seen.number:
            self._kept[seen.screen] = path
        else:
            path.unlink(missing_ok=True)
