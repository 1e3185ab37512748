"""Which Raspberry Pi this is, and which filters of config.txt it obeys."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from firmware_config.errors import FirmwareError
from firmware_config.fragments import names

MODEL: Final = Path("/proc/device-tree/model")


@dataclass(frozen=True, slots=True)
class Board:
    """A board's name here, how its model string begins, and the section filters it obeys.

    `maybe` are filters of its family: they hold on some of the family's boards only.
    Source: Raspberry Pi documentation, config.txt, conditional filters.
    """

    name: str
    model: str
    filters: frozenset[str]
    maybe: frozenset[str]


BOARDS: Final = (
    Board("pi4", "Raspberry Pi 4 Model B", frozenset({"pi4"}), frozenset({"pi400", "cm4", "cm4s"})),
    Board("pi5", "Raspberry Pi 5", frozenset({"pi5"}), frozenset({"pi500", "cm5"})),
)


def board(name: str) -> Board:
    """The board of this name. Raises FirmwareError that lists the known ones."""
    for candidate in BOARDS:
        if candidate.name == name:
            return candidate
    raise FirmwareError(f"there is no board {name!r}; known boards: {', '.join(names('boards'))}")


def detect(model: Path = MODEL) -> str:
    """The name of the board this runs on. Raises FirmwareError on anything but a known Raspberry Pi."""
    try:
        text = model.read_bytes().rstrip(b"\0\n").decode("utf-8", "replace")
    except OSError as error:
        raise FirmwareError(
            f"{model}: cannot be read ({error.strerror}): this is not a Raspberry Pi; "
            f"name the board: {', '.join(names('boards'))}"
        ) from error
    for candidate in BOARDS:
        if text.startswith(candidate.model):
            return candidate.name
    raise FirmwareError(
        f"{model} says {text!r}, which is no known board; name the one it is like: "
        f"{', '.join(names('boards'))}"
    )
