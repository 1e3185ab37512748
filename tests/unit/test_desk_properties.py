"""Whatever children do at the desk: the laws hold after every single event."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kiosk import facts
from kiosk.desk.states import Helping, Idle
from kiosk.desk.visit import Visit
from kiosk.events import (
    Action,
    CodeNames,
    Crossed,
    Direction,
    Elapsed,
    ExtraBack,
    ExtraLost,
    GateRefused,
    GateSet,
    LinkChanged,
    ReaderBack,
    ReaderLost,
    Scanned,
    TagRead,
    TagSays,
    TagsOnPad,
)
from kiosk.ports import Inspect, Secure, StorageFull
from kiosk.screens import DiskFull, ReaderOut, StaffHealth, StaffPin, TakeYourThings, Welcome
from tests.unit.desk_driver import (
    BLOCKED,
    BOOKS,
    GATED,
    GROWN_UP,
    MAI,
    NAM,
    OLD,
    PIN,
    REFERENCE,
    STAFF,
    STRANGER,
    UNKNOWN,
    DeskDriver,
)

CARDS = [MAI, NAM, OLD, BLOCKED, STRANGER, STAFF]
THINGS = [*CARDS, *BOOKS[:5], *GATED[:2], REFERENCE, GROWN_UP, UNKNOWN]
SECRETS = ["Mai", "Nam", "P1", "P2", "P3", "P4", MAI, NAM]
CODES = ["LK-0", "LK-1", "GT-0", "REF-1", "nonsense"]


class DeskMachine(RuleBasedStateMachine):
    """Random hands, random clocks, random faults."""

    def __init__(self) -> None:
        super().__init__()
        self.hands = DeskDriver()
        self.reader = True
        self.ever_full = False
        self.too_early: dict[str, set[str]] = {}  # card -> books that lay there before it

    def _watch(self, things: list[str]) -> None:
        lying = {tag.uid for tag in self.hands.pad}
        for thing in things:
            if thing in CARDS and thing not in lying:
                self.too_early[thing] = lying - set(CARDS)

    @precondition(lambda self: self.reader)
    @rule(card=st.sampled_from([MAI, NAM, MAI, NAM, *CARDS]))
    def put_card(self, card: str) -> None:
        self.put([card])

    @precondition(lambda self: self.reader)
    @rule(books=st.lists(st.sampled_from(BOOKS[:3]), min_size=1, max_size=2, unique=True))
    def put_books(self, books: list[str]) -> None:
        self.put(books)

    @precondition(lambda self: self.reader)
    @rule(things=st.lists(st.sampled_from(THINGS), min_size=1, max_size=5, unique=True))
    def put_anything(self, things: list[str]) -> None:
        self.put(things)

    def put(self, things: list[str]) -> None:
        self._watch(things)
        before = set(self.hands.store.loans)
        self.hands.put(*things)
        self._nothing_lent_too_early(before)

    @precondition(lambda self: self.reader and self.hands.pad)
    @rule(data=st.data())
    def lift(self, data: st.DataObject) -> None:
        thing = data.draw(st.sampled_from(sorted(tag.uid for tag in self.hands.pad)))
        for books in self.too_early.values():
            books.discard(thing)
        self.too_early.pop(thing, None)
        before = set(self.hands.store.loans)
        self.hands.lift(thing)
        self._nothing_lent_too_early(before)

    @rule(action=st.sampled_from(Action), item=st.sampled_from(["", "LK-0", "LK-1", "GT-0", "7", "nonsense"]))
    def tap(self, action: Action, item: str) -> None:
        before = set(self.hands.store.loans)
        self.hands.tap(action, item)
        self._nothing_lent_too_early(before)

    @rule(code=st.sampled_from(CODES), names=st.sampled_from(CodeNames))
    def scan(self, code: str, names: CodeNames) -> None:
        before = set(self.hands.store.loans)
        self.hands.send(Scanned(code, names))
        self._nothing_lent_too_early(before)

    @precondition(lambda self: self.hands.errands)
    @rule(data=st.data(), good=st.booleans())
    def the_pad_answers(self, data: st.DataObject, good: bool) -> None:
        match data.draw(st.sampled_from(self.hands.errands)):
            case Secure(uid=uid, secured=secured) if good:
                self.hands.send(GateSet(uid, secured))
            case Secure(uid=uid):
                self.hands.send(GateRefused(uid, "locked"))
            case Inspect(uid=uid):
                self.hands.send(TagRead(uid, data.draw(st.sampled_from(TagSays)), "LK-1"))

    @precondition(lambda self: isinstance(self.hands.screen, StaffPin))
    @rule(pin=st.sampled_from([PIN, PIN, "1234"]))
    def type_pin(self, pin: str) -> None:
        for digit in pin:
            self.hands.tap(Action.DIGIT, digit)
        self.hands.tap(Action.ENTER)

    @rule(device=st.sampled_from(["door", "lamp"]), good=st.booleans())
    def an_extra(self, device: str, good: bool) -> None:
        self.hands.send(ExtraBack(device) if good else ExtraLost(device, "pulled out"))

    @rule(up=st.booleans())
    def the_link(self, up: bool) -> None:
        self.hands.send(LinkChanged(up))  # type: ignore[arg-type]

    @rule(seconds=st.sampled_from([0.2, 3, 6, 11, 21, 35, 200]))
    def wait(self, seconds: float) -> None:
        self.hands.wait(seconds)

    @precondition(lambda self: len(self.hands.pad) == 1)
    @rule(direction=st.sampled_from(Direction))
    def cross(self, direction: Direction) -> None:
        self.hands.send(Crossed(direction))

    @precondition(lambda self: self.reader and len(self.hands.pad) > 1)
    @rule()
    def reader_fails(self) -> None:
        self.reader = False
        self.hands.send(ReaderLost("frozen"))

    @precondition(lambda self: not self.reader)
    @rule()
    def reader_heals(self) -> None:
        self.reader = True
        self.too_early.clear()
        self.hands.send(ReaderBack())
        self.hands.send(TagsOnPad(self.hands.pad))

    @precondition(lambda self: self.hands.store.broken or len(self.hands.pad) > 1)
    @rule(full=st.sampled_from([False, False, True]))
    def disk(self, full: bool) -> None:
        self.ever_full |= full
        self.hands.store.broken = StorageFull("no room") if full else None

    @precondition(lambda self: self.reader and len(self.hands.pad) > 2)
    @rule()
    def everybody_leaves(self) -> None:
        """From every state Welcome is reached by taking one's things and doing nothing."""
        self.hands.store.broken = None
        self.too_early.clear()
        self.hands.lift()
        self.hands.wait(70)
        assert isinstance(self.hands.screen, Welcome)
        for device in ("pad", "storage", "desk"):
            assert len(self._told_of(device)) % 2 == 0, f"{device} works and was not reported to"

    def _nothing_lent_too_early(self, before: set[str]) -> None:
        state = self.hands.desk.state
        if not isinstance(state, Visit):
            return
        new = set(self.hands.store.loans) - before
        early = {self.hands.store.tags.get(uid) for uid in self.too_early.get(state.card, set())}
        assert not new & early, f"{new & early} lay on the pad before the card and was lent to it"

    @invariant()
    def loans_are_what_the_facts_say(self) -> None:
        out = 0
        for fact in self.hands.store.facts:
            out += isinstance(fact, facts.CheckedOut)
            out -= isinstance(fact, facts.Returned | facts.Undone)
        assert out == len(self.hands.store.loans)

    @invariant()
    def every_visit_that_began_ends_once(self) -> None:
        open_visits = self.hands.facts().count("DeskVisitStarted") - self.hands.facts().count(
            "DeskVisitEnded"
        )
        assert open_visits >= 0
        state = self.hands.desk.state
        visiting = isinstance(state.under if isinstance(state, Helping) else state, Visit)
        if not self.ever_full:  # a disk that is full cannot take the end of a visit either
            assert open_visits == int(visiting)

    def _told_of(self, device: str) -> list[str]:
        return [
            type(fact).__name__ for fact in self.hands.store.facts if getattr(fact, "device", "") == device
        ]

    @invariant()
    def every_device_breaks_and_heals_in_turn(self) -> None:
        for device in ("pad", "storage", "gate", "door", "lamp"):
            told = self._told_of(device)
            assert told == [("DeviceFault", "DeviceRecovered")[place % 2] for place in range(len(told))]

    @invariant()
    def a_quiet_desk_remembers_nobody(self) -> None:
        quiet = Welcome | TakeYourThings | ReaderOut | DiskFull | StaffPin | StaffHealth
        if isinstance(self.hands.screen, quiet):
            remembered = repr(self.hands.desk.state) + repr(self.hands.step)
            assert not [secret for secret in SECRETS if secret in remembered]

    @invariant()
    def a_language_somebody_chose_is_forgotten_sooner_or_later(self) -> None:
        state = self.hands.desk.state
        if isinstance(self.hands.screen, Welcome) and isinstance(state, Idle) and state.until is None:
            assert self.hands.step.language == "vi"

    @invariant()
    def the_desk_never_wakes_again_at_once(self) -> None:
        step = self.hands.step
        if step.wake_at is not None and step.wake_at <= self.hands.mono:
            self.hands.send(Elapsed())
            assert self.hands.step.wake_at is None or self.hands.step.wake_at > self.hands.mono

    @invariant()
    def nobody_has_more_than_the_limit(self) -> None:
        holders = [loan.patron_id for loan in self.hands.store.loans.values()]
        assert all(holders.count(one) <= 3 for one in set(holders))
        assert not {"P3", "P4"} & set(holders)  # expired and blocked

    @invariant()
    def no_fact_names_a_child(self) -> None:
        text = repr(self.hands.store.facts)
        assert not [secret for secret in SECRETS if f"'{secret}'" in text]


TestDesk = DeskMachine.TestCase
TestDesk.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)
