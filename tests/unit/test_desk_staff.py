"""The librarian's room: who gets in, what is shown there, and that nothing of a child is."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.desk.pin import PinError, PinFile
from kiosk.events import Action, ExtraBack, ExtraLost, ReaderBack, ReaderLost, TagRead, TagSays
from kiosk.ports import Inspect
from kiosk.screens import (
    Hello,
    ReaderOut,
    Refused,
    StaffHealth,
    StaffPin,
    TagVerdict,
    TakeYourThings,
    Welcome,
    Why,
)
from tests.unit.desk_driver import BOOKS, MAI, PIN, STAFF, TODAY, UNKNOWN, DeskDriver


def type_in(hands: DeskDriver, pin: str) -> None:
    for digit in pin:
        hands.tap(Action.DIGIT, digit)
    hands.tap(Action.ENTER)


def inside(hands: DeskDriver | None = None) -> DeskDriver:
    hands = hands or DeskDriver()
    hands.put(STAFF)
    hands.shows(StaffPin)
    type_in(hands, PIN)
    hands.shows(StaffHealth)
    return hands


def test_a_staff_card_and_the_pin_show_how_every_device_is() -> None:
    hands = DeskDriver()
    hands.send(ExtraLost("door", "GPIO17 is taken"))
    inside(hands)
    lines = hands.shows(StaffHealth).devices
    assert [(line.device, line.good) for line in lines] == [("door", False), ("pad", True), ("lamp", True)]
    assert lines[0].cause == "GPIO17 is taken"
    hands.send(ExtraBack("door"))
    assert all(line.good for line in hands.shows(StaffHealth).devices)
    assert hands.facts().count("DeviceFault") == 1
    assert hands.facts().count("DeviceRecovered") == 1


def test_a_screen_never_knows_the_digits() -> None:
    hands = DeskDriver()
    hands.put(STAFF)
    for digit in "20":
        hands.tap(Action.DIGIT, digit)
    assert hands.screen == StaffPin(2)
    hands.tap(Action.RUB_OUT)
    assert hands.screen == StaffPin(1)


@pytest.mark.parametrize("digit", ["", "12", "x", "٣", "-"])
def test_only_digits_are_digits(digit: str) -> None:
    hands = DeskDriver()
    hands.put(STAFF)
    hands.tap(Action.DIGIT, digit)
    assert hands.screen == StaffPin(0)


def test_three_wrong_pins_shut_the_door_for_a_minute_even_when_the_card_is_lifted() -> None:
    hands = DeskDriver()
    hands.put(STAFF)
    for _ in range(3):
        assert not hands.shows(StaffPin).locked
        type_in(hands, "0000")
        assert hands.shows(StaffPin).wrong
    assert hands.shows(StaffPin).locked
    hands.lift()
    hands.shows(Welcome)
    hands.put(STAFF)
    type_in(hands, PIN)
    assert hands.shows(StaffPin).locked
    hands.wait(61)
    hands.lift()
    hands.put(STAFF)
    type_in(hands, PIN)
    hands.shows(StaffHealth)


def test_lifting_the_card_or_doing_nothing_ends_it() -> None:
    hands = inside()
    hands.lift()
    hands.shows(Welcome)
    inside(hands)
    hands.wait(61)
    hands.shows(TakeYourThings)
    hands.lift()
    hands.shows(Welcome)


def test_a_book_on_the_pad_is_looked_at_and_the_table_counts() -> None:
    hands = inside()
    hands.put(BOOKS[1])
    assert hands.errands == [Inspect(BOOKS[1])]
    hands.send(TagRead(BOOKS[1], TagSays.ITEM, "LK-7"))
    tag = hands.shows(StaffHealth).tag
    assert tag is not None
    assert (tag.verdict, tag.item, tag.says) == (TagVerdict.DISAGREES, "LK-1", "LK-7")
    hands.send(TagRead(BOOKS[1], TagSays.ITEM, "LK-1"))
    tag = hands.shows(StaffHealth).tag
    assert tag is not None
    assert tag.verdict is TagVerdict.AGREES
    assert not hands.store.loans  # looking lends nothing


@pytest.mark.parametrize(
    ("uid", "says", "verdict"),
    [
        (BOOKS[1], TagSays.BLANK, TagVerdict.BLANK),
        (BOOKS[1], TagSays.INCOMPLETE, TagVerdict.INCOMPLETE),
        (BOOKS[1], TagSays.FOREIGN, TagVerdict.FOREIGN),
        (BOOKS[1], TagSays.GARBAGE, TagVerdict.GARBAGE),
        (BOOKS[1], TagSays.UNREADABLE, TagVerdict.UNREADABLE),
        (UNKNOWN, TagSays.BLANK, TagVerdict.UNKNOWN),
        (UNKNOWN, TagSays.ITEM, TagVerdict.UNKNOWN),
        (UNKNOWN, TagSays.GARBAGE, TagVerdict.GARBAGE),
    ],
)
def test_what_a_tag_holds_is_named(uid: str, says: TagSays, verdict: TagVerdict) -> None:
    hands = inside()
    hands.put(uid)
    hands.send(TagRead(uid, says, "LK-9" if says is TagSays.ITEM else "", "words"))
    tag = hands.shows(StaffHealth).tag
    assert tag is not None
    assert tag.verdict is verdict


def test_a_childs_card_is_a_card_and_nothing_more_is_said() -> None:
    hands = inside()
    hands.put(MAI)
    tag = hands.shows(StaffHealth).tag
    assert tag is not None
    assert (tag.verdict, tag.uid, tag.item) == (TagVerdict.CARD, "", "")
    assert hands.errands == []


def test_an_answer_about_another_tag_is_ignored() -> None:
    hands = inside()
    hands.put(BOOKS[1])
    hands.send(TagRead(BOOKS[2], TagSays.GARBAGE))
    tag = hands.shows(StaffHealth).tag
    assert tag is not None
    assert tag.verdict is TagVerdict.AGREES


def test_with_a_broken_pad_the_pin_alone_opens_and_leads_back_to_the_fault() -> None:
    hands = DeskDriver()
    hands.send(ReaderLost("nothing answers on spidev0.0"))
    hands.shows(ReaderOut)
    hands.tap(Action.STAFF)
    type_in(hands, PIN)
    assert hands.shows(StaffHealth).devices[0].cause == "nothing answers on spidev0.0"
    hands.tap(Action.DONE)
    hands.shows(ReaderOut)
    hands.tap(Action.STAFF)
    hands.send(ReaderBack())
    assert not isinstance(hands.screen, ReaderOut | StaffPin)


def test_without_a_pin_a_staff_card_is_a_card_like_any_other_and_there_is_no_door() -> None:
    hands = DeskDriver()
    hands.pin.is_set = False
    hands.put(STAFF)
    hands.shows(Hello)
    hands.lift()
    hands.send(ReaderLost("gone"))
    hands.tap(Action.STAFF)
    hands.shows(ReaderOut)
    hands.pin.is_set = True  # chosen meanwhile: it counts at once
    hands.tap(Action.STAFF)
    hands.shows(StaffPin)


def test_a_pin_is_kept_as_a_hash_that_only_it_fits(tmp_path: Path) -> None:
    file = PinFile(tmp_path / "staff.pin")
    assert not file.is_set
    assert not file.fits("")
    file.choose("204060")
    assert file.is_set
    assert file.fits("204060")
    assert not file.fits("204061")
    assert "204060" not in (tmp_path / "staff.pin").read_text()
    assert (tmp_path / "staff.pin").stat().st_mode & 0o077 == 0
    (tmp_path / "staff.pin").write_text("garbage")
    assert not file.fits("204060")


@pytest.mark.parametrize("pin", ["", "123", "123456789", "12a4", "١٢٣٤"])
def test_a_pin_is_four_to_eight_digits(tmp_path: Path, pin: str) -> None:
    with pytest.raises(PinError, match="4 to 8 digits"):
        PinFile(tmp_path / "pin").choose(pin)


def test_a_blocked_staff_card_opens_nothing() -> None:
    hands = DeskDriver()
    hands.store.patrons["S1"] = replace(hands.store.patrons["S1"], blocked=True)
    hands.put(STAFF)
    assert not isinstance(hands.screen, StaffPin)


def test_an_expired_staff_card_opens_nothing_and_its_last_day_still_counts() -> None:
    hands = DeskDriver()
    hands.store.patrons["S1"] = replace(hands.store.patrons["S1"], expires=TODAY - timedelta(days=1))
    hands.put(STAFF)
    assert hands.shows(Refused).why is Why.CARD_EXPIRED
    hands.put(BOOKS[0])
    hands.lift(BOOKS[0])
    hands.lift()
    hands.wait(30)
    hands.put(MAI)
    hands.tap(Action.DONE)
    hands.wait(10)
    hands.put(STAFF)
    hands.shows(TakeYourThings)  # nor does it where something was left behind
    hands.lift()
    hands.store.patrons["S1"] = replace(hands.store.patrons["S1"], expires=TODAY)
    inside(hands)


# --- the file of the PIN ------------------------------------------------------------------------------


@pytest.fixture
def pin(tmp_path: Path) -> Path:
    """A PIN that was chosen before."""
    path = tmp_path / "staff.pin"
    PinFile(path).choose("111111")
    return path


@pytest.mark.parametrize("fails", ["fsync", "replace"])
def test_a_pin_that_cannot_be_written_leaves_the_old_one_and_nothing_beside_it(
    pin: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(*((os, "fsync") if fails == "fsync" else (Path, "replace")), full)
        with pytest.raises(PinError, match=r"staff\.pin cannot be written: No space left"):
            PinFile(pin).choose("204060")
    assert PinFile(pin).fits("111111")
    assert [file.name for file in pin.parent.iterdir()] == ["staff.pin"]


def test_whoever_reads_while_a_pin_is_chosen_reads_the_old_one_whole(pin: Path) -> None:
    before = pin.read_text()
    with pin.open() as held:
        PinFile(pin).choose("204060")
        assert held.read() == before
    assert PinFile(pin).fits("204060")


def test_a_pin_is_on_the_disk_before_it_has_its_name_and_nobody_else_can_read_it(
    pin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[str, bool]] = []
    sync = os.fsync

    def watched(number: int) -> None:
        status = os.fstat(number)
        kind = "folder" if stat.S_ISDIR(status.st_mode) else oct(status.st_mode & 0o777)
        synced.append((kind, PinFile(pin).fits("204060")))
        sync(number)

    monkeypatch.setattr(os, "fsync", watched)
    before = os.umask(0)
    try:
        PinFile(pin).choose("204060")
    finally:
        os.umask(before)
    assert synced == [("0o600", False), ("folder", True)]
    assert pin.stat().st_mode & 0o777 == 0o600


def test_what_a_power_cut_left_half_written_is_no_obstacle(pin: Path) -> None:
    (pin.parent / "staff.pin.new").write_text("half")
    (pin.parent / "staff.pin.new").chmod(0o644)
    PinFile(pin).choose("204060")
    assert PinFile(pin).fits("204060")
    assert pin.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in pin.parent.iterdir()] == ["staff.pin"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can choose a PIN for a station that is not root")
def test_a_pin_chosen_by_root_belongs_to_the_station(pin: Path) -> None:
    os.chown(pin.parent, 12345, 12345)
    PinFile(pin).choose("204060")
    assert (pin.stat().st_uid, pin.stat().st_gid) == (12345, 12345)
