"""Nothing of a child outlives its visit, however it began and ended; and a quiet desk is Welcome again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from enum import Enum
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kiosk.desk import Desk
from kiosk.desk.grid import Picking
from kiosk.desk.house import House
from kiosk.desk.states import Clearing, Down, Helping, Idle, Leaving, Stuck
from kiosk.desk.visit import Visit
from kiosk.events import Action, CodeNames, Elapsed, NewsCame, ReaderBack, ReaderLost, Scanned, TagsOnPad
from kiosk.model import Announcement, Wishes
from kiosk.ports import StorageFull
from kiosk.screens import (
    PLAIN,
    BookInfo,
    Choose,
    Ease,
    Hello,
    Lent,
    Liked,
    MyBooks,
    MyPassport,
    MyWay,
    Offer,
    PickAnimal,
    PickClass,
    PickLanguage,
    Rate,
    Returned,
    Screen,
    Similar,
    StaffHealth,
    StaffPin,
    Welcome,
)
from tests.unit.desk_driver import BOOKS, GATED, MAI, NAM, PIN, STAFF, START, UNKNOWN, DeskDriver
from tests.unit.desk_school import BIN, FATHER, HEAD, HOA, LAN, TEACHER, at_school
from tests.unit.memory_store import MemoryStore

CARDS = [MAI, NAM, TEACHER, HEAD, FATHER, STAFF]
THINGS = [*CARDS, *BOOKS[:4], GATED[0], UNKNOWN]
CODES = [LAN, HOA, BIN, "HS-0008", "LK-0", "LK-1", "LK-6", "nonsense"]
LANGUAGES = ("vi", "en", "tyz")
TARGETS = ["", "0", "1", "7", "LK-0", "LK-1", "LK-6", "nonsense", *Liked, *Ease, *LANGUAGES]

LONGEST_S = 60 + 300 + 60 + 20
"""A child that needs time in a teacher's session, the list that waits after it, and the last message."""


def words_in(thing: Any, seen: set[int]) -> Iterator[str]:
    """Every text that can be reached from an object, but for the store and the library's own rules."""
    if id(thing) in seen or thing is None or isinstance(thing, MemoryStore | House | Enum | int | float):
        return
    seen.add(id(thing))
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, dict):
        for key, value in thing.items():
            yield from words_in(key, seen)
            yield from words_in(value, seen)
    elif isinstance(thing, list | tuple | set | frozenset):
        for one in thing:
            yield from words_in(one, seen)
    elif isinstance(thing, BaseException):
        yield str(thing)
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from words_in(getattr(thing, field.name), seen)
    else:
        yield from words_in(getattr(thing, "__dict__", None), seen)


def known_to(desk: Desk, *, besides: tuple[str, ...] = ()) -> set[str]:
    """All texts that a desk remembers, and each of their words; without the attributes named `besides`."""
    kept = {name: value for name, value in vars(desk).items() if name not in besides}
    texts = set(words_in(kept, set()))
    return texts | {word for text in texts for word in re.findall(r"[\w-]+", text)}


def touches(screen: Screen) -> list[tuple[Action, str]]:
    """What a child can touch on a screen."""
    match screen:
        case Welcome():
            return [(Action.LANGUAGE, ""), *[(Action.CARDLESS, "")] * 4]
        case PickLanguage(languages=languages):
            return [(Action.TONGUE, one) for one in languages]
        case PickClass(classes=names, first=first):
            return [(Action.CLASS, str(first + place)) for place in range(len(names))]
        case PickAnimal(children=children, first=first):
            return [(Action.ANIMAL, str(first + place)) for place in range(len(children))]
        case MyBooks(books=books) | Similar(books=books):
            return [(Action.PAGE, ""), (Action.BACK, ""), *[(Action.BOOK, one.item_id) for one in books]]
        case MyWay():
            return [(Action.PAGE, ""), (Action.BACK, ""), *[(Action.EASE, one) for one in Ease]]
        case MyPassport():
            return [(Action.PAGE, ""), (Action.BACK, "")]
        case BookInfo(book=book):
            return [(Action.SIMILAR, book.item_id), (Action.BACK, "")]
        case Rate():
            return [(Action.RATE, one) for one in Liked]
        case Choose(book=book):
            return [(Action.RETURN, book.item_id), (Action.KEEP, book.item_id)]
        case Offer(book=book):
            return [(Action.BORROW, book.item_id), (Action.NOT_NOW, "")]
        case Hello() | Lent() | Returned():
            return [*[(Action.MINE, "")] * 3, (Action.UNDO, ""), (Action.DONE, "")]
        case StaffPin():
            return [(Action.RUB_OUT, ""), (Action.BACK, "")]
        case StaffHealth():
            return [(Action.ALLOW, ""), (Action.ERASE, "")]
    return [(Action.DONE, ""), (Action.BACK, ""), (Action.STILL_HERE, "")]


# --- each way a visit can end -------------------------------------------------------------------------


def _full_disk(hands: DeskDriver) -> None:
    hands.store.broken = StorageFull("LK-0 of P1: no room")
    hands.put(BOOKS[2])
    hands.store.broken = None


