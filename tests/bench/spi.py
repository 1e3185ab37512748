"""SPI traffic of the pad: our driver beside the three others (peers.py), on the same chip-level model.

The others find none of several tags, and two of them read three bytes of a 7-byte UID, so their figures are
those of a search that fails; ours are whole inventories: every tag selected, proved, halted, and then
silence.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace

from hardware.rfid.rc522 import RC522
from hardware.simulated.clock import VirtualClock
from hardware.simulated.field import Field
from hardware.simulated.picc import Picc
from hardware.simulated.rc522_chip import RC522Chip
from hardware.simulated.spidev import InProcessSpi
from kiosk.ports import PadDisturbed
from tests.bench import peers
from tests.bench.row import Row

Driver = Callable[[InProcessSpi, Callable[[float], None]], peers.Peer]
RESET_S = 10e-6
HLTA = b"\x50\x00"
STICKERS = tuple(f"04{number * 0x9E3779B1 % 2**40:010X}80" for number in range(1, 11))
BARS = {0: "at most 6", 10: "at most 320"}


class _Bench:
    """A chip with tags on it and a bus that counts."""

    def __init__(self, tags: int) -> None:
        self.clock = VirtualClock()
        self.field = Field()
        # The others write on right after a reset; a model that loses those writes would be unfair to them.
        self.spi = InProcessSpi(RC522Chip(clock=self.clock, field=self.field, reset_s=RESET_S))
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


def _theirs(driver: Driver, tags: int) -> SimpleNamespace:
    bench = _Bench(tags)
    peer = driver(bench.spi, bench.sleep)
    bench.place()
    began = bench.spi.transactions, bench.spi.bytes, bench.clock.monotonic()
    found = peer.look()
    return SimpleNamespace(
        name=peer.name,
        transactions=bench.spi.transactions - began[0],
        bytes=bench.spi.bytes - began[1],
        ms=1000 * (bench.clock.monotonic() - began[2]),
        found=found,
        whole=int(found in bench.tags),
    )


def _asleep() -> float:
    """Share of the time the processor sleeps at ten looks a second over an empty pad, for ten seconds."""
    bench = _Bench(0)
    return _share_asleep(bench, bench.driver().inventory)


def _asleep_peer(driver: Driver) -> float:
    bench = _Bench(0)
    return _share_asleep(bench, driver(bench.spi, bench.sleep).look)


def _share_asleep(bench: _Bench, look: Callable[[], object]) -> float:
    began, bench.asleep = bench.clock.monotonic(), 0.0
    for turn in range(1, 101):
        look()
        bench.sleep(max(0.0, began + turn / 10 - bench.clock.monotonic()))
    return bench.asleep / (bench.clock.monotonic() - began)


def _ten_tags(times: int = 100) -> tuple[int, int]:
    """How often all of ten random tags were found, and the most transactions it took."""
    chance, whole, most = random.Random(3), 0, 0
    for turn in range(times):
        bench = _Bench(0)
        bench.tags = tuple("04" + chance.randbytes(6).hex().upper() for _ in range(10))
        bench.spi.chip = RC522Chip(
            clock=bench.clock,
            field=bench.field,
            coll_pos_counts_align=bool(turn % 2),
            collided_bit=turn // 2 % 2,
        )
        pad = bench.driver()
        bench.place()
        began = bench.spi.transactions
        whole += {tag.uid for tag in pad.inventory()} == set(bench.tags)
        most = max(most, bench.spi.transactions - began)
    return whole, most


def _bit_errors(times: int = 10_000) -> tuple[int, int]:
    """UIDs told that were never there, in inventories with flipped bits; and inventories that were whole."""
    bench = _Bench(2)
    bench.field.bit_error_rate = 0.002
    pad = bench.driver()
    bench.place()
    false = whole = 0
    for _ in range(times):
        try:
            seen = {tag.uid for tag in pad.inventory()}
        except PadDisturbed as disturbed:
            seen = {tag.uid for tag in disturbed.tags}
        false += len(seen - set(bench.tags))
        whole += seen == set(bench.tags)
    return false, whole


def measure() -> Iterator[Row]:
    """Transactions, bytes and milliseconds of one look, by the number of tags; and the share asleep."""
    for tags in (0, 1, 2, 5, 10):
        ours = _ours(tags)
        what = f"{tags} tag{'s' if tags != 1 else ''}" if tags else "idle poll"
        for driver in peers.ALL:
            theirs = _theirs(driver, tags)
            name = theirs.name if theirs.found or not tags else f"{theirs.name}, which finds none"
            bar = BARS.get(tags, "")
            yield Row(f"SPI, {what}", "transactions", ours.transactions, theirs.transactions, name, bar)
            yield Row(f"SPI, {what}", "bytes", ours.bytes, theirs.bytes, name)
            yield Row(f"SPI, {what}", "ms on the model", round(ours.ms, 2), round(theirs.ms, 2), name)
            if tags:
                yield Row(f"SPI, {what}", "UIDs read whole", ours.found, theirs.whole, theirs.name, f"{tags}")
            if tags == 1:
                transactions, size = ours.identified
                until = "7-byte UID up to its SAK"
                yield Row(
                    f"SPI, {until}", "transactions", transactions, theirs.transactions, name, "at most 22"
                )
                yield Row(f"SPI, {until}", "bytes", size, theirs.bytes, name, "at most 100")
    asleep = round(_asleep(), 4)
    for driver in peers.ALL:
        name = _theirs(driver, 0).name
        share = round(_asleep_peer(driver), 4)
        what = "asleep at ten looks a second, empty pad"
        yield Row(what, "share of the time", asleep, share, name, "at least 0.95")
    whole, most = _ten_tags()
    yield Row("ten random tags, all found, of 100 times", "times", whole, None, "", "100")
    yield Row("ten random tags, the most it took", "transactions", most, None, "", "at most 320")
    false, whole = _bit_errors()
    yield Row("unverified UIDs in 10,000 looks, 2 bits in 1,000 wrong", "UIDs", false, None, "", "0")
    yield Row("the same looks, both tags seen at once", "looks", whole, None, "")
