"""The library's gate follows the loans, and a book lifted too early is asked back."""

from __future__ import annotations

from kiosk.desk import Cue
from kiosk.events import Action, GateRefused, GateSet
from kiosk.ports import Secure
from kiosk.screens import BookInfo, Goodbye, Hello, Lent, PutBack, Returned, Undone, Welcome
from tests.unit.desk_driver import BOOKS, GATED, MAI, NAM, DeskDriver

ONE, TWO = GATED[:2]


def with_card() -> DeskDriver:
    hands = DeskDriver()
    hands.put(MAI)
    hands.shows(Hello)
    return hands


def test_a_lent_book_may_pass_the_gate_once_the_loan_is_durable() -> None:
    hands = with_card()
    hands.put(ONE)
    hands.shows(Lent)
    assert hands.errands == [Secure(ONE, False)]
    assert hands.store.loans


def test_a_book_that_only_lies_there_is_secured_quietly() -> None:
    hands = DeskDriver()
    hands.put(ONE)
    hands.shows(BookInfo)
    assert hands.errands == [Secure(ONE, True)]
    hands.lift(ONE)  # nothing about it changed, so nobody is called back
    assert not isinstance(hands.screen, PutBack)


def test_a_returned_book_rings_again() -> None:
    hands = DeskDriver()
    hands.on_loan(ONE, MAI)
    hands.put(ONE)
    hands.shows(Returned)
    assert hands.errands == [Secure(ONE, True)]


def test_stickers_without_a_gate_are_left_alone() -> None:
    hands = with_card()
    hands.put(BOOKS[0])
    assert hands.errands == []


def test_a_book_lifted_before_its_sticker_is_ready_is_asked_back() -> None:
    hands = with_card()
    hands.put(ONE)
    hands.lift(ONE)
    assert hands.shows(PutBack).book.item_id == "GT-0"
    hands.put(ONE)
    hands.shows(Lent)
    hands.send(GateSet(ONE, False))
    hands.lift(ONE)
    hands.shows(Lent)
    assert hands.errands == [Secure(ONE, False)]


def test_an_answer_about_an_older_order_does_not_count() -> None:
    hands = with_card()
    hands.put(ONE)
    hands.send(GateSet(ONE, True))
    hands.lift(ONE)
    hands.shows(PutBack)


def test_a_book_carried_off_all_the_same_is_reported_and_the_librarian_called() -> None:
    hands = with_card()
    hands.put(ONE)
    hands.lift()
    hands.shows(PutBack)
    hands.wait(9)
    assert hands.facts().count("GateUnset") == 1
    assert Cue.HELP in hands.cues
    assert not isinstance(hands.screen, PutBack)
    hands.wait(60)
    assert isinstance(hands.screen, Welcome)
    assert hands.facts().count("GateUnset") == 1


def test_help_can_be_called_while_a_book_is_asked_back() -> None:
    hands = with_card()
    hands.put(ONE)
    hands.lift(ONE)
    hands.tap(Action.HELP)
    assert "HelpCalled" in hands.facts()


def test_an_undone_checkout_must_come_back_to_the_pad_to_ring_again() -> None:
    hands = with_card()
    hands.put(ONE)
    hands.send(GateSet(ONE, False))
    hands.lift(ONE)
    hands.tap(Action.UNDO)
    assert hands.errands[-1] == Secure(ONE, True)
    hands.shows(PutBack)
    hands.put(ONE)
    hands.send(GateSet(ONE, True))
    assert not isinstance(hands.screen, PutBack)


def test_an_undo_with_the_book_on_the_pad_needs_nobody() -> None:
    hands = with_card()
    hands.put(ONE)
    hands.send(GateSet(ONE, False))
    hands.tap(Action.UNDO)
    assert hands.errands[-1] == Secure(ONE, True)
    hands.shows(Undone)


