"""Ways in without a card of one's own: through the class, by a printed number, with a teacher or a family."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.desk import Cue, Customs
from kiosk.events import Action, CodeNames, ReaderLost
from kiosk.model import Patron
from kiosk.screens import (
    AskHelp,
    BookInfo,
    Choose,
    Goodbye,
    Lent,
    OneCard,
    OtherLabel,
    PickAnimal,
    PickClass,
    PutBack,
    ReaderOut,
    Refused,
    StillThere,
    TakeBooksOff,
    TakeYourThings,
    UnknownBook,
    Welcome,
    Why,
)
from tests.unit.desk_driver import BOOKS, GATED, MAI, NAM, DeskDriver
from tests.unit.desk_school import (
    BIN,
    HOA,
    LAN,
    OPEN,
    at_school,
    ends,
    names,
    pick,
    scan,
    who,
)


@pytest.fixture
def desk() -> DeskDriver:
    return at_school()


def as_lan(hands: DeskDriver) -> DeskDriver:
    """Lan's visit, found in class 2A."""
    hands.tap(Action.CARDLESS)
    hands.tap(Action.CLASS, "0")
    pick(hands, "Lan")
    assert who(hands) == "Lan"
    return hands


# --- through the class --------------------------------------------------------------------------------


def test_a_child_without_a_card_finds_itself_in_its_class(desk: DeskDriver) -> None:
    assert desk.shows(Welcome).cardless
    desk.tap(Action.CARDLESS)
    assert desk.shows(PickClass).classes == ("2A", "10A")
    desk.tap(Action.CLASS, "0")
    page = desk.shows(PickAnimal)
    assert (page.title, page.session, names(desk)) == ("2A", False, ["Hoa", "Lan"])  # no teacher among them
    pick(desk, "Lan")
    assert who(desk) == "Lan"
    assert desk.facts()[-1] == "DeskVisitStarted"
    desk.put(BOOKS[0])
    desk.shows(Lent)
    assert desk.store.loans["LK-0"].patron_id == "C1"
    desk.lift(BOOKS[0])
    desk.shows(Lent)  # there is no card whose lifting could end it
    desk.tap(Action.DONE)
    desk.shows(Goodbye)
    assert ends(desk) == ["done"]
    desk.wait(7)
    desk.shows(Welcome)


def test_no_class_is_offered_where_the_library_does_not_want_it_or_has_none(desk: DeskDriver) -> None:
    closed = at_school(Customs())
    assert not closed.shows(Welcome).cardless
    closed.tap(Action.CARDLESS)
    closed.shows(Welcome)
    without = DeskDriver(customs=OPEN)
    assert not without.shows(Welcome).cardless
    without.tap(Action.CARDLESS)
    without.shows(Welcome)


def test_where_there_is_one_class_it_is_not_asked_for(desk: DeskDriver) -> None:
    del desk.store.patrons["C3"]
    desk.tap(Action.CARDLESS)
    assert names(desk) == ["Hoa", "Lan"]


def test_a_class_of_teachers_only_is_no_class_to_choose(desk: DeskDriver) -> None:
    desk.store.patrons["GV2"] = replace(desk.store.patrons["GV2"], group="9C")
    desk.tap(Action.CARDLESS)
    assert desk.shows(PickClass).classes == ("2A", "10A")


def test_long_lists_have_pages_and_a_touch_names_a_place_in_the_whole_list(desk: DeskDriver) -> None:
    patrons = desk.store.patrons
    patrons |= {f"K{n}": Patron(f"K{n}", "Na", "cat", "child", group=f"{n}B") for n in range(3, 9)}
    patrons |= {f"B{n}": Patron(f"B{n}", f"Bé {n:02d}", "cat", "child", group="2A") for n in range(10)}
    desk.tap(Action.CARDLESS)
    first = desk.shows(PickClass)
    assert (len(first.classes), first.page, first.pages, first.first) == (6, 0, 2, 0)
    desk.tap(Action.CLASS, "6")  # on the other page
    desk.shows(PickClass)
    desk.tap(Action.PAGE)
    second = desk.shows(PickClass)
    assert (second.classes, second.first) == (("8B", "10A"), 6)
    desk.tap(Action.PAGE)
    assert desk.screen == first
    desk.tap(Action.CLASS, "0")
    page = desk.shows(PickAnimal)
    assert (len(page.children), page.pages) == (6, 2)
    desk.tap(Action.PAGE)
    assert names(desk) == ["Bé 06", "Bé 07", "Bé 08", "Bé 09", "Hoa", "Lan"]
    assert desk.shows(PickAnimal).first == 6
    desk.tap(Action.ANIMAL, "0")  # on the other page
    desk.shows(PickAnimal)
    desk.tap(Action.ANIMAL, "9")
    assert who(desk) == "Bé 09"


