"""The state machine itself: which event leads from which state to which, and what it writes on the way.

A new state is believed only after its transaction is committed. When the store refuses, the visit ends
with nothing half done and the desk waits until the store takes facts again.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk import facts
from kiosk.desk import reception
from kiosk.desk.attendant import Attendant
from kiosk.desk.gate import GateKeeper
from kiosk.desk.staff import AtStaffDoor, Devices, InStaffRoom, StaffRoom
from kiosk.desk.states import Clearing, Down, Helping, Idle, Leaving, State, Stuck
from kiosk.desk.step import LANGUAGES, Cue, Pace, Step
from kiosk.desk.visit import Visit
from kiosk.events import (
    Action,
    Crossed,
    DeskEvent,
    Elapsed,
    ExtraBack,
    ExtraLost,
    GateRefused,
    GateSet,
    ReaderBack,
    ReaderLost,
    Scanned,
    Tag,
    TagsOnPad,
    Tapped,
)
from kiosk.model import Now, Rules
from kiosk.ports import Errand, StorageFull, Store, StoreError
from kiosk.screens import (
    DiskFull,
    OutOfOrder,
    PutBack,
    Screen,
    TakeYourThings,
    Welcome,
)

Next = tuple[State, tuple[Cue, ...]]


class Desk:
    """Handles one event after another; never called from two threads, never waits."""

    def __init__(
        self,
        *,
        store: Store,
        rules: Rules,
        pace: Pace | None = None,
        language: str = "vi",
        gate: bool = False,
        devices: Devices | None = None,
        staff: StaffRoom | None = None,
    ) -> None:
        self._store = store
        self._rules = rules
        self._pace = pace or Pace()
        self._gate = GateKeeper(store, patience=self._pace.put_back, watched=gate)
        self._devices = devices or Devices()
        self._staff = staff
        self._attendant = Attendant(store, rules, self._pace)
        self._errands: tuple[Errand, ...] = ()
        self._default_language = language if language in LANGUAGES else LANGUAGES[0]
        self._language = self._default_language
        self._state: State = Clearing()
        self._pad: frozenset[Tag] = frozenset()
        self._reader_out = False  # the reader says so only once, whatever else happens meanwhile
        self._lit = False  # the lamp says something that ends when nobody is here any more
        self.failure: StoreError | None = None  # why the last event could not be kept, for the log

    @property
    def state(self) -> State:
        """The state the desk is in (for tests and the health report)."""
        return self._state

    def start(self, now: Now) -> Step:
        """The first screen. Whatever lies on the pad by now belongs to nobody."""
        return self._step(now, ())

    def close_down(self, now: Now) -> Step:
        """A mistake of the program itself: the visit is dropped, the desk shut, then tried again."""
        self._shut(OutOfOrder(), "desk", "the program made a mistake; its log says where", now)
        self._language = self._default_language
        return self._step(now, (Cue.FAULT,))

    def handle(self, event: DeskEvent, now: Now) -> Step:
        """Take one event; what it changed is durable when this returns."""
        before = self._pad
        if isinstance(event, TagsOnPad):
            self._pad = event.tags
        elif isinstance(event, ReaderLost | ReaderBack):
            self._pad = frozenset()
            self._reader_out = isinstance(event, ReaderLost)
        self.failure = None
        self._errands = ()
        self._keep_book_of_devices(event)
        try:
            self._gate.before(self._pad, now)
            if isinstance(event, TagsOnPad):
                event = TagsOnPad(self._gate.others(event.tags))
            self._state, cues = self._next(event, before, now)
            cues += self._follow_loans(now)
        except StoreError as error:
            self.failure = error
            screen = DiskFull() if isinstance(error, StorageFull) else OutOfOrder()
            self._shut(screen, "storage", str(error), now)
            cues = (Cue.FAULT,)
        if not isinstance(self._state, Visit | Leaving | Helping | Idle):
            self._language = self._default_language
        return self._step(now, cues)

    # --- which way --------------------------------------------------------------------------------

    def _next(self, event: DeskEvent, before: frozenset[Tag], now: Now) -> Next:
        state = self._state
        match event:
            case Crossed(direction=direction, sensor=sensor):
                self._report(now, facts.DoorCrossed(direction=direction.value, sensor=sensor))
                return state, ()
            case ExtraLost(device=device, cause=cause):
                self._report(now, facts.DeviceFault(device=device, cause=cause[:200]))
            case ExtraBack(device=device):
                self._report(now, facts.DeviceRecovered(device=device))
            case GateSet() | GateRefused():
                self._gate.heard(event)
                self._gate_told(event, now)
            case ReaderLost(cause=cause):
                return self._reader_lost(state, cause, now)
            case ReaderBack():
                if isinstance(state, Down) or self._under(state) == Down():
                    self._report(now, facts.DeviceRecovered(device="pad"))
                return Clearing(), ()
            case Tapped(action=Action.HELP):
                return self._call_help(state, now)
        if isinstance(state, Helping):
            leaving = isinstance(event, TagsOnPad) or (
                isinstance(event, Tapped) and event.action is Action.BACK
            )
            if not leaving and not (isinstance(event, Elapsed) and now.mono >= state.until):
                return state, ()
            under = state.under
            state = under.active(now) if isinstance(under, Visit) else under
            if not isinstance(event, TagsOnPad):
                event = Elapsed()  # what ran out meanwhile is over: an old goodbye is not said again
        if isinstance(event, Scanned):
            return self._scanned(state, event, now)
        match state:
            case Visit():
                return self._in_visit(state, event, now)
            case Idle():
                return self._in_idle(state, event, before, now)
            case Clearing():
                return self._in_clearing(event, now)
            case Leaving():
                return self._in_leaving(state, event, now)
            case Stuck():
                return self._in_stuck(state, event, now)
            case AtStaffDoor() | InStaffRoom():
                return self._with_staff(state, event, before, now)
            case _:  # Down: only the reader itself ends it, but a librarian may look
                if isinstance(event, Tapped) and event.action is Action.STAFF and self._staff is not None:
                    return (self._staff.knock("", now) if self._staff.open else state), ()
                return state, ()

    def _reader_lost(self, state: State, cause: str, now: Now) -> Next:
        under = self._under(state)
        if isinstance(under, Down):
            return state, ()
        with self._store.begin(now) as tx:
            if isinstance(under, Visit):
                tx.report(under.ended("reader_lost"))
            tx.report(facts.DeviceFault(device="pad", cause=cause[:200]))
            tx.commit()
        return Down(), (Cue.FAULT,)

    def _call_help(self, state: State, now: Now) -> Next:
        if isinstance(state, Helping):
            return state, ()
        screen = type(state.face(now.mono, self._pace)).__name__
        if not isinstance(state, Stuck):
            self._report(now, facts.HelpCalled(screen=screen))
        return Helping(state, now.mono + self._pace.message), (Cue.HELP,)

    # --- nobody is here ---------------------------------------------------------------------------

    def _in_idle(self, state: Idle, event: DeskEvent, before: frozenset[Tag], now: Now) -> Next:
        match event:
            case Elapsed() if state.until is not None and now.mono >= state.until:
                if state.message == Welcome():
                    self._language = self._default_language
                    return replace(state, until=None), ()
                return self._free(now), ()
            case Tapped(action=Action.LANGUAGE) if state.message == Welcome():
                place = LANGUAGES.index(self._language)
                self._language = LANGUAGES[(place + 1) % len(LANGUAGES)]
                return replace(state, until=now.mono + self._pace.language), ()
            case Tapped(action=Action.DONE) if state.message != Welcome():
                return self._free(now), ()
            case TagsOnPad(tags=tags):
                return self._put_on_empty_desk(state, tags, before, now)
        return state, ()

    def _put_on_empty_desk(self, state: Idle, tags: frozenset[Tag], before: frozenset[Tag], now: Now) -> Next:
        if not tags:
            if state.message == Welcome():
                return Idle(until=state.until), ()
            return replace(state, answered=frozenset(), until=now.mono + self._pace.linger), ()
        with self._store.begin(now) as tx:
            found = reception.tell_apart(tx, tags)
            if self._staff is not None and len(found.cards) == 1 and self._staff.is_staff(found.cards[0][1]):
                return self._staff.knock(found.cards[0][0].uid, now), ()
            answer = reception.answer(tx, state, found, before, self._rules, self._pace, now)
            tx.commit()
        return answer

    # --- in a visit -------------------------------------------------------------------------------

    def _in_visit(self, visit: Visit, event: DeskEvent, now: Now) -> Next:
        after, cues = self._attendant.handle(visit, event, now)
        if isinstance(after, Visit):
            return after, cues
        if after.swapped:  # for another card: nobody's things are clear any more
            self._report(now, after.visit.ended(after.how))
            return self._clearing(now), ()
        return self._leave(after.visit, after.how, now)

    def _leave(self, visit: Visit, how: str, now: Now) -> Next:
        self._report(now, visit.ended(how))
        leaving = Leaving(
            goodbye=visit.goodbye(),
            until=now.mono + self._pace.goodbye,
            emptied=not self._pad,
            language=self._language_for(visit),
        )
        return leaving, (Cue.OFF,)

    # --- barcodes, the library's gate, librarians -----------------------------------------------------

    def _scanned(self, state: State, scanned: Scanned, now: Now) -> Next:
        if isinstance(state, Visit):
            return self._attendant.scanned(state, scanned, now)
        if isinstance(state, Leaving) and state.emptied:
            self._language = self._default_language
            state = Idle()
        if not isinstance(state, Idle):
            return state, ()
        with self._store.begin(now) as tx:
            message, cues = reception.answer_scan(tx, scanned, state.message, now)
            tx.commit()
        return replace(state, message=message, until=now.mono + self._pace.idle), cues

    def _follow_loans(self, now: Now) -> tuple[Cue, ...]:
        """Tell the pad's thread what the stickers should carry, now that the loans are durable."""
        if isinstance(self._state, Down | Stuck):
            return ()
        visit = isinstance(self._under(self._state), Visit | Leaving)
        errands, carried_off = self._gate.after(self._pad, now, visit=visit)
        self._errands += errands
        return (Cue.HELP,) if carried_off else ()

    def _gate_told(self, event: GateSet | GateRefused, now: Now) -> None:
        """A sticker that refuses is a fault, told once; the next one that obeys ends it."""
        broken = self._devices.is_lost("gate")
        if isinstance(event, GateRefused) and not broken:
            self._report(now, facts.DeviceFault(device="gate", cause=event.cause[:200]))
            self._devices.lost("gate", event.cause)
        elif isinstance(event, GateSet) and broken:
            self._report(now, facts.DeviceRecovered(device="gate"))
            self._devices.back("gate")

    def _with_staff(
        self, state: AtStaffDoor | InStaffRoom, event: DeskEvent, before: frozenset[Tag], now: Now
    ) -> Next:
        if self._staff is None:
            return self._free(now), ()
        if isinstance(state, AtStaffDoor):
            stay = self._staff.at_door(state, event, now)
        else:
            with self._store.begin(now) as tx:
                stay = self._staff.inside(state, event, before, tx, now)
        self._errands += stay.errands
        if stay.state is None:
            return (Down() if self._reader_out else self._free(now)), stay.cues
        return stay.state, stay.cues

    def _keep_book_of_devices(self, event: DeskEvent) -> None:
        match event:
            case ExtraLost(device=device, cause=cause):
                self._devices.lost(device, cause)
            case ExtraBack(device=device):
                self._devices.back(device)
            case ReaderLost(cause=cause):
                self._devices.lost("pad", cause)
            case ReaderBack():
                self._devices.back("pad")

    # --- after a visit, and when something is broken ------------------------------------------------

    def _in_leaving(self, state: Leaving, event: DeskEvent, now: Now) -> Next:
        if isinstance(event, TagsOnPad):
            if state.emptied and event.tags:
                self._language = self._default_language
                return self._put_on_empty_desk(Idle(), event.tags, frozenset(), now)
            return replace(state, emptied=state.emptied or not event.tags), ()
        if isinstance(event, Elapsed) and now.mono >= state.until:
            return self._free(now), ()
        return state, ()

    def _in_clearing(self, event: DeskEvent, now: Now) -> Next:
        if isinstance(event, TagsOnPad):
            return (self._clearing(now) if event.tags else Idle()), ()
        return self._under(self._state), ()

    def _in_stuck(self, state: Stuck, event: DeskEvent, now: Now) -> Next:
        if isinstance(event, Elapsed) and now.mono >= state.until:
            free = self._free(now)  # first: what fails again at this is not over, and told only once it is
            with self._store.begin(now) as tx:  # the fault could not be written when it came
                tx.report(facts.DeviceFault(device=state.device, cause=state.cause[:200]))
                tx.report(facts.DeviceRecovered(device=state.device))
                tx.commit()
            return free, ()
        return state, ()

    def _shut(self, screen: Screen, device: str, cause: str, now: Now) -> None:
        before = self._under(self._state)
        if self._reader_out:
            self._state = Down()
            return
        if isinstance(before, Stuck):  # what began it is what is told
            device, cause = before.device, before.cause
        self._state = Stuck(screen, now.mono + self._pace.retry, device, cause)

    def _free(self, now: Now) -> Clearing | Idle:
        """Nobody is here any more, and whoever chose a language has gone."""
        self._language = self._default_language
        return self._clearing(now) if self._pad else Idle()

    def _clearing(self, now: Now) -> Clearing:
        with self._store.begin(now) as tx:
            return reception.left_over(tx, self._pad)

    # --- small parts ------------------------------------------------------------------------------

    def _report(self, now: Now, fact: facts.Fact) -> None:
        with self._store.begin(now) as tx:
            tx.report(fact)
            tx.commit()

    @staticmethod
    def _under(state: State) -> State:
        return state.under if isinstance(state, Helping) else state

    def _language_for(self, state: State) -> str:
        under = self._under(state)
        if isinstance(under, Leaving):
            return under.language
        if isinstance(under, Visit) and self._language == self._default_language:
            kept = under.patron.language
            return kept if kept in LANGUAGES else self._language
        return self._language

    def _step(self, now: Now, cues: tuple[Cue, ...]) -> Step:
        state = self._state
        screen = state.face(now.mono, self._pace)
        wake_at = state.wake_at(now.mono, self._pace)
        if isinstance(state, Visit | Leaving | Idle | Clearing):
            missed = self._gate.missed()
            screen = screen if missed is None else PutBack(missed)
            moments = [moment for moment in (wake_at, self._gate.wake_at) if moment is not None]
            wake_at = min(moments, default=None)
        if cues:
            self._lit = cues[-1] not in {
                Cue.OFF,
                Cue.HELP,
            }  # a call for help stays lit
        elif self._lit and isinstance(screen, Welcome | TakeYourThings):
            cues, self._lit = (Cue.OFF,), False
        return Step(screen, self._language_for(state), cues, wake_at, self._errands)