def test_a_sticker_that_refuses_is_a_fault_for_staff_and_no_obstacle_for_the_child() -> None:
    hands = with_card()
    hands.put(ONE)
    hands.send(GateRefused(ONE, "the AFI of this tag is locked"))
    hands.lift(ONE)
    hands.shows(Lent)
    hands.lift()
    hands.shows(Goodbye)
    assert hands.facts().count("DeviceFault") == 1
    hands.send(GateRefused(ONE, "the AFI of this tag is locked"))
    assert hands.facts().count("DeviceFault") == 1  # once, however many such stickers there are
    hands.send(GateSet(TWO, True))
    assert hands.facts().count("DeviceRecovered") == 1


def test_nothing_of_a_book_is_kept_when_everybody_has_gone() -> None:
    hands = with_card()
    hands.put(ONE, TWO)
    hands.send(GateSet(ONE, False))
    hands.send(GateSet(TWO, False))
    hands.lift()
    hands.wait(60)
    hands.errands.clear()
    hands.put(ONE)
    assert hands.errands == [Secure(ONE, True)]  # brought back by hand, looked at afresh


def test_a_child_that_brings_the_book_back_as_asked_keeps_its_loan() -> None:
    for order in ((MAI, ONE), (ONE, MAI)):
        hands = with_card()
        hands.put(ONE)
        for thing in order:
            hands.lift(thing)
        hands.shows(PutBack)
        hands.put(ONE)
        hands.send(GateSet(ONE, False))
        hands.lift()
        hands.wait(60)
        assert hands.store.loans["GT-0"].patron_id == "P1"
        assert "Returned" not in hands.facts()


def test_an_older_book_brought_back_as_asked_is_no_question() -> None:
    hands = with_card()
    hands.put(ONE)
    hands.put(TWO)
    hands.lift(ONE)
    hands.shows(PutBack)
    hands.put(ONE)
    hands.send(GateSet(ONE, False))
    hands.shows(Lent)


def leaves_too_early(book: str = ONE) -> DeskDriver:
    """A child that has gone with a book whose sticker is not ready."""
    hands = with_card()
    hands.put(book)
    hands.lift()
    hands.shows(PutBack)
    return hands


def test_the_next_child_does_not_see_the_book_of_the_one_before_and_the_librarian_is_told() -> None:
    hands = leaves_too_early()
    hands.put(NAM)
    assert hands.shows(Hello).child.nickname == "Nam"
    hands.put(BOOKS[0])
    hands.shows(Lent)
    hands.wait(9)
    assert hands.facts().count("GateUnset") == 1
    assert Cue.HELP in hands.cues
    hands.lift()
    hands.shows(Goodbye)


def test_a_book_another_child_brought_back_and_took_off_again_is_not_shown_to_the_next() -> None:
    hands = DeskDriver()
    hands.on_loan(ONE, MAI)
    hands.put(ONE)
    hands.shows(Returned)
    hands.lift(ONE)
    hands.shows(PutBack)
    hands.put(NAM)
    hands.shows(Hello)
    hands.wait(9)
    assert hands.facts().count("GateUnset") == 1


def test_the_child_whose_book_it_is_is_asked_for_it_again_when_its_card_comes_back() -> None:
    hands = leaves_too_early()
    hands.put(MAI)
    assert hands.shows(PutBack).book.item_id == "GT-0"


def test_a_book_laid_down_before_the_next_child_is_that_childs_to_put_back() -> None:
    hands = leaves_too_early()
    hands.put(NAM)
    hands.put(TWO)
    hands.lift(TWO)
    assert hands.shows(PutBack).book.item_id == "GT-1"  # its own
    hands.put(ONE)  # somebody brings the other one back after all: its sticker is written, nothing else
    hands.put(TWO)
    hands.lift(ONE)
    assert hands.shows(PutBack).book.item_id == "GT-0"  # whoever lifts it now has seen it
    hands.put(ONE)
    hands.send(GateSet(ONE, False))
    assert hands.store.loans["GT-0"].patron_id == "P1"
