"""Reads config.txt as the board's firmware does: which lines count on a board, and what they set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from firmware_config.board import Board

# The firmware and its documentation use these for an interface that has two names.
_ALIASES: Final = {"i2c": "i2c_arm", "i2c1": "i2c_arm"}
_ON: Final = frozenset({"", "on", "true", "yes", "y", "1", "okay"})
_OFF: Final = frozenset({"off", "false", "no", "n", "0", "disabled"})


class Applies(Enum):
    """Whether a line counts on a board. MAYBE: it hangs on a monitor, a pin, a serial number."""

    YES = "yes"
    MAYBE = "maybe"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Line:
    """A line that sets something: its number in the file from 1, its text, and whether it counts."""

    number: int
    text: str
    applies: Applies


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing a line sets. `key` tells what ('dtparam=spi', 'dtoverlay=vc4-kms-v3d', 'disable_splash').

    `options` are an overlay's own parameters, by name.
    """

    key: str
    value: str
    options: frozenset[str] = frozenset()


def lines(text: Iterable[str], board: Board) -> Iterator[Line]:
    """The lines that set something, in order, each with whether it counts on this board."""
    filters: dict[str, Applies] = {}
    for number, raw in enumerate(text, start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("[") and line.endswith("]"):
            _filter(line[1:-1].strip().lower(), board, filters)
            continue
        yield Line(number, line, _together(filters))


def parameters(line: str) -> tuple[Parameter, ...]:
    """What a line sets. `dtoverlay=` alone only ends an overlay's parameters: it sets nothing."""
    key, _, value = line.partition("=")
    key, value = key.strip().lower(), value.strip()
    if key in {"dtparam", "dtparams", "device_tree_param"}:
        return tuple(_dtparam(part) for part in value.split(",") if part.strip())
    if key in {"dtoverlay", "device_tree_overlay"}:
        name, *options = value.replace(":", ",", 1).split(",")
        if not name.strip():
            return ()
        named = frozenset(option.partition("=")[0].strip() for option in options)
        return (Parameter(f"dtoverlay={name.strip().removesuffix('.dtbo')}", "", named),)
    return (Parameter(key, value),)


def _dtparam(part: str) -> Parameter:
    name, _, value = part.partition("=")
    name, value = name.strip(), value.strip().lower()
    if value in _ON:
        value = "on"
    elif value in _OFF:
        value = "off"
    return Parameter(f"dtparam={_ALIASES.get(name, name)}", value)


def _filter(name: str, board: Board, filters: dict[str, Applies]) -> None:
    """Take a section header into account: one of its own kind it replaces, others it narrows."""
    if name == "all":
        filters.clear()
    elif name == "none":
        filters["none"] = Applies.NO
    else:
        if "none" in filters:
            filters["none"] = Applies.MAYBE  # not documented what ends [none] but [all]
        if name in board.filters:
            filters["model"] = Applies.YES
        elif name in board.maybe or name.startswith("board-type="):
            filters["model"] = Applies.MAYBE
        elif name.startswith(("pi", "cm")):
            filters["model"] = Applies.NO
        else:
            filters[name.replace(":", "=").partition("=")[0]] = Applies.MAYBE


def _together(filters: dict[str, Applies]) -> Applies:
    held = set(filters.values())
    if Applies.NO in held:
        return Applies.NO
    return Applies.MAYBE if Applies.MAYBE in held else Applies.YES
