"""Every screen in every state, for eyes and for tests: `samples()`.

Each module of this package is a room of the station with a function `screens()` that answers with a dict of
name -> view-model; `samples()` finds them by themselves. Whoever draws a new screen adds a module here, say
`ui/samples/mine.py`, and takes children and books from `ui.samples.library`. Names are fit for a file and
are used once.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from typing import cast

from kiosk.screens import Screen


def samples() -> dict[str, Screen]:
    """Every kind of screen, by a name fit for a file. Raises ValueError for a name used twice."""
    every: dict[str, Screen] = {}
    for found in sorted(pkgutil.iter_modules(__path__), key=lambda each: each.name):
        module = importlib.import_module(f"{__name__}.{found.name}")
        screens = cast("Callable[[], dict[str, Screen]] | None", getattr(module, "screens", None))
        for name, screen in (screens() if screens else {}).items():
            if name in every:
                raise ValueError(f"ui/samples/{found.name}.py: the name {name!r} is used by another module")
            every[name] = screen
    return every
