"""A board without a battery: how far its clock is believed, and what becomes of loans when it is right."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.clock import LOOK_AGAIN_S, StationClock
from kiosk.desk import Desk
from kiosk.engine import Engine
from kiosk.events import Elapsed, Tag, TagKind, TagsOnPad
from kiosk.facts import CheckedOut, Renewed, StationStarted
from kiosk.model import Calendar, ClockQuality, Loan, Now, Policy, Rules
from kiosk.ports import StorageFull
from kiosk.store import StationStore
from kiosk.store.outbox import OutboxReader
from kiosk.upkeep import Upkeep
from tests.unit.reading_corner import HANOI, ITEMS, MAY_CARD, filled_corner, open_corner, rows

TRUE = datetime(2026, 11, 20, 9, 0, tzinfo=HANOI)
INSTALLED = datetime(2026, 11, 1, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RULES = Rules(default=Policy(max_loans=9, loan_days=14, max_renewals=2))
FREE, RTC, NTP = ClockQuality.FREE, ClockQuality.RTC, ClockQuality.NTP


class Board:
    """Fits kiosk.clock.Kernel: a machine whose clock is `off` by so much, until a server is met."""

    def __init__(self, off: timedelta = timedelta(), *, server: bool = False) -> None:
        self.off, self.server = off, server
        self.passed = 0.0
        self.chip_off: timedelta | None = None

    def wall(self) -> datetime:
        return self.true + self.off

    def mono(self) -> float:
        return 5_000.0 + self.passed

    def synchronised(self) -> bool:
        return self.server

    def chip(self) -> datetime | None:
        return None if self.chip_off is None else self.true + self.chip_off

    @property
    def true(self) -> datetime:
        return TRUE + timedelta(seconds=self.passed)

    def meets_a_server(self) -> None:
        self.off, self.server = timedelta(), True
        self.passed += LOOK_AGAIN_S + 1


def clock_of(board: Board, boot: int = 1, not_before: datetime | None = None) -> StationClock:
    return StationClock(boot, kernel=board, not_before=not_before, installed=INSTALLED)


# --- how far it is believed ----------------------------------------------------------------------------


def test_without_a_server_and_without_a_chip_the_clock_is_free() -> None:
    assert clock_of(Board()).now().quality is FREE
    assert clock_of(Board(server=True)).now().quality is NTP


def test_a_chip_is_believed_when_it_agrees_and_is_not_behind_what_has_passed() -> None:
    board = Board()
    board.chip_off = timedelta(seconds=-3)
    assert clock_of(board).now().quality is RTC
    board.chip_off = timedelta(days=-2)
    assert clock_of(board).now().quality is FREE, "the kernel's clock is another"
    board.off = board.chip_off = EPOCH - TRUE
    assert clock_of(board).now().quality is FREE, (
        "a chip without a cell begins in 1970, and so does the kernel"
    )


def test_a_server_that_is_gone_leaves_a_clock_that_was_right() -> None:
    board = Board(server=True)
    clock = clock_of(board)
    assert clock.now().quality is NTP
    board.server = False
    board.passed += 10 * 3_600
    assert clock.now().quality is RTC


def test_a_free_clock_is_never_before_what_has_passed_and_goes_on_from_there() -> None:
    board = Board(EPOCH - TRUE)
    kept = TRUE - timedelta(days=2)
    clock = clock_of(board, not_before=kept)
    assert clock.now().wall == kept
    board.passed += 3_600
    assert clock.now().wall == kept + timedelta(hours=1)
    assert clock.now().wall.utcoffset() is not None
    assert clock_of(board).now().wall == INSTALLED, "a new station knows when it was installed"
    board.off = timedelta(minutes=-5)  # somebody puts it right by hand
    assert clock.now().wall == board.wall()
    assert clock.now().quality is FREE


def test_a_server_knows_better_than_what_was_written_once() -> None:
    board = Board(server=True)
    assert clock_of(board, not_before=TRUE + timedelta(days=900)).now().wall == TRUE


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-5_000, 5_000), st.booleans(), st.integers(0, 100_000)), min_size=1, max_size=30
    )
)
def test_however_the_clock_steps_a_free_one_is_never_in_the_past_and_mono_only_goes_forward(
    steps: list[tuple[int, bool, int]],
) -> None:
    board = Board()
    kept = TRUE - timedelta(days=30)
    clock = clock_of(board, not_before=kept)
    before = 0
    for hours, server, passed in steps:
        board.off, board.server = timedelta(hours=hours), server
        board.passed += passed
        now = clock.now()
        assert now.mono >= before
        before = now.mono
        if now.quality is FREE:
            assert now.wall >= kept


# --- and what comes of loans ---------------------------------------------------------------------------


class Station:
    """A station's store and clock on a board, without screen and pad."""

    def __init__(self, path: Path, board: Board, rules: Rules = RULES) -> None:
        self.store: StationStore = open_corner(path) if path.exists() else filled_corner(path)
        self.board, self.path, self.rules = board, path, rules
        self.clock = clock_of(board, self.store.boot)
        self.upkeep = Upkeep(self.store, lambda: self.rules)
        with self.store.begin(self.clock.now()) as work:
            work.report(StationStarted("1"))
            work.commit()
        self.upkeep.look(self.clock.now())

    def lend(self, number: int) -> Loan:
        now = self.clock.now()
        loan = Loan(f"GD-{number}", "BD-1", now.today, now.today + timedelta(days=14))
        with self.store.begin(now) as work:
            work.lend(loan)
            work.report(CheckedOut(loan.item_id, "de-men", "6-8", loan.due.isoformat()))
            work.commit()
        return loan

    def keep(self, loan: Loan) -> Loan:
        now = self.clock.now()
        kept = replace(loan, due=now.today + timedelta(days=14), renewals=loan.renewals + 1)
        with self.store.begin(now) as work:
            work.renew(kept)
            work.report(Renewed(loan.item_id, "de-men", "6-8", kept.due.isoformat()))
            work.commit()
        return kept

    def loan(self, number: int) -> tuple[str, str]:
        found = {item: days for item, *days in rows(self.path, "SELECT item_id, lent_on, due FROM loans")}
        lent_on, due = found[f"GD-{number}"]
        return lent_on, due

    def facts(self, name: str) -> list[dict[str, Any]]:
        with OutboxReader(self.path) as outbox:
            events = [json.loads(row.payload) for row in outbox.pending(0, 10_000)]
        assert [one["seq"] for one in events] == list(range(1, len(events) + 1))
        return [one for one in events if one["type"] == f"gocdoc.{name}.v1"]

    def sync(self) -> bool:
        self.board.meets_a_server()
        return self.upkeep.look(self.clock.now())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "station.db"


