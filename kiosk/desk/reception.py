"""Who and what comes to a desk where no visit is open: told apart, greeted, answered.

Like counter.py, these functions take an open Transaction; whoever calls them commits it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kiosk import facts
from kiosk.desk import browsing, counter
from kiosk.desk.house import House
from kiosk.desk.states import WELCOME, Clearing, Idle
from kiosk.desk.step import Cue
from kiosk.desk.visit import Visit
from kiosk.events import CodeNames, Scanned, Tag, TagKind
from kiosk.lending import No, admit
from kiosk.model import Item, Now, Patron
from kiosk.ports import Transaction
from kiosk.screens import (
    OneByOne,
    OneCard,
    OtherLabel,
    Refused,
    Returned,
    Screen,
    UnknownBook,
    UnknownCard,
)

_BOOK_STICKERS = {TagKind.ULTRALIGHT, TagKind.VICINITY}
"""Kinds that are stuck into books; every other stranger is taken for a card."""


@dataclass(frozen=True, slots=True)
class OnPad:
    """What lies on the pad, told apart."""

    cards: tuple[tuple[Tag, Patron], ...]
    others: tuple[Tag, ...]  # books and strangers

    @property
    def uids(self) -> frozenset[str]:
        """The UIDs of everything but the cards."""
        return frozenset(tag.uid for tag in self.others)

    @property
    def all_uids(self) -> frozenset[str]:
        """The UIDs of everything, cards too."""
        return self.uids | {tag.uid for tag, _ in self.cards}

    @property
    def patrons(self) -> frozenset[str]:
        """Whose cards lie there."""
        return frozenset(patron.id for _, patron in self.cards)


def tell_apart(tx: Transaction, tags: frozenset[Tag]) -> OnPad:
    """Which tags are cards of this library, and which are anything else."""
    cards: list[tuple[Tag, Patron]] = []
    others: list[Tag] = []
    for tag in sorted(tags):
        patron = tx.patron_by_card(tag.uid)
        if patron is None:
            others.append(tag)
        else:
            cards.append((tag, patron))
    return OnPad(tuple(cards), tuple(others))


def left_over(tx: Transaction, tags: frozenset[Tag]) -> Clearing:
    """What still lies there and belongs to no visit, in numbers only."""
    found = tell_apart(tx, tags)
    strangers = [tag for tag in found.others if tx.item_by_tag(tag.uid) is None]
    cards = len(found.cards) + sum(tag.kind not in _BOOK_STICKERS for tag in strangers)
    return Clearing(looked=True, card=cards > 0, books=len(tags) - cards)


def patron_of_code(tx: Transaction, scanned: Scanned, house: House) -> Patron | None:
    """Whose printed card number was scanned, where the library lets those begin a visit. Books go before."""
    if not house.customs.barcode_cards or scanned.names not in {CodeNames.PATRON, CodeNames.PLAIN}:
        return None
    if scanned.names is CodeNames.PLAIN and tx.item(scanned.code) is not None:
        return None
    return tx.patron_by_barcode(scanned.code)


def greet(
    tx: Transaction, patron: Patron, card: str, on_pad: frozenset[str], chosen: str, house: House, now: Now
) -> Visit:
    """The visit of a patron begins; `card` is empty without one, `chosen` the language asked for so far."""
    tx.report(facts.DeskVisitStarted(ageband=patron.band_on(now.today)))
    return Visit(
        patron=patron,
        card=card,
        touched=now.mono,
        today=now.today,
        at_home=counter.home(tx, patron),
        on_pad=on_pad,
        language=house.speaks_to(patron, chosen),
        young=house.is_young(patron.age_on(now.today)),
    )


def begin(
    tx: Transaction, found: OnPad, before: frozenset[Tag], chosen: str, house: House, now: Now
) -> tuple[Visit, tuple[Cue, ...]]:
    """Begin the visit of the first card; `before` is what lay there before it (law 3)."""
    card, patron = found.cards[0]
    visit = greet(tx, patron, card.uid, found.uids, chosen, house, now)
    # One book too early, or too many: everything is put down anew, so nobody has to guess.
    if found.uids & frozenset(tag.uid for tag in before) or visit.crowded(house.pace):
        visit = visit.held_back(found.uids, house.pace)
    if visit.gate or not found.others:
        return visit, (Cue.ASK if visit.gate else Cue.OK,)
    visit = counter.put_down(tx, visit, list(found.others), house.rules, now)
    return visit, visit.cues


def begin_without_card(
    tx: Transaction, patron: Patron, found: OnPad, chosen: str, house: House, now: Now
) -> tuple[Visit, tuple[Cue, ...]]:
    """Begin the visit of a patron who was named otherwise; whatever lies there came first (law 3)."""
    card = next((tag.uid for tag, owner in found.cards if owner.id == patron.id), "")
    visit = greet(tx, patron, card, found.uids, chosen, house, now)
    if found.uids:
        visit = visit.held_back(found.uids, house.pace)
    return visit, (Cue.ASK if visit.gate else Cue.OK,)


def refuse_card(tx: Transaction, patron: Patron, no: No, now: Now) -> Screen:
    """A card that is not good today: counted with its reason, and nobody is named."""
    tx.report(facts.Refused(reason=no.why, ageband=patron.band_on(now.today)))
    return Refused(no.why)


def answer(
    tx: Transaction, state: Idle, found: OnPad, before: frozenset[Tag], house: House, now: Now
) -> tuple[Idle | Visit, tuple[Cue, ...]]:
    """What was put on the desk while nobody was here: a visit begins, or a message answers.

    `before`: what lay there until now, which no card may borrow (law 3).
    """
    answered, uids = state.answered & found.all_uids, found.all_uids
    until = now.mono + house.pace.idle
    said = Idle(WELCOME, until, uids, state.language, came_back=state.came_back)
    if len(found.patrons) > 1:
        return replace(said, message=OneCard(), answered=answered), (Cue.NO,)
    no = admit(found.cards[0][1], now.today) if found.cards else None
    if found.cards and no is None:
        return begin(tx, found, before, state.language, house, now)
    if len(found.others) > house.pace.most_at_once:
        # All of the pile counts as answered: what is left of it while it is lifted stays untouched.
        return replace(said, message=OneByOne(None, len(found.others))), (Cue.NO,)
    message: Screen = state.message
    cues: tuple[Cue, ...] = ()
    if no is not None and found.cards[0][0].uid not in answered:
        message, cues = refuse_card(tx, found.cards[0][1], no, now), (Cue.NO,)
    for tag in found.others:
        if tag.uid not in answered:
            message, cues = answer_without_card(tx, tag, message, now)
    if message == state.message and not cues:
        return replace(state, answered=uids), ()
    came_back = state.came_back
    if isinstance(message, Returned) and message != state.message:
        came_back = message.books[0]
    return replace(said, message=message, came_back=came_back), cues


def answer_without_card(
    tx: Transaction, tag: Tag, message: Screen, now: Now
) -> tuple[Screen, tuple[Cue, ...]]:
    """A thing laid down without a card; `message` is what the screen says already. Thanks go before all."""
    stranger = UnknownBook() if tag.kind in _BOOK_STICKERS else UnknownCard()
    return _answer(tx, tx.item_by_tag(tag.uid), stranger, message, now)


def answer_scan(
    tx: Transaction, scanned: Scanned, message: Screen, house: House, now: Now
) -> tuple[Screen, tuple[Cue, ...]]:
    """A barcode read without a card: a free book is introduced.

    One on loan comes back only where anyone may bring books back so: a label can be photographed, and the
    book itself be anywhere. Elsewhere it is introduced as well, and asks for a card.
    """
    if scanned.names in {CodeNames.TITLE, CodeNames.PATRON}:
        return (message, (Cue.NO,)) if isinstance(message, Returned) else (OtherLabel(), (Cue.NO,))
    item = tx.item(scanned.code)
    if item is not None and item.loan is not None and house.customs.scan_returns == "card":
        return browsing.introduce(tx, item), (Cue.ASK,)
    return _answer(tx, item, UnknownBook(), message, now)


def _answer(
    tx: Transaction, item: Item | None, stranger: Screen, message: Screen, now: Now
) -> tuple[Screen, tuple[Cue, ...]]:
    if item is not None and item.loan is not None:
        book = counter.take_back(tx, item, item.loan, now)
        earlier = message.books if isinstance(message, Returned) else ()
        return Returned((book, *earlier)), (Cue.OK,)
    if isinstance(message, Returned):
        return message, (Cue.OK,)
    if item is not None:
        return browsing.introduce(tx, item), (Cue.ASK,)
    return stranger, (Cue.NO,)
