"""Who serves a child during a visit: what each event does with the visit, until it ends.

Every change is a transaction of its own, and the visit that comes back is believed only after its commit.
How a visit is left, and what the desk does then, is the machine's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto

from kiosk import facts
from kiosk.desk import booklet, counter, reception
from kiosk.desk.house import House
from kiosk.desk.step import Cue
from kiosk.desk.visit import Kind, Outcome, Visit
from kiosk.events import Action, DeskEvent, Elapsed, Scanned, Tag, TagsOnPad, Tapped
from kiosk.model import Now
from kiosk.ports import Store, Transaction
from kiosk.screens import Liked, Rate


class Then(Enum):
    """What comes after a visit."""

    GOODBYE = auto()
    CLEAR = auto()  # another card lies there already, or the session is over: nobody's things are clear
    NEXT = auto()  # whoever laid a card down beside a visit that had none


@dataclass(frozen=True, slots=True)
class Departure:
    """The visit is over, and how."""

    visit: Visit
    how: str
    then: Then = Then.GOODBYE


After = tuple[Visit | Departure, tuple[Cue, ...]]

_ON_QUESTIONS = {
    Action.RETURN: Kind.CHOOSE,
    Action.KEEP: Kind.CHOOSE,
    Action.BORROW: Kind.OFFER,
    Action.NOT_NOW: Kind.OFFER,
}


class Attendant:
    """Handles the events of one visit after the other. Remembers nobody."""

    def __init__(self, store: Store, house: House) -> None:
        self._store, self._house = store, house
        self._pace = house.pace

    def handle(self, visit: Visit, event: DeskEvent, now: Now) -> After:
        """Take one event; what it changed is durable when this returns. Raises StoreError."""
        match event:
            case TagsOnPad(tags=tags):
                return self._pad_changed(visit, tags, now)
            case Tapped(action=action, target=target):
                return self._tapped(visit, action, target, now)
            case Elapsed():
                return self._time_passed(visit, now)
        return visit, ()

    def _time_passed(self, visit: Visit, now: Now) -> After:
        visit, pace = visit.faded(now.mono), visit.paced(self._pace)
        if visit.asking is not None and now.mono >= visit.asking + pace.still_there:
            return Departure(visit, "timed_out"), ()
        if visit.asking is None and now.mono >= visit.touched + pace.idle:
            return replace(visit, asking=now.mono), (Cue.ASK,)
        return visit, ()

    # --- the pad ------------------------------------------------------------------------------------

    def _pad_changed(self, visit: Visit, tags: frozenset[Tag], now: Now) -> After:
        if visit.session is not None:
            uids = frozenset(tag.uid for tag in tags)
            if visit.session.is_called_off(uids):
                over = replace(visit, session=None)
                return Departure(over, _how_left(visit, "done"), Then.CLEAR), ()
            tags = frozenset(tag for tag in tags if tag.uid != visit.session.card)
            visit = replace(visit, session=visit.session.seen(uids))
        with self._store.begin(now) as tx:
            found = reception.tell_apart(tx, tags)
            if not visit.card:
                if found.patrons - {visit.patron.id}:
                    return Departure(visit, _how_left(visit, "done"), Then.NEXT), ()
                if found.cards:  # it was found after all: the visit is this card's from now on
                    visit = replace(visit, card=found.cards[0][0].uid)
            elif visit.card not in {tag.uid for tag in tags}:
                then = Then.CLEAR if found.cards else Then.GOODBYE
                return Departure(visit, _how_left(visit, "lifted"), then), ()
            visit = visit.active(now).faded(now.mono).lifted(found.uids, now.mono, self._pace)
            visit = replace(visit, second_card=bool(found.patrons - {visit.patron.id}))
            new = [tag for tag in found.others if not visit.answered(tag.uid) and tag.uid not in visit.gate]
            if visit.gate or visit.second_card or visit.crowded(self._pace):
                return visit.held_back(frozenset(tag.uid for tag in new), self._pace), (Cue.NO,)
            if not new:
                return visit, ()
            visit = counter.put_down(tx, visit, new, self._house.rules, now)
            tx.commit()
        return visit, visit.cues

    # --- touches ------------------------------------------------------------------------------------

    def _tapped(self, visit: Visit, action: Action, target: str, now: Now) -> After:
        visit = visit.active(now).faded(now.mono)
        match action:
            case Action.DONE:
                return Departure(visit, "done"), ()
            case Action.READ:
                return visit, (Cue.READ,)
            case Action.RATE:
                return self._rated(visit, target, now)
            case Action.MINE if visit.at_rest and not visit.pages:
                with self._store.begin(now) as tx:
                    return replace(visit, pages=(booklet.page(tx, visit, 0, self._house),)), ()
            case _ if visit.at_rest and visit.pages:
                return self._in_booklet(visit, action, target, now)
            case Action.UNDO:
                return self._undo(visit, target, now)
            case _ if action in _ON_QUESTIONS:
                return self._answered(visit, action, target, now)
        return visit, ()

    def _in_booklet(self, visit: Visit, action: Action, target: str, now: Now) -> After:
        with self._store.begin(now) as tx:
            turned = booklet.touched(tx, visit, action, target, self._house)
            if turned is None:
                return visit, ()
            if turned.patron != visit.patron:
                tx.commit()  # a wish is kept before it is seen
        return turned, ()

    def _rated(self, visit: Visit, target: str, now: Now) -> After:
        if not isinstance(visit.face(now.mono, self._pace), Rate) or visit.rating is None:
            return visit, ()
        if target not in set(Liked):
            return visit, ()
        with self._store.begin(now) as tx:
            tx.report(facts.Rated(title=visit.rating.title_id, liked=Liked(target).value))
            tx.commit()
        return replace(visit, rating=None), (Cue.OK,)

    def _undo(self, visit: Visit, target: str, now: Now) -> After:
        checkout = visit.undoable(now.mono, self._pace)
        if checkout is None or (target and target != checkout.book.item_id):
            return visit, ()
        with self._store.begin(now) as tx:
            visit = counter.undo(tx, visit, checkout, now)
            tx.commit()
        return visit.passing(now.mono + visit.paced(self._pace).message), (Cue.OK,)

    def _answered(self, visit: Visit, action: Action, target: str, now: Now) -> After:
        asked = visit.question
        if asked is None or asked.book is None or asked.kind is not _ON_QUESTIONS[action]:
            return visit, ()
        if target and target != asked.book.item_id:
            return visit, ()
        if action is Action.NOT_NOW:  # the book was taken back for somebody else: it goes on its shelf
            visit = replace(visit, returned=(asked.book, *visit.returned))
            return visit.answer(asked, Outcome(asked.uid, Kind.RETURNED, asked.book)), (Cue.OK,)
        acts: dict[Action, Callable[[Transaction, Visit, Outcome], Visit]] = {
            Action.RETURN: lambda tx, v, one: counter.bring_back(tx, v, one, now),
            Action.KEEP: lambda tx, v, one: counter.keep_longer(tx, v, one, self._house.rules, now),
            Action.BORROW: lambda tx, v, one: counter.borrow_offered(tx, v, one, self._house.rules, now),
        }
        with self._store.begin(now) as tx:
            visit = acts[action](tx, visit, asked)
            tx.commit()
        return visit, visit.cues

    # --- barcodes -----------------------------------------------------------------------------------

    def scanned(self, visit: Visit, scanned: Scanned, now: Now) -> After:
        """A barcode: as if its book had been laid down, but for a visit that waits for an empty pad.

        A child's own printed number ends a visit that no card lies there for; another child's must wait.
        """
        visit = visit.active(now).faded(now.mono)
        with self._store.begin(now) as tx:
            patron = reception.patron_of_code(tx, scanned, self._house)
            if patron is not None and patron.id == visit.patron.id:
                return (visit if visit.card else Departure(visit, "done")), ()
            if visit.gate or visit.second_card:
                return visit, (Cue.NO,)
            if patron is not None:
                visit = visit.with_outcomes([Outcome("", Kind.OTHER_CARD)])
            else:
                visit = counter.scan(tx, visit, scanned, self._house.rules, now)
                tx.commit()
        if visit.question is None:
            visit = visit.passing(now.mono + visit.paced(self._pace).message)
        return visit, (Cue.NO,) if patron is not None else visit.cues


def _how_left(visit: Visit, how: str) -> str:
    """A question that is left open, or things that were never cleared away, are giving up."""
    return "gave_up" if visit.gate or visit.question else how
