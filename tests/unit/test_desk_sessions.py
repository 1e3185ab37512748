"""A teacher's or a family's card opens a list, and it comes back after every child."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.desk import Cue, Customs
from kiosk.events import Action
from kiosk.screens import (
    Lent,
    OneCard,
    PickAnimal,
    PickClass,
    Refused,
    StaffPin,
    TakeBooksOff,
    TakeYourThings,
    Welcome,
    Why,
)
from tests.unit.desk_driver import BLOCKED, BOOKS, MAI, NAM, STAFF, STRANGER, DeskDriver
from tests.unit.desk_school import (
    FATHER,
    HEAD,
    HOA,
    TEACHER,
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


# --- with a teacher -----------------------------------------------------------------------------------


def in_class(hands: DeskDriver) -> DeskDriver:
    hands.put(TEACHER)
    assert hands.shows(PickAnimal).session
    return hands


def test_a_teachers_card_opens_its_class_and_the_list_comes_back_after_every_child(desk: DeskDriver) -> None:
    in_class(desk)
    assert (desk.shows(PickAnimal).title, names(desk)) == ("2A", ["Hoa", "Lan"])
    pick(desk, "Lan")
    desk.put(BOOKS[0])
    desk.shows(Lent)
    desk.lift(BOOKS[0])
    desk.tap(Action.DONE)
    assert names(desk) == ["Hoa", "Lan"]
    pick(desk, "Hoa")
    desk.put(BOOKS[1])
    desk.lift(BOOKS[1])
    desk.wait(31)
    assert desk.shows(PickAnimal).session
    assert ends(desk) == ["done", "timed_out"]
    assert {loan.item_id: loan.patron_id for loan in desk.store.loans.values()} == {
        "LK-0": "C1",
        "LK-1": "C2",
    }


def test_the_stamps_in_the_list_are_those_of_now(desk: DeskDriver) -> None:
    in_class(desk)
    pick(desk, "Lan")
    desk.put(BOOKS[0])
    desk.lift(BOOKS[0])
    desk.put(BOOKS[1])
    desk.put(BOOKS[0])
    desk.tap(Action.RETURN, "LK-0")
    desk.tap(Action.DONE)
    assert {child.nickname: child.stamps for child in desk.shows(PickAnimal).children} == {"Hoa": 0, "Lan": 1}


def test_the_teachers_card_may_be_lifted_and_laid_down_again_it_ends_the_session(desk: DeskDriver) -> None:
    in_class(desk)
    desk.lift(TEACHER)
    pick(desk, "Lan")
    desk.put(BOOKS[0])
    desk.lift(BOOKS[0])
    desk.tap(Action.DONE)
    desk.shows(PickAnimal)
    desk.put(TEACHER)
    assert desk.shows(TakeYourThings).card
    desk.lift()
    desk.shows(Welcome)


def test_the_teachers_card_laid_down_again_during_a_visit_ends_both(desk: DeskDriver) -> None:
    in_class(desk)
    desk.lift(TEACHER)
    pick(desk, "Lan")
    desk.put(TEACHER)
    assert ends(desk) == ["done"]
    desk.lift()
    desk.shows(Welcome)


def test_back_ends_the_session(desk: DeskDriver) -> None:
    in_class(desk)
    desk.tap(Action.BACK)
    desk.shows(TakeYourThings)
    desk.lift()
    desk.shows(Welcome)
    in_class(desk)
    desk.lift()
    desk.tap(Action.BACK)
    desk.shows(Welcome)


def test_a_list_of_names_does_not_stay_for_strangers(desk: DeskDriver) -> None:
    in_class(desk)
    desk.lift()
    desk.wait(200)
    desk.tap(Action.PAGE)
    desk.wait(299)
    desk.shows(PickAnimal)
    desk.wait(2)
    desk.shows(Welcome)
    assert "Lan" not in repr(desk.desk.state)


def test_books_left_between_two_children_are_held_back(desk: DeskDriver) -> None:
    in_class(desk)
    pick(desk, "Lan")
    desk.put(BOOKS[0])
    desk.tap(Action.DONE)
    pick(desk, "Hoa")
    desk.shows(TakeBooksOff)
    desk.lift(BOOKS[0])
    assert who(desk) == "Hoa"
    assert desk.store.loans["LK-0"].patron_id == "C1"
    desk.tap(Action.DONE)
    desk.put(BOOKS[1])  # nobody was chosen yet
    desk.shows(PickAnimal)
    assert desk.cues[-1] is Cue.ASK
    pick(desk, "Hoa")
    desk.shows(TakeBooksOff)
    assert "LK-1" not in desk.store.loans


def test_a_scanned_book_waits_until_somebody_was_chosen(desk: DeskDriver) -> None:
    in_class(desk)
    scan(desk, "LK-0")
    desk.shows(PickAnimal)
    assert desk.cues[-1] is Cue.NO
    assert not desk.store.loans


def test_in_a_session_a_child_may_use_its_own_card_or_number(desk: DeskDriver) -> None:
    in_class(desk)
    desk.put(MAI)
    assert who(desk) == "Mai"
    desk.put(BOOKS[0])
    desk.shows(Lent)
    desk.lift(MAI, BOOKS[0])
    desk.shows(PickAnimal)
    scan(desk, HOA)
    assert who(desk) == "Hoa"
    scan(desk, HOA)
    desk.shows(PickAnimal)
    assert ends(desk) == ["lifted", "done"]


def test_a_card_beside_a_childs_visit_in_a_session_begins_its_own_and_the_list_comes_back(
    desk: DeskDriver,
) -> None:
    in_class(desk)
    pick(desk, "Lan")
    desk.put(MAI)
    assert who(desk) == "Mai"
    assert ends(desk) == ["done"]
    desk.lift(MAI)
    assert names(desk) == ["Hoa", "Lan"]


def test_a_card_that_stays_on_the_pad_is_in_the_way_of_the_next_child_and_says_so(desk: DeskDriver) -> None:
    in_class(desk)
    desk.put(MAI)
    desk.tap(Action.DONE)
    pick(desk, "Lan")
    desk.shows(OneCard)
    desk.lift(MAI)
    desk.wait(9)
    pick(desk, "Lan")
    assert who(desk) == "Lan"


def test_a_refusal_is_said_over_the_list_and_the_list_comes_back(desk: DeskDriver) -> None:
    desk.store.patrons["C1"] = replace(desk.store.patrons["C1"], blocked=True)
    in_class(desk)
    pick(desk, "Lan")
    assert desk.shows(Refused).why is Why.CARD_BLOCKED
    desk.wait(9)
    pick(desk, "Lan")
    desk.tap(Action.DONE)
    pick(desk, "Hoa")
    assert who(desk) == "Hoa"


def test_a_refusal_over_the_list_stays_for_whoever_has_it_read(desk: DeskDriver) -> None:
    desk.store.patrons["C1"] = replace(desk.store.patrons["C1"], blocked=True)
    in_class(desk)
    pick(desk, "Lan")
    desk.wait(7)
    desk.tap(Action.READ)
    desk.wait(15)
    desk.shows(Refused)
    desk.wait(6)
    desk.shows(PickAnimal)


def test_a_card_refused_beside_the_list_is_told_so_and_the_list_comes_back(desk: DeskDriver) -> None:
    in_class(desk)
    desk.put(BLOCKED)
    assert desk.shows(Refused).child is None
    desk.lift(BLOCKED)
    desk.wait(9)
    assert names(desk) == ["Hoa", "Lan"]
    desk.put(MAI, NAM)
    desk.shows(OneCard)
    desk.lift(MAI, NAM)
    desk.tap(Action.DONE)
    desk.shows(PickAnimal)


def test_a_teacher_without_a_class_chooses_one_first(desk: DeskDriver) -> None:
    desk.put(HEAD)
    assert desk.shows(PickClass).classes == ("2A", "10A")
    desk.tap(Action.CLASS, "0")
    assert desk.shows(PickAnimal).session
    pick(desk, "Lan")
    desk.tap(Action.DONE)
    assert names(desk) == ["Hoa", "Lan"]


def test_a_librarian_may_come_in_between(desk: DeskDriver) -> None:
    in_class(desk)
    desk.lift(TEACHER)
    desk.put(STAFF)
    desk.shows(StaffPin)
    desk.lift()
    desk.shows(Welcome)


def test_an_unknown_card_beside_the_list_changes_nothing(desk: DeskDriver) -> None:
    in_class(desk)
    desk.put(STRANGER)
    desk.shows(PickAnimal)


def test_a_teacher_whose_class_is_empty_is_a_reader_like_any_other(desk: DeskDriver) -> None:
    desk.store.patrons["GV1"] = replace(desk.store.patrons["GV1"], group="9C")
    desk.put(TEACHER)
    assert who(desk) == "Cô Thu"


def test_a_blocked_teachers_card_opens_nothing(desk: DeskDriver) -> None:
    desk.store.patrons["GV1"] = replace(desk.store.patrons["GV1"], blocked=True)
    desk.put(TEACHER)
    desk.shows(Refused)


def test_where_no_category_opens_a_list_a_teachers_card_is_like_any_other() -> None:
    hands = at_school(Customs(teacher_category="", family_category=""))
    hands.put(TEACHER)
    assert who(hands) == "Cô Thu"


def test_a_session_needs_no_classes_on_welcome() -> None:
    in_class(at_school(Customs(classes=False)))


# --- with a family ------------------------------------------------------------------------------------


def test_a_familys_card_opens_every_member_its_own_patron_too(desk: DeskDriver) -> None:
    desk.put(FATHER)
    page = desk.shows(PickAnimal)
    assert (page.title, page.session, names(desk)) == ("", True, ["Ba Hùng", "Hoa"])
    pick(desk, "Ba Hùng")
    assert who(desk) == "Ba Hùng"
    desk.put(BOOKS[0])
    assert desk.store.loans["LK-0"].patron_id == "GD1"
    desk.lift(BOOKS[0])
    desk.tap(Action.DONE)
    pick(desk, "Hoa")
    desk.tap(Action.DONE)
    desk.shows(PickAnimal)


def test_a_family_of_one_is_a_reader_like_any_other(desk: DeskDriver) -> None:
    desk.store.patrons["C2"] = replace(desk.store.patrons["C2"], family="")
    desk.put(FATHER)
    assert who(desk) == "Ba Hùng"
