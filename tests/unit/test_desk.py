"""A visit at the desk, as DESIGN.md section 4 tells it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from kiosk import facts
from kiosk.desk import Cue
from kiosk.events import Action, Crossed, Direction, Elapsed, ReaderBack, ReaderLost, TagsOnPad
from kiosk.ports import StorageFull, StoreError
from kiosk.screens import (
    AskHelp,
    BookInfo,
    Choose,
    DiskFull,
    Goodbye,
    Hello,
    Lent,
    Offer,
    OneByOne,
    OneCard,
    OutOfOrder,
    ReaderOut,
    Refused,
    Renewed,
    Returned,
    StillThere,
    TakeBooksOff,
    TakeYourThings,
    Undone,
    UnknownBook,
    UnknownCard,
    Welcome,
    Why,
)
from tests.unit.desk_driver import (
    BLOCKED,
    BOOKS,
    GROWN_UP,
    MAI,
    NAM,
    OLD,
    REFERENCE,
    STRANGER,
    TODAY,
    UNKNOWN,
    WITHDRAWN,
    DeskDriver,
)


@pytest.fixture
def desk() -> DeskDriver:
    return DeskDriver()


# --- the normal cases -------------------------------------------------------------------------------


def test_a_card_is_greeted_with_what_the_child_chose_and_what_is_at_home(desk: DeskDriver) -> None:
    desk.on_loan(BOOKS[0], MAI, due=date(2026, 12, 1))
    desk.put(MAI)
    hello = desk.shows(Hello)
    assert hello.child.nickname == "Mai"
    assert [book.due for book in hello.at_home] == [date(2026, 12, 1)]


def test_a_free_book_laid_beside_the_card_is_lent_and_reported_in_one_transaction(desk: DeskDriver) -> None:
    desk.put(MAI)
    before = desk.store.commits
    desk.put(BOOKS[0])
    lent = desk.shows(Lent)
    assert lent.books[0].due == TODAY + timedelta(days=14)
    assert lent.can_undo
    assert desk.store.loans["LK-0"].patron_id == "P1"
    assert desk.store.facts[-1] == facts.CheckedOut("LK-0", "T0", "6-8", "2026-12-05")
    assert desk.store.commits == before + 1


def test_card_and_book_together_are_the_normal_case(desk: DeskDriver) -> None:
    desk.put(MAI, BOOKS[0])
    desk.shows(Lent)


def test_a_stack_of_three_is_lent_newest_first_in_one_go(desk: DeskDriver) -> None:
    desk.put(MAI)
    desk.put(*BOOKS[:3])
    assert len(desk.shows(Lent).books) == 3
    assert len(desk.store.loans) == 3


def test_four_books_at_once_are_asked_for_one_by_one_and_nothing_is_lent(desk: DeskDriver) -> None:
    desk.put(MAI)
    desk.put(*BOOKS[:4])
    assert desk.shows(OneByOne).count == 4
    for book in BOOKS[:3]:  # the reader sees a pile go tag by tag: what is left must not be lent
        desk.lift(book)
        desk.shows(OneByOne)
    desk.lift(BOOKS[3])
    desk.shows(Hello)
    assert not desk.store.loans
    desk.put(BOOKS[0])
    assert len(desk.shows(Lent).books) == 1


def test_a_book_too_many_on_those_just_lent_holds_only_itself_back(desk: DeskDriver) -> None:
    desk.put(MAI)
    desk.put(*BOOKS[:3])
    desk.put(BOOKS[3])
    desk.shows(OneByOne)
    desk.lift(BOOKS[0])
    desk.shows(OneByOne)
    desk.lift(BOOKS[3])
    assert len(desk.shows(Lent).books) == 3


def test_a_pile_without_a_card_is_left_alone_while_it_is_lifted(desk: DeskDriver) -> None:
    for book in BOOKS[:4]:
        desk.on_loan(book, NAM)
    desk.put(*BOOKS[:4])
    for book in BOOKS[:4]:
        desk.shows(OneByOne)
        desk.lift(book)
    assert len(desk.store.loans) == 4
    desk.wait(5)
    desk.put(BOOKS[0])
    desk.shows(Returned)


def test_a_book_laid_beside_two_cards_is_nobodys_until_it_is_lifted(desk: DeskDriver) -> None:
    desk.put(MAI)
    desk.put(NAM, BOOKS[0])
    desk.shows(OneCard)
    desk.lift(NAM)
    desk.shows(TakeBooksOff)
    assert not desk.store.loans
    desk.lift(BOOKS[0])
    desk.put(BOOKS[0])
    desk.shows(Lent)


def test_a_book_already_at_home_is_asked_about(desk: DeskDriver) -> None:
    desk.on_loan(BOOKS[0], MAI)
    desk.put(MAI, BOOKS[0])
    desk.shows(Choose)
    desk.tap(Action.RETURN, "LK-0")
    returned = desk.shows(Returned)
    assert returned.new_stamps == 1
    assert returned.child is not None
    assert returned.child.stamps == 1
    assert not desk.store.loans
    assert desk.facts()[-1] == "Returned"


def test_a_book_may_be_kept_longer_until_the_limit(desk: DeskDriver) -> None:
    desk.on_loan(BOOKS[0], MAI)
    desk.put(MAI, BOOKS[0])
    desk.tap(Action.KEEP, "LK-0")
    assert desk.shows(Renewed).book.due == TODAY + timedelta(days=14)
    desk.lift(BOOKS[0])
    desk.put(BOOKS[0])
    desk.tap(Action.KEEP, "LK-0")
    assert desk.shows(Refused).why is Why.NO_MORE_RENEWALS
    assert desk.facts().count("Renewed") == 1


def test_two_own_books_are_asked_about_one_after_the_other(desk: DeskDriver) -> None:
    desk.on_loan(BOOKS[0], MAI)
    desk.on_loan(BOOKS[1], MAI)
    desk.put(MAI, BOOKS[0], BOOKS[1])
    first = desk.shows(Choose).book.item_id
    desk.tap(Action.RETURN, first)
    second = desk.shows(Choose).book.item_id
    assert {first, second} == {"LK-0", "LK-1"}
    desk.tap(Action.KEEP, second)
    desk.shows(Renewed)


def test_an_answer_meant_for_another_book_changes_nothing(desk: DeskDriver) -> None:
    desk.on_loan(BOOKS[0], MAI)
    desk.put(MAI, BOOKS[0])
    desk.tap(Action.RETURN, "LK-7")
    desk.shows(Choose)
    assert "LK-0" in desk.store.loans


def test_a_book_of_another_child_is_taken_back_quietly_and_offered(desk: DeskDriver) -> None:
    desk.on_loan(BOOKS[0], NAM)
    desk.put(MAI, BOOKS[0])
    offer = desk.shows(Offer)
    assert "Nam" not in repr(offer)
    assert desk.store.facts[-1] == facts.Returned("LK-0", "T0", "9-11")
    assert desk.store.patrons["P2"].stamps == 1
    desk.tap(Action.BORROW, "LK-0")
    desk.shows(Lent)
    assert desk.store.loans["LK-0"].patron_id == "P1"


def test_an_offered_book_may_be_left(desk: DeskDriver) -> None:
    desk.on_loan(BOOKS[0], NAM)
    desk.put(MAI, BOOKS[0])
    desk.tap(Action.NOT_NOW)
    assert desk.shows(Returned).new_stamps == 0
    assert not desk.store.loans


def test_a_clock_put_right_in_mid_visit_is_not_counted_in_thousands_of_nights(desk: DeskDriver) -> None:
    desk.wall_off = timedelta(days=-1000)
    desk.put(MAI)
    desk.wall_off = timedelta()
    desk.put(BOOKS[0])
    lent = desk.shows(Lent)
    assert lent.today == TODAY
    assert lent.books[0].due == TODAY + timedelta(days=14)


# --- refusals ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "why"),
    [(REFERENCE, Why.NOT_FOR_LOAN), (GROWN_UP, Why.FOR_OLDER), (WITHDRAWN, Why.WITHDRAWN)],
)
def test_a_book_that_may_not_go_is_refused_with_its_reason(desk: DeskDriver, tag: str, why: Why) -> None:
    desk.put(MAI)
    desk.put(tag)
    assert desk.shows(Refused).why is why
    assert desk.step.cues == (Cue.NO,)
    assert isinstance(desk.store.facts[-1], facts.Refused)
    assert desk.store.facts[-1].reason == why


def test_the_limit_counts_the_books_of_this_very_stack(desk: DeskDriver) -> None:
    desk.on_loan(BOOKS[5], MAI)
    desk.put(MAI, *BOOKS[:3])
    refused = desk.shows(Refused)
    assert (refused.why, refused.detail) == (Why.TOO_MANY, 3)
    assert len(desk.store.loans) == 3
    assert refused.book is not None
    tag = next(uid for uid in BOOKS[:3] if desk.store.tags[uid] == refused.book.item_id)
    desk.lift(tag)
    desk.shows(Refused)  # the message stays a moment after the book was lifted
    desk.wait(3)
    assert len(desk.shows(Lent).books) == 2


@pytest.mark.parametrize(("card", "why"), [(BLOCKED, Why.CARD_BLOCKED), (OLD, Why.CARD_EXPIRED)])
def test_a_card_that_is_not_good_is_refused_without_naming_anyone(
    desk: DeskDriver, card: str, why: Why
) -> None:
    desk.put(card)
    refused = desk.shows(Refused)
    assert refused.why is why
    assert refused.child is None
    desk.put(BOOKS[0])
    assert not desk.store.loans


def test_a_refused_card_still_brings_books_back(desk: DeskDriver) -> None:
    desk.on_loan(BOOKS[0], BLOCKED)
    desk.put(BLOCKED, BOOKS[0])
    desk.shows(Returned)
    assert not desk.store.loans


def test_an_unknown_card_and_an_unknown_sticker_each_get_their_screen(desk: DeskDriver) -> None:
    desk.put(STRANGER)
    desk.shows(UnknownCard)
    desk.lift()
    desk.wait(5)
    desk.put(UNKNOWN)
    desk.shows(UnknownBook)
    desk.lift()
    desk.wait(5)
    desk.put(MAI)
    desk.put(UNKNOWN)
    assert desk.shows(UnknownBook).child is not None


# --- without a card ---------------------------------------------------------------------------------


def test_a_book_comes_back_without_a_card(desk: DeskDriver) -> None:
    desk.on_loan(BOOKS[0], MAI)
    desk.put(BOOKS[0])
    assert desk.shows(Returned).child is None
    assert not desk.store.loans
    desk.lift()
    desk.wait(9)
    desk.shows(Welcome)


def test_several_books_come_back_together_without_a_card(desk: DeskDriver) -> None:
    for book in BOOKS[:3]:
        desk.on_loan(book, MAI)
    desk.put(*BOOKS[:3])
    assert len(desk.shows(Returned).books) == 3


def test_a_free_book_without_a_card_says_what_it_is(desk: DeskDriver) -> None:
    desk.put(BOOKS[0])
    assert desk.shows(BookInfo).book.name == "Sách số 0"
    assert desk.facts() == []


# --- law 3: the pad is empty before a child begins --------------------------------------------------


def test_a_book_that_lay_there_before_the_card_is_never_lent_to_it(desk: DeskDriver) -> None:
    desk.put(BOOKS[0])
    desk.put(MAI)
    desk.shows(TakeBooksOff)
    desk.wait(5)
    assert not desk.store.loans
    desk.lift(BOOKS[0])
    desk.shows(Hello)
    desk.put(BOOKS[0])
    desk.shows(Lent)


def test_a_book_added_while_the_gate_is_shut_must_go_too(desk: DeskDriver) -> None:
    desk.put(BOOKS[0])
    desk.put(MAI)
    desk.put(BOOKS[1])
    desk.lift(BOOKS[0])
    desk.shows(TakeBooksOff)
    desk.lift(BOOKS[1])
    desk.shows(Hello)
    assert not desk.store.loans


def test_a_book_left_behind_is_not_given_to_the_next_child(desk: DeskDriver) -> None:
    desk.put(MAI)
    desk.put(BOOKS[0])
    desk.lift(MAI)
    desk.shows(Goodbye)
    desk.wait(10)
    assert desk.shows(TakeYourThings).books == 1
    desk.put(NAM)
    desk.shows(TakeYourThings)
    assert desk.store.loans["LK-0"].patron_id == "P1"
    desk.lift()
    desk.shows(Welcome)
    desk.put(NAM)
    assert desk.shows(Hello).child.nickname == "Nam"


def test_what_lies_on_the_pad_at_start_belongs_to_nobody() -> None:
    fresh = DeskDriver()
    fresh.desk = type(fresh.desk)(store=fresh.store, rules=fresh.desk._house.rules)
    fresh.step = fresh.desk.start(fresh.now())
    fresh.put(MAI, BOOKS[0])
    seen = fresh.shows(TakeYourThings)
    assert (seen.card, seen.books) == (True, 1)
    assert not fresh.store.loans


def test_two_cards_are_told_to_come_one_after_the_other(desk: DeskDriver) -> None:
    desk.put(MAI, NAM)
    desk.shows(OneCard)
    assert desk.facts() == []
    desk.lift(NAM)
    desk.shows(Hello)
    desk.put(NAM)
    desk.put(BOOKS[0])
    desk.shows(OneCard)
    assert not desk.store.loans


def test_a_card_swapped_for_another_ends_the_visit_and_begins_none(desk: DeskDriver) -> None:
    desk.put(MAI)
    desk.put(NAM)
    desk.lift(MAI)
    assert desk.shows(TakeYourThings).card
    assert desk.facts()[-1] == "DeskVisitEnded"


# --- undo -------------------------------------------------------------------------------------------


def test_the_newest_checkout_can_be_taken_back_for_thirty_seconds(desk: DeskDriver) -> None:
    desk.put(MAI)
    desk.put(BOOKS[0])
    desk.tap(Action.UNDO)
    desk.shows(Undone)
    assert not desk.store.loans
    assert desk.facts()[-1] == "Undone"
    assert desk.store.patrons["P1"].stamps == 0
    desk.wait(1)
    assert not desk.store.loans  # the book still lies there and is not lent again
    desk.lift(BOOKS[0])
    desk.wait(4)
    desk.put(BOOKS[0])
    desk.shows(Lent)


def test_a_lifted_book_that_was_undone_makes_room_for_undoing_the_one_before(desk: DeskDriver) -> None:
    desk.put(MAI)
    desk.put(BOOKS[0])
    desk.put(BOOKS[1])
    desk.lift(BOOKS[0], BOOKS[1])
    desk.tap(Action.UNDO)
    desk.shows(Undone)
    desk.wait(10)
    assert desk.shows(Lent).can_undo
    desk.tap(Action.UNDO)
    desk.shows(Undone)
    desk.wait(10)
    desk.shows(Hello)
    assert not desk.store.loans


def test_undo_is_no_longer_offered_after_its_time(desk: DeskDriver) -> None:
    desk.put(MAI)
    desk.put(BOOKS[0])
    for _ in range(3):
        desk.wait(11)
        desk.tap(Action.STILL_HERE)
    assert not desk.shows(Lent).can_undo
    desk.tap(Action.UNDO)
    assert desk.store.loans


# --- the end ----------------------------------------------------------------------------------------


def end_of(desk: DeskDriver) -> str:
    ended = desk.store.facts[-1]
    assert isinstance(ended, facts.DeskVisitEnded)
    return ended.how


def test_lifting_the_card_ends_the_visit(desk: DeskDriver) -> None:
    desk.put(MAI)
    desk.put(BOOKS[0])
    desk.lift(BOOKS[0])
    desk.lift(MAI)
    goodbye = desk.shows(Goodbye)
    assert (goodbye.lent, len(goodbye.at_home)) == (1, 1)
    assert end_of(desk) == "lifted"
    desk.wait(7)
    desk.shows(Welcome)


def test_done_ends_the_visit_and_the_card_left_there_begins_no_other(desk: DeskDriver) -> None:
    desk.put(MAI)
    desk.tap(Action.DONE)
    desk.shows(Goodbye)
    assert end_of(desk) == "done"
    desk.wait(7)
    assert desk.shows(TakeYourThings).card
    desk.wait(600)
    desk.shows(TakeYourThings)
    desk.lift()
    desk.shows(Welcome)


def test_nothing_for_a_while_asks_and_then_ends(desk: DeskDriver) -> None:
    desk.put(MAI)
    desk.wait(20)
    desk.shows(StillThere)
    desk.tap(Action.STILL_HERE)
    desk.shows(Hello)
    desk.wait(30)
    desk.shows(Goodbye)
    assert end_of(desk) == "timed_out"


def test_the_next_child_in_the_queue_need_not_wait_for_goodbye_to_pass(desk: DeskDriver) -> None:
    desk.put(MAI)
    desk.lift()
    desk.shows(Goodbye)
    desk.put(NAM)
    assert desk.shows(Hello).child.nickname == "Nam"


def test_leaving_a_question_open_is_giving_up(desk: DeskDriver) -> None:
    desk.on_loan(BOOKS[0], MAI)
    desk.put(MAI, BOOKS[0])
    desk.lift()
    assert end_of(desk) == "gave_up"
    assert "LK-0" in desk.store.loans


# --- help, door, language ---------------------------------------------------------------------------


def test_help_is_called_once_and_the_visit_goes_on(desk: DeskDriver) -> None:
    desk.put(MAI)
    desk.tap(Action.HELP)
    desk.shows(AskHelp)
    assert desk.step.cues == (Cue.HELP,)
    desk.tap(Action.HELP)
    assert desk.facts().count("HelpCalled") == 1
    desk.tap(Action.BACK)
    desk.shows(Hello)
    desk.tap(Action.HELP)
    desk.put(BOOKS[0])
    desk.shows(Lent)


def test_the_door_is_counted_whatever_the_desk_does(desk: DeskDriver) -> None:
    desk.put(MAI)
    desk.send(Crossed(Direction.IN, "door"))
    desk.shows(Hello)
    assert desk.store.facts[-1] == facts.DoorCrossed("in", "door")


def test_the_language_is_chosen_on_welcome_and_forgotten_after_a_minute(desk: DeskDriver) -> None:
    desk.tap(Action.LANGUAGE)
    assert desk.step.language == "en"
    desk.put(MAI)
    assert desk.step.language == "en"
    desk.lift()
    desk.wait(10)
    assert desk.step.language == "vi"
    desk.tap(Action.LANGUAGE)
    desk.wait(61)
    assert desk.step.language == "vi"


def test_a_language_chosen_by_somebody_who_only_laid_a_book_down_is_forgotten_too(desk: DeskDriver) -> None:
    for thing in (BOOKS[0], UNKNOWN, STRANGER):
        desk.tap(Action.LANGUAGE)
        desk.put(thing)
        assert desk.step.language == "en"
        desk.lift(thing)
        desk.wait(70)
        desk.shows(Welcome)
        assert desk.step.language == "vi"


def test_a_goodbye_that_passed_while_help_was_called_is_not_said_again(desk: DeskDriver) -> None:
    desk.put(MAI)
    desk.lift()
    desk.shows(Goodbye)
    desk.tap(Action.HELP)
    wake_at = desk.step.wake_at
    assert wake_at is not None
    desk.mono = wake_at
    desk.send(Elapsed())
    desk.shows(Welcome)  # at once: the next child may stand there by now
    desk.put(MAI)
    desk.lift()
    desk.tap(Action.HELP)
    desk.tap(Action.BACK)
    desk.shows(Goodbye)  # it is still its time


# --- broken things ----------------------------------------------------------------------------------


def test_a_lost_reader_ends_the_visit_and_nothing_is_lent_on_old_tags(desk: DeskDriver) -> None:
    desk.put(MAI)
    desk.send(ReaderLost("VersionReg reads 00h"))
    desk.shows(ReaderOut)
    assert desk.facts()[-2:] == ["DeskVisitEnded", "DeviceFault"]
    desk.send(ReaderLost("still"))
    assert desk.facts().count("DeviceFault") == 1
    desk.send(ReaderBack())
    desk.put(BOOKS[0])
    desk.shows(TakeYourThings)
    assert not desk.store.loans
    assert desk.facts().count("DeviceRecovered") == 1
    desk.lift()
    desk.shows(Welcome)


def test_the_lamp_goes_out_when_what_it_said_is_over(desk: DeskDriver) -> None:
    desk.send(ReaderLost("unplugged"))
    assert desk.step.cues == (Cue.FAULT,)
    desk.send(ReaderBack())
    assert desk.step.cues == (Cue.OFF,)
    desk.send(TagsOnPad(frozenset()))
    assert desk.step.cues == ()
    desk.put(STRANGER)
    assert desk.step.cues == (Cue.NO,)
    desk.wait(25)
    desk.shows(TakeYourThings)
    assert desk.cues[-1] is Cue.OFF
    desk.lift()
    desk.store.broken = StorageFull("no room")
    desk.put(MAI)
    desk.lift()
    assert desk.cues[-1] is Cue.FAULT
    desk.store.broken = None
    desk.wait(10)
    desk.shows(Welcome)
    assert desk.cues[-1] is Cue.OFF


def test_the_lamp_calls_the_librarian_on_after_the_help_screen_has_passed(desk: DeskDriver) -> None:
    desk.tap(Action.HELP)
    desk.wait(30)
    desk.shows(Welcome)
    assert desk.cues[-1] is Cue.HELP


def test_help_can_be_called_while_the_reader_is_out(desk: DeskDriver) -> None:
    desk.send(ReaderLost("unplugged"))
    desk.tap(Action.HELP)
    desk.shows(AskHelp)
    desk.wait(9)
    desk.shows(ReaderOut)
    desk.tap(Action.HELP)
    desk.send(ReaderBack())
    desk.send(TagsOnPad(frozenset()))
    desk.shows(Welcome)
    assert desk.facts().count("DeviceRecovered") == 1


def test_nothing_is_shown_as_lent_that_the_disk_did_not_take(desk: DeskDriver) -> None:
    desk.put(MAI)
    desk.store.broken = StorageFull("no room")
    desk.put(BOOKS[0])
    desk.shows(DiskFull)
    assert not desk.store.loans
    desk.wait(30)
    desk.shows(DiskFull)
    desk.store.broken = None
    desk.wait(10)
    assert desk.shows(TakeYourThings).card
    # The fault could not be written when it came: both are, once there is room.
    assert desk.store.facts[-2:] == [
        facts.DeviceFault("storage", "no room"),
        facts.DeviceRecovered("storage"),
    ]


def test_another_fault_of_the_store_closes_the_desk_kindly(desk: DeskDriver) -> None:
    desk.store.broken = StoreError("database disk image is malformed")
    desk.put(MAI)
    desk.shows(OutOfOrder)
    assert desk.desk.failure is desk.store.broken


def test_a_reader_lost_on_a_full_disk_is_still_a_lost_reader(desk: DeskDriver) -> None:
    desk.store.broken = StorageFull("no room")
    desk.send(ReaderLost("unplugged"))
    desk.shows(ReaderOut)
    desk.store.broken = None
    desk.send(ReaderBack())
    desk.send(TagsOnPad(frozenset()))
    desk.shows(Welcome)


def test_a_mistake_of_the_program_does_not_make_a_lost_reader_look_well(desk: DeskDriver) -> None:
    desk.send(ReaderLost("unplugged"))
    desk.step = desk.desk.close_down(desk.now())
    desk.wait(30)
    desk.shows(ReaderOut)
    desk.send(ReaderBack())
    desk.send(TagsOnPad(frozenset()))
    desk.shows(Welcome)


def test_a_reader_that_comes_back_to_a_full_disk_is_not_out_for_ever(desk: DeskDriver) -> None:
    desk.send(ReaderLost("unplugged"))
    desk.store.broken = StorageFull("no room")
    desk.send(ReaderBack())
    desk.send(TagsOnPad(frozenset()))
    desk.shows(DiskFull)
    desk.store.broken = None
    desk.wait(10)
    desk.shows(Welcome)
