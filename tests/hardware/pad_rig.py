"""A pad on the bench: driver, bus, chip, field and a clock that only moves when somebody works or sleeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from hardware.rfid.rc522 import RC522
from hardware.simulated.clock import VirtualClock
from hardware.simulated.field import Field
from hardware.simulated.picc import Picc
from hardware.simulated.rc522_chip import RC522Chip
from hardware.simulated.spidev import InProcessSpi


class WatchedSpi(InProcessSpi):
    """Calls `before` with the number of each transaction, before it happens."""

    before: Callable[[int], None] = staticmethod(lambda number: None)

    def xfer2(self, data: Any) -> list[int]:
        self.before(self.transactions)
        return super().xfer2(data)


class Rig:
    """`place`, `lift` and `look`: what a hand and the driver do. Keywords go to the chip and the field."""

    def __init__(self, *, field: dict[str, Any] | None = None, **chip: Any) -> None:
        self.clock = VirtualClock()
        self.field = Field(**(field or {}))
        self.chip = RC522Chip(clock=self.clock, field=self.field, **chip)
        self.spi = WatchedSpi(self.chip)
        self.pad = self.driver()

    def driver(self, **settings: Any) -> RC522:
        return RC522(self.spi, sleep=self.clock.sleep, monotonic=self.clock.monotonic, **settings)

    def place(self, *uids: str | Picc) -> None:
        for uid in uids:
            self.field.place(uid if isinstance(uid, Picc) else tag(uid))

    def lift(self, *uids: str) -> None:
        for uid in uids:
            self.field.lift(uid)

    def look(self) -> set[str]:
        """One inventory, a tenth of a second after the last, as UIDs."""
        self.clock.sleep(0.08)
        return uids(self.pad.inventory())

    def cost(self) -> tuple[int, int]:
        """Transactions and bytes of one inventory."""
        before = self.spi.transactions, self.spi.bytes
        self.look()
        return self.spi.transactions - before[0], self.spi.bytes - before[1]


def uids(tags: Iterable[Any]) -> set[str]:
    return {tag.uid for tag in tags}


def tag(uid: str) -> Picc:
    """A card for 4-byte UIDs, a sticker for longer ones."""
    return Picc(uid, sak=0x08 if len(uid) == 8 else 0x00)
