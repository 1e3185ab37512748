"""What the overhead counter needs of a VL53L1X, in the words of Pimoroni's library VL53L1X 0.0.7.

That library is optional and never imported here. `connect_vl53l1x` loads it when it is called, in the
counter's own thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from hardware.errors import HardwareError


class RangerFault(HardwareError, OSError):
    """The distance sensor does not answer, or cannot be had; says what to check."""


@dataclass(frozen=True, slots=True)
class Roi:
    """A part of the 16 x 16 receiving diodes, by its corners, with the library's own attribute names.

    x runs from left to right, y from bottom to top, so top_left_y is the larger one; at least 4 x 4.
    """

    top_left_x: int
    top_left_y: int
    bot_right_x: int
    bot_right_y: int


LEFT_HALF, RIGHT_HALF = Roi(0, 15, 7, 0), Roi(8, 15, 15, 0)
"""Two zones of 8 x 16 side by side (ST UM2600: N x 16, N from 4 to 8)."""


SYNCHRONISATION = 10
"""VL53L1_RANGESTATUS_SYNCRONISATION_INT: an interrupt that may come before the first measurement."""


class Ranger(Protocol):
    """A VL53L1X on I2C. Methods block; one thread uses it."""

    def open(self) -> None:
        """Take the bus and set the sensor up."""
        ...

    def close(self) -> None:
        """Release the bus."""
        ...

    def set_distance_mode(self, mode: int) -> None:
        """1 short, 2 medium, 3 long."""
        ...

    def set_timing(self, timing_budget: int, inter_measurement_period: int) -> None:
        """Microseconds a measurement takes, milliseconds from one to the next."""
        ...

    def set_user_roi(self, user_roi: Roi) -> None:
        """The diodes of the next `start_ranging`; a running measurement keeps its own."""
        ...

    def start_ranging(self, mode: int) -> None:
        """Begin; 0 keeps the mode and the timing."""
        ...

    def get_distance(self) -> int:
        """Wait for a measurement: millimetres, or -1 when the sensor rejects it (nothing in reach)."""
        ...

    def get_status(self) -> int:
        """0 when the last `get_distance` heard from the sensor, whatever it measured."""
        ...

    def get_range_status(self) -> int:
        """What the sensor says of that measurement; SYNCHRONISATION is none yet."""
        ...

    def stop_ranging(self) -> None:
        """End."""
        ...


def connect_vl53l1x(*, bus: int = 1, address: int = 0x29) -> Ranger:
    """The sensor at an I2C address, not yet opened. Raises RangerFault: no library, or nobody answers."""
    try:
        library = import_module("VL53L1X")
    except (ImportError, OSError) as error:
        raise RangerFault(
            f"the Python library VL53L1X is missing or does not load ({error}); install VL53L1X and smbus2"
        ) from error
    try:
        ranger: Ranger = library.VL53L1X(i2c_bus=bus, i2c_address=address)
    except (OSError, RuntimeError) as error:
        raise RangerFault(
            f"no VL53L1X answers at 0x{address:02X} on I2C bus {bus}: check its wires, and that I2C is on"
        ) from error
    return ranger
