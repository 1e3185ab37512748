"""How warm the processor is, and what its fan is asked to do."""

from __future__ import annotations

from dataclasses import dataclass

from hardware.board.tree import Tree

_COLDEST_C, _WARMEST_C = -40.0, 150.0  # outside, a sensor does not measure: it is broken
_FANS = {"pwm-fan", "gpio-fan", "rpi-poe-fan"}  # what the kernel calls the fans it steers
_FASTEST_RPM = 30_000
_MOST_LEVELS = 1000


@dataclass(frozen=True, slots=True)
class Heat:
    """None = the board does not tell.

    `fan_rpm` is to be shown, never judged: on a Pi 5 it reads 0 while the fan turns (raspberrypi/linux
    issue 7556).
    """

    temperature_c: float | None = None  # degrees Celsius, of the processor
    fan_rpm: int | None = None  # turns a minute; a Pi 5 with a fan on its own plug
    fan_level: int | None = None  # 0 = off ... `fan_levels` = as fast as it goes
    fan_levels: int | None = None


def read_heat(tree: Tree) -> Heat:
    """Temperature and fan now."""
    millidegrees = tree.number("/sys/class/thermal/thermal_zone0/temp")
    temperature = None if millidegrees is None else millidegrees / 1000
    if temperature is not None and not _COLDEST_C <= temperature <= _WARMEST_C:
        temperature = None
    turning = tree.hwmon("pwmfan")
    level, levels = _fan(tree)
    return Heat(
        temperature,
        _within(tree.number(f"{turning}/fan1_input") if turning else None, _FASTEST_RPM),
        level,
        levels,
    )


def _fan(tree: Tree) -> tuple[int | None, int | None]:
    """What the kernel asks of its fan, and the most it may ask."""
    for folder in tree.glob("/sys/class/thermal/cooling_device*"):
        if tree.word(f"{folder}/type") in _FANS:
            most = _within(tree.number(f"{folder}/max_state"), _MOST_LEVELS)
            return _within(tree.number(f"{folder}/cur_state"), _MOST_LEVELS), most
    return None, None


def _within(number: int | None, most: int) -> int | None:
    return number if number is not None and 0 <= number <= most else None
