"""What keeps the board's time: a time server, a clock chip with its battery, or nothing."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass

from hardware.board.tree import Tree

_UNSYNCHRONISED = 5  # TIME_ERROR, adjtimex(2)
_TIMEX_BYTES = 1024  # struct timex is 208 bytes on 64-bit Linux
_HIGHEST_UV = 5_000_000  # a cell for clock chips has 3 V

Synchronised = Callable[[], bool | None]
"""Whether a time server keeps the kernel's clock; None = it will not say."""


@dataclass(frozen=True, slots=True)
class ClockState:
    """`battery_v`: volts of the clock chip's cell, told by a Pi 5 only. None = not told."""

    synchronised: bool | None = None
    chip: bool = False  # a clock chip is there; a Pi 5 always has one, but it forgets without a cell
    chip_name: str | None = None
    set_from_chip: bool | None = None  # at the start, the kernel took the time from it
    battery_v: float | None = None


def kernel_synchronised() -> bool | None:
    """Ask the kernel (adjtimex(2) with nothing to change); None where it may not be asked."""
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    except (OSError, AttributeError):
        return None
    return None if state < 0 else bool(state < _UNSYNCHRONISED)


def read_clock(tree: Tree, synchronised: Synchronised) -> ClockState:
    """What keeps the time now."""
    said = synchronised()
    if said is None and tree.exists("/run/systemd/timesync/synchronized"):
        said = True  # touched at every success (systemd-timesyncd.service(8))
    folder = "/sys/class/rtc/rtc0"
    microvolts = tree.number(f"{folder}/battery_voltage")
    taken = tree.number(f"{folder}/hctosys")
    return ClockState(
        said,
        tree.exists("/dev/rtc0"),
        tree.word(f"{folder}/name", 40),
        bool(taken) if taken in {0, 1} else None,
        microvolts / 1e6 if microvolts is not None and 0 <= microvolts <= _HIGHEST_UV else None,
    )