WAYS_IN: dict[str, Callable[[DeskDriver], object]] = {
    "card": lambda hands: hands.put(MAI),
    "number": lambda hands: hands.send(Scanned("HS-0008", CodeNames.PATRON)),
    "class": lambda hands: (
        hands.tap(Action.CARDLESS),
        hands.tap(Action.CLASS, "0"),
        hands.tap(Action.ANIMAL, "1"),
    ),
    "teacher": lambda hands: (hands.put(TEACHER), hands.lift(TEACHER), hands.tap(Action.ANIMAL, "1")),
    "family": lambda hands: (hands.put(FATHER), hands.tap(Action.ANIMAL, "1")),
}
WAYS_OUT: dict[str, Callable[[DeskDriver], object]] = {
    "done": lambda hands: hands.tap(Action.DONE),
    "everything lifted": lambda hands: hands.lift(),
    "nothing happens": lambda hands: hands.wait(LONGEST_S),
    "another card": lambda hands: (hands.put(NAM), hands.lift(MAI)),
    "the same number": lambda hands: hands.send(Scanned("HS-0008", CodeNames.PATRON)),
    "the reader fails": lambda hands: (
        hands.send(ReaderLost("frozen")),
        hands.send(ReaderBack()),
        hands.send(TagsOnPad(hands.pad)),
    ),
    "the disk is full": _full_disk,
    "the program fails": lambda hands: hands.desk.close_down(hands.now()),
    "the teacher ends it": lambda hands: hands.put(TEACHER),
    "help was called": lambda hands: (hands.tap(Action.HELP), hands.lift()),
}


@pytest.mark.parametrize("way_out", WAYS_OUT)
@pytest.mark.parametrize("way_in", WAYS_IN)
def test_whichever_way_a_visit_begins_and_ends_the_desk_forgets_who_was_there(
    way_in: str, way_out: str
) -> None:
    hands = at_school(can_speak=True)
    marks = secrets_of(hands)
    hands.on_loan(BOOKS[0], MAI)
    WAYS_IN[way_in](hands)
    hands.shows(Hello)
    assert marks & known_to(hands.desk)
    hands.put(BOOKS[1])
    hands.put(GATED[0])
    hands.tap(Action.MINE)
    hands.tap(Action.BOOK, "LK-1")
    hands.tap(Action.SIMILAR)
    hands.put(BOOKS[0])
    hands.tap(Action.RETURN)
    hands.lift(BOOKS[0])
    WAYS_OUT[way_out](hands)
    hands.wait(LONGEST_S)
    hands.lift()
    hands.wait(LONGEST_S)
    hands.shows(Welcome)
    assert hands.step.look == PLAIN
    assert not marks & known_to(hands.desk)


def secrets_of(hands: DeskDriver) -> set[str]:
    """Everything that could tell who was here: numbers, names, cards, books."""
    store = hands.store
    names = {patron.nickname for patron in store.patrons.values()}
    return names | set(store.patrons) | set(store.cards) | set(store.barcodes) | set(store.items)


# --- whatever happens ---------------------------------------------------------------------------------


