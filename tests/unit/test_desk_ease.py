"""How the screen is for a child: its look, its time, and having it read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.desk import Cue, Customs
from kiosk.events import Action, ReaderLost
from kiosk.model import Wishes
from kiosk.ports import StorageFull
from kiosk.screens import (
    PLAIN,
    AskHelp,
    BookInfo,
    DiskFull,
    Ease,
    Goodbye,
    Hello,
    Lent,
    Look,
    MyPassport,
    MyWay,
    PickAnimal,
    PickClass,
    PickLanguage,
    ReaderOut,
    Refused,
    StaffPin,
    StillThere,
    TakeYourThings,
    Undone,
    Welcome,
)
from tests.unit.desk_driver import BLOCKED, BOOKS, MAI, NAM, STAFF, DeskDriver
from tests.unit.desk_school import at_school


def wishing(hands: DeskDriver, **wishes: bool) -> DeskDriver:
    """Mai's card keeps these wishes."""
    patrons = hands.store.patrons
    patrons["P1"] = replace(patrons["P1"], wishes=Wishes(**wishes))
    return hands


def my_way(hands: DeskDriver) -> MyWay:
    hands.put(MAI)
    hands.tap(Action.MINE)
    hands.tap(Action.PAGE)
    hands.tap(Action.PAGE)
    return hands.shows(MyWay)


# --- wishes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ease", "wish"),
    [(Ease.LARGE, "large"), (Ease.CONTRAST, "contrast"), (Ease.SPOKEN, "spoken"), (Ease.SLOW, "slow")],
)
def test_a_wish_is_kept_with_the_card_and_seen_at_once(ease: Ease, wish: str) -> None:
    hands = DeskDriver(can_speak=True)
    assert my_way(hands).on == frozenset()
    hands.tap(Action.EASE, ease)
    assert hands.shows(MyWay).on == {ease}
    assert hands.store.patrons["P1"].wishes == Wishes(**{wish: True})
    if ease is not Ease.SLOW:
        assert hands.step.look == Look(**{wish: True})
    hands.tap(Action.EASE, ease)
    assert hands.shows(MyWay).on == frozenset()
    assert hands.store.patrons["P1"].wishes == Wishes()
    assert hands.step.look == PLAIN


def test_a_wish_that_the_disk_did_not_take_is_not_shown() -> None:
    hands = DeskDriver()
    my_way(hands)
    hands.store.broken = StorageFull("no room")
    hands.tap(Action.EASE, Ease.CONTRAST)
    hands.shows(DiskFull)
    assert hands.step.look == PLAIN
    assert hands.store.patrons["P1"].wishes == Wishes()


@pytest.mark.parametrize("target", ["", "nonsense", "LARGE", "patron", "0"])
def test_what_is_no_wish_changes_nothing(target: str) -> None:
    hands = DeskDriver()
    before = my_way(hands)
    hands.tap(Action.EASE, target)
    assert hands.screen == before


def test_a_station_without_a_voice_promises_none() -> None:
    hands = DeskDriver()
    assert not my_way(hands).can_speak
    hands.tap(Action.EASE, Ease.SPOKEN)
    assert hands.shows(MyWay).on == frozenset()
    assert not hands.store.patrons["P1"].wishes.spoken


def test_the_look_comes_with_the_child_and_goes_with_it() -> None:
    hands = wishing(DeskDriver(), contrast=True, large=True, spoken=True)
    mine = Look(contrast=True, large=True, spoken=True)
    assert hands.step.look == PLAIN
    hands.put(MAI)
    assert hands.step.look == mine
    hands.tap(Action.HELP)
    hands.shows(AskHelp)
    assert hands.step.look == mine
    hands.put(BOOKS[0])
    assert hands.step.look == mine
    hands.tap(Action.DONE)
    hands.shows(Goodbye)
    assert hands.step.look == mine
    hands.wait(7)
    hands.shows(TakeYourThings)
    assert hands.step.look == PLAIN
    hands.lift()
    hands.put(NAM)
    hands.shows(Hello)
    assert hands.step.look == PLAIN


def test_the_next_child_in_the_queue_does_not_get_the_look_of_the_one_before() -> None:
    hands = wishing(DeskDriver(), contrast=True)
    hands.put(MAI)
    hands.lift()
    hands.shows(Goodbye)
    hands.put(NAM)
    assert hands.step.look == PLAIN


def test_a_reader_lost_in_mid_visit_takes_the_look_away() -> None:
    hands = wishing(DeskDriver(), contrast=True)
    hands.put(MAI)
    hands.send(ReaderLost("unplugged"))
    hands.shows(ReaderOut)
    assert hands.step.look == PLAIN


# --- time -----------------------------------------------------------------------------------------------


