"""How was the book? Asked once, of whoever brought it back, and never in anybody's way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk import facts
from kiosk.desk import Cue, Pace
from kiosk.events import Action, Elapsed, GateSet
from kiosk.ports import StorageFull
from kiosk.screens import Choose, DiskFull, Goodbye, Hello, Lent, Liked, Rate, Refused, Returned, Welcome
from tests.unit.desk_driver import BOOKS, GATED, MAI, NAM, REFERENCE, DeskDriver


def brought_back(*books: str, hands: DeskDriver | None = None) -> DeskDriver:
    """Mai has put back these books of hers, one after the other; they lie on the pad."""
    hands = hands or DeskDriver()
    hands.put(MAI)
    for book in books:
        hands.on_loan(book, MAI)
        hands.put(book)
        hands.tap(Action.RETURN)
    hands.shows(Returned)
    return hands


def rated(hands: DeskDriver) -> list[facts.Rated]:
    return [fact for fact in hands.store.facts if isinstance(fact, facts.Rated)]


@pytest.mark.parametrize("liked", Liked)
def test_a_face_is_reported_with_the_title_and_nothing_else(liked: Liked) -> None:
    hands = brought_back(BOOKS[0])
    hands.lift(BOOKS[0])
    asked = hands.shows(Rate)
    assert (asked.book.item_id, asked.child and asked.child.nickname) == ("LK-0", "Mai")
    hands.tap(Action.RATE, liked)
    assert hands.step.cues == (Cue.OK,)
    assert rated(hands) == [facts.Rated("T0", liked.value)]
    hands.shows(Returned)  # the summary of the visit, as without the question


def test_a_second_face_is_void() -> None:
    hands = brought_back(BOOKS[0])
    hands.lift(BOOKS[0])
    hands.tap(Action.RATE, Liked.GREAT)
    hands.tap(Action.RATE, Liked.FINE)
    hands.lift(MAI)
    hands.tap(Action.RATE, Liked.FINE)
    assert len(rated(hands)) == 1


def test_no_face_has_no_weight_it_goes_on_by_itself() -> None:
    hands = brought_back(BOOKS[0])
    hands.lift(BOOKS[0])
    hands.wait(7.8)
    hands.shows(Rate)
    hands.wait(0.5)
    hands.shows(Returned)
    hands.tap(Action.RATE, Liked.GREAT)
    assert not rated(hands)


@pytest.mark.parametrize("target", ["", "nonsense", "GREAT", "0"])
def test_what_is_no_face_is_no_answer(target: str) -> None:
    hands = brought_back(BOOKS[0])
    hands.lift(BOOKS[0])
    hands.tap(Action.RATE, target)
    hands.shows(Rate)
    assert not rated(hands)


def test_the_question_comes_only_when_the_book_is_lifted() -> None:
    hands = brought_back(BOOKS[0])
    hands.tap(Action.RATE, Liked.GREAT)
    hands.shows(Returned)
    assert not rated(hands)


def test_of_several_books_lifted_together_the_newest_is_asked_about() -> None:
    hands = brought_back(BOOKS[0], BOOKS[1])
    hands.lift(BOOKS[0], BOOKS[1])
    assert hands.shows(Rate).book.item_id == "LK-1"
    hands.wait(9)
    hands.shows(Returned)


def test_the_next_book_put_down_goes_on_without_an_answer() -> None:
    hands = brought_back(BOOKS[0])
    hands.lift(BOOKS[0])
    hands.put(BOOKS[1])
    hands.shows(Lent)
    hands.lift(BOOKS[1])
    hands.shows(Lent)
    assert not rated(hands)


def test_done_and_the_card_lifted_end_the_visit_as_ever() -> None:
    hands = brought_back(BOOKS[0])
    hands.lift(BOOKS[0])
    hands.tap(Action.DONE)
    hands.shows(Goodbye)
    hands.lift()
    hands.wait(10)
    brought_back(BOOKS[1], hands=hands)
    hands.lift(BOOKS[1])
    hands.lift(MAI)
    hands.shows(Goodbye)
    hands.lift()
    hands.wait(10)
    brought_back(BOOKS[2], hands=hands)
    hands.lift()  # card and book in one go
    hands.shows(Goodbye)


def test_a_question_about_another_book_goes_before() -> None:
    hands = DeskDriver()
    for book in BOOKS[:2]:
        hands.on_loan(book, MAI)
    hands.put(MAI, *BOOKS[:2])
    first = hands.shows(Choose).book.item_id
    hands.tap(Action.RETURN)
    lifted = BOOKS[int(first[-1])]
    hands.lift(lifted)
    hands.shows(Choose)


def test_a_message_about_a_book_that_still_lies_there_goes_before() -> None:
    hands = brought_back(BOOKS[0])
    hands.put(REFERENCE)
    hands.lift(BOOKS[0])
    hands.shows(Refused)
    hands.lift(REFERENCE)
    hands.wait(4)
    hands.shows(Returned)


def test_whoever_only_brought_anothers_book_is_not_asked_about_it() -> None:
    hands = DeskDriver()
    hands.on_loan(BOOKS[0], NAM)
    hands.put(MAI, BOOKS[0])
    hands.tap(Action.NOT_NOW)
    hands.lift(BOOKS[0])
    hands.shows(Returned)
    hands.wait(4)
    hands.shows(Returned)


def test_a_child_that_needs_time_has_twice_as_long() -> None:
    hands = DeskDriver()
    patrons = hands.store.patrons
    patrons["P1"] = replace(patrons["P1"], wishes=replace(patrons["P1"].wishes, slow=True))
    brought_back(BOOKS[0], hands=hands)
    hands.lift(BOOKS[0])
    hands.wait(15)
    hands.shows(Rate)
    hands.wait(2)
    hands.shows(Returned)


def test_where_the_library_does_not_ask_the_thanks_stay_a_moment() -> None:
    hands = brought_back(BOOKS[0], hands=DeskDriver(pace=Pace(rate=0)))
    hands.lift(BOOKS[0])
    hands.shows(Returned)
    hands.lift()
    hands.wait(10)
    hands.on_loan(BOOKS[1], MAI)
    hands.put(BOOKS[1])
    hands.lift()
    hands.shows(Returned)
    hands.wait(4)
    hands.shows(Welcome)


def test_a_face_that_the_disk_did_not_take_is_not_thanked_for() -> None:
    hands = brought_back(BOOKS[0])
    hands.lift(BOOKS[0])
    hands.store.broken = StorageFull("no room")
    hands.tap(Action.RATE, Liked.GREAT)
    hands.shows(DiskFull)
    assert not rated(hands)


# --- without a card -------------------------------------------------------------------------------------


def nameless() -> DeskDriver:
    hands = DeskDriver()
    for book in BOOKS[:2]:
        hands.on_loan(book, MAI)
    hands.put(*BOOKS[:2])
    hands.shows(Returned)
    return hands


def test_without_a_card_the_newest_book_is_asked_about_when_the_pad_is_empty() -> None:
    hands = nameless()
    newest = hands.shows(Returned).books[0]
    hands.lift(BOOKS[0])
    hands.shows(Returned)
    hands.lift(BOOKS[1])
    asked = hands.shows(Rate)
    assert (asked.book, asked.child) == (newest, None)
    hands.tap(Action.RATE, Liked.NOT_MINE)
    assert hands.step.cues == (Cue.OK,)
    assert rated(hands) == [facts.Rated(newest.title_id, "not_mine")]
    assert hands.shows(Returned).child is None
    hands.tap(Action.RATE, Liked.NOT_MINE)
    hands.wait(4)
    hands.shows(Welcome)
    assert len(rated(hands)) == 1


def test_a_book_that_was_asked_about_is_not_asked_about_again() -> None:
    hands = nameless()
    hands.lift()
    hands.tap(Action.RATE, Liked.FINE)
    hands.put("04DD0000000000")  # a stranger's sticker, laid down while the thanks are still there
    hands.lift()
    assert not isinstance(hands.screen, Rate)


def test_without_a_card_it_passes_by_itself() -> None:
    hands = nameless()
    hands.lift()
    hands.wait(7.9)
    hands.shows(Rate)
    hands.wait(0.2)
    hands.shows(Welcome)
    hands.send(Elapsed())
    assert not rated(hands)


def test_a_card_that_comes_while_a_stranger_is_asked_is_greeted() -> None:
    hands = nameless()
    hands.lift()
    hands.put(MAI)
    hands.shows(Hello)
    hands.tap(Action.RATE, Liked.GREAT)
    assert not rated(hands)


def test_a_free_book_put_down_while_a_stranger_is_asked_is_introduced() -> None:
    hands = nameless()
    hands.lift()
    hands.put(BOOKS[3])
    assert not isinstance(hands.screen, Rate)
    hands.lift()
    assert not isinstance(hands.screen, Rate)


def test_a_library_book_called_back_for_its_sticker_is_asked_about_afterwards() -> None:
    hands = DeskDriver()
    hands.on_loan(GATED[0], MAI)
    hands.put(GATED[0])
    hands.shows(Returned)
    hands.lift()
    hands.wait(2)
    hands.put(GATED[0])
    hands.send(GateSet(GATED[0], True))
    hands.lift()
    hands.shows(Rate)