@pytest.mark.parametrize("target", ["", "2", "-1", "99", "x", "٠", "C1", "0.0", " 0"])
def test_a_touch_that_names_no_place_on_the_page_chooses_nobody(desk: DeskDriver, target: str) -> None:
    desk.tap(Action.CARDLESS)
    desk.tap(Action.CLASS, target)
    desk.shows(PickClass)
    desk.tap(Action.CLASS, "0")
    desk.tap(Action.ANIMAL, target)
    desk.tap(Action.CLASS, "0")
    desk.shows(PickAnimal)


def test_back_and_time_lead_home_from_both_lists(desk: DeskDriver) -> None:
    for steps in ([], [(Action.CLASS, "0")]):
        desk.tap(Action.CARDLESS)
        for step in steps:
            desk.tap(*step)
        desk.tap(Action.BACK)
        desk.shows(Welcome)
        desk.tap(Action.CARDLESS)
        for step in steps:
            desk.tap(*step)
        desk.wait(29)
        assert not isinstance(desk.screen, Welcome)
        desk.wait(2)
        desk.shows(Welcome)


def test_a_card_or_a_book_put_down_leaves_the_list_and_acts_as_usual(desk: DeskDriver) -> None:
    desk.tap(Action.CARDLESS)
    desk.put(MAI)
    assert who(desk) == "Mai"
    desk.lift()
    desk.wait(7)
    desk.tap(Action.CARDLESS)
    desk.put(BOOKS[0])
    desk.shows(BookInfo)


def test_a_child_that_may_not_borrow_is_refused_kindly_and_nobody_is_named(desk: DeskDriver) -> None:
    desk.tap(Action.CARDLESS)
    desk.tap(Action.CLASS, "1")
    pick(desk, "Bình")
    refused = desk.shows(Refused)
    assert (refused.why, refused.child) == (Why.CARD_BLOCKED, None)
    assert desk.facts() == ["Refused"]
    desk.wait(9)
    desk.shows(Welcome)


def test_a_child_taken_off_the_list_meanwhile_begins_nothing(desk: DeskDriver) -> None:
    desk.tap(Action.CARDLESS)
    desk.tap(Action.CLASS, "0")
    del desk.store.patrons["C1"]
    pick(desk, "Lan")
    desk.shows(Welcome)


def test_help_over_a_list_goes_back_to_it(desk: DeskDriver) -> None:
    desk.tap(Action.CARDLESS)
    desk.tap(Action.HELP)
    desk.shows(AskHelp)
    desk.tap(Action.BACK)
    desk.shows(PickClass)
    desk.send(ReaderLost("unplugged"))
    desk.shows(ReaderOut)


def test_nothing_for_a_while_asks_and_ends_a_visit_without_a_card(desk: DeskDriver) -> None:
    as_lan(desk)
    desk.wait(20)
    desk.shows(StillThere)
    desk.wait(11)
    desk.shows(Goodbye)
    assert ends(desk) == ["timed_out"]


def test_a_book_left_on_the_pad_after_such_a_visit_is_nobodys(desk: DeskDriver) -> None:
    as_lan(desk)
    desk.put(BOOKS[0])
    desk.tap(Action.DONE)
    desk.wait(7)
    assert desk.shows(TakeYourThings).books == 1
    desk.put(NAM)
    desk.shows(TakeYourThings)


# --- a card beside a visit that began without one -----------------------------------------------------


def test_another_childs_card_ends_a_visit_without_a_card_and_begins_its_own(desk: DeskDriver) -> None:
    """Whoever lays its card down expects to be greeted; the other has no card to lift and make way with."""
    as_lan(desk)
    desk.put(BOOKS[0])
    desk.put(NAM)
    desk.shows(TakeBooksOff)  # Lan's book lay there before the card (law 3)
    assert ends(desk) == ["done"]
    desk.lift(BOOKS[0])
    assert who(desk) == "Nam"
    assert desk.store.loans["LK-0"].patron_id == "C1"
    desk.put(BOOKS[1])
    assert desk.store.loans["LK-1"].patron_id == "P2"


def test_the_childs_own_card_found_after_all_goes_on_with_its_visit(desk: DeskDriver) -> None:
    scan(desk, "HS-0008")  # Mai's printed number
    assert who(desk) == "Mai"
    desk.put(BOOKS[0])
    desk.put(MAI)
    desk.shows(Lent)
    assert ends(desk) == []
    desk.lift(MAI)
    desk.shows(Goodbye)
    assert ends(desk) == ["lifted"]


