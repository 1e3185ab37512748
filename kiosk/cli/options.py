"""Options that every command has."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, TypeVar

import typer

SettingsFile = Annotated[
    Path, typer.Option("--settings", "-s", help="the station's settings file", envvar="GOCDOC_SETTINGS")
]
DEFAULT_SETTINGS = Path("/etc/gocdoc/station.toml")
Json = Annotated[bool, typer.Option("--json", help="one JSON object a line, for programs")]
Seconds = Annotated[float, typer.Option("--seconds", help="end after so long; 0 = until Ctrl-C", min=0)]

Seen = TypeVar("Seen")
_TURN_S = 0.2  # so that Ctrl-C is noticed


def until(inbox: queue.SimpleQueue[Seen], seconds: float) -> Iterator[Seen]:
    """What arrives, for so long; 0 = for ever."""
    ends = time.monotonic() + seconds if seconds else float("inf")
    while time.monotonic() < ends:
        try:
            yield inbox.get(timeout=min(_TURN_S, max(0.0, ends - time.monotonic())))
        except queue.Empty:
            continue
