"""What a librarian must know of the board: when, how pressing, with a remedy, and told once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hardware.board import BoardReadings, Severity, Worry, worries
from hardware.board.card import Card, Reserve
from hardware.board.clock_state import ClockState
from hardware.board.heat import Heat
from hardware.board.memory import Memory
from hardware.board.power import Power
from hardware.board.storage import Storage
from tests.hardware.test_board import THROTTLED_PI4, pi4

MIB = 2**20
WELL = BoardReadings()


def only(readings: BoardReadings, standing: tuple[str, ...] = ()) -> Worry:
    (worry,) = worries(readings, standing)
    return worry


@pytest.mark.parametrize(
    ("readings", "name", "severity", "says"),
    [
        (replace(WELL, power=Power(under_voltage=True)), "power", Severity.NOW, "the Pi's own power supply"),
        (replace(WELL, power=Power(False, was_under_voltage=True)), "power", Severity.NOTE, "for a moment"),
        (replace(WELL, heat=Heat(80.0)), "heat", Severity.SOON, "80 °C"),
        (replace(WELL, heat=Heat(85.0)), "heat", Severity.NOW, "open the case"),
        (replace(WELL, power=Power(False, soft_limit=True)), "heat", Severity.SOON, "a fan"),
        (replace(WELL, storage=Storage(free=150 * MIB)), "disk", Severity.NOW, "150 MB are free"),
        (replace(WELL, storage=Storage(free=900 * MIB)), "disk", Severity.SOON, "a larger card"),
        (replace(WELL, storage=Storage(free_names=0.01)), "disk", Severity.SOON, "file names"),
        (
            replace(WELL, storage=Storage(device="/dev/mmcblk0p2", read_only=True)),
            "readonly",
            Severity.NOW,
            "/dev/mmcblk0p2",
        ),
        (replace(WELL, storage=Storage(forgets=True)), "readonly", Severity.NOW, "docs/install.md"),
        (replace(WELL, storage=Storage(device="/dev/sda1", errors=3)), "card", Severity.SOON, "3 errors"),
        (replace(WELL, card=Card(life_used=100)), "card", Severity.SOON, "nearly worn out"),
        (replace(WELL, card=Card(life_used=110)), "card", Severity.NOW, "worn out"),
        (replace(WELL, card=Card(reserve=Reserve.WARNING)), "card", Severity.SOON, "nearly worn out"),
        (replace(WELL, card=Card(reserve=Reserve.URGENT)), "card", Severity.NOW, "worn out"),
        (replace(WELL, card=Card(errors=4)), "card", Severity.NOTE, "4 transfers"),
        (replace(WELL, memory=Memory(available=60 * MIB)), "memory", Severity.SOON, "60 MB"),
        (replace(WELL, clock=ClockState(synchronised=False)), "clock", Severity.SOON, "DS3231"),
        (replace(WELL, clock=ClockState(False, chip=True, battery_v=0.1)), "clock", Severity.SOON, "battery"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_each_worry_has_its_name_its_severity_and_a_remedy(
    readings: BoardReadings, name: str, severity: Severity, says: str
) -> None:
    worry = only(readings)
    assert (worry.name, worry.severity) == (name, severity)
    assert says in worry.words
    assert ":" in worry.words, "a cause, and after it what to do"


@pytest.mark.parametrize(
    "readings",
    [
        WELL,
        replace(WELL, heat=Heat(79.9)),
        replace(
            WELL, storage=Storage(free=2000 * MIB, free_names=0.5, read_only=False, forgets=False, errors=0)
        ),
        replace(WELL, card=Card("SC32G", "SD", life_used=90, reserve=Reserve.NORMAL, errors=0)),
        replace(WELL, memory=Memory(available=300 * MIB)),
        replace(WELL, clock=ClockState(synchronised=None)),
        replace(WELL, clock=ClockState(False, chip=True, battery_v=3.0)),
        replace(WELL, clock=ClockState(True, chip=True, battery_v=0.0)),
        replace(WELL, heat=Heat(50.0, fan_rpm=0, fan_level=3, fan_levels=4)),
    ],
)
def test_what_is_well_or_not_told_is_no_worry(readings: BoardReadings) -> None:
    assert worries(readings) == ()


def test_the_most_pressing_comes_first_and_no_name_twice() -> None:
    bad = BoardReadings(
        power=Power(under_voltage=True, throttled=True),
        heat=Heat(90.0),
        storage=Storage(free=MIB, read_only=True, forgets=True, errors=9, device="/dev/mmcblk0p2"),
        card=Card(errors=3),
        memory=Memory(available=MIB),
        clock=ClockState(synchronised=False),
    )
    found = worries(bad)
    assert [each.severity for each in found] == [Severity.NOW] * 4 + [Severity.SOON] * 3
    assert len({each.name for each in found}) == len(found)


def test_slowed_down_by_low_voltage_is_not_called_heat() -> None:
    assert only(replace(WELL, power=Power(under_voltage=True, throttled=True))).name == "power"


@pytest.mark.parametrize(
    ("name", "between", "over"),
    [
        ("heat", replace(WELL, heat=Heat(77.0)), replace(WELL, heat=Heat(74.9))),
        (
            "disk",
            replace(WELL, storage=Storage(free=1100 * MIB)),
            replace(WELL, storage=Storage(free=1300 * MIB)),
        ),
        (
            "memory",
            replace(WELL, memory=Memory(available=110 * MIB)),
            replace(WELL, memory=Memory(available=130 * MIB)),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_was_told_ends_at_a_stricter_threshold(
    name: str, between: BoardReadings, over: BoardReadings
) -> None:
    assert worries(between) == ()
    assert only(between, (name,)).name == name
    assert worries(over, (name,)) == ()


def test_a_pi_with_a_weak_supply_says_so(tmp_path: Path) -> None:
    machine = pi4(tmp_path)
    machine.put(THROTTLED_PI4, "50005\n")
    assert only(machine.board().read()).severity is Severity.NOW