@pytest.mark.parametrize(
    "off",
    [timedelta(hours=-1), timedelta(days=-3), EPOCH - TRUE, timedelta(days=3_652), timedelta(days=40)],
    ids=["an hour behind", "days behind", "in 1970", "ten years ahead", "weeks ahead"],
)
def test_when_a_server_is_met_loans_of_the_free_clock_get_their_true_days(path: Path, off: timedelta) -> None:
    station = Station(path, Board(off))
    told = station.lend(1)
    assert told.lent_on.year >= 2026, "never a loan in 1970"
    station.board.passed += 2 * 3_600
    assert station.sync()
    assert station.loan(1) == ("2026-11-20", "2026-12-04")
    [synced] = station.facts("clock.synced")
    assert synced["clock"] == "ntp"
    assert datetime.fromisoformat(synced["time"]) == station.board.true
    corrected = station.facts("item.due_corrected")
    assert [one["data"] for one in corrected] == (
        [] if told.due == date(2026, 12, 4) else [{"item": "GD-1", "title": "de-men", "due": "2026-12-04"}]
    )
    station.board.passed += 3_600
    assert not station.upkeep.look(station.clock.now()), "once a start"
    station.store.close()


def test_how_far_the_clock_jumped_is_told(path: Path) -> None:
    station = Station(path, Board(timedelta(days=3_652)))
    station.board.passed += 600
    station.upkeep.look(station.clock.now())
    station.sync()
    assert station.facts("clock.synced")[0]["data"] == {"step_s": -3_652 * 86_400}
    station.store.close()


def test_the_day_is_that_of_the_loan_and_not_that_of_the_correction(path: Path) -> None:
    station = Station(path, Board(EPOCH - TRUE))
    station.lend(1)
    station.board.passed += 14.9 * 3_600  # 23:54 of the same day
    station.lend(2)
    station.board.passed += 0.2 * 3_600  # six minutes past midnight
    station.lend(3)
    station.board.passed += 3 * 86_400
    station.sync()
    days = [station.loan(number)[0] for number in (1, 2, 3)]
    assert days == ["2026-11-20", "2026-11-20", "2026-11-21"]
    station.store.close()


def test_a_day_that_was_told_stays_when_the_clock_was_an_hour_ahead_over_midnight(path: Path) -> None:
    board = Board(timedelta(hours=1))
    board.passed = 14.5 * 3_600  # 23:30; the clock says half past midnight
    station = Station(path, board)
    assert station.lend(1).due == date(2026, 12, 5)
    station.sync()
    assert station.loan(1) == ("2026-11-20", "2026-12-05")
    assert station.facts("item.due_corrected") == []
    station.store.close()