class ForgettingDesk(RuleBasedStateMachine):
    """Random hands, every way in, every way out."""

    def __init__(self) -> None:
        super().__init__()
        self.hands: DeskDriver = at_school(languages=LANGUAGES, can_speak=True)
        patrons, items = self.hands.store.patrons, self.hands.store.items
        patrons["C1"] = replace(patrons["C1"], wishes=Wishes(slow=True, large=True), passport=True)
        self.secrets = {one.id: {one.id, one.nickname} for one in patrons.values()}
        for marks in (self.hands.store.cards, self.hands.store.barcodes):
            for mark, patron_id in marks.items():
                self.secrets[patron_id].add(mark)
        self.numbers = set(self.hands.store.cards) | set(self.hands.store.barcodes) | set(patrons)
        self.items = set(items)
        self.hands.on_loan(BOOKS[0], MAI)
        self.hands.on_loan(BOOKS[3], NAM)
        self.reader = True

    # --- hands --------------------------------------------------------------------------------------

    @precondition(lambda self: self.reader)
    @rule(things=st.lists(st.sampled_from(THINGS), min_size=1, max_size=3, unique=True))
    def put(self, things: list[str]) -> None:
        self.hands.put(*things)

    @precondition(lambda self: self.reader and not self.hands.pad)
    @rule(card=st.sampled_from(CARDS))
    def put_one_card(self, card: str) -> None:
        self.hands.put(card)

    @precondition(lambda self: self.reader)
    @rule(book=st.sampled_from(BOOKS[:4]))
    def put_one_book(self, book: str) -> None:
        self.hands.put(book)

    @precondition(lambda self: self.reader and self.hands.pad)
    @rule(data=st.data())
    def lift(self, data: st.DataObject) -> None:
        self.hands.lift(data.draw(st.sampled_from(sorted(tag.uid for tag in self.hands.pad))))

    @rule(data=st.data())
    def touch_what_is_there(self, data: st.DataObject) -> None:
        self.hands.tap(*data.draw(st.sampled_from(touches(self.hands.screen))))

    @precondition(lambda self: isinstance(self.hands.screen, StaffPin))
    @rule()
    def type_the_pin(self) -> None:
        for digit in PIN:
            self.hands.tap(Action.DIGIT, digit)
        self.hands.tap(Action.ENTER)

    @rule(action=st.sampled_from(Action), what=st.sampled_from(TARGETS))
    def touch_anything(self, action: Action, what: str) -> None:
        self.hands.tap(action, what)

    @rule(code=st.sampled_from(CODES), names=st.sampled_from([CodeNames.PLAIN, CodeNames.PATRON]))
    def scan(self, code: str, names: CodeNames) -> None:
        self.hands.send(Scanned(code, names))

    @rule(seconds=st.sampled_from([0.2, 3, 9, 21, 35]))
    def wait(self, seconds: float) -> None:
        self.hands.wait(seconds)

    @rule(minutes=st.integers(0, 3))
    def news(self, minutes: int) -> None:
        ends = self.hands.now().wall + timedelta(minutes=minutes)
        came = (Announcement("A", "Thứ bảy kể chuyện", START, ends),)
        self.hands.store.news = {"all": came}
        self.hands.send(NewsCame(came, "all"))

    # --- troubles -----------------------------------------------------------------------------------

    @precondition(lambda self: self.reader and len(self.hands.pad) > 2)
    @rule()
    def reader_fails(self) -> None:
        self.reader = False
        self.hands.send(ReaderLost("frozen"))

    @precondition(lambda self: not self.reader)
    @rule()
    def reader_heals(self) -> None:
        self.reader = True
        self.hands.send(ReaderBack())
        self.hands.send(TagsOnPad(self.hands.pad))

    @precondition(lambda self: self.hands.store.broken or len(self.hands.pad) > 2)
    @rule(full=st.sampled_from([False, False, True]))
    def disk(self, full: bool) -> None:
        self.hands.store.broken = StorageFull("no room") if full else None

    # --- what holds -----------------------------------------------------------------------------------

    def _here(self) -> set[str]:
        """Who the desk may know of now: at the desk, in the list on the screen, by a card that lies there."""
        state = self.hands.desk.state
        under = state.under if isinstance(state, Helping) else state
        here = {self.hands.store.cards.get(tag.uid, "") for tag in self.hands.pad}
        if isinstance(under, Visit):
            here.add(under.patron.id)
        if isinstance(under, Leaving):
            nickname = under.goodbye.child.nickname
            here |= {one.id for one in self.hands.store.patrons.values() if one.nickname == nickname}
        if isinstance(under, Picking):
            here |= set(under.ids)
        if isinstance(under, Visit | Picking) and under.session is not None:
            here.add(self.hands.store.cards[under.session.card])
        return here

    @invariant()
    def the_desk_knows_nobody_who_is_not_here(self) -> None:
        known = known_to(self.hands.desk)
        here = self._here()
        for patron_id, secrets in self.secrets.items():
            if patron_id not in here:
                found = secrets & known
                assert not found, f"{found} of {patron_id} in {self.hands.desk.state}"

    @invariant()
    def no_screen_carries_a_number_of_anybodys(self) -> None:
        said = set(words_in(self.hands.step, set()))
        assert not said & self.numbers
        assert not set(self.hands.store.barcodes) & known_to(self.hands.desk)

    @invariant()
    def welcome_knows_no_book(self) -> None:
        state = self.hands.desk.state
        if isinstance(self.hands.screen, Welcome) and isinstance(state, Idle | Clearing):
            lying = ("_pad", "_gate", "_errands")  # what is on the pad, or was called back to it
            assert not self.items & known_to(self.hands.desk, besides=lying)

    @invariant()
    def nobody_elses_look_is_seen(self) -> None:
        state = self.hands.desk.state
        under = state.under if isinstance(state, Helping) else state
        if not isinstance(under, Visit | Leaving):
            assert self.hands.step.look == PLAIN

    @invariant()
    def the_desk_never_wakes_again_at_once(self) -> None:
        if self.hands.step.wake_at is not None and self.hands.step.wake_at <= self.hands.mono:
            self.hands.send(Elapsed())
            assert self.hands.step.wake_at is None or self.hands.step.wake_at > self.hands.mono

    def teardown(self) -> None:
        """From wherever it stands, doing nothing leads home; once nothing lies there, all is forgotten."""
        self.hands.store.broken = None
        self.hands.wait(LONGEST_S)
        state = self.hands.desk.state
        assert isinstance(self.hands.screen, Welcome) or isinstance(state, Down | Stuck | Clearing), state
        if self.reader:
            self.hands.lift()
            self.hands.wait(20)
            assert isinstance(self.hands.screen, Welcome)
            known = known_to(self.hands.desk)
            assert not known & (self.items | set().union(*self.secrets.values()))


TestForgetting = ForgettingDesk.TestCase
TestForgetting.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
