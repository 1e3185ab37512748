"""What a librarian must know of the board, each as one sentence that says what to do. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hardware.board.card import Card, Reserve
from hardware.board.clock_state import ClockState
from hardware.board.memory import Memory
from hardware.board.power import Power
from hardware.board.readings import BoardReadings
from hardware.board.storage import Storage

MIB: Final = 2**20
GIB: Final = 2**30

# Raspberry Pi documentation, "Frequency management and thermal control": slowed down from 80 degrees on, and
# as far as it goes at 85.
HOT_C: Final = 80.0
LIMIT_C: Final = 85.0
# What docs/bench.md asks of a closed case on a warm day; a heat once told is over below it.
COOL_C: Final = 75.0

# What `kiosk doctor` asks for: a month of facts, the covers and room for a backup.
DISK_FULL: Final = 200 * MIB
# Our own choice: time to act before that, at the pace of a busy station and its journal.
DISK_LOW: Final = 1 * GIB
NAMES_LOW: Final = 0.05  # share of free file names; ext4 is made with far more than the station needs

# Our own choice: the station may take 250 MB (docs/bench.md); with less than this left, the kernel soon ends
# programs.
MEMORY_LOW: Final = 100 * MIB

# JESD84-B51: 0Ah is 90-100 % of the estimated life, 0Bh beyond it.
WORN: Final = 100
WORN_OUT: Final = 110

# The lowest voltage the Pi 5 charges its clock's cell to (Raspberry Pi documentation, real-time clock):
# below it there is no cell, or an empty one.
CELL_EMPTY_V: Final = 1.3

RELIEF: Final = 1.25  # what was told as scarce is over when there is a quarter more than the threshold


class Severity(StrEnum):
    """How soon somebody must act."""

    NOTE = "note"  # good to know
    SOON = "soon"  # within days
    NOW = "now"


@dataclass(frozen=True, slots=True)
class Worry:
    """`name` tells one kind of worry from another ("power", "heat" ...); `words` hold cause and remedy."""

    name: str
    severity: Severity
    words: str


def worries(readings: BoardReadings, standing: Collection[str] = ()) -> tuple[Worry, ...]:
    """Every worry these readings give, at most one of each name, the most pressing first.

    `standing`: names told before. They end at a stricter threshold than they begin at, so that a value that
    wavers round a threshold is told once.
    """
    found = (
        _power(readings.power),
        _heat(readings, "heat" in standing),
        _writable(readings.storage),
        _room(readings.storage, RELIEF if "disk" in standing else 1.0),
        _card(readings.card, readings.storage),
        _memory(readings.memory, RELIEF if "memory" in standing else 1.0),
        _clock(readings.clock),
    )
    order = (Severity.NOW, Severity.SOON, Severity.NOTE)
    return tuple(sorted((each for each in found if each), key=lambda each: order.index(each.severity)))


def _power(power: Power) -> Worry | None:
    if power.under_voltage:
        return Worry(
            "power",
            Severity.NOW,
            "the voltage is too low: use the Pi's own power supply and a short cable, and give lights and "
            "sensors a supply of their own",
        )
    if power.was_under_voltage:
        return Worry(
            "power",
            Severity.NOTE,
            "the voltage was too low for a moment: use the Pi's own power supply and a short cable",
        )
    return None


def _heat(readings: BoardReadings, standing: bool) -> Worry | None:
    degrees, power = readings.heat.temperature_c, readings.power
    if degrees is not None and degrees >= LIMIT_C:
        return Worry(
            "heat",
            Severity.NOW,
            f"the processor has {degrees:.0f} °C, its limit is {LIMIT_C:.0f}: open the case, keep it out of "
            "the sun, see that the fan turns",
        )
    if degrees is not None and degrees >= (COOL_C if standing else HOT_C):
        return Worry(
            "heat",
            Severity.SOON,
            f"the processor has {degrees:.0f} °C and slows down from {HOT_C:.0f}: give the case air and "
            "shade, or a fan",
        )
    if degrees is None and (power.throttled or power.soft_limit) and not power.under_voltage:
        return Worry("heat", Severity.SOON, "the board slows down by itself: give the case air, or a fan")
    return None


def _writable(storage: Storage) -> Worry | None:
    if storage.read_only:
        return Worry(
            "readonly",
            Severity.NOW,
            f"nothing can be written to {storage.device}: the card may be failing; copy the data, put in a "
            "new card and install again",
        )
    if storage.forgets:
        return Worry(
            "readonly",
            Severity.NOW,
            "the data lie in memory and are gone at the next power cut: see 'Read-only system' in "
            "docs/install.md",
        )
    return None


def _room(storage: Storage, ease: float) -> Worry | None:
    if storage.free is not None:
        left = f"{storage.free // MIB} MB are free: remove old files, or use a larger card"
        if storage.free < DISK_FULL:
            return Worry("disk", Severity.NOW, f"the disk is nearly full, {left}")
        if storage.free < DISK_LOW * ease:
            return Worry("disk", Severity.SOON, f"the disk is getting full, {left}")
    if storage.free_names is not None and storage.free_names < NAMES_LOW * ease:
        return Worry("disk", Severity.SOON, "the disk has hardly any file names left: remove old files")
    return None


def _card(card: Card | None, storage: Storage) -> Worry | None:
    used = card.life_used if card else None
    reserve = card.reserve if card else None
    remedy = "copy the data and put in a new one"
    if reserve is Reserve.URGENT or (used is not None and used >= WORN_OUT):
        return Worry("card", Severity.NOW, f"the memory card is worn out: {remedy}")
    if storage.errors:
        return Worry(
            "card",
            Severity.SOON,
            f"{storage.errors} errors were found on {storage.device}: {remedy}; an industrial card bears "
            "power cuts",
        )
    if reserve is Reserve.WARNING or (used is not None and used >= WORN):
        return Worry("card", Severity.SOON, f"the memory card is nearly worn out: {remedy}")
    if card and card.errors:
        return Worry(
            "card",
            Severity.NOTE,
            f"{card.errors} transfers to the memory card failed since the start: see that it sits well; if "
            "the number grows, put in a new one",
        )
    return None


def _memory(memory: Memory, ease: float) -> Worry | None:
    if memory.available is None or memory.available >= MEMORY_LOW * ease:
        return None
    return Worry(
        "memory",
        Severity.SOON,
        f"only {memory.available // MIB} MB of memory are left: restart the station, and tell your engineer "
        "if it happens again",
    )


def _clock(clock: ClockState) -> Worry | None:
    if clock.synchronised is not False:
        return None
    if not clock.chip:
        return Worry(
            "clock",
            Severity.SOON,
            "the clock runs free: let the station reach a time server, or fit a clock chip (DS3231)",
        )
    if clock.battery_v is not None and clock.battery_v < CELL_EMPTY_V:
        return Worry(
            "clock",
            Severity.SOON,
            f"the clock chip's cell has {clock.battery_v:.1f} V and no time server is reached: fit the "
            "Pi 5's clock battery, or let the station reach a time server",
        )
    return None
