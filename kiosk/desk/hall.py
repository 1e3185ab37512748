"""Who receives people when no visit is open: on Welcome, and over what was put down without a card.

Every change is a transaction of its own; the state that comes back is believed only after its commit.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk import facts
from kiosk.desk import browsing, reception
from kiosk.desk.grid import Picking, PickingLanguage, Session
from kiosk.desk.house import House
from kiosk.desk.porter import Porter
from kiosk.desk.staff import AtStaffDoor, StaffRoom
from kiosk.desk.states import WELCOME, Idle
from kiosk.desk.step import Cue
from kiosk.desk.visit import Visit
from kiosk.events import Action, DeskEvent, Elapsed, Scanned, Tag, TagsOnPad, Tapped
from kiosk.model import Now
from kiosk.ports import Store
from kiosk.screens import Liked, Rate, Returned

Waiting = Idle | Picking | PickingLanguage
"""The states in which nobody's visit is open and the desk is ready for one."""

Received = tuple[Waiting | Visit | AtStaffDoor | None, tuple[Cue, ...]]
"""What comes of it; None = whoever was here has gone."""


class Hall:
    """Handles what happens while nobody's visit is open. Remembers nobody."""

    def __init__(self, store: Store, house: House, staff: StaffRoom | None) -> None:
        self._store, self._house, self._staff = store, house, staff
        self._pace = house.pace
        self._porter = Porter(store, house)

    def handle(
        self, state: Waiting, event: DeskEvent, before: frozenset[Tag], pad: frozenset[Tag], now: Now
    ) -> Received:
        """Take one event; `before`: what lay on the pad, `pad`: what lies there now. Raises StoreError."""
        match event:
            case Elapsed() if state.until is not None and now.mono >= state.until:
                return self._waited(state), ()
            case Tapped(action=Action.READ):
                return self._listened(state, now), (Cue.READ,)
            case TagsOnPad(tags=tags) if not (isinstance(state, Picking) and state.session):
                return self._pad_changed(state, tags, before, now)
        match state:
            case Picking(session=Session() as session) if isinstance(event, TagsOnPad):
                return self._pad_in_session(state, session, event.tags, before, now)
            case Picking():
                return self._porter.handle(state, event, pad, now)
            case PickingLanguage():
                return self._language_picked(state, event, now), ()
            case Idle() if isinstance(event, Tapped):
                return self._tapped(state, event, now)
        return state, ()

    # --- touches and time ---------------------------------------------------------------------------

    def _waited(self, state: Waiting) -> Waiting | None:
        match state:
            case Idle() if state.message == WELCOME:
                return replace(state, until=None, language="")
            case PickingLanguage():
                return Idle()
        return None

    def _listened(self, state: Waiting, now: Now) -> Waiting:
        """Whoever has the screen read aloud is still here: what is on it stays as long as if it were new."""
        match state:
            case Idle(until=None):
                return state
            case Idle() if state.message == WELCOME:
                return replace(state, until=now.mono + self._pace.language)
            case Picking():
                return replace(self._porter.awake(state, now), said_until=now.mono + self._pace.idle)
        return replace(state, until=now.mono + self._pace.idle)

    def _tapped(self, state: Idle, tap: Tapped, now: Now) -> Received:
        match tap.action:
            case Action.LANGUAGE if state.message == WELCOME:
                return self._ask_language(state, now), ()
            case Action.CARDLESS if state.message == WELCOME:
                return self._porter.cardless(state.language, now) or state, ()
            case Action.DONE if state.message != WELCOME:
                return None, ()
            case Action.RATE if isinstance(state.message, Rate) and tap.target in set(Liked):
                return self._rated(state, state.message, Liked(tap.target), now)
            case Action.BACK if state.pages:
                return replace(state, pages=state.pages[:-1], until=now.mono + self._pace.idle), ()
            case Action.BOOK | Action.SIMILAR:
                top = state.face(now.mono, self._pace)
                with self._store.begin(now) as tx:
                    page = browsing.opened_from(tx, top, tap.action, tap.target)
                if page is not None:
                    pages = browsing.laid_over(state.pages, page)
                    return replace(state, pages=pages, until=now.mono + self._pace.idle), ()
        return state, ()

    def _ask_language(self, state: Idle, now: Now) -> Waiting:
        house = self._house
        if len(house.languages) > 2:
            spoken = house.speaks(state.language)
            return PickingLanguage(house.languages, spoken, now.mono + self._pace.idle)
        following = house.after(state.language)
        if not following:
            return state
        return replace(state, language=following, until=now.mono + self._pace.language)

    def _language_picked(self, state: PickingLanguage, event: DeskEvent, now: Now) -> Waiting:
        match event:
            case Tapped(action=Action.TONGUE, target=language) if language in state.languages:
                return Idle(until=now.mono + self._pace.language, language=language)
            case Tapped(action=Action.BACK | Action.DONE):
                return Idle(until=now.mono + self._pace.language, language=state.language)
        return state

    def _rated(self, state: Idle, asked: Rate, liked: Liked, now: Now) -> Received:
        with self._store.begin(now) as tx:
            tx.report(facts.Rated(title=asked.book.title_id, liked=liked.value))
            tx.commit()
        thanks = Returned((asked.book,))
        return replace(state, message=thanks, until=now.mono + self._pace.linger), (Cue.OK,)

    # --- the pad ------------------------------------------------------------------------------------

    def _pad_changed(
        self, state: Waiting, tags: frozenset[Tag], before: frozenset[Tag], now: Now
    ) -> Received:
        """Whatever is put down leads away from a list; an empty pad changes none."""
        if isinstance(state, Idle):
            return self.put_down(state, tags, before, now) if tags else (self._emptied(state, now), ())
        return self.put_down(Idle(language=state.language), tags, before, now) if tags else (state, ())

    def _emptied(self, state: Idle, now: Now) -> Idle:
        if state.message == WELCOME:
            return Idle(until=state.until, language=state.language)
        state = replace(state, answered=frozenset())
        if state.came_back is not None and self._pace.rate:
            asked = Rate(state.came_back)
            return Idle(asked, now.mono + self._pace.rate, language=state.language)
        if isinstance(state.message, Rate):  # put back for a moment, and taken away again
            return replace(state, until=now.mono + self._pace.rate)
        stays = self._pace.message if state.pages else self._pace.linger
        return replace(state, until=now.mono + stays)

    def put_down(
        self,
        state: Idle,
        tags: frozenset[Tag],
        before: frozenset[Tag],
        now: Now,
        session: Session | None = None,
    ) -> Received:
        """Something was put on the pad while no visit was open; `session`: beside an open list."""
        with self._store.begin(now) as tx:
            found = reception.tell_apart(tx, tags)
            if len(found.cards) == 1:
                card, patron = found.cards[0]
                if self._staff is not None and self._staff.is_staff(patron, now):
                    return self._staff.knock(card.uid, now), ()
                opened = self._porter.opened_by(tx, card.uid, patron, state.language, now)
                if opened is not None:
                    return opened, (Cue.OK,)
            answer = reception.answer(tx, state, found, before, self._house, now)
            tx.commit()
        came, cues = answer
        if isinstance(came, Visit):
            return replace(came, session=session), cues
        return came, cues

    def _pad_in_session(
        self, state: Picking, session: Session, tags: frozenset[Tag], before: frozenset[Tag], now: Now
    ) -> Received:
        """Beside a list that comes back: a card laid down begins its visit, books wait for somebody."""
        uids = frozenset(tag.uid for tag in tags)
        if session.is_called_off(uids):
            return None, ()
        session = session.seen(uids)
        state = self._porter.awake(replace(state, session=session), now)
        with self._store.begin(now) as tx:
            cards = [tag for tag, _ in reception.tell_apart(tx, tags - before).cards]
        if not cards:
            return state, (Cue.ASK,) if tags - before else ()
        lying = frozenset(tag for tag in tags if tag.uid != session.card)
        came, cues = self.put_down(Idle(language=session.language), lying, before, now, session)
        if isinstance(came, Idle):  # refused, or two at once: said over the list
            return state.saying(came.message, now.mono + self._pace.message), cues
        return came, cues

    # --- barcodes, and the way back to a list ---------------------------------------------------------

    def scanned(self, state: Waiting, scanned: Scanned, pad: frozenset[Tag], now: Now) -> Received:
        """A barcode was read while no visit was open."""
        with self._store.begin(now) as tx:
            patron = reception.patron_of_code(tx, scanned, self._house)
            session = state.session if isinstance(state, Picking) else None
            if patron is not None:
                came = self._porter.begin(tx, patron, state, pad, now)
            elif isinstance(state, Picking) and session is not None:
                return self._porter.awake(state, now), (Cue.NO,)  # whose book would it be?
            else:
                idle = state if isinstance(state, Idle) else Idle(language=state.language)
                message, cues = reception.answer_scan(tx, scanned, idle.message, self._house, now)
                until = now.mono + self._pace.idle
                came = replace(idle, message=message, until=until, pages=()), cues
            tx.commit()
        return came

    def back_to_list(self, session: Session, now: Now) -> Picking | None:
        """The list comes back after a child; None when nobody is on it any more."""
        with self._store.begin(now) as tx:
            return self._porter.list_of(tx, session, now)
