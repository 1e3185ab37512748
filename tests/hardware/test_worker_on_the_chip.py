"""Worker, driver and chip together: placements, removals and accidents as the desk hears of them."""

from __future__ import annotations

import random

import pytest

from hardware.worker import PadWorker
from kiosk.events import ReaderBack, ReaderLost, TagsOnPad
from tests.hardware.pad_rig import Rig, uids

CARD = "DEADBEEF"
BOOKS = ("04A1B2C3D4E580", "04A1B2C3D4E581", "04FF00FF00FF80")


class Station(Rig):
    """A rig with a worker on it; what it posted, as text."""

    def __init__(self, **parts) -> None:
        super().__init__(**parts)
        self.told: list[str] = []
        self.times: list[float] = []
        self.worker = PadWorker(self.pad, self._hear, monotonic=self.clock.monotonic)

    def _hear(self, event: object) -> None:
        self.times.append(self.clock.monotonic())
        match event:
            case TagsOnPad(tags):
                self.told.append(" ".join(sorted(uids(tags))) or "empty")
            case ReaderLost():
                self.told.append("lost")
            case ReaderBack():
                self.told.append("back")

    def wait(self, seconds: float) -> list[str]:
        already = len(self.told)
        until = self.clock.monotonic() + seconds
        while self.clock.monotonic() < until:
            self.clock.sleep(self.worker.poll_once(self.clock.monotonic()))
        return self.told[already:]


def pile(*uids: str) -> str:
    return " ".join(sorted(uids))


def test_a_card_and_a_book_put_down_together_are_one_event():
    station = Station()
    assert station.wait(1.0) == ["empty"]
    station.place(CARD, BOOKS[0])
    assert station.wait(1.0) == [pile(CARD, BOOKS[0])]


def test_a_resting_pile_is_left_alone_for_minutes():
    station = Station()
    station.place(CARD, *BOOKS)
    assert station.wait(120.0) == [pile(CARD, *BOOKS)]


def test_a_resting_pile_is_left_alone_even_where_one_bit_in_five_hundred_is_wrong():
    station = Station(field={"bit_error_rate": 0.002, "seed": 3})
    station.place(CARD, BOOKS[0])
    assert station.wait(120.0) == [pile(CARD, BOOKS[0])]


def test_an_empty_pad_stays_empty_in_a_noisy_room():
    station = Station(field={"noise_rate": 0.02, "seed": 3})
    assert station.wait(300.0) == ["empty"]


def test_lifting_and_putting_back_is_told_in_order():
    station = Station()
    station.place(CARD, BOOKS[0])
    station.wait(1.0)
    station.lift(BOOKS[0])
    assert station.wait(1.0) == [CARD]
    station.place(BOOKS[1])
    assert station.wait(1.0) == [pile(CARD, BOOKS[1])]
    station.lift(CARD, BOOKS[1])
    assert station.wait(1.0) == ["empty"]


@pytest.mark.parametrize("accident", ["unplug", "freeze", "brown_out"])
def test_a_reader_that_is_lost_and_comes_back_tells_what_lies_there_then(accident):
    station = Station()
    station.place(CARD, BOOKS[0])
    station.wait(1.0)
    getattr(station.chip, accident)()
    broke = station.clock.monotonic()
    station.lift(BOOKS[0])
    if accident != "brown_out":
        assert station.wait(3.0) == ["lost"]
        station.chip.restore()
        assert station.wait(5.0) == ["back", CARD]
    else:
        assert station.wait(5.0) == ["lost", "back", CARD]
    assert station.times[station.told.index("lost")] - broke <= 2.0


@pytest.mark.parametrize("seed", range(5))
def test_a_child_that_plays_and_wires_that_fail_never_make_up_a_story(seed):
    """Random hands and accidents: every report was true of the pad within the last second."""
    chance = random.Random(seed)
    station = Station(field={"bit_error_rate": 0.0005, "seed": seed}, coll_pos_counts_align=bool(seed % 2))
    history: list[tuple[float, frozenset[str]]] = []

    def note() -> None:
        history.append((station.clock.monotonic(), frozenset(uids(station.field.piccs))))

    note()
    for _ in range(60):
        here = uids(station.field.piccs)
        thing = chance.choice((CARD, *BOOKS))
        match chance.randrange(8):
            case 0:
                station.chip.unplug()
            case 1:
                station.chip.brown_out()
            case 2:
                station.chip.freeze()
            case _:
                (station.lift if thing in here else station.place)(thing)
                note()
        station.wait(chance.choice((0.05, 0.2, 0.7, 2.0)))
        station.chip.restore()
        station.wait(chance.choice((0.0, 0.3, 1.0)))
    station.chip.restore()
    station.wait(6.0)
    assert station.told[-1] == (pile(*uids(station.field.piccs)) or "empty")
    for moment, text in zip(station.times, station.told, strict=True):
        if text in ("lost", "back"):
            continue
        recent = [things for when, things in history if when >= moment - 1.2]
        before = [things for when, things in history if when < moment - 1.2]
        possible = frozenset().union(*recent, before[-1] if before else frozenset())
        assert set(text.split()) - {"empty"} <= possible
    order = [text for text in station.told if text in ("lost", "back")]
    assert order == (["lost", "back"] * len(order))[: len(order)]
