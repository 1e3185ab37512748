"""The desk thread: events in order, deadlines kept, extras that fail left alone."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from kiosk.clock import StationClock
from kiosk.desk import Cue, Desk, Pace
from kiosk.desk.staff import Devices
from kiosk.engine import Engine, EngineWontStop
from kiosk.events import Action, Confirmed, Crossed, Direction, LinkChanged, Tag, TagKind, TagsOnPad, Tapped
from kiosk.model import Policy, Rules
from kiosk.ports import StoreError
from kiosk.screens import Goodbye, Hello, Lent, OutOfOrder, Screen, Shown, StillThere, Welcome
from tests.unit.desk_driver import BOOKS, MAI, library
from tests.unit.memory_store import MemoryStore

CARD = Tag(MAI, TagKind.CLASSIC)
BOOK = Tag(BOOKS[0], TagKind.ULTRALIGHT)
QUICK = Pace(idle=120, still_there=120, goodbye=120, message=100, linger=50, undo=10_000, retry=50)


class Station:
    """A running engine over a store in memory; what it shows arrives in a queue."""

    def __init__(self, store: MemoryStore, *, present: object = None) -> None:
        self.store = store
        self.shown: queue.SimpleQueue[Shown] = queue.SimpleQueue()
        self.cues: list[Cue] = []
        self.nudges = 0
        self.devices = Devices(("pad", "link"))
        self.desk = Desk(store=store, rules=Rules(default=Policy(3, 14, 1)), pace=QUICK, devices=self.devices)
        self.engine = Engine(
            desk=self.desk,
            store=store,
            clock=StationClock(1),
            present=self.shown.put,
            cue=self.cues.append,
            nudge=self._nudge,
        )
        self.first = self.engine.first()

    def _nudge(self) -> None:
        self.nudges += 1
        raise RuntimeError("the link is broken in a new way")

    def put(self, *tags: Tag) -> None:
        self.engine.post(TagsOnPad(frozenset(tags)))

    def until(self, kind: type[Screen]) -> Shown:
        deadline = time.monotonic() + 5
        seen = []
        while time.monotonic() < deadline:
            try:
                shown = self.shown.get(timeout=0.1)
            except queue.Empty:
                continue
            seen.append(type(shown.screen).__name__)
            if isinstance(shown.screen, kind):
                return shown
        raise AssertionError(f"{kind.__name__} was never shown, only {seen}")


@contextmanager
def running(station: Station) -> Iterator[Station]:
    station.engine.start()
    try:
        yield station
    finally:
        station.engine.stop()
    assert "desk" not in [thread.name for thread in threading.enumerate()]


def test_a_visit_runs_through_its_deadlines_without_any_other_timer() -> None:
    station = Station(library())
    assert station.first == Shown(1, Welcome(), "vi")
    with running(station):
        station.put()
        station.put(CARD)
        assert station.until(Hello).number == 2
        station.until(StillThere)
        station.until(Goodbye)
        station.put()
        station.until(Welcome)


def test_events_are_taken_in_order_and_extras_that_fail_do_not_stop_lending() -> None:
    station = Station(library())
    with running(station):
        station.put()
        for _ in range(50):
            station.engine.post(Crossed(Direction.IN))
        station.put(CARD)
        station.put(CARD, BOOK)
        station.until(Lent)
    names = [type(fact).__name__ for fact in station.store.facts]
    assert names[:52] == ["DoorCrossed"] * 50 + ["DeskVisitStarted", "CheckedOut"]
    assert station.nudges > 0
    assert station.cues[:2] == [Cue.OK, Cue.OK]


def test_a_touch_meant_for_an_earlier_screen_does_nothing() -> None:
    station = Station(library())
    with running(station):
        station.put()
        station.put(CARD)
        hello = station.until(Hello)
        station.put(CARD, BOOK)
        lent = station.until(Lent)
        station.engine.post(Tapped(Action.DONE, screen=hello.number))
        station.engine.post(Tapped(Action.UNDO, screen=lent.number))
        deadline = time.monotonic() + 5
        while station.store.loans and time.monotonic() < deadline:
            station.shown.get(timeout=5)
    ended = [fact for fact in station.store.facts if type(fact).__name__ == "DeskVisitEnded"]
    assert not station.store.loans
    assert all(fact.how == "timed_out" for fact in ended)  # type: ignore[union-attr]


def test_the_centres_receipt_reaches_the_store_and_a_failing_one_does_no_harm() -> None:
    station = Station(library())
    with running(station):
        station.put()
        station.engine.post(Confirmed("e1", 7))
        station.put(CARD)
        station.until(Hello)
        assert station.store.confirmed == ("e1", 7)
        station.store.broken = StoreError("locked")
        station.engine.post(Confirmed("e1", 8))
        station.store.broken = None
        station.until(Goodbye)
    assert station.store.confirmed is not None


class CardsThatTell(dict[str, str]):
    """A mistake whose own words name a card."""

    def get(self, uid: str, default: str = "") -> str:  # type: ignore[override]
        raise KeyError(uid)


def test_a_mistake_of_the_program_shuts_the_desk_and_opens_it_again(caplog: pytest.LogCaptureFixture) -> None:
    store = library()
    station = Station(store)
    honest, store.cards = store.cards, CardsThatTell()
    with running(station):
        station.put()
        station.put(CARD)
        station.until(OutOfOrder)
        store.cards = honest
        station.put()
        station.until(Welcome)
        station.put(CARD)
        station.until(Hello)
    assert "could not handle a TagsOnPad: KeyError" in caplog.text
    assert MAI not in caplog.text  # law 4: not in a log either


def test_a_mistake_that_goes_on_is_told_once_and_its_end_not_before_it_is_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    station = Station(library())
    honest, station.store.cards = station.store.cards, CardsThatTell()
    with running(station):
        station.put(CARD)
        station.until(OutOfOrder)
        until(lambda: caplog.text.count("could not handle a Elapsed") >= 3)
        assert of_the_desk(station) == ["DeviceFault"]
        station.store.cards = honest
        until(lambda: len(of_the_desk(station)) > 1)
        until(lambda: station.engine._wake_at is not None)
    assert of_the_desk(station) == ["DeviceFault", "DeviceRecovered"]


def of_the_desk(station: Station) -> list[str]:
    return [type(fact).__name__ for fact in station.store.facts if getattr(fact, "device", "") == "desk"]


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.005)


def test_the_link_is_known_to_the_librarians_page_and_is_no_fact() -> None:
    station = Station(library())
    with running(station):
        for up in (True, False, True):
            station.engine.post(LinkChanged(up))
            until(lambda up=up: station.devices.is_lost("link") is not up)  # type: ignore[misc]
    assert station.store.facts == []


def test_an_engine_that_hangs_is_named_when_it_is_stopped() -> None:
    station = Station(library())
    held = threading.Event()
    entered = threading.Event()

    def hang() -> None:
        entered.set()
        held.wait(10)

    station.engine._nudge = hang
    station.engine.start()
    station.put(CARD)
    assert entered.wait(5)
    with pytest.raises(EngineWontStop, match="desk thread"):
        station.engine.stop(timeout=0.05)
    held.set()
    station.engine._thread.join(5)
    assert not station.engine._thread.is_alive()
