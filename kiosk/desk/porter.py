"""Who lets children in that have no card with them: class by class, animal by animal, or as a family.

A teacher's or a family's card opens a session: its list comes back after every child.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.desk import reception
from kiosk.desk.grid import Picking, PickingLanguage, Session
from kiosk.desk.house import House
from kiosk.desk.states import Idle
from kiosk.desk.step import Cue
from kiosk.desk.visit import Visit
from kiosk.events import Action, DeskEvent, Elapsed, Tag, Tapped
from kiosk.lending import admit
from kiosk.model import Now, Patron
from kiosk.ports import Store, Transaction
from kiosk.screens import Child, OneCard, Screen

Let = tuple[Picking | Idle | Visit | None, tuple[Cue, ...]]
"""What comes of it; None = whoever was here has gone."""


class Porter:
    """Opens the lists and handles what is chosen in them. Remembers nobody."""

    def __init__(self, store: Store, house: House) -> None:
        self._store, self._house, self._pace = store, house, house.pace

    # --- opening a list -----------------------------------------------------------------------------

    def cardless(self, language: str, now: Now) -> Picking | None:
        """Somebody on Welcome has no card: the classes, or the children where there is but one class."""
        if not self._house.customs.classes:
            return None
        with self._store.begin(now) as tx:
            state = Picking(0, language=language)
            return self._over(tx, state, tx.groups(), now)

    def opened_by(
        self, tx: Transaction, card: str, patron: Patron, language: str, now: Now
    ) -> Picking | None:
        """The list that a teacher's or a family's card opens; None when it is a card like any other."""
        customs = self._house.customs
        if admit(patron, now.today) is not None or not patron.category:
            return None
        session = Session(card, language=language)
        if patron.category == customs.teacher_category:
            return self.list_of(tx, replace(session, group=patron.group), now)
        if patron.category == customs.family_category and patron.family:
            members = tx.family_of(patron.family)
            if any(member.id != patron.id for member in members):
                return self.list_of(tx, replace(session, family=patron.family), now)
        return None

    def list_of(self, tx: Transaction, session: Session, now: Now) -> Picking | None:
        """The list of a session, as it is now; None when nobody is on it."""
        state = Picking(0, language=session.language, session=session)
        if session.family:
            return self._children(state, tx.family_of(session.family), "", now)
        if session.group:
            return self._children(state, self._pupils(tx, session.group), session.group, now)
        return self._over(tx, state, tx.groups(), now)

    def _over(self, tx: Transaction, state: Picking, groups: tuple[str, ...], now: Now) -> Picking | None:
        groups = tuple(group for group in groups if self._pupils(tx, group))
        if len(groups) == 1:
            return self._of_class(tx, state, groups[0], now)
        return self.awake(replace(state, classes=groups), now) if groups else None

    def _of_class(self, tx: Transaction, state: Picking, group: str, now: Now) -> Picking | None:
        if state.session is not None:
            state = replace(state, session=replace(state.session, group=group))
        return self._children(state, self._pupils(tx, group), group, now)

    def _pupils(self, tx: Transaction, group: str) -> tuple[Patron, ...]:
        """The children of a class: its teachers and the cards of families are in no child's list."""
        customs = self._house.customs
        grown = {customs.teacher_category, customs.family_category} - {""}
        return tuple(one for one in tx.children_of_group(group) if one.category not in grown)

    def _children(self, state: Picking, patrons: tuple[Patron, ...], title: str, now: Now) -> Picking | None:
        children = tuple(Child(one.nickname, one.animal, one.stamps) for one in patrons)
        ids = tuple(one.id for one in patrons)
        if not children:
            return None
        return self.awake(replace(state, children=children, ids=ids, title=title, page=0), now)

    def awake(self, state: Picking, now: Now) -> Picking:
        """The same list after a sign of life. A teacher may be busy for a while; a child goes away."""
        patience = self._pace.session if state.session else self._pace.idle + self._pace.still_there
        return replace(state, until=now.mono + patience)

    # --- choosing in a list -------------------------------------------------------------------------

    def handle(self, state: Picking, event: DeskEvent, pad: frozenset[Tag], now: Now) -> Let:
        """A touch on a list, or the end of what was said over it; `pad` is what lies there."""
        match event:
            case Elapsed() if state.said is not None and now.mono >= state.said_until:
                return replace(state, said=None), ()
            case Tapped(action=action, target=target):
                return self._tapped(self.awake(state, now), action, target, pad, now)
        return state, ()

    def _tapped(self, state: Picking, action: Action, target: str, pad: frozenset[Tag], now: Now) -> Let:
        if state.said is not None:
            return (replace(state, said=None) if action in {Action.DONE, Action.BACK} else state), ()
        place = state.place(target)
        match action:
            case Action.BACK:
                return None, ()
            case Action.PAGE:
                return state.turned(), ()
            case Action.CLASS if place is not None and not state.children:
                with self._store.begin(now) as tx:
                    return self._of_class(tx, state, state.classes[place], now) or state, ()
            case Action.ANIMAL if place is not None and state.children:
                with self._store.begin(now) as tx:
                    patron = tx.patron(state.ids[place])
                    if patron is None:  # taken off the list meanwhile
                        return None, ()
                    came = self.begin(tx, patron, state, pad, now)
                    tx.commit()
                return came
        return state, ()

    def begin(
        self,
        tx: Transaction,
        patron: Patron,
        state: Idle | Picking | PickingLanguage,
        pad: frozenset[Tag],
        now: Now,
    ) -> Let:
        """Begin the visit of somebody named by its place in a list or by a printed number.

        Whoever called commits `tx`. Another child's card on the pad must go first, a session's own may stay.
        """
        session = state.session if isinstance(state, Picking) else None
        own = session.card if session is not None else ""
        found = reception.tell_apart(tx, frozenset(tag for tag in pad if tag.uid != own))
        no = admit(patron, now.today)
        screen: Screen
        if found.patrons - {patron.id}:
            screen = OneCard()
        elif no is not None:
            screen = reception.refuse_card(tx, patron, no, now)
        else:
            visit, cues = reception.begin_without_card(tx, patron, found, state.language, self._house, now)
            return replace(visit, session=session), cues
        until = now.mono + self._pace.message
        if isinstance(state, Picking) and session is not None:
            return state.saying(screen, until), (Cue.NO,)
        return Idle(screen, until, found.all_uids, language=state.language), (Cue.NO,)
