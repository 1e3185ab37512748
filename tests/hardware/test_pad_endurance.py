"""Half an hour, a thousand hands, two hundred accidents: the pad tells what happened and nothing else.

Driver, worker and chip-level model run on a clock of their own, so an hour takes seconds.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from hardware.simulated.tags import make_tag
from kiosk.desk import Desk, Pace
from kiosk.events import Elapsed, ReaderBack, ReaderLost, TagsOnPad
from kiosk.model import ClockQuality, Now, Policy, Rules
from kiosk.ports import PadDisturbed
from kiosk.screens import ReaderOut
from tests.hardware.pad_rig import Rig, uids
from tests.hardware.test_worker_on_the_chip import Station
from tests.unit.desk_driver import BOOKS, MAI, library

BOOK = "04A1B2C3D4E580"
START = datetime(2026, 11, 21, 8, 0, tzinfo=timezone(timedelta(hours=7)))


def test_a_tag_that_rests_for_thirty_minutes_is_never_told_as_removed() -> None:
    station = Station()
    station.place(BOOK)
    assert station.wait(1800.0) == [BOOK]


def test_a_thousand_placements_and_removals_are_each_told_once_and_in_order() -> None:
    chance = random.Random(8)
    station = Station()
    assert station.wait(0.5) == ["empty"]
    things = [make_tag(f"04{number:012X}", "ntag213") for number in range(20)]
    for _ in range(1000):
        thing = chance.choice(things)
        station.place(thing)
        assert station.wait(chance.uniform(0.35, 0.6)) == [thing.uid]
        station.lift(thing.uid)
        lifted = station.clock.monotonic()
        assert station.wait(0.7) == ["empty"]
        assert station.times[-1] - lifted <= 0.6


def test_no_unverified_uid_in_ten_thousand_looks_with_bits_flipped() -> None:
    rig = Rig(field={"bit_error_rate": 0.004, "seed": 5})
    rig.pad.open()
    truth = {"DEADBEEF", BOOK}
    rig.place(*truth)
    whole = 0
    for _ in range(10_000):
        try:
            seen = uids(rig.pad.inventory())
        except PadDisturbed as disturbed:
            seen = uids(disturbed.tags)
        assert seen <= truth
        whole += seen == truth
    assert whole > 9000


class DeskOnTheChip(Station):
    """The whole way from the tags to the loans, on one clock."""

    def __init__(self, seed: int) -> None:
        super().__init__(field={"bit_error_rate": 0.0005, "seed": seed}, power_up_s=0.05)
        self.store = library()
        rules = Rules(default=Policy(max_loans=3, loan_days=14, max_renewals=1))
        self.desk = Desk(store=self.store, rules=rules, pace=Pace())
        self.step = self.desk.start(self._now())
        self.on_pad_lately: list[tuple[float, frozenset[str]]] = []

    def _now(self) -> Now:
        mono = int(self.clock.monotonic() * 1000)
        return Now(START + timedelta(milliseconds=mono), mono, 1, ClockQuality.NTP)

    def _hear(self, event: object) -> None:
        super()._hear(event)
        if isinstance(event, TagsOnPad | ReaderLost | ReaderBack):
            self._let_the_desk_answer(event)

    def _let_the_desk_answer(self, event: TagsOnPad | ReaderLost | ReaderBack | Elapsed) -> None:
        before = set(self.store.loans)
        self.step = self.desk.handle(event, self._now())
        for item in set(self.store.loans) - before:
            tag = next(uid for uid, of in self.store.tags.items() if of == item)
            since = self.clock.monotonic() - 1.2
            assert any(tag in here for when, here in self.on_pad_lately if when >= since), f"{item} is stale"

    def begin_a_visit(self, book: str) -> None:
        """A child comes to an empty pad; the book is on its shelf, whoever had it."""
        self.store.items = {key: replace(item, loan=None) for key, item in self.store.items.items()}
        self.lift(*uids(self.field.piccs))
        self.wait(1.0)
        self.place(MAI)
        self.wait(0.5)
        self.place(book)

    def wait(self, seconds: float) -> list[str]:
        already, until = len(self.told), self.clock.monotonic() + seconds
        while self.clock.monotonic() < until:
            self.on_pad_lately.append((self.clock.monotonic(), frozenset(uids(self.field.piccs))))
            del self.on_pad_lately[:-60]
            super().wait(0.02)
            if self.step.wake_at is not None and self.step.wake_at <= self._now().mono:
                self._let_the_desk_answer(Elapsed())
        return self.told[already:]


def test_two_hundred_accidents_are_told_within_two_seconds_and_healed_within_five() -> None:
    chance = random.Random(22)
    station = DeskOnTheChip(seed=22)
    station.wait(0.5)
    worst_told = worst_healed = 0.0
    for turn in range(200):
        if chance.random() < 0.5:
            station.begin_a_visit(BOOKS[turn % 5])
        else:
            for thing in (MAI, BOOKS[0]):
                here = thing in uids(station.field.piccs)
                if chance.random() < 0.5:
                    station.lift(thing) if here else station.place(thing)
        station.wait(chance.uniform(0.05, 0.9))
        accident = chance.choice(("unplug", "freeze", "brown_out"))
        transactions = station.spi.transactions + chance.randrange(1, 40)
        station.spi.before = lambda number, at=transactions, what=accident: (
            getattr(station.chip, what)() if number == at else None
        )
        already = len(station.told)
        while station.spi.transactions <= transactions:
            station.wait(0.02)
        broke = station.clock.monotonic()
        station.spi.before = lambda number: None
        while "lost" not in station.told[already:]:
            station.wait(0.02)
            assert station.clock.monotonic() - broke <= 2.0, f"{accident} {turn} is not told"
        worst_told = max(worst_told, station.clock.monotonic() - broke)
        if accident != "brown_out":
            assert isinstance(station.step.screen, ReaderOut)
            for thing in list(uids(station.field.piccs)):
                if chance.random() < 0.5:
                    station.lift(thing)  # carried off while nobody could see it
            station.wait(chance.uniform(0.1, 3.0))
        station.chip.restore()
        mended = station.clock.monotonic()
        while station.told.count("back") < station.told.count("lost"):
            station.wait(0.02)
            assert station.clock.monotonic() - mended <= 5.0, f"{accident} {turn} does not heal"
        worst_healed = max(worst_healed, station.clock.monotonic() - mended)
        station.wait(chance.uniform(0.1, 1.0))
        if chance.random() < 0.3:
            station.lift(*uids(station.field.piccs))
            station.wait(1.0)
    assert station.told.count("lost") == station.told.count("back") == 200
    said = [type(fact).__name__ for fact in station.store.facts]
    assert said.count("CheckedOut") > 20, "children did borrow between the accidents"
    assert said.count("DeviceFault") == said.count("DeviceRecovered") == 200
    assert worst_told <= 2.0
    assert worst_healed <= 5.0
