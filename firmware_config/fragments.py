"""Reads the data files beside this module: the boot settings of boards, panels and readers, and why."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from firmware_config.errors import FirmwareError

Kind = Literal["boards", "panels", "readers"]

HOME: Final = Path(__file__).parent
_CMDLINE = ".cmdline.txt"


@dataclass(frozen=True, slots=True)
class Setting:
    """One line for config.txt, or one word for the kernel's command line, with the reason for it."""

    line: str
    reason: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fragment:
    """What one data file asks for: settings to make, and settings that must not stand elsewhere."""

    wanted: tuple[Setting, ...]
    unwanted: tuple[Setting, ...]


def names(kind: Kind) -> tuple[str, ...]:
    """The known names of a kind, in order."""
    return tuple(
        sorted(path.stem for path in (HOME / kind).glob("*.txt") if not path.name.endswith(_CMDLINE))
    )


def fragment(kind: Kind, name: str) -> Fragment:
    """The fragment of a board, panel or reader. Raises FirmwareError that lists the known names."""
    return read(_path(kind, name, ".txt"))


def panel_words(name: str) -> tuple[Setting, ...]:
    """What a panel needs on the kernel's command line; most need nothing. Raises FirmwareError."""
    _path("panels", name, ".txt")
    path = HOME / "panels" / f"{name}{_CMDLINE}"
    return read(path).wanted if path.exists() else ()


def screen_table(name: str) -> str:
    """The `[screen]` table of the station's settings that fits a panel. Raises FirmwareError."""
    return _path("panels", name, ".toml").read_text(encoding="utf-8")


def read(path: Path) -> Fragment:
    """Read one data file: '#' lines are the reason of the setting below, '!' marks an unwanted one.

    A blank line ends a comment, so that a file may begin with a few words about itself.
    """
    wanted: list[Setting] = []
    unwanted: list[Setting] = []
    reason: list[str] = []
    for raw in path.read_text(encoding="utf-8").splitlines():
        line = raw.strip()
        if line.startswith("#"):
            reason.append(line.removeprefix("#").strip())
            continue
        if line.startswith("!"):
            unwanted.append(Setting(line.removeprefix("!"), tuple(reason)))
        elif line:
            wanted.append(Setting(line, tuple(reason)))
        reason.clear()
    return Fragment(tuple(wanted), tuple(unwanted))


def _path(kind: Kind, name: str, suffix: str) -> Path:
    known = names(kind)
    if name not in known:
        one = kind.removesuffix("s")
        raise FirmwareError(f"there is no {one} {name!r}; known {kind}: {', '.join(known)}")
    return HOME / kind / f"{name}{suffix}"
