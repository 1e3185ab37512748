"""A visit: one child, one card on the pad, and what became of each book laid beside it.

The visit remembers an *outcome* for every tag that lies on the pad. The screen is a function of those
outcomes (`face`), never a thing of its own: lift the refused book and its message goes, put three books
down and each is answered in turn.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import IntEnum

from kiosk.desk.grid import Session
from kiosk.desk.step import Cue, Pace
from kiosk.facts import DeskVisitEnded
from kiosk.model import Item, Now, Patron
from kiosk.screens import (
    Book,
    Child,
    Choose,
    Goodbye,
    Hello,
    Lent,
    Look,
    Offer,
    OneByOne,
    OneCard,
    OtherLabel,
    Rate,
    Refused,
    Renewed,
    Returned,
    Screen,
    StillThere,
    TakeBooksOff,
    Undone,
    UnknownBook,
    Why,
)


class Kind(IntEnum):
    """What became of a tag. In one placement the higher kind is said first."""

    LENT = 0
    RENEWED = 1
    UNDONE = 2
    RETURNED = 3
    UNKNOWN = 4
    OTHER_LABEL = 5
    OTHER_CARD = 6
    REFUSED = 7
    OFFER = 8  # a question
    CHOOSE = 9  # a question


QUESTIONS = (Kind.OFFER, Kind.CHOOSE)
REFUSALS = (Kind.REFUSED, Kind.UNKNOWN, Kind.OTHER_LABEL, Kind.OTHER_CARD)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the tag `uid`; an empty uid means its book was lifted and the message lingers."""

    uid: str
    kind: Kind
    book: Book | None = None
    why: Why | None = None
    detail: int = 0
    own: bool = False  # RETURNED: by the child that had read it
    cheer: int = 0  # RETURNED: the round number of books just reached


@dataclass(frozen=True, slots=True)
class Checkout:
    """A book lent in this visit, and when (monotonic ms): it can be undone for a while."""

    book: Book
    at: int


def as_book(item: Item, due: date | None = None) -> Book:
    """An item as a screen shows it."""
    title = item.title
    return Book(
        item_id=item.id,
        title_id=title.id,
        name=title.name,
        author=title.author,
        shelf=title.shelf,
        due=due,
        age_from=title.age_from,
    )


