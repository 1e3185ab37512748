"""Who serves a child during a visit: what each event does with the visit, until it ends.

Every change is a transaction of its own, and the visit that comes back is believed only after its commit.
How a visit is left, and what the desk does then, is the machine's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from kiosk.desk import counter, reception
from kiosk.desk.step import Cue, Pace
from kiosk.desk.visit import Kind, Outcome, Visit
from kiosk.events import Action, DeskEvent, Elapsed, Scanned, Tag, TagsOnPad, Tapped
from kiosk.model import Now, Rules
from kiosk.ports import Store, Transaction


@dataclass(frozen=True, slots=True)
class Departure:
    """The visit is over, and how; `swapped`: another card lies there already."""

    visit: Visit
    how: str
    swapped: bool = False


After = tuple[Visit | Departure, tuple[Cue, ...]]


class Attendant:
    """Handles the events of one visit after the other. Remembers nobody."""

    def __init__(self, store: Store, rules: Rules, pace: Pace) -> None:
        self._store, self._rules, self._pace = store, rules, pace

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
        visit = visit.faded(now.mono)
        if visit.asking is not None and now.mono >= visit.asking + self._pace.still_there:
            return Departure(visit, "timed_out"), ()
        if visit.asking is None and now.mono >= visit.touched + self._pace.idle:
            return replace(visit, asking=now.mono), (Cue.ASK,)
        return visit, ()

    def _pad_changed(self, visit: Visit, tags: frozenset[Tag], now: Now) -> After:
        with self._store.begin(now) as tx:
            found = reception.tell_apart(tx, tags)
            if visit.card not in {tag.uid for tag in tags}:
                how = "gave_up" if visit.gate or visit.question else "lifted"
                return Departure(visit, how, swapped=bool(found.cards)), ()
            visit = visit.active(now).faded(now.mono).lifted(found.uids, now.mono, self._pace)
            visit = replace(visit, second_card=bool(found.patrons - {visit.patron.id}))
            new = [tag for tag in found.others if not visit.answered(tag.uid) and tag.uid not in visit.gate]
            if visit.gate or visit.second_card or visit.crowded(self._pace):
                return visit.held_back(frozenset(tag.uid for tag in new), self._pace), (Cue.NO,)
            if not new:
                return visit, ()
            visit = counter.put_down(tx, visit, new, self._rules, now)
            tx.commit()
        return visit, visit.cues

    def _tapped(self, visit: Visit, action: Action, target: str, now: Now) -> After:
        visit = visit.active(now).faded(now.mono)
        asked = visit.question
        acts: dict[Action, Callable[[Transaction, Visit, Outcome], Visit]] = {
            Action.RETURN: lambda tx, v, one: counter.bring_back(tx, v, one, now),
            Action.KEEP: lambda tx, v, one: counter.keep_longer(tx, v, one, self._rules, now),
            Action.BORROW: lambda tx, v, one: counter.borrow_offered(tx, v, one, self._rules, now),
        }
        wanted = Kind.OFFER if action in {Action.BORROW, Action.NOT_NOW} else Kind.CHOOSE
        meant = asked is not None and asked.kind is wanted and asked.book is not None
        if meant and target:
            meant = asked is not None and asked.book is not None and asked.book.item_id == target
        if action is Action.DONE:
            return Departure(visit, "done"), ()
        if action is Action.UNDO:
            checkout = visit.undoable(now.mono, self._pace)
            if checkout is None or (target and target != checkout.book.item_id):
                return visit, ()
            with self._store.begin(now) as tx:
                visit = counter.undo(tx, visit, checkout, now)
                tx.commit()
            return visit.passing(now.mono + self._pace.message), (Cue.OK,)
        if asked is None or not meant:
            return visit, ()
        if action is Action.NOT_NOW:  # the book was taken back for somebody else: it goes on its shelf
            if asked.book is not None:
                visit = replace(visit, returned=(asked.book, *visit.returned))
            return visit.answer(asked, Outcome(asked.uid, Kind.RETURNED, asked.book)), (Cue.OK,)
        act = acts.get(action)
        if act is None:
            return visit, ()
        with self._store.begin(now) as tx:
            visit = act(tx, visit, asked)
            tx.commit()
        return visit, visit.cues

    def scanned(self, visit: Visit, scanned: Scanned, now: Now) -> tuple[Visit, tuple[Cue, ...]]:
        """A barcode: as if its book had been laid down, but for a visit that waits for an empty pad."""
        visit = visit.active(now).faded(now.mono)
        if visit.gate or visit.second_card:
            return visit, (Cue.NO,)
        with self._store.begin(now) as tx:
            visit = counter.scan(tx, visit, scanned, self._rules, now)
            tx.commit()
        return (visit if visit.question else visit.passing(now.mono + self._pace.message)), visit.cues