def test_a_child_that_needs_time_has_twice_as_much_of_it() -> None:
    hands = wishing(DeskDriver(), slow=True)
    hands.put(MAI)
    hands.wait(39)
    hands.shows(Hello)
    hands.wait(2)
    assert hands.shows(StillThere).seconds == 20
    hands.wait(18)
    hands.shows(StillThere)
    hands.wait(2)
    hands.shows(Goodbye)
    hands.wait(10)
    hands.shows(Goodbye)
    hands.wait(2)
    hands.shows(TakeYourThings)


def test_it_can_take_a_checkout_back_for_twice_as_long() -> None:
    hands = wishing(DeskDriver(), slow=True)
    hands.put(MAI, BOOKS[0])
    hands.wait(35)
    assert hands.shows(Lent).can_undo
    hands.tap(Action.UNDO)
    hands.shows(Undone)


def test_once_it_has_gone_the_desk_keeps_its_own_pace() -> None:
    hands = wishing(DeskDriver(), slow=True)
    hands.put(MAI)
    hands.lift()
    hands.wait(13)
    hands.put(NAM)
    hands.wait(21)
    hands.shows(StillThere)


def test_a_small_child_has_the_time_without_asking_for_it() -> None:
    hands = DeskDriver()
    hands.store.patrons["P1"] = replace(hands.store.patrons["P1"], birth_year=2021)  # five in 2026
    hands.store.patrons["P2"] = replace(hands.store.patrons["P2"], birth_year=2020)  # six
    hands.put(MAI)
    hands.wait(39)
    hands.shows(Hello)
    hands.lift()
    hands.wait(13)
    hands.put(NAM)
    hands.wait(21)
    hands.shows(StillThere)


@pytest.mark.parametrize("birth_year", [2021, None])
def test_the_age_is_a_setting_and_one_that_is_not_known_counts_for_nothing(birth_year: int | None) -> None:
    hands = DeskDriver(customs=Customs(young_slow_until_age=0 if birth_year else 6))
    hands.store.patrons["P1"] = replace(hands.store.patrons["P1"], birth_year=birth_year)
    hands.put(MAI)
    hands.wait(21)
    hands.shows(StillThere)


# --- having it read -------------------------------------------------------------------------------------


def read(hands: DeskDriver) -> None:
    before = hands.screen
    hands.tap(Action.READ)
    assert hands.screen == before
    assert hands.step.cues == (Cue.READ,)


def test_every_screen_of_a_childs_can_be_read_and_stays_as_it_is() -> None:
    hands = at_school(languages=("vi", "en", "tyz"))
    read(hands)
    hands.tap(Action.LANGUAGE)
    hands.shows(PickLanguage)
    read(hands)
    hands.tap(Action.BACK)
    hands.tap(Action.CARDLESS)
    hands.shows(PickClass)
    read(hands)
    hands.tap(Action.CLASS, "0")
    hands.shows(PickAnimal)
    read(hands)
    hands.tap(Action.BACK)
    hands.put(BOOKS[0])
    hands.shows(BookInfo)
    read(hands)
    hands.lift()
    hands.put(MAI)
    read(hands)
    hands.tap(Action.MINE)
    hands.tap(Action.PAGE)
    hands.shows(MyPassport)
    read(hands)
    hands.tap(Action.HELP)
    hands.shows(AskHelp)
    read(hands)
    hands.tap(Action.BACK)
    hands.tap(Action.DONE)
    hands.shows(Goodbye)
    read(hands)
    hands.wait(10)
    hands.shows(TakeYourThings)
    read(hands)
    hands.send(ReaderLost("unplugged"))
    read(hands)


def test_having_it_read_is_a_sign_of_life() -> None:
    hands = DeskDriver()
    hands.put(MAI)
    for _ in range(4):
        hands.wait(15)
        read(hands)
    hands.shows(Hello)
    hands.wait(21)
    hands.shows(StillThere)
    hands.tap(Action.READ)
    hands.shows(Hello)
    hands.lift()
    for _ in range(4):
        hands.wait(4)
        hands.shows(Goodbye)
        read(hands)


def test_a_message_that_is_read_stays_long_enough() -> None:
    hands = DeskDriver()
    hands.put(BLOCKED)
    hands.lift()
    hands.wait(2)
    hands.shows(Refused)
    read(hands)
    hands.wait(15)
    hands.shows(Refused)
    hands.wait(10)
    hands.shows(Welcome)


def test_reading_aloud_leaves_the_lamp_alone() -> None:
    hands = DeskDriver()
    hands.put(MAI)
    hands.lift()
    hands.wait(7)
    hands.shows(Welcome)
    read(hands)
    hands.wait(130)
    assert hands.cues[-1] is Cue.READ  # nothing was lit, so nothing is put out


def test_what_staff_see_is_not_read_to_the_room() -> None:
    hands = DeskDriver()
    hands.put(STAFF)
    hands.shows(StaffPin)
    hands.tap(Action.READ)
    assert hands.step.cues == ()
