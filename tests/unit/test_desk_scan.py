"""Books by their barcode: for those whose tag is broken or was never there."""

from __future__ import annotations

import pytest

from kiosk.desk import Cue, Customs
from kiosk.events import Action, CodeNames, ReaderLost, Scanned
from kiosk.screens import (
    BookInfo,
    Choose,
    Hello,
    Lent,
    Offer,
    OtherLabel,
    ReaderOut,
    Refused,
    Returned,
    TakeBooksOff,
    UnknownBook,
    Welcome,
)
from tests.unit.desk_driver import BOOKS, MAI, NAM, DeskDriver


def scan(hands: DeskDriver, code: str, names: CodeNames = CodeNames.PLAIN) -> None:
    hands.mono += 300
    hands.send(Scanned(code, names))


def with_card() -> DeskDriver:
    hands = DeskDriver()
    hands.put(MAI)
    hands.shows(Hello)
    return hands


@pytest.mark.parametrize("names", [CodeNames.PLAIN, CodeNames.ITEM])
def test_a_free_book_is_lent_to_the_child_whose_card_lies_there(names: CodeNames) -> None:
    hands = with_card()
    scan(hands, "LK-1", names)
    assert hands.shows(Lent).books[0].item_id == "LK-1"
    assert hands.store.loans["LK-1"].patron_id == "P1"
    assert hands.facts().count("CheckedOut") == 1


def test_scanned_twice_is_lent_once() -> None:
    hands = with_card()
    scan(hands, "LK-1")
    scan(hands, "LK-1")
    hands.shows(Lent)
    assert hands.facts().count("CheckedOut") == 1


def test_the_checkout_can_be_undone() -> None:
    hands = with_card()
    scan(hands, "LK-1")
    hands.tap(Action.UNDO)
    assert not hands.store.loans


def test_a_book_at_home_with_this_child_is_asked_about_and_comes_back() -> None:
    hands = with_card()
    hands.on_loan(BOOKS[1], MAI)
    scan(hands, "LK-1")
    hands.shows(Choose)
    hands.tap(Action.RETURN, "LK-1")
    hands.shows(Returned)
    assert not hands.store.loans


def test_a_book_on_loan_to_another_child_comes_back_and_is_offered() -> None:
    hands = with_card()
    hands.on_loan(BOOKS[1], NAM)
    scan(hands, "LK-1")
    hands.shows(Offer)
    hands.tap(Action.BORROW, "LK-1")
    assert hands.store.loans["LK-1"].patron_id == "P1"


def test_reasons_for_a_no_are_those_of_the_pad() -> None:
    hands = with_card()
    scan(hands, "REF-1")
    hands.shows(Refused)


def test_a_message_about_a_scanned_book_goes_by_itself() -> None:
    hands = with_card()
    scan(hands, "nobody knows this")
    hands.shows(UnknownBook)
    hands.wait(10)
    hands.shows(Hello)


@pytest.mark.parametrize("names", [CodeNames.TITLE, CodeNames.PATRON])
def test_a_code_that_is_on_every_copy_or_on_a_card_is_no_book(names: CodeNames) -> None:
    hands = with_card()
    scan(hands, "LK-1", names)
    hands.shows(OtherLabel)
    assert hands.cues[-1] is Cue.NO
    assert not hands.store.loans
    hands.wait(10)
    hands.shows(Hello)


def test_without_a_card_nothing_comes_back_by_its_label_for_that_can_be_photographed() -> None:
    hands = DeskDriver()
    hands.on_loan(BOOKS[1], NAM)
    scan(hands, "LK-1")
    assert hands.shows(BookInfo).book.due is None
    assert hands.cues[-1] is Cue.ASK
    assert hands.store.loans
    assert hands.store.patrons["P2"].stamps == 0
    hands.wait(60)
    hands.shows(Welcome)


def test_where_anyone_may_a_book_on_loan_comes_back_without_a_card_and_a_free_one_is_introduced() -> None:
    hands = DeskDriver(customs=Customs(scan_returns="anyone"))
    hands.on_loan(BOOKS[1], NAM)
    scan(hands, "LK-1")
    hands.shows(Returned)
    scan(hands, "9786042081092", CodeNames.TITLE)
    hands.shows(Returned)  # thanks go before all
    hands.wait(60)
    hands.shows(Welcome)
    scan(hands, "LK-2")
    hands.shows(BookInfo)
    hands.wait(60)
    hands.shows(Welcome)


def test_nothing_is_lent_past_the_gate_of_a_book_that_lay_there_first() -> None:
    hands = DeskDriver()
    hands.put(BOOKS[0])
    hands.put(MAI)
    hands.shows(TakeBooksOff)
    scan(hands, "LK-1")
    hands.shows(TakeBooksOff)
    assert not hands.store.loans


def test_a_scan_while_the_reader_is_out_does_nothing() -> None:
    hands = DeskDriver()
    hands.send(ReaderLost("unplugged"))
    scan(hands, "LK-1")
    hands.shows(ReaderOut)


@pytest.mark.parametrize("code", ["", "'; DROP TABLE items; --", "?+/", "x" * 5000, "\u202eLK-1", "LK-1 "])
def test_a_hostile_code_is_an_unknown_book(code: str) -> None:
    hands = with_card()
    scan(hands, code)
    hands.shows(UnknownBook)
    assert not hands.store.loans