def test_a_book_kept_longer_by_a_free_clock_is_due_by_the_day_it_was_kept(path: Path) -> None:
    station = Station(path, Board(EPOCH - TRUE))
    loan = station.lend(1)
    station.board.passed += 2 * 86_400
    station.keep(loan)
    station.sync()
    assert station.loan(1) == ("2026-11-20", "2026-12-06")
    station.store.close()


def test_loans_of_a_right_clock_and_books_that_are_back_are_left_alone(path: Path) -> None:
    first = Station(path, Board(server=True))
    first.lend(1)
    first.store.close()
    station = Station(path, Board(timedelta(days=-5)))
    station.lend(2)
    with station.store.begin(station.clock.now()) as work:
        work.give_back("GD-2", stamp=False)
        work.commit()
    station.sync()
    station.lend(3)
    assert station.loan(1) == station.loan(3) == ("2026-11-20", "2026-12-04")
    assert rows(path, "SELECT count(*) FROM loans") == [(2,)]
    assert station.facts("item.due_corrected") == []
    assert len(station.facts("clock.synced")) == 1
    station.store.close()


def test_the_library_is_closed_on_the_corrected_day_too(path: Path) -> None:
    shut = Calendar(closed_days=frozenset({date(2026, 12, 4)}))
    station = Station(path, Board(EPOCH - TRUE), replace(RULES, calendar=shut))
    station.lend(1)
    station.sync()
    assert station.loan(1)[1] == "2026-12-05"
    station.store.close()


def test_a_loan_of_an_earlier_start_cannot_begin_on_a_day_that_has_not_come(path: Path) -> None:
    first = Station(path, Board(timedelta(days=3_652)))
    first.lend(1)
    first.store.close()
    station = Station(path, Board(server=True))
    assert station.loan(1) == ("2026-11-20", "2026-12-04")
    assert [one["data"]["due"] for one in station.facts("item.due_corrected")] == ["2026-12-04"]
    station.store.close()


def test_a_clock_that_was_right_from_the_start_says_nothing(path: Path) -> None:
    station = Station(path, Board(server=True))
    station.lend(1)
    station.board.passed += 3_600
    assert not station.upkeep.look(station.clock.now())
    assert station.facts("clock.synced") == []
    station.store.close()


def test_a_disk_that_refuses_gets_the_correction_later_and_nothing_is_half_corrected(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = Station(path, Board(EPOCH - TRUE))
    station.lend(1)
    station.lend(2)
    before = station.loan(1), station.loan(2)
    full = StorageFull("no room")

    def refuse(*_: object) -> None:
        raise full

    with monkeypatch.context() as patch:
        patch.setattr("kiosk.upkeep.set_days", refuse)
        assert not station.sync()
    assert (station.loan(1), station.loan(2)) == before
    assert station.facts("clock.synced") == []
    station.board.passed += 90
    assert station.upkeep.look(station.clock.now())
    assert station.loan(1) == station.loan(2) == ("2026-11-20", "2026-12-04")
    station.store.close()


def test_in_the_running_engine_a_child_sees_the_right_day_from_then_on(path: Path) -> None:
    board = Board(timedelta(days=-400))
    with filled_corner(path) as store:
        clock = clock_of(board, store.boot)
        upkeep = Upkeep(store, lambda: RULES)
        ticks: list[Now] = []

        def tick() -> None:
            ticks.append(clock.now())
            upkeep.look(ticks[-1])

        engine = Engine(
            desk=Desk(store=store, rules=RULES),
            store=store,
            clock=clock,
            present=lambda shown: None,
            tick=tick,
        )
        engine.first()
        engine.post(TagsOnPad(frozenset()))
        card, book = Tag(MAY_CARD, TagKind.CLASSIC), Tag(ITEMS[0][1], TagKind.ULTRALIGHT)
        engine.post(TagsOnPad(frozenset({card})))
        engine.post(TagsOnPad(frozenset({card, book})))
        engine.start()
        engine.stop()
        [(_, wrong)] = rows(path, "SELECT lent_on, due FROM loans")
        board.meets_a_server()
        again = Engine(
            desk=Desk(store=store, rules=RULES),
            store=store,
            clock=clock,
            present=lambda shown: None,
            tick=tick,
        )
        again.first()
        again.post(Elapsed())
        again.start()
        again.stop()
    assert wrong != "2026-12-04"
    assert rows(path, "SELECT lent_on, due FROM loans") == [("2026-11-20", "2026-12-04")]
