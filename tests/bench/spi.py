"""SPI traffic of the pad: our driver beside `mfrc522` 0.0.7's own methods, on the same chip-level model.

The peer runs unmodified, on stand-ins for RPi.GPIO and spidev that exist only while it is imported. It has no
inventory: one call of MFRC522_Request and, when that succeeds, MFRC522_Anticoll is what its users call a
read. It finds none of several tags, and of a 7-byte UID it reads three bytes, so its figures are those of a
search that fails; ours are whole inventories: every tag selected, proved, halted, and then silence.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Sequence
from types import ModuleType, SimpleNamespace
from typing import Any

from hardware.rfid.rc522 import RC522
from hardware.simulated.clock import VirtualClock
from hardware.simulated.field import Field
from hardware.simulated.picc import Picc
from hardware.simulated.rc522_chip import RC522Chip
from hardware.simulated.spidev import InProcessSpi
from tests.bench.row import Row

PEER = "mfrc522 0.0.7"
HLTA = b"\x50\x00"
STICKERS = tuple(f"04{number * 0x9E3779B1 % 2**40:010X}80" for number in range(1, 11))
BARS = {0: "at most 6", 10: "at most 320"}


class _Bench:
    """A chip with tags on it and a bus that counts."""

    def __init__(self, tags: int) -> None:
        self.clock = VirtualClock()
        self.field = Field()
        self.spi = InProcessSpi(RC522Chip(clock=self.clock, field=self.field))
        self.tags = STICKERS[:tags]
        self.asleep = 0.0
        self.identified = (0, 0)  # transactions and bytes when the first tag had proved itself
        self.spi.xfer2 = self._watched  # type: ignore[method-assign]

    def _watched(self, data: Sequence[int]) -> list[int]:
        if bytes(data[1:3]) == HLTA and self.identified == (0, 0):
            self.identified = self.spi.transactions, self.spi.bytes
        return InProcessSpi.xfer2(self.spi, data)

    def place(self) -> None:
        for uid in self.tags:
            self.field.place(Picc(uid))
        self.clock.sleep(0.01)

    def sleep(self, seconds: float) -> None:
        self.asleep += seconds
        self.clock.sleep(seconds)

    def driver(self) -> RC522:
        pad = RC522(self.spi, sleep=self.sleep, monotonic=self.clock.monotonic)
        pad.open()
        pad.inventory()
        return pad


def _peer(spi: InProcessSpi) -> Any:
    """An `mfrc522.MFRC522` object on this bus."""
    names = ("RPi", "RPi.GPIO", "spidev", "mfrc522", "mfrc522.MFRC522", "mfrc522.SimpleMFRC522")
    before = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    gpio, rpi, spidev = ModuleType("RPi.GPIO"), ModuleType("RPi"), ModuleType("spidev")
    gpio.__dict__.update(
        OUT=0, getmode=lambda: None, setmode=lambda mode: None, setup=lambda pin, way: None,
        output=lambda pin, level: None, cleanup=lambda: None,
    )  # fmt: skip
    rpi.__dict__["GPIO"] = gpio
    spidev.__dict__["SpiDev"] = lambda: spi
    sys.modules.update({"RPi": rpi, "RPi.GPIO": gpio, "spidev": spidev})
    try:
        return importlib.import_module("mfrc522.MFRC522").MFRC522()
    finally:
        for name in names:
            sys.modules.pop(name, None)
        sys.modules.update(before)


def _look(peer: Any) -> str:
    """What the peer takes for a UID, as hex; "" when it saw nothing."""
    status, _ = peer.MFRC522_Request(peer.PICC_REQIDL)
    if status != peer.MI_OK:
        return ""
    status, uid = peer.MFRC522_Anticoll()
    return bytes(uid).hex().upper() if status == peer.MI_OK else ""


def _ours(tags: int) -> SimpleNamespace:
    bench = _Bench(tags)
    pad = bench.driver()
    bench.place()
    began = bench.spi.transactions, bench.spi.bytes, bench.clock.monotonic()
    found = {tag.uid for tag in pad.inventory()}
    if found != set(bench.tags):
        raise RuntimeError(f"found {len(found)} of {tags} tags: the figures would mean nothing")
    return SimpleNamespace(
        transactions=bench.spi.transactions - began[0],
        bytes=bench.spi.bytes - began[1],
        ms=1000 * (bench.clock.monotonic() - began[2]),
        found=len(found),
        identified=(bench.identified[0] - began[0], bench.identified[1] - began[1]),
    )


def _theirs(tags: int) -> SimpleNamespace:
    bench = _Bench(tags)
    peer = _peer(bench.spi)
    bench.place()
    began = bench.spi.transactions, bench.spi.bytes, bench.clock.monotonic()
    found = _look(peer)
    return SimpleNamespace(
        transactions=bench.spi.transactions - began[0],
        bytes=bench.spi.bytes - began[1],
        ms=1000 * (bench.clock.monotonic() - began[2]),
        found=found,
        whole=int(found in bench.tags),
    )


def _asleep() -> float:
    """Share of the time the processor sleeps at ten looks a second over an empty pad, for ten seconds."""
    bench = _Bench(0)
    pad = bench.driver()
    began, bench.asleep = bench.clock.monotonic(), 0.0
    for turn in range(1, 101):
        pad.inventory()
        bench.sleep(began + turn / 10 - bench.clock.monotonic())
    return bench.asleep / (bench.clock.monotonic() - began)


def _asleep_peer() -> float:
    """The same for the peer, which never sleeps by itself."""
    bench = _Bench(0)
    peer = _peer(bench.spi)
    began, bench.asleep = bench.clock.monotonic(), 0.0
    for turn in range(1, 101):
        _look(peer)
        bench.sleep(max(0.0, began + turn / 10 - bench.clock.monotonic()))
    return bench.asleep / (bench.clock.monotonic() - began)


def measure() -> Iterator[Row]:
    """Transactions, bytes and milliseconds of one look, by the number of tags; and the share asleep."""
    for tags in (0, 1, 2, 5, 10):
        ours, theirs = _ours(tags), _theirs(tags)
        what = f"{tags} tag{'s' if tags != 1 else ''}" if tags else "idle poll"
        name = PEER if theirs.found or not tags else f"{PEER}, which finds none"
        yield Row(
            f"SPI, {what}", "transactions", ours.transactions, theirs.transactions, name, BARS.get(tags, "")
        )
        yield Row(f"SPI, {what}", "bytes", ours.bytes, theirs.bytes, name)
        yield Row(f"SPI, {what}", "ms on the model", round(ours.ms, 2), round(theirs.ms, 2), name)
        if tags:
            yield Row(f"SPI, {what}", "UIDs read whole", ours.found, theirs.whole, PEER, f"{tags}")
        if tags == 1:
            transactions, size = ours.identified
            what = "7-byte UID up to its SAK"
            yield Row(f"SPI, {what}", "transactions", transactions, theirs.transactions, PEER, "at most 22")
            yield Row(f"SPI, {what}", "bytes", size, theirs.bytes, PEER, "at most 100")
    yield Row(
        "asleep at ten looks a second, empty pad",
        "share of the time",
        round(_asleep(), 4),
        round(_asleep_peer(), 4),
        PEER,
        "at least 0.95",
    )
