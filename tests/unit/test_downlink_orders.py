"""The desk thread's side of what comes down, with a clock that tests turn.

When a command is over, what a power cut leaves of a catalogue, and a desk that the library has shut.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kiosk.bootstrap.doctor import _rules
from kiosk.bootstrap.places import database_of
from kiosk.catalogue import ItemEntry, TitleEntry, edition, index_of, pack
from kiosk.commands import Command, parse_answer
from kiosk.desk import Cue, Desk
from kiosk.events import (
    Action,
    CodeNames,
    CommandCame,
    EditionChosen,
    EditionWhole,
    Elapsed,
    PartCame,
    ReaderBack,
    ReaderLost,
    Scanned,
    TagsOnPad,
)
from kiosk.model import ClockQuality, Now, Policy, Rules
from kiosk.orders.commands import OUT_OF_ORDER
from kiosk.orders.orders import Orders, Wires
from kiosk.orders.shelving import SLICE_ROWS, Shelving
from kiosk.ports import StoreError
from kiosk.screens import AskHelp, Hello, Lent, OutOfOrder, ReaderOut, StaffPin, TakeYourThings, Welcome
from kiosk.settings import Settings
from kiosk.store import StationStore, open_store
from kiosk.store.incoming import Incoming
from tests.unit.desk_driver import BOOKS, MAI, STAFF, DeskDriver

MORNING = datetime(2026, 11, 24, 8, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StationStore]:
    with open_store(tmp_path / "station.db", kiosk="kiosk-1", wall=MORNING) as store:
        yield store


@dataclass
class Station:
    """Orders over a real store, and a clock that stands still."""

    store: StationStore
    now: Now = field(default_factory=lambda: Now(MORNING, 1_000, 1, ClockQuality.NTP))
    said: list[tuple[str, bytes]] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.desk = Desk(store=self.store, rules=Rules(default=Policy(3, 14, 1)))
        self.orders = Orders(
            store=self.store,
            desk=self.desk,
            rules=Rules(default=Policy(3, 14, 1)),
            clock=self,  # type: ignore[arg-type]
            cue=lambda cue: None,
            wires=Wires(
                say=lambda name, payload: self.said.append((name, payload)),
                sync=lambda: self.done.append("sync"),
                restart=lambda: self.done.append("restart"),
            ),
        )
        self.orders.start(self.now)

    def send(self, name: str, *, expires: timedelta, ttl_s: int) -> None:
        made = Command(str(uuid.uuid4()), name, {}, MORNING + expires, ttl_s)
        self.orders.take(CommandCame(name, made.to_json()), self.now)

    def look(self, *, after_ms: int = 0) -> None:
        self.now = replace(self.now, mono=self.now.mono + after_ms)
        self.orders.look(self.now)

    @property
    def statuses(self) -> list[str]:
        return [parse_answer(name, payload).status for name, payload in self.said]


@pytest.mark.parametrize(
    ("off", "quality", "status"),
    [
        (timedelta(), ClockQuality.NTP, "done"),
        (timedelta(minutes=7), ClockQuality.NTP, "expired"),
        (
            timedelta(minutes=5, seconds=30),
            ClockQuality.NTP,
            "done",
        ),  # clocks that were set differ by seconds
        (timedelta(days=400), ClockQuality.FREE, "done"),  # a clock nobody set proves nothing
        (timedelta(days=-400), ClockQuality.FREE, "done"),
        (timedelta(days=400), ClockQuality.RTC, "done"),
    ],
)
def test_only_a_clock_that_was_set_makes_a_command_old(
    store: StationStore, off: timedelta, quality: ClockQuality, status: str
) -> None:
    station = Station(store, Now(MORNING + off, 1_000, 1, quality))
    station.send("sync", expires=timedelta(minutes=5), ttl_s=300)
    assert station.statuses == [status]
    assert station.done == (["sync"] if status == "done" else [])


def test_with_any_clock_a_command_that_waited_too_long_is_over(store: StationStore) -> None:
    station = Station(store, Now(MORNING - timedelta(days=9_000), 1_000, 1, ClockQuality.FREE))
    station.send("diagnose", expires=timedelta(minutes=5), ttl_s=300)  # whose board never answers
    station.look(after_ms=299_000)
    assert station.statuses == []
    station.look(after_ms=2_000)
    assert station.statuses == ["failed"]
    station.look(after_ms=1_000)
    assert len(station.said) == 1


def test_a_command_that_cannot_be_kept_is_not_done_and_not_answered(
    store: StationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = Station(store)

    def refuse(now: Now) -> Any:
        raise StoreError("the disk refuses")

    monkeypatch.setattr(store, "begin", refuse)
    station.send("sync", expires=timedelta(minutes=5), ttl_s=300)
    station.look()
    assert (station.done, station.said) == ([], [])


# --- the catalogue, and power cuts ------------------------------------------------------------------------


def test_a_power_cut_at_any_slice_goes_on_where_it_stopped(tmp_path: Path) -> None:
    books = [TitleEntry(f"t-{n}", f"Sách {n}", "", "vi", 0, "red") for n in range(450)]
    copies = [ItemEntry(f"LK-{n}", f"t-{n}") for n in range(450)]
    parts = list(pack([*books, *copies], 1_500))
    whole = edition(0, 1, parts)
    now = Now(MORNING, 1, 1, ClockQuality.NTP)
    slices = 0
    for n in range(10_000):
        with open_store(tmp_path / "station.db", kiosk="kiosk-1", wall=MORNING) as store:
            shelving = Shelving(store, lambda: None)
            shelving.start(now)
            if n == 0:
                shelving.came(EditionChosen("all", "g", whole, index_of(parts)), now)
                for number, part in enumerate(parts, start=1):
                    shelving.came(PartCame(whole.sha256, number, part), now)
                shelving.came(EditionWhole(whole.sha256, True), now)
            for _ in range(7):  # then the process is killed: nothing is closed in order
                if shelving.is_busy(now):
                    shelving.work(now)
                    slices += 1
            counted = store.counts(now)
            if shelving.state.version == 1:
                break
    assert (counted.titles, counted.items) == (450, 450)
    assert slices <= len(parts) + 900 // SLICE_ROWS + 10, "nothing was put in twice"


def test_a_delta_that_does_not_begin_where_the_station_is_changes_nothing(store: StationStore) -> None:
    shelving = Shelving(store, lambda: None)
    now = Now(MORNING, 1, 1, ClockQuality.NTP)
    shelving.start(now)
    parts = list(pack([TitleEntry("t", "Sách", "", "vi", 0, "red")]))
    late = edition(4, 5, parts)
    shelving.came(EditionChosen("all", "g", late, index_of(parts)), now)
    shelving.came(PartCame(late.sha256, 1, parts[0]), now)
    shelving.came(EditionWhole(late.sha256, True), now)
    while shelving.is_busy(now):
        shelving.work(now)
    assert shelving.state.version == 0
    assert store.counts(now).titles == 0


def test_a_full_disk_is_tried_again_in_a_minute(store: StationStore, monkeypatch: pytest.MonkeyPatch) -> None:
    shelving = Shelving(store, lambda: None)
    now = Now(MORNING, 1, 1, ClockQuality.NTP)
    shelving.start(now)
    begin = store.begin
    monkeypatch.setattr(store, "begin", lambda now: (_ for _ in ()).throw(StoreError("full")))
    shelving.work(now)
    assert not shelving.is_busy(replace(now, mono=59_000))
    assert shelving.is_busy(replace(now, mono=61_000))
    monkeypatch.setattr(store, "begin", begin)
    shelving.work(replace(now, mono=61_000))
    assert not shelving.is_busy(replace(now, mono=200_000)), "there is nothing to do"


def test_the_doctor_says_by_which_rules_the_station_lends(tmp_path: Path) -> None:
    settings = Settings.model_validate({"station": {"id": "kiosk-1", "data": tmp_path}})
    with open_store(database_of(settings), kiosk="kiosk-1", wall=MORNING) as store:
        assert _rules(settings, False).words == "those of the settings file"
        with store.begin(Now(MORNING, 1, 1, ClockQuality.NTP)) as work:
            limits = {"max_loans": 2, "loan_days": 7, "max_renewals": 0}
            Incoming(work).keep("policy.all", json.dumps({"version": 3, "default": limits}).encode())
            Incoming(work).keep(OUT_OF_ORDER, "Mất điện".encode())
            work.commit()
        found = _rules(settings, False)
    assert "the centre's for all, version 3" in found.words
    assert "has shut this station 'Mất điện'" in found.words
    assert not found.good


# --- a desk that is shut ----------------------------------------------------------------------------------


def test_a_desk_shut_from_afar_closes_after_the_visit_and_opens_again() -> None:
    hands = DeskDriver()
    hands.put(MAI)
    hands.desk.shut("Mất điện")
    hands.put(BOOKS[0])
    assert isinstance(hands.screen, Lent)
    assert not hands.desk.is_free
    hands.lift()
    while not isinstance(hands.screen, OutOfOrder):
        hands.mono += 1_000
        hands.send(Elapsed())
        assert not isinstance(hands.screen, Welcome)
    assert hands.screen == OutOfOrder("Mất điện")
    assert hands.desk.is_free
    assert isinstance(hands.put(MAI), OutOfOrder)
    hands.desk.shut(None)
    assert isinstance(hands.send(Elapsed()), TakeYourThings), "what was laid down meanwhile is nobody's"
    hands.lift()
    assert isinstance(hands.screen, Welcome)
    assert isinstance(hands.put(MAI), Hello)


def test_at_a_shut_desk_help_comes_and_librarians_get_in() -> None:
    hands = DeskDriver()
    hands.desk.shut("")
    hands.send(Elapsed())
    assert isinstance(hands.tap(Action.HELP), AskHelp)
    assert isinstance(hands.tap(Action.BACK), OutOfOrder)
    assert isinstance(hands.send(Scanned("LK-0", CodeNames.ITEM)), OutOfOrder)
    assert isinstance(hands.put(STAFF), StaffPin)
    hands.lift()
    assert isinstance(hands.screen, OutOfOrder)


def test_a_broken_reader_says_more_than_a_shut_desk() -> None:
    hands = DeskDriver()
    hands.desk.shut("")
    hands.send(Elapsed())
    assert isinstance(hands.send(ReaderLost("no answer")), ReaderOut)
    hands.send(ReaderBack())
    hands.send(TagsOnPad(frozenset()))
    assert isinstance(hands.screen, OutOfOrder)


def test_new_rules_do_not_change_a_visit_that_has_begun() -> None:
    hands = DeskDriver()
    hands.put(MAI)
    hands.desk.adopt(Rules(default=Policy(max_loans=0, loan_days=1, max_renewals=0)))
    assert isinstance(hands.put(BOOKS[0]), Lent)
    hands.lift()
    hands.mono += 60_000
    hands.send(Elapsed())
    hands.put(MAI)
    assert not isinstance(hands.put(BOOKS[1]), Lent)
    assert Cue.NO in hands.cues
