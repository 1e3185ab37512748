"""Something lies on the pad and is nobody's: after a while it is reported, and a librarian still gets in."""

from __future__ import annotations

import pytest

from kiosk.desk import Cue
from kiosk.events import Action, ReaderBack, ReaderLost, TagsOnPad
from kiosk.facts import DeviceFault, DeviceRecovered, Fact
from kiosk.ports import StorageFull
from kiosk.screens import AskHelp, Hello, StaffHealth, StaffPin, TakeYourThings, Welcome
from tests.unit.desk_driver import BOOKS, MAI, NAM, PIN, STAFF, DeskDriver


@pytest.fixture
def desk() -> DeskDriver:
    """A desk on whose pad a child's card was left."""
    hands = DeskDriver()
    hands.put(MAI)
    hands.tap(Action.DONE)
    hands.wait(10)
    hands.shows(TakeYourThings)
    return hands


def of_the_pad(desk: DeskDriver) -> list[Fact]:
    both = DeviceFault | DeviceRecovered
    return [fact for fact in desk.store.facts if isinstance(fact, both) and fact.device == "pad"]


def goes_in(desk: DeskDriver) -> None:
    desk.shows(StaffPin)
    for digit in PIN:
        desk.tap(Action.DIGIT, digit)
    desk.tap(Action.ENTER)
    desk.shows(StaffHealth)


def test_what_lies_on_the_pad_for_three_minutes_is_reported_once_and_its_end_too(desk: DeskDriver) -> None:
    desk.wait(170)
    assert of_the_pad(desk) == []
    desk.wait(15)
    (fault,) = of_the_pad(desk)
    assert isinstance(fault, DeviceFault)
    assert fault.cause.startswith("something has been lying on the pad for 3 minutes: ")
    assert desk.step.wake_at is None  # nothing more to be told
    desk.put(BOOKS[0])
    desk.wait(3_600)
    desk.lift(MAI)
    desk.wait(3_600)
    desk.shows(TakeYourThings)
    assert of_the_pad(desk) == [fault]
    desk.lift()
    desk.shows(Welcome)
    assert of_the_pad(desk) == [fault, DeviceRecovered("pad")]


def test_fiddling_with_the_pile_does_not_put_the_report_off(desk: DeskDriver) -> None:
    for _ in range(10):
        desk.put(BOOKS[0])
        desk.wait(10)
        desk.lift(BOOKS[0])
        desk.wait(10)
    assert len(of_the_pad(desk)) == 1


def test_things_taken_in_time_are_not_reported(desk: DeskDriver) -> None:
    desk.wait(150)
    desk.lift()
    desk.put(NAM)
    desk.tap(Action.DONE)
    desk.wait(100)
    desk.shows(TakeYourThings)
    desk.lift()
    assert of_the_pad(desk) == []


def test_a_call_for_help_meanwhile_does_not_lose_the_report(desk: DeskDriver) -> None:
    desk.wait(165)
    desk.tap(Action.HELP)
    desk.wait(3)
    desk.shows(AskHelp)
    desk.wait(60)
    assert len(of_the_pad(desk)) == 1


def test_what_lies_there_when_the_reader_heals_is_reported_after_the_reader(desk: DeskDriver) -> None:
    desk.wait(200)
    desk.send(ReaderLost("unplugged"))
    desk.send(ReaderBack())
    desk.send(TagsOnPad(desk.pad))
    names = [type(fact).__name__ for fact in of_the_pad(desk)]
    assert names == ["DeviceFault", "DeviceRecovered"] * 2
    desk.wait(200)
    desk.lift()
    names = [type(fact).__name__ for fact in of_the_pad(desk)]
    assert names == ["DeviceFault", "DeviceRecovered"] * 3


def test_on_a_full_disk_it_is_reported_later(desk: DeskDriver) -> None:
    desk.store.broken = StorageFull("no room")
    desk.wait(200)
    assert of_the_pad(desk) == []
    desk.store.broken = None
    desk.wait(200)
    assert len(of_the_pad(desk)) == 1


def test_a_librarians_card_opens_the_page_where_a_thing_was_left(desk: DeskDriver) -> None:
    desk.wait(200)
    desk.put(STAFF)
    goes_in(desk)
    pad = desk.shows(StaffHealth).devices[0]
    assert (pad.device, pad.good) == ("pad", False)
    assert "lying on the pad" in pad.cause
    desk.lift(MAI)  # its own card is not left behind
    assert isinstance(of_the_pad(desk)[-1], DeviceRecovered)
    assert desk.shows(StaffHealth).devices[0].good
    desk.lift(STAFF)
    desk.shows(Welcome)
    desk.put(MAI)
    desk.shows(Hello)


def test_a_librarian_who_leaves_a_thing_where_it_was_finds_the_desk_as_before(desk: DeskDriver) -> None:
    desk.wait(200)
    desk.put(STAFF)
    goes_in(desk)
    desk.lift(STAFF)
    assert desk.shows(TakeYourThings) == TakeYourThings(card=True, books=0)
    desk.wait(600)
    assert len(of_the_pad(desk)) == 1


def test_a_librarians_card_that_was_left_itself_knocks_only_when_it_is_put_down_anew() -> None:
    desk = DeskDriver()
    desk.put(STAFF, BOOKS[0])
    goes_in(desk)
    desk.tap(Action.DONE)
    desk.shows(TakeYourThings)
    desk.lift(BOOKS[0])
    desk.shows(TakeYourThings)
    desk.put(BOOKS[1])
    desk.shows(TakeYourThings)
    desk.lift(STAFF)
    desk.put(STAFF)
    desk.shows(StaffPin)


def test_what_lay_there_at_the_start_knocks_at_no_door() -> None:
    hands = DeskDriver()
    hands.desk = type(hands.desk)(store=hands.store, rules=hands.desk._house.rules, staff=hands.desk._staff)
    hands.step = hands.desk.start(hands.now())
    hands.put(STAFF, BOOKS[0])
    hands.shows(TakeYourThings)


def test_a_childs_card_opens_nothing_where_a_thing_was_left(desk: DeskDriver) -> None:
    desk.put(NAM)
    desk.shows(TakeYourThings)
    assert Cue.OK not in desk.step.cues


def test_where_the_thing_hides_every_card_the_pin_alone_opens_the_page(desk: DeskDriver) -> None:
    desk.tap(Action.STAFF)
    goes_in(desk)
    desk.tap(Action.DONE)
    desk.shows(TakeYourThings)
    desk.pin.is_set = False
    desk.tap(Action.STAFF)
    desk.shows(TakeYourThings)