def test_a_question_left_open_when_another_card_comes_is_giving_up(desk: DeskDriver) -> None:
    scan(desk, "HS-0008")
    desk.on_loan(BOOKS[0], MAI)
    desk.put(BOOKS[0])
    desk.shows(Choose)
    desk.put(NAM)
    assert ends(desk) == ["gave_up"]


def test_a_book_asked_back_from_the_one_before_is_not_shown_to_whoever_came_with_a_card(
    desk: DeskDriver,
) -> None:
    as_lan(desk)
    desk.put(GATED[0])
    desk.lift(GATED[0])  # before its sticker could be made ready
    assert desk.shows(PutBack).book.item_id == "GT-0"
    desk.put(NAM)
    assert who(desk) == "Nam"


# --- by a printed number ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [CodeNames.PLAIN, CodeNames.PATRON])
def test_a_printed_number_begins_a_visit_and_ends_it(desk: DeskDriver, kind: CodeNames) -> None:
    scan(desk, LAN, kind)
    assert who(desk) == "Lan"
    assert desk.cues[-1] is Cue.OK
    scan(desk, "LK-0")
    desk.shows(Lent)
    scan(desk, LAN, kind)
    desk.shows(Goodbye)
    assert ends(desk) == ["done"]
    scan(desk, HOA, kind)  # the next one in the queue need not wait
    assert who(desk) == "Hoa"


def test_a_code_that_names_an_item_or_a_title_is_never_a_childs(desk: DeskDriver) -> None:
    for kind in (CodeNames.ITEM, CodeNames.TITLE):
        scan(desk, LAN, kind)
        assert isinstance(desk.screen, UnknownBook | OtherLabel)
    assert "DeskVisitStarted" not in desk.facts()


def test_a_number_that_a_book_has_too_is_the_books(desk: DeskDriver) -> None:
    desk.store.barcodes["LK-0"] = "C1"
    scan(desk, "LK-0")
    desk.shows(BookInfo)


def test_where_printed_numbers_do_not_count_a_card_is_the_wrong_label() -> None:
    hands = at_school(Customs(barcode_cards=False))
    scan(hands, LAN, CodeNames.PATRON)
    hands.shows(OtherLabel)
    assert "DeskVisitStarted" not in hands.facts()


def test_another_childs_number_must_wait_and_the_visit_goes_on(desk: DeskDriver) -> None:
    for begin in (lambda: desk.put(MAI), lambda: scan(desk, "HS-0008")):
        begin()
        assert who(desk) == "Mai"
        scan(desk, LAN)
        desk.shows(OneCard)
        assert desk.cues[-1] is Cue.NO
        assert "Lan" not in repr(desk.desk.state)
        desk.wait(9)
        assert who(desk) == "Mai"
        assert desk.facts().count("DeskVisitStarted") == desk.facts().count("DeskVisitEnded") + 1
        desk.tap(Action.DONE)
        desk.lift()
        desk.wait(7)


def test_ones_own_number_changes_nothing_while_ones_card_lies_there(desk: DeskDriver) -> None:
    desk.put(MAI)
    scan(desk, "HS-0008")
    assert who(desk) == "Mai"
    assert ends(desk) == []


def test_the_number_of_a_child_that_may_not_borrow_is_refused_kindly(desk: DeskDriver) -> None:
    scan(desk, BIN)
    assert desk.shows(Refused).why is Why.CARD_BLOCKED
    assert desk.cues[-1] is Cue.NO


def test_books_that_lay_there_before_the_number_are_held_back(desk: DeskDriver) -> None:
    desk.put(BOOKS[0])
    scan(desk, LAN)
    desk.shows(TakeBooksOff)
    assert desk.cues[-1] is Cue.ASK
    desk.lift(BOOKS[0])
    assert who(desk) == "Lan"
    desk.put(BOOKS[0])
    assert desk.store.loans["LK-0"].patron_id == "C1"


def test_beside_a_card_that_was_refused_nobody_else_begins(desk: DeskDriver) -> None:
    desk.store.patrons["P1"] = replace(desk.store.patrons["P1"], blocked=True)
    desk.put(MAI)
    desk.shows(Refused)
    scan(desk, LAN)
    desk.shows(OneCard)
    assert "DeskVisitStarted" not in desk.facts()


def test_ones_own_number_beside_a_book_that_waits_to_be_lifted_still_ends_it(desk: DeskDriver) -> None:
    desk.put(BOOKS[0])
    scan(desk, LAN)
    scan(desk, LAN)
    desk.shows(Goodbye)
