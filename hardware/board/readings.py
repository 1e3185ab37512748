"""Everything the board tells of itself, read at one moment."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from hardware.board.card import Card, read_card
from hardware.board.clock_state import ClockState, Synchronised, kernel_synchronised, read_clock
from hardware.board.heat import Heat, read_heat
from hardware.board.memory import Memory, read_memory
from hardware.board.power import Power, read_power
from hardware.board.storage import StatVfs, Storage, read_storage
from hardware.board.tree import Tree

_REVISION = re.compile(r"^Revision\s*:\s*([0-9a-fA-F]{4,8})\s*$", re.MULTILINE)
_UPTIME = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)\b")
_REVISION_BYTES = 4


@dataclass(frozen=True, slots=True)
class BoardReadings:
    """What was read. None, wherever it stands, means that this machine does not tell."""

    model: str | None = None  # "Raspberry Pi 4 Model B Rev 1.4"
    revision: str | None = None  # the code on the board, hex, for instance "c03114"
    uptime_s: float | None = None  # seconds since power-on
    power: Power = field(default_factory=Power)
    heat: Heat = field(default_factory=Heat)
    memory: Memory = field(default_factory=Memory)
    storage: Storage = field(default_factory=Storage)
    card: Card | None = None
    clock: ClockState = field(default_factory=ClockState)


class Board:
    """Reads the board under `root`.

    `data`: the folder whose file system matters, as an absolute path of the board. `statvfs` and
    `synchronised` are the two questions that no file answers. Reading takes a few milliseconds, never raises,
    and may be done from any thread.
    """

    def __init__(
        self,
        root: Path = Path("/"),
        *,
        data: Path = Path("/"),
        statvfs: StatVfs = os.statvfs,
        synchronised: Synchronised = kernel_synchronised,
    ) -> None:
        self._tree, self._data = Tree(root), PurePosixPath("/") / data
        self._statvfs, self._synchronised = statvfs, synchronised

    def __repr__(self) -> str:
        return f"<Board {str(self._tree.root)!r}, data in {str(self._data)!r}>"

    def read(self) -> BoardReadings:
        """Everything, now."""
        tree = self._tree
        return BoardReadings(
            tree.word("/proc/device-tree/model"),
            _revision(tree),
            _uptime_s(tree),
            read_power(tree),
            read_heat(tree),
            read_memory(tree),
            read_storage(tree, self._data, self._statvfs),
            read_card(tree),
            read_clock(tree, self._synchronised),
        )

    def power(self) -> Power:
        """The power only: it changes within seconds, and is two small files."""
        return read_power(self._tree)


def _revision(tree: Tree) -> str | None:
    """From the device tree (four bytes, the highest first), else from /proc/cpuinfo."""
    code = tree.raw("/proc/device-tree/system/linux,revision")
    if code is not None and len(code) == _REVISION_BYTES:
        return f"{int.from_bytes(code, 'big'):04x}"
    found = _REVISION.search(tree.text("/proc/cpuinfo") or "")
    return found.group(1).lower() if found else None


def _uptime_s(tree: Tree) -> float | None:
    found = _UPTIME.match(tree.text("/proc/uptime") or "")
    return float(found.group(1)) if found else None
