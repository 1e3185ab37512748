"""Hands at a desk without wires: put, lift, touch, wait; and a small library to do it with."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any, TypeVar

from kiosk.desk import Cue, Desk, Pace, Step
from kiosk.desk.staff import Devices, StaffRoom
from kiosk.events import Action, DeskEvent, Elapsed, Tag, TagKind, TagsOnPad, Tapped
from kiosk.model import ClockQuality, Item, ItemStatus, Loan, Now, Patron, Policy, Rules, Title
from kiosk.ports import Errand
from kiosk.screens import Screen
from tests.unit.memory_store import MemoryStore

START = datetime(2026, 11, 21, 14, 0, tzinfo=timezone(timedelta(hours=7)))
TODAY = START.date()

MAI, NAM, OLD, BLOCKED, STRANGER = "AA000001", "AA000002", "AA000003", "AA000004", "AA0000FF"
BOOKS = [f"04B000000000{n:02d}" for n in range(8)]
STAFF = "AA000009"
PIN = "204060"
GATED = [f"E00401000000000{n}" for n in range(3)]  # library stickers, which the gate looks at
REFERENCE, GROWN_UP, WITHDRAWN, UNKNOWN = (
    "04C00000000001",
    "04C00000000002",
    "04C00000000003",
    "04DD0000000000",
)

Shown = TypeVar("Shown", bound=Screen)


def title(number: int, age_from: int = 0) -> Title:
    return Title(f"T{number}", f"Sách số {number}", "Tô Hoài", "vi", age_from, "green")


def library() -> MemoryStore:
    patrons = {
        MAI: Patron("P1", "Mai", "cat", "child", birth_year=2018),
        NAM: Patron("P2", "Nam", "dog", "child", birth_year=2016),
        OLD: Patron("P3", "Tí", "owl", "child", birth_year=2017, expires=date(2026, 1, 1)),
        BLOCKED: Patron("P4", "Bin", "fox", "child", birth_year=2017, blocked=True),
        STAFF: Patron("S1", "Cô Lan", "owl", "staff"),
    }
    items = {uid: Item(f"LK-{n}", title(n)) for n, uid in enumerate(BOOKS)}
    items |= {uid: Item(f"GT-{n}", title(70 + n)) for n, uid in enumerate(GATED)}
    items[REFERENCE] = Item("REF-1", title(90), ItemStatus.REFERENCE)
    items[GROWN_UP] = Item("YA-1", title(91, age_from=14))
    items[WITHDRAWN] = Item("OLD-1", title(92), ItemStatus.WITHDRAWN)
    return MemoryStore(patrons, items)


class KnownPin:
    """The staff's PIN; `is_set` False = none was ever chosen."""

    is_set = True

    def fits(self, pin: str) -> bool:
        return self.is_set and pin == PIN


class DeskDriver:
    """A desk and its little world. Every verb answers with the screen that follows."""

    def __init__(self, store: MemoryStore | None = None, **desk: Any) -> None:
        """`desk`: what the desk is told besides, its customs, languages, pace."""
        self.store = store or library()
        rules = Rules(default=Policy(max_loans=3, loan_days=14, max_renewals=1))
        self.pace: Pace = desk.pop("pace", Pace())
        devices = Devices(("pad", "door", "lamp"))
        self.pin = KnownPin()
        staff = StaffRoom(category="staff", pin=self.pin, devices=devices, pace=self.pace)
        self.desk = Desk(
            store=self.store, rules=rules, pace=self.pace, gate=True, devices=devices, staff=staff, **desk
        )
        self.mono = 1_000
        self.wall_off = timedelta()  # how wrong the wall clock is
        self.pad: frozenset[Tag] = frozenset()
        self.step: Step = self.desk.start(self.now())
        self.cues: list[Cue] = []  # all there were
        self.errands: list[Errand] = []  # all there were
        self.send(TagsOnPad(frozenset()))

    def now(self) -> Now:
        return Now(START + self.wall_off + timedelta(milliseconds=self.mono), self.mono, 1, ClockQuality.NTP)

    @property
    def screen(self) -> Screen:
        return self.step.screen

    def send(self, event: DeskEvent) -> Screen:
        self.step = self.desk.handle(event, self.now())
        self.cues += self.step.cues
        self.errands += self.step.errands
        return self.screen

    def put(self, *uids: str) -> Screen:
        kinds = {8: TagKind.CLASSIC, 14: TagKind.ULTRALIGHT, 16: TagKind.VICINITY}
        self.pad |= {Tag(uid, kinds[len(uid)]) for uid in uids}
        self.mono += 100
        return self.send(TagsOnPad(self.pad))

    def lift(self, *uids: str) -> Screen:
        self.pad = frozenset(tag for tag in self.pad if uids and tag.uid not in uids)
        self.mono += 100
        return self.send(TagsOnPad(self.pad))

    def tap(self, action: Action, target: str = "") -> Screen:
        self.mono += 500
        return self.send(Tapped(action, target))

    def wait(self, seconds: float) -> Screen:
        """Let time pass as the engine does: an Elapsed at every moment the desk asked for."""
        end = self.mono + int(seconds * 1000)
        while self.step.wake_at is not None and self.step.wake_at <= end:
            self.mono = max(self.mono, self.step.wake_at)
            self.send(Elapsed())
        self.mono = end
        return self.screen

    def shows(self, kind: type[Shown]) -> Shown:
        assert isinstance(self.screen, kind), f"expected {kind.__name__}, the screen is {self.screen}"
        return self.screen

    def on_loan(self, tag: str, card: str, renewals: int = 0, due: date = TODAY) -> None:
        item = self.store.items[self.store.tags[tag]]
        loan = Loan(item.id, self.store.cards[card], TODAY, due, renewals)
        self.store.items[item.id] = replace(item, loan=loan)

    def facts(self) -> list[str]:
        return [type(fact).__name__ for fact in self.store.facts]