@dataclass(frozen=True, slots=True)
class Visit:
    """One child at the desk. Frozen: every change makes a new one, after its transaction committed."""

    patron: Patron
    card: (
        str  # UID of the card that began the visit; only ever in memory, only as long as the visit. "" = none
    )
    touched: int  # monotonic ms of the last sign of life
    today: date
    at_home: tuple[Book, ...] = ()
    on_pad: frozenset[str] = frozenset()  # every tag but the card
    gate: frozenset[str] = frozenset()  # must be lifted before anything is done with them (law 3)
    pile: bool = False  # the gate is a pile too high to tell apart, not a book that lay there first
    second_card: bool = False
    outcomes: tuple[Outcome, ...] = ()  # oldest first
    lent: tuple[Checkout, ...] = ()  # newest first
    returned: tuple[Book, ...] = ()  # newest first
    renewed: int = 0
    stamps: int = 0  # earned in this visit
    asking: int | None = None  # since when "still here?" is shown
    linger: int | None = None  # until when a lifted book's message stays
    language: str = ""  # "" = the station's
    young: bool = False  # so small that it has twice the time unasked
    pages: tuple[Screen, ...] = ()  # its booklet, opened over the visit; the last one is seen
    rating: Book | None = None  # the returned book that it is asked about
    rate_until: int = 0  # monotonic ms
    session: Session | None = None  # whose list this child was found in, and comes back

    @property
    def look(self) -> Look:
        """How this child wants the screen to be."""
        wishes = self.patron.wishes
        return Look(wishes.contrast, wishes.large, wishes.spoken)

    def paced(self, pace: Pace) -> Pace:
        """The station's pace, or half of it for whoever needs more time."""
        return pace.slower() if self.young or self.patron.wishes.slow else pace

    @property
    def child(self) -> Child:
        """Who is here, as the screen may show it."""
        return Child(self.patron.nickname, self.patron.animal, self.patron.stamps + self.stamps)

    @property
    def question(self) -> Outcome | None:
        """The oldest unanswered question about a book on the pad."""
        return next((one for one in self.outcomes if one.kind in QUESTIONS), None)

    @property
    def cues(self) -> tuple[Cue, ...]:
        """What lamp and loudspeaker are told of the newest outcome."""
        if not self.outcomes:
            return ()
        last = self.outcomes[-1].kind
        if last in QUESTIONS:
            return (Cue.ASK,)
        return (Cue.NO,) if last in REFUSALS else (Cue.OK,)

    def ended(self, how: str) -> DeskVisitEnded:
        """The fact that this visit is over, and how."""
        return DeskVisitEnded(how=how, ageband=self.patron.band_on(self.today))  # type: ignore[arg-type]

    def answered(self, uid: str) -> bool:
        """Whether the tag was already dealt with since it was put down."""
        return any(one.uid == uid for one in self.outcomes)

    def active(self, now: Now) -> Visit:
        """The same visit with a fresh sign of life. The clock may have been put right meanwhile."""
        return replace(self, touched=now.mono, today=now.today, asking=None)

    def with_outcomes(self, new: list[Outcome]) -> Visit:
        """Add what became of new tags; whatever lay over the visit gives way to them."""
        kept = tuple(one for one in self.outcomes if one.uid)
        outcomes = kept + tuple(sorted(new, key=lambda one: one.kind))
        return replace(self, outcomes=outcomes, linger=None, pages=(), rating=None)

    def answer(self, asked: Outcome, *outcome: Outcome) -> Visit:
        """Replace a question by what came of it."""
        rest = replace(self, outcomes=tuple(one for one in self.outcomes if one is not asked))
        return rest.with_outcomes(list(outcome))

    def lifted(self, present: frozenset[str], now: int, pace: Pace) -> Visit:
        """Forget the tags that are gone.

        The message on the screen stays a moment longer; a book that its reader brought back is asked about.
        """
        mine = self.paced(pace)
        gate = self.gate & present
        gone = [one for one in self.outcomes if one.uid and one.uid not in present]
        stay = tuple(one for one in self.outcomes if one not in gone)
        visit = replace(self, on_pad=present, gate=gate, pile=self.pile and bool(gate), outcomes=stay)
        shown = None if self.question else self._statement()
        if shown is None or shown not in gone or shown.kind is Kind.LENT:
            return replace(visit, rate_until=now + mine.rate)  # a book put back for a moment asks anew
        if shown.kind is Kind.RETURNED and mine.rate and not gate:
            read = [one.book for one in gone if one.kind is Kind.RETURNED and one.own]
            if read:
                return replace(visit, rating=read[-1], rate_until=now + mine.rate)
        lingering = tuple(
            replace(one, uid="") if one is shown else one
            for one in self.outcomes
            if one in stay or one is shown
        )
        return replace(visit, outcomes=lingering, linger=now + mine.linger)

    def faded(self, now: int) -> Visit:
        """Drop the message of a lifted book, or the question how it was, once its time is over."""
        visit = self if now < self.rate_until else replace(self, rating=None)
        if visit.linger is None or now < visit.linger:
            return visit
        return replace(visit, linger=None, outcomes=tuple(one for one in visit.outcomes if one.uid))

    def passing(self, until: int) -> Visit:
        """The same visit whose message about a book that is not on the pad goes at `until` (monotonic ms)."""
        return replace(self, linger=until) if any(not one.uid for one in self.outcomes) else self

    def undoable(self, now: int, pace: Pace) -> Checkout | None:
        """The newest checkout, while it can still be taken back."""
        return self.lent[0] if self.lent and now < self.lent[0].at + self.paced(pace).undo else None

    def crowded(self, pace: Pace) -> bool:
        """Whether more lies on the pad than is taken at once."""
        return len(self.on_pad) > pace.most_at_once

    def held_back(self, tags: frozenset[str], pace: Pace) -> Visit:
        """Shut the gate on these tags too: each must be lifted and put down anew.

        A pile is lifted tag by tag as the reader sees it: what is left of it for a moment must not be lent.
        """
        shut = replace(self, gate=self.gate | tags, pile=self.pile or self.crowded(pace))
        return replace(shut, pages=(), rating=None)

    def _statement(self) -> Outcome | None:
        return next((one for one in reversed(self.outcomes) if one.kind not in QUESTIONS), None)

    def face(self, now: int, pace: Pace) -> Screen:
        """What to show: the most pressing thing first, the summary of the visit last."""
        if self.asking is not None:
            return StillThere(self.child, self.paced(pace).still_there // 1000)
        if self.second_card:
            return OneCard()
        if self.pile:
            return OneByOne(self.child, len(self.on_pad))
        if self.gate:
            return TakeBooksOff(self.child)
        if self.question is None and self.pages:
            return self.pages[-1]
        if self.question is None and self.rating is not None:
            return Rate(self.rating, self.child)
        said = self.question or self._statement()
        if said is None:
            return self._summary(now, pace)
        return self._say(said, now, pace)

    @property
    def at_rest(self) -> bool:
        """Whether nothing presses and nothing is asked: the summary is seen, or a page over it."""
        said = self.question or self._statement()
        pressing = self.asking is not None or self.second_card or self.gate or self.rating is not None
        return not pressing and (said is None or said.kind is Kind.LENT)

    def _say(self, said: Outcome, now: int, pace: Pace) -> Screen:
        book = said.book
        if said.kind is Kind.REFUSED:
            return Refused(said.why or Why.NOT_FOR_LOAN, self.child, book, said.detail)
        if said.kind is Kind.OTHER_LABEL:
            return OtherLabel(self.child)
        if said.kind is Kind.OTHER_CARD:
            return OneCard()
        if book is None:
            return UnknownBook(self.child)
        match said.kind:
            case Kind.CHOOSE:
                return Choose(self.child, book, self.today)
            case Kind.OFFER:
                return Offer(self.child, book)
            case Kind.RENEWED:
                return Renewed(self.child, book, self.today)
            case Kind.UNDONE:
                return Undone(self.child, book)
            case Kind.RETURNED:
                cheer = max(one.cheer for one in self.outcomes)
                return Returned(self.returned, self.child, self.stamps, cheer)
            case _:
                return self._summary(now, pace)

    def _summary(self, now: int, pace: Pace) -> Screen:
        if self.lent:
            books = tuple(one.book for one in self.lent)
            return Lent(self.child, books, self.today, self.undoable(now, pace) is not None)
        if self.returned:
            return Returned(self.returned, self.child, self.stamps)
        return Hello(self.child, self.at_home, self.today)

    def goodbye(self) -> Goodbye:
        """What goes home and when it is due."""
        return Goodbye(self.child, self.at_home, len(self.lent), len(self.returned), self.today)

    def wake_at(self, now: int, pace: Pace) -> int:
        """When the desk must look at this visit again."""
        mine = self.paced(pace)
        moments = [self.touched + mine.idle if self.asking is None else self.asking + mine.still_there]
        if self.linger is not None:
            moments.append(self.linger)
        if self.rating is not None:
            moments.append(self.rate_until)
        undoable = self.undoable(now, pace)
        if undoable is not None:
            moments.append(undoable.at + mine.undo)
        return min(moments)
