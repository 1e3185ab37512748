"""What the link tells of this station's health: the librarian's book of devices, the clock, the board."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kiosk.desk.staff import Devices
from kiosk.link.health import Health
from kiosk.model import Now

if TYPE_CHECKING:
    from hardware.board import BoardReadings

LINK = "link"  # whoever hears that it is down hears it over the link


class HealthBook:
    """`look` is called on the desk thread, which owns the devices; `health` on the link's thread.

    What passes between them is replaced as a whole. `readings` answers with the board's newest, or None.
    """

    def __init__(self, devices: Devices, readings: Callable[[], BoardReadings | None]) -> None:
        self._devices, self._readings = devices, readings
        self._seen: tuple[tuple[str, ...], str] = ((), "")

    def look(self, now: Now) -> None:
        """Take down how devices and clock are."""
        broken = sorted(line.device for line in self._devices.lines if not line.good)
        self._seen = tuple(name for name in broken if name != LINK), now.quality.value

    def health(self) -> Health:
        """As of the last look, and of the board's own last look."""
        faults, clock = self._seen
        board = self._readings()
        if board is None:
            return Health(reader="pad" not in faults, faults=faults, clock=clock)
        storage, power = board.storage, board.power
        return Health(
            reader="pad" not in faults,
            faults=faults,
            clock=clock,
            under_voltage=power.under_voltage,
            throttled=power.throttled,
            read_only=storage.read_only,
            temperature_c=board.heat.temperature_c,
            disk_free=storage.free,
            disk_total=storage.total,
            card_life_used=board.card.life_used if board.card is not None else None,
            memory_free=board.memory.available,
            uptime_s=None if board.uptime_s is None else int(board.uptime_s),
        )
