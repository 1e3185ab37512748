"""The board's power: is the voltage too low, and is the board held back for it or for its heat?

The firmware tells 20 bits (Raspberry Pi documentation, vcgencmd get_throttled): 0-3 what is, 16-19 what was.
The kernel's own watch (drivers/hwmon/raspberrypi-hwmon.c) asks every two seconds and clears the latter, so
they speak of the last two seconds where that watch runs, and of the time since power-on where it does not.
"""

from __future__ import annotations

from dataclasses import dataclass

from hardware.board.tree import Tree

# "soc" up to kernel 6.6, "soc@107c000000" on a Pi 5 since 6.12 (raspberrypi/documentation issue 4205 on the
# same folder's clock); kernels that are not Raspberry Pi's own have no such file.
_THROTTLED = (
    "/sys/devices/platform/soc/soc:firmware/get_throttled",
    "/sys/devices/platform/soc@*/soc@*:firmware/get_throttled",
)
_MOST = 0xFFFFF  # bits 0-19; anything above is no answer of this firmware
_WAS = 16


@dataclass(frozen=True, slots=True)
class Power:
    """None = the board does not tell. `was_...`: since power-on, or in the last two seconds (see above)."""

    under_voltage: bool | None = None  # below 4.63 V at the board
    capped: bool | None = None  # the processor's frequency is limited
    throttled: bool | None = None  # the processor is slowed down
    soft_limit: bool | None = None  # warm enough to be slowed down early (Pi 3 B+ and later models)
    was_under_voltage: bool | None = None
    was_capped: bool | None = None
    was_throttled: bool | None = None
    was_soft_limit: bool | None = None


def read_power(tree: Tree) -> Power:
    """What firmware and kernel say of the power now."""
    alarm = _alarm(tree)
    path = tree.first(*_THROTTLED)
    bits = tree.hexadecimal(path) if path else None
    if bits is None or bits > _MOST:
        return Power(under_voltage=alarm)
    low = bool(bits & 1) or bool(alarm)
    return Power(low, *(bool(bits >> at & 1) for at in (1, 2, 3, _WAS, _WAS + 1, _WAS + 2, _WAS + 3)))


def _alarm(tree: Tree) -> bool | None:
    """The kernel's under-voltage alarm: 1 when it was seen in the last two seconds."""
    folder = tree.hwmon("rpi_volt")
    value = tree.number(f"{folder}/in0_lcrit_alarm") if folder else None
    return bool(value) if value in {0, 1} else None
