"""The memory card (or soldered eMMC): what it is, how old, and how worn it says it is.

An SD card tells no wear at all; eMMC does (JEDEC JESD84-B51, DEVICE_LIFE_TIME_EST and PRE_EOL_INFO).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from hardware.board.tree import Tree

_TENTH = re.compile(r"0[xX]([0-9a-fA-F]{1,2})")
_BEYOND = 11  # 0Bh: the maker's own estimate of its life is exceeded
_COUNTED = re.compile(r"# [^:]{1,80}:\s*([0-9]{1,10})")


class Reserve(StrEnum):
    """How many of the spare blocks are used up (JESD84-B51, PRE_EOL_INFO)."""

    NORMAL = "normal"
    WARNING = "warning"  # 80 %
    URGENT = "urgent"  # 90 %


_RESERVES = {1: Reserve.NORMAL, 2: Reserve.WARNING, 3: Reserve.URGENT}


@dataclass(frozen=True, slots=True)
class Card:
    """None = not told."""

    name: str | None = None  # the maker's, for instance "SC32G"
    kind: str | None = None  # "SD", or "MMC" for eMMC
    made: str | None = None  # month/year
    life_used: int | None = None  # per cent of the estimated life, rounded up to tens; 110 = beyond it
    reserve: Reserve | None = None
    errors: int | None = None  # commands and transfers that failed since the start (read by root only)


def read_card(tree: Tree) -> Card | None:
    """The first card of the board; None where there is none."""
    block = tree.first("/sys/block/mmcblk[0-9]")
    if block is None:
        return None
    device = f"{block}/device"
    return Card(
        tree.word(f"{device}/name", 20),
        tree.word(f"{device}/type", 10),
        tree.word(f"{device}/date", 10),
        _life_used(tree.text(f"{device}/life_time")),
        _RESERVES.get(tree.hexadecimal(f"{device}/pre_eol_info") or 0),
        _errors(tree.text(f"/sys/kernel/debug/mmc{block[-1]}/err_stats")),
    )


def _life_used(text: str | None) -> int | None:
    """Two numbers, one a type of memory: the worse counts. 01h is 0-10 %, 0Ah 90-100 %, 0 "not said"."""
    tenths = [int(found.group(1), 16) for each in (text or "").split() if (found := _TENTH.fullmatch(each))]
    worst = max((tenth for tenth in tenths if 1 <= tenth <= _BEYOND), default=None)
    return None if worst is None else worst * 10


def _errors(text: str | None) -> int | None:
    """The sum of what the kernel counts for this card's slot (drivers/mmc/core/debugfs.c, err_stats)."""
    found = (_COUNTED.match(line) for line in (text or "").splitlines())
    counted = [int(each.group(1)) for each in found if each]
    return sum(counted) if counted else None
