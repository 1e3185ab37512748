"""A librarian with a family beside: whether a child's returns are kept in its passport."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kiosk.desk import Cue
from kiosk.events import Action
from kiosk.model import Stamp
from kiosk.ports import StorageFull
from kiosk.screens import DiskFull, MyPassport, StaffHealth
from tests.unit.desk_driver import BOOKS, MAI, NAM, PIN, STAFF, STRANGER, DeskDriver


@pytest.fixture
def desk() -> DeskDriver:
    """A librarian is in the staff's room."""
    hands = DeskDriver()
    hands.put(STAFF)
    for digit in PIN:
        hands.tap(Action.DIGIT, digit)
    hands.tap(Action.ENTER)
    hands.shows(StaffHealth)
    return hands


def kept(hands: DeskDriver) -> bool | None:
    return hands.shows(StaffHealth).passport


def test_a_childs_card_tells_whether_its_passport_is_kept_and_nothing_else(desk: DeskDriver) -> None:
    assert kept(desk) is None
    desk.put(MAI)
    assert kept(desk) is False
    assert not [one for one in ("Mai", "P1", MAI) if one in repr((desk.step, desk.desk.state))]
    desk.lift(MAI)
    assert kept(desk) is None
    desk.store.patrons["P2"] = replace(desk.store.patrons["P2"], passport=True)
    desk.put(NAM)
    assert kept(desk) is True


def test_it_is_allowed_and_erased_at_once(desk: DeskDriver) -> None:
    desk.put(MAI)
    desk.tap(Action.ALLOW)
    assert kept(desk) is True
    assert desk.step.cues == (Cue.OK,)
    assert desk.store.patrons["P1"].passport
    desk.store.passports = {"P1": (Stamp("T0", "green", date(2026, 9, 1)),)}
    desk.tap(Action.ERASE)
    assert kept(desk) is False
    assert not desk.store.patrons["P1"].passport
    assert desk.store.passports == {}


def test_the_child_finds_it_in_its_booklet(desk: DeskDriver) -> None:
    desk.put(MAI)
    desk.tap(Action.ALLOW)
    desk.lift()
    desk.on_loan(BOOKS[0], MAI)
    desk.put(MAI, BOOKS[0])
    desk.tap(Action.RETURN)
    desk.lift(BOOKS[0])
    desk.wait(9)
    desk.tap(Action.MINE)
    desk.tap(Action.PAGE)
    page = desk.shows(MyPassport)
    assert page.kept
    assert page.badges


def test_what_the_disk_did_not_take_is_not_shown_as_done(desk: DeskDriver) -> None:
    desk.put(MAI)
    desk.store.broken = StorageFull("no room")
    desk.tap(Action.ALLOW)
    desk.shows(DiskFull)
    assert not desk.store.patrons["P1"].passport


@pytest.mark.parametrize("things", [(), (BOOKS[0],), (STRANGER,), (MAI, NAM)])
def test_without_exactly_one_childs_card_there_is_nothing_to_allow(
    desk: DeskDriver, things: tuple[str, ...]
) -> None:
    if things:
        desk.put(*things)
    assert kept(desk) is None
    before = dict(desk.store.patrons)
    desk.tap(Action.ALLOW)
    desk.tap(Action.ERASE)
    assert desk.store.patrons == before


def test_a_book_beside_the_childs_card_is_in_nobodys_way(desk: DeskDriver) -> None:
    desk.put(MAI, BOOKS[0])
    assert kept(desk) is False
    desk.tap(Action.ALLOW)
    assert desk.store.patrons["P1"].passport


def test_outside_the_staffs_room_nobody_can_allow_anything() -> None:
    hands = DeskDriver()
    for things in ((MAI,), (BOOKS[0],), ()):
        hands.lift()
        hands.put(*things)
        hands.tap(Action.ALLOW)
        hands.tap(Action.ERASE)
    hands.lift()
    hands.put(STAFF, MAI)
    hands.tap(Action.ALLOW)
    assert not any(patron.passport for patron in hands.store.patrons.values())


def test_doing_it_is_a_sign_of_life(desk: DeskDriver) -> None:
    desk.put(MAI)
    desk.wait(50)
    desk.tap(Action.ALLOW)
    desk.wait(50)
    desk.shows(StaffHealth)
