"""The state machine itself: which event leads from which state to which, and what it writes on the way.

A new state is believed only after its transaction is committed. When the store refuses, the visit ends
with nothing half done and the desk waits until the store takes facts again.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk import facts
from kiosk.desk import reception
from kiosk.desk.attendant import After, Attendant, Then
from kiosk.desk.gate import GateKeeper
from kiosk.desk.grid import Picking, PickingLanguage
from kiosk.desk.hall import Hall, Received
from kiosk.desk.house import LANGUAGES, Customs, House, RuleBook
from kiosk.desk.notices import Notices
from kiosk.desk.staff import AtStaffDoor, Devices, InStaffRoom, StaffRoom
from kiosk.desk.states import (
    WELCOME,
    Clearing,
    Closed,
    Down,
    Helping,
    Idle,
    Leaving,
    State,
    Stuck,
    language_of,
    look_of,
)
from kiosk.desk.step import Cue, Pace, Step
from kiosk.desk.troubles import Troubles, left_behind
from kiosk.desk.visit import Visit
from kiosk.events import (
    Action,
    Crossed,
    DeskEvent,
    Elapsed,
    GateRefused,
    GateSet,
    LinkChanged,
    NewsCame,
    ReaderBack,
    ReaderLost,
    Scanned,
    Tag,
    TagsOnPad,
    Tapped,
)
from kiosk.model import Now, Rules
from kiosk.ports import Errand, StorageFull, Store, StoreError
from kiosk.screens import DiskFull, OutOfOrder, PutBack, Screen, TakeYourThings, Welcome

Next = tuple[State, tuple[Cue, ...]]


class Desk:
    """Handles one event after another; never called from two threads, never waits."""

    def __init__(
        self,
        *,
        store: Store,
        rules: Rules,
        pace: Pace | None = None,
        customs: Customs | None = None,
        languages: tuple[str, ...] = LANGUAGES,
        language: str = "vi",
        can_speak: bool = False,
        gate: bool = False,
        devices: Devices | None = None,
        staff: StaffRoom | None = None,
    ) -> None:
        self._store = store
        self._pace = pace or Pace()
        spoken = language if language in languages else languages[0]
        self._book = RuleBook(rules)
        self._house = House(self._book, self._pace, customs or Customs(), languages, spoken, can_speak)
        self._gate = GateKeeper(store, patience=self._pace.put_back, watched=gate)
        self._devices = devices or Devices()
        self._troubles = Troubles(store, self._devices, retry=self._pace.retry)
        self._staff = staff
        self._attendant = Attendant(store, self._house)
        self._hall = Hall(store, self._house, staff)
        self._notices = Notices(store, self._house)
        self._errands: tuple[Errand, ...] = ()
        self._state: State = Clearing()
        self._pad: frozenset[Tag] = frozenset()
        self._reader_out = False  # the reader says so only once, whatever else happens meanwhile
        self._lit = False  # the lamp says something that ends when nobody is here any more
        self._closed: str | None = None  # what the library wrote when it shut the desk from afar
        self._help_told: int | None = None  # when a call for help was last reported (monotonic ms)
        self.failure: StoreError | None = None  # why the last event could not be kept, for the log

    @property
    def state(self) -> State:
        """The state the desk is in (for tests and the health report)."""
        return self._state

    @property
    def is_free(self) -> bool:
        """Nobody is at the desk, and nobody is being told anything."""
        match self._state:
            case Idle(message=message, pages=pages):
                return message == WELCOME and not pages
            case Clearing() | Down() | Stuck() | Closed():
                return True
        return False

    @property
    def rules(self) -> Rules:
        """By which it lends now."""
        return self._book.rules

    def adopt(self, rules: Rules) -> None:
        """Lend by these rules from the next visit on."""
        self._book.lay_beside(rules)

    def shut(self, words: str | None) -> None:
        """Out of order as soon as nobody is here, until it is opened again with None."""
        self._closed = words

    def start(self, now: Now) -> Step:
        """The first screen. Whatever lies on the pad by now belongs to nobody."""
        return self._step(now, ())

    def close_down(self, now: Now) -> Step:
        """A mistake of the program itself: the visit is dropped, the desk shut, then tried again."""
        was = self._under(self._state)
        cues = self._shut(was, OutOfOrder(), "desk", "the program made a mistake; its log says where", now)
        return self._step(now, cues)

    def handle(self, event: DeskEvent | LinkChanged, now: Now) -> Step:
        """Take one event; what it changed is durable when this returns."""
        was, before = self._under(self._state), self._pad
        welcomed = self._welcomes(now)
        self.failure = None
        self._errands = ()
        self._take_note(was, event)
        if not isinstance(was, Visit):
            self._book.turn_over()
        try:
            self._gate.before(self._pad, now)
            if isinstance(event, TagsOnPad):
                event = TagsOnPad(self._gate.others(event.tags))
            self._state, cues = self._next(event, before, now)
            self._state = self._as_ordered(self._state, now)
            cues += self._follow_loans(was, now)
            self._tell(now)
        except StoreError as error:
            self.failure = error
            screen = DiskFull() if isinstance(error, StorageFull) else OutOfOrder()
            cues = self._shut(was, screen, "storage", str(error), now)
        if self._welcomes(now) and (isinstance(event, NewsCame) or not welcomed or self._notices.is_old(now)):
            self._read_notices(now)
        if isinstance(self._state, InStaffRoom):
            self._state = replace(self._state, devices=self._devices.lines)
        return self._step(now, cues)

    # --- which way --------------------------------------------------------------------------------

    def _next(self, event: DeskEvent | LinkChanged, before: frozenset[Tag], now: Now) -> Next:
        state = self._state
        match event:
            case LinkChanged() | NewsCame():  # the librarian's page cares, and Welcome
                return state, ()
            case Crossed(direction=direction, sensor=sensor):
                self._report(now, facts.DoorCrossed(direction=direction.value, sensor=sensor))
                return state, ()
            case GateSet() | GateRefused():
                self._gate.heard(event)
            case ReaderLost():
                return self._reader_lost(state, now)
            case ReaderBack():
                return Clearing(), ()
            case Tapped(action=Action.HELP):
                return self._call_help(state, now)
            case Tapped(action=Action.READ) if isinstance(
                state, Helping | Leaving | Clearing | Down | Stuck | Closed
            ):
                return self._listened(state, now), (Cue.READ,)
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
            return self._scanned(state, event, before, now)
        if (
            isinstance(event, Tapped)
            and event.action is Action.STAFF
            and isinstance(state, Down | Clearing | Closed)
        ):
            return (self._staff.knock("", now) if self._staff and self._staff.open else state), ()
        match state:
            case Visit():
                after = self._attendant.handle(state, event, now)
                return self._after(after, event, before, now)
            case Idle() | Picking() | PickingLanguage():
                return self._received(self._hall.handle(state, event, before, self._lying, now), now)
            case Clearing():
                return self._in_clearing(state, event, before, now)
            case Leaving():
                return self._in_leaving(state, event, now)
            case Stuck():
                return self._in_stuck(state, event, now)
            case Closed():
                return self._in_closed(state, event, before, now)
            case AtStaffDoor() | InStaffRoom():
                return self._with_staff(state, event, before, now)
            case _:  # Down: only the reader itself ends it
                return state, ()

    def _reader_lost(self, state: State, now: Now) -> Next:
        under = self._under(state)
        if isinstance(under, Down):
            return state, ()
        if isinstance(under, Visit):
            self._report(now, under.ended("reader_lost"))
        return Down(), (Cue.FAULT,)

    def _call_help(self, state: State, now: Now) -> Next:
        if isinstance(state, Helping):
            return state, ()
        told = self._help_told
        if not isinstance(state, Stuck) and (told is None or now.mono >= told + self._pace.help_again):
            screen = type(state.face(now.mono, self._pace)).__name__
            self._report(now, facts.HelpCalled(screen=screen))
            self._help_told = now.mono
        return Helping(state, now.mono + self._pace.message), (Cue.HELP,)

    def _listened(self, state: State, now: Now) -> State:
        """Whoever has the screen read aloud is still here."""
        match state:
            case Helping():
                return replace(state, until=now.mono + self._pace.message)
            case Leaving():
                return replace(state, until=max(state.until, now.mono + self._pace.goodbye))
        return state

    # --- what comes of a visit, and of whoever was received --------------------------------------------

    def _after(self, after: After, event: DeskEvent, before: frozenset[Tag], now: Now) -> Next:
        left, cues = after
        if isinstance(left, Visit):
            return left, cues
        self._report(now, left.visit.ended(left.how))
        session = left.visit.session
        waiting = self._hall.back_to_list(session, now) if session else None
        if left.then is Then.NEXT:
            came = self._hall.handle(waiting or Idle(), event, before, self._lying, now)
            return self._received(came, now)
        if waiting is not None:
            return waiting, (Cue.OFF,)
        return (self._free(now), ()) if left.then is Then.CLEAR else self._goodbye(left.visit, now)

    def _goodbye(self, visit: Visit, now: Now) -> Next:
        leaving = Leaving(
            goodbye=visit.goodbye(),
            until=now.mono + visit.paced(self._pace).goodbye,
            emptied=not self._pad,
            language=visit.language,
            look=visit.look,
        )
        return leaving, (Cue.OFF,)

    def _received(self, came: Received, now: Now) -> Next:
        state, cues = came
        return (self._free(now) if state is None else state), cues

    # --- barcodes, the library's gate, librarians -----------------------------------------------------

    def _scanned(self, state: State, scanned: Scanned, before: frozenset[Tag], now: Now) -> Next:
        if isinstance(state, Visit):
            return self._after(self._attendant.scanned(state, scanned, now), scanned, before, now)
        if isinstance(state, Leaving) and state.emptied:
            state = Idle()
        if not isinstance(state, Idle | Picking | PickingLanguage):
            return state, ()
        return self._received(self._hall.scanned(state, scanned, self._lying, now), now)

    def _follow_loans(self, was: State, now: Now) -> tuple[Cue, ...]:
        """Tell the pad's thread what the stickers should carry, now that the loans are durable."""
        if isinstance(self._state, Down | Stuck):
            return ()
        under = self._under(self._state)
        visit = isinstance(under, Visit | Leaving)
        here, gone = ("" if not isinstance(one, Visit) else one.patron.id for one in (under, was))
        newcomer = here if here != gone else ""
        errands, carried_off = self._gate.after(self._pad, now, visit=visit, newcomer=newcomer)
        self._errands += errands
        return (Cue.HELP,) if carried_off else ()

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

    # --- after a visit, and when something is broken ------------------------------------------------

    def _in_leaving(self, state: Leaving, event: DeskEvent, now: Now) -> Next:
        if isinstance(event, TagsOnPad):
            if state.emptied and event.tags:
                return self._received(self._hall.put_down(Idle(), event.tags, frozenset(), now), now)
            return replace(state, emptied=state.emptied or not event.tags), ()
        if isinstance(event, Elapsed) and now.mono >= state.until:
            return self._free(now), ()
        return state, ()

    def _in_clearing(self, state: Clearing, event: DeskEvent, before: frozenset[Tag], now: Now) -> Next:
        match event:
            case TagsOnPad(tags=tags) if not tags:
                return Idle(), ()
            case TagsOnPad(tags=tags):
                if self._staff is not None and state.looked:  # what lay there first knocks at no door
                    with self._store.begin(now) as tx:
                        card = self._staff.card_among(tx, tags - before, now)
                    if card:
                        return self._staff.knock(card, now), ()
                lying = self._clearing(now)
                return (replace(lying, until=state.until) if state.looked else lying), ()
            case Elapsed() if state.until is not None and now.mono >= state.until:
                self._troubles.broke("pad", left_behind(self._pace.left_behind))
                return replace(state, until=None), ()
        return state, ()

    def _in_stuck(self, state: Stuck, event: DeskEvent, now: Now) -> Next:
        if isinstance(event, Elapsed) and now.mono >= state.until:
            self._troubles.tell(now)  # what is broken, at once; that it is over, when nothing fails any more
            return self._free(now), ()
        return state, ()

    def _as_ordered(self, state: State, now: Now) -> State:
        """The desk shut from afar, and opened again; never while somebody is here."""
        match state:
            case Idle(message=message, pages=()) if self._closed is not None and message == WELCOME:
                return Closed(self._closed)
            case Closed() if self._closed is None:
                return self._free(now)
            case Closed():
                return Closed(self._closed or "")
        return state

    def _in_closed(self, state: Closed, event: DeskEvent, before: frozenset[Tag], now: Now) -> Next:
        if isinstance(event, TagsOnPad) and self._staff is not None:
            with self._store.begin(now) as tx:
                card = self._staff.card_among(tx, event.tags - before, now)
            if card:
                return self._staff.knock(card, now), ()
        return state, ()

    def _shut(self, was: State, screen: Screen, device: str, cause: str, now: Now) -> tuple[Cue, ...]:
        """Close the desk until it is tried again; the lamp was told already when it `was` closed before."""
        self._troubles.broke(device, cause)
        self._state = Down() if self._reader_out else Stuck(screen, now.mono + self._pace.retry)
        return () if isinstance(was, Down | Stuck) else (Cue.FAULT,)

    def _take_note(self, was: State, event: DeskEvent | LinkChanged) -> None:
        """What lies on the pad and how the devices are, whatever the desk does about it."""
        match event:
            case TagsOnPad(tags=tags):
                self._pad = tags
                own = was.card if isinstance(was, AtStaffDoor | InStaffRoom) else ""
                if not self._reader_out and not [tag for tag in tags if tag.uid != own]:
                    self._troubles.over("pad")  # nothing was left behind, but the librarian's card
            case ReaderLost() if not self._reader_out:
                self._troubles.over("pad")  # whatever lay there: from now on it is another trouble
        if isinstance(event, ReaderLost | ReaderBack):
            self._pad = frozenset()
            self._reader_out = isinstance(event, ReaderLost)
        self._troubles.hear(event)

    def _tell(self, now: Now) -> None:
        """Report what broke and what is over; a librarian is not sent away because that cannot be kept."""
        under = self._under(self._state)
        if not isinstance(under, Stuck):
            self._troubles.over("desk")
            self._troubles.over("storage")
        try:
            self._troubles.tell(now)
        except StoreError as error:
            if not isinstance(under, Down | AtStaffDoor | InStaffRoom):
                raise
            self.failure = error
            self._troubles.broke("storage", str(error))

    def _free(self, now: Now) -> Clearing | Idle:
        """Nobody is here any more, and whoever chose a language has gone."""
        return self._clearing(now) if self._pad else Idle()

    def _clearing(self, now: Now) -> Clearing:
        with self._store.begin(now) as tx:
            lying = reception.left_over(tx, self._pad)
        return replace(lying, until=now.mono + self._pace.left_behind)

    # --- small parts ------------------------------------------------------------------------------

    def _report(self, now: Now, fact: facts.Fact) -> None:
        with self._store.begin(now) as tx:
            tx.report(fact)
            tx.commit()

    @staticmethod
    def _under(state: State) -> State:
        return state.under if isinstance(state, Helping) else state

    @property
    def _lying(self) -> frozenset[Tag]:
        """What lies on the pad, but for books that were only called back for a moment."""
        return self._gate.others(self._pad)

    def _welcomes(self, now: Now) -> bool:
        return isinstance(self._state.face(now.mono, self._pace), Welcome)

    def _read_notices(self, now: Now) -> None:
        try:
            self._notices.read(now)
        except StoreError as error:  # news that cannot be read never stop lending
            self.failure = error

    def _step(self, now: Now, cues: tuple[Cue, ...]) -> Step:
        state = self._state
        screen = state.face(now.mono, self._pace)
        moments = [state.wake_at(now.mono, self._pace), self._troubles.wake_at(now.mono)]
        language = self._house.speaks(language_of(state))
        if isinstance(screen, Welcome):
            screen = self._notices.welcome(language)
            moments.append(self._notices.wake_at())
        if isinstance(state, Visit | Leaving | Idle | Clearing | Picking | PickingLanguage):
            missed = self._gate.missed()
            screen = screen if missed is None else PutBack(missed)
            moments.append(self._gate.wake_at)
        wake_at = min((moment for moment in moments if moment is not None), default=None)
        lit = [cue for cue in cues if cue is not Cue.READ]
        if lit:
            self._lit = lit[-1] not in {Cue.OFF, Cue.HELP}  # a call for help stays lit
        elif self._lit and isinstance(screen, Welcome | TakeYourThings):
            cues, self._lit = (*cues, Cue.OFF), False
        return Step(screen, language, cues, wake_at, self._errands, look_of(state))
