"""Readers that type: keys to texts, the keyboard taken for the station alone, plugs pulled, cards."""

from __future__ import annotations

import importlib.util
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.barcode.keyboards import (
    GrabbedKeys,
    KeyboardNamed,
    WedgeFault,
    evdev_device,
    keyboards,
    named_like,
)
from hardware.barcode.keys import KeyText, Typed
from hardware.barcode.layouts import FRENCH, GERMAN, LAYOUTS, US
from hardware.barcode.scans import Scans
from hardware.barcode.typed_uid import UidFormat
from hardware.barcode.wedge import WedgeReader
from hardware.barcode.wedge_pad import WedgePad
from hardware.errors import HardwareError, SimulationError
from hardware.simulated.clock import VirtualClock
from hardware.simulated.keyboard import INPUT_EVENT, Keyboard
from hardware.worker import PadWorker
from kiosk.events import CodeNames, ReaderBack, ReaderLost, Scanned, Tag, TagKind, TagsOnPad
from kiosk.ports import PadDisturbed, PadFault

NAME = "usb-Sycreader_USB_Reader_08FF20140315-event-kbd"
BOOK = Scanned("LK-0012345", CodeNames.PLAIN)
ISBN = Scanned("9780306406157", CodeNames.TITLE)
CARD_TAG = Tag("DEADBEEF")
BOOK_TAG = Tag("04A1B2C3D4E580")


def until(condition: Callable[[], object], what: str, within: float = 5.0) -> None:
    ends = time.monotonic() + within
    while not condition():
        assert time.monotonic() < ends, f"not within {within:g} s: {what}"
        time.sleep(0.005)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


# From keys to texts.


class Hands:
    """A keyboard and the pure decoder, without thread: what is typed is decoded at once."""

    def __init__(self, tmp_path: Path, *, country="us", **how) -> None:
        self.keyboard = Keyboard(tmp_path / NAME, country=country)
        self.clock = VirtualClock(100.0)
        self.keys = GrabbedKeys(
            lambda: self.keyboard.open(self.keyboard.link), monotonic=self.clock.monotonic, **how
        )
        self.keys.open()

    def typed(self, text: str, **end) -> list[Typed]:
        self.keyboard.type(text, **end)
        return self.keys.read(0)

    def silence(self, seconds: float) -> list[Typed]:
        self.clock.sleep(seconds)
        return self.keys.read(0)


PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))


def test_a_us_reader_can_say_every_printable_character(tmp_path):
    hands = Hands(tmp_path)
    found = [one for character in PRINTABLE for one in hands.typed(character)]
    assert "".join(one.text for one in found) == PRINTABLE


@pytest.mark.parametrize("end", ["enter", "tab", "keypad"])
def test_enter_tab_and_the_keypads_enter_end_a_text(tmp_path, end):
    assert Hands(tmp_path).typed("LK-0012345", end=end) == [Typed("LK-0012345")]


def test_a_german_reader_needs_the_german_layout(tmp_path):
    text = "xyz YZ-_12/+:"
    assert Hands(tmp_path / "a", country="de", layout=GERMAN).typed(text) == [Typed(text)]
    assert Hands(tmp_path / "b", country="de", layout=US).typed("xyz-") == [Typed("xzy/")]


def test_a_french_keyboard_has_its_digits_with_shift():
    keys = KeyText(layout=FRENCH)
    for kind, code, value in ((1, 42, 1), (1, 2, 1), (1, 2, 0), (1, 42, 0), (1, 16, 1), (1, 16, 0)):
        assert keys.key(kind, code, value, 1.0) is None
    assert keys.key(1, 28, 1, 1.0) == Typed("1a")


def test_altgr_gives_the_third_character_and_only_where_there_is_one(tmp_path):
    hands = Hands(tmp_path / "a", layout=GERMAN)
    hands.keyboard.type_with("altgr", "9")
    assert hands.typed("E0") == [Typed("]E0")]
    hands = Hands(tmp_path / "b", layout=US)
    hands.keyboard.type_with("altgr", "9")
    assert "key 10 has no character in the layout 'us'" in hands.typed("E0")[0].spoiled


def test_the_keypad_types_digits_whatever_the_layout():
    for layout in LAYOUTS.values():
        keys = KeyText(layout=layout)
        for code in (82, 79, 80, 81, 75, 76, 77, 71, 72, 73):
            keys.key(1, code, 1, 1.0)
        assert keys.key(1, 96, 1, 1.0) == Typed("0123456789")


def test_single_keys_can_be_given_other_characters():
    changed = US.changed({21: "zZ", 44: "y"})
    assert changed.character(21) == "z"
    assert changed.character(21, shift=True) == "Z"
    assert changed.character(44) == "y"
    assert US.character(21) == "y"
    with pytest.raises(ValueError, match="key 21"):
        US.changed({21: ""})


def test_a_held_key_is_one_key_and_the_lock_keys_are_none():
    keys = KeyText()
    for code, value in ((30, 1), (30, 2), (30, 2), (30, 0), (58, 1), (58, 0), (69, 1), (69, 0)):
        keys.key(1, code, value, 1.0)
    assert keys.key(1, 28, 1, 1.0) == Typed("a")


def test_a_text_without_enter_is_half_a_text(tmp_path):
    hands = Hands(tmp_path)
    assert hands.typed("97803", end="none") == []
    assert hands.silence(0.2) == []
    (broken,) = hands.silence(0.2)
    assert broken.text == ""
    assert "5 characters were typed without Enter" in broken.spoiled
    assert hands.typed("LK-1") == [Typed("LK-1")]


def test_a_reader_that_sends_no_enter_is_read_by_its_silence(tmp_path):
    hands = Hands(tmp_path, ends="silence", silence_ms=100)
    assert hands.typed("LK-1", end="none") == []
    assert hands.silence(0.05) == []
    assert hands.silence(0.06) == [Typed("LK-1")]
    assert hands.silence(9.0) == []


def test_keys_the_kernel_lost_spoil_their_text_and_no_other(tmp_path):
    hands = Hands(tmp_path)
    hands.keyboard.type("978", end="none")
    hands.keyboard.drop()
    (spoiled,) = hands.typed("0306406157")
    assert spoiled.text == ""
    assert "the kernel lost keys" in spoiled.spoiled
    assert hands.typed("LK-1") == [Typed("LK-1")]


def test_after_lost_keys_nothing_is_believed_up_to_the_next_report():
    keys = KeyText()
    keys.key(1, 30, 1, 1.0)
    keys.key(0, 3, 0, 1.0)  # SYN_DROPPED
    assert keys.key(1, 28, 1, 1.0) is None  # an Enter from the middle of what was lost
    keys.key(0, 0, 0, 1.0)  # SYN_REPORT
    keys.key(1, 48, 1, 1.0)
    assert "lost keys" in keys.key(1, 28, 1, 1.0).spoiled


def test_a_shift_that_was_lost_does_not_stay_down(tmp_path):
    hands = Hands(tmp_path)
    hands.keyboard.send(1, 42, 1)
    hands.keyboard.drop()
    hands.typed("x")
    assert hands.typed("a1") == [Typed("a1")]


def test_keys_with_ctrl_are_no_text(tmp_path):
    hands = Hands(tmp_path)
    hands.keyboard.type_with("ctrl", "c")
    (spoiled,) = hands.typed("LK-1")
    assert "Ctrl" in spoiled.spoiled
    assert hands.typed("LK-1") == [Typed("LK-1")]


def test_a_text_without_end_is_thrown_away_as_one():
    keys = KeyText(longest=32)
    for _ in range(5000):
        keys.key(1, 30, 1, 1.0)
    assert "more than 32 characters" in keys.key(1, 28, 1, 1.0).spoiled
    keys.key(1, 30, 1, 1.0)
    assert keys.key(1, 28, 1, 1.0) == Typed("a")


def test_settings_that_cannot_be_are_refused():
    for wrong in ({"ends": "escape"}, {"silence_ms": 0}, {"longest": 0}):
        with pytest.raises(ValueError, match=r"must be|choose"):
            KeyText(**wrong)


EVENTS = st.tuples(st.integers(0, 5), st.integers(0, 260), st.integers(-1, 3), st.floats(0, 1))


@given(st.lists(EVENTS, max_size=200))
def test_after_any_keys_and_a_pause_a_real_text_is_read(events):
    keys, at = KeyText(longest=64), 0.0
    for kind, code, value, pause in events:
        at += pause
        typed = keys.key(kind, code, value, at) or keys.silent(at)
        assert typed is None or bool(typed.text) != bool(typed.spoiled)
    for code in (42, 54, 29, 97, 56, 125, 126, 100):  # whoever typed that has taken the fingers off
        keys.key(1, code, 0, at)
    keys.key(0, 0, 0, at)
    keys.silent(at + 1)
    for code in (38, 37, 12, 2):
        keys.key(1, code, 1, at + 2)
    assert keys.key(1, 28, 1, at + 2) == Typed("lk-1")


# The keyboard itself.


def test_the_simulated_keyboard_speaks_the_kernels_bytes(tmp_path):
    assert INPUT_EVENT.size == 24
    keyboard = Keyboard(tmp_path / NAME)
    handle = keyboard.open(keyboard.link)
    keyboard.type("A", end="none")
    raw = os.read(handle.fd, 4096)
    events = [fields[2:] for fields in INPUT_EVENT.iter_unpack(raw)]
    assert events == [
        (4, 4, 0x700E1), (1, 42, 1), (4, 4, 0x70004), (1, 30, 1), (0, 0, 0),
        (4, 4, 0x700E1), (1, 42, 0), (4, 4, 0x70004), (1, 30, 0), (0, 0, 0),
    ]  # fmt: skip
    with pytest.raises(BlockingIOError):
        list(handle.read())
    keyboard.unplug()
    with pytest.raises(OSError, match="No such device"):
        list(handle.read())
    handle.close()


def test_keys_reach_the_screen_until_the_keyboard_is_grabbed(tmp_path):
    keyboard = Keyboard(tmp_path / NAME)
    keyboard.type("1")
    assert keyboard.screen == [2, 28]
    keys = GrabbedKeys(lambda: keyboard.open(keyboard.link))
    keys.open()
    keyboard.type("2")
    assert keyboard.screen == [2, 28]
    assert keys.read(0) == [Typed("2")]
    keys.close()
    assert not keyboard.grabbed
    assert keyboard.handles == 0
    keyboard.type("3")
    assert keyboard.screen == [2, 28, 4, 28]


def test_a_text_that_began_before_the_grab_is_void(tmp_path):
    keyboard = Keyboard(tmp_path / NAME)

    def find():
        handle = keyboard.open(keyboard.link)
        keyboard.type("97803", end="none")
        return handle

    keys = GrabbedKeys(find)
    keys.open()
    keyboard.type("06406157")
    (spoiled,) = keys.read(0)
    assert "before the station had the keyboard" in spoiled.spoiled
    keyboard.type("LK-1")
    assert keys.read(0) == [Typed("LK-1")]


def test_a_keyboard_another_program_has_grabbed_is_a_fault_and_stays_closed(tmp_path):
    keyboard = Keyboard(tmp_path / NAME)
    other = keyboard.open(keyboard.link)
    other.grab()
    keys = GrabbedKeys(lambda: keyboard.open(keyboard.link))
    with pytest.raises(WedgeFault, match="another program has grabbed it"):
        keys.open()
    assert keys.closed
    assert keyboard.handles == 1
    with pytest.raises(WedgeFault, match="not open"):
        keys.read(0)
    other.close()
    keys.open()
    keys.close()


def test_a_keyboard_that_goes_says_so_after_its_last_text(tmp_path):
    keyboard = Keyboard(tmp_path / NAME)
    keys = GrabbedKeys(lambda: keyboard.open(keyboard.link))
    keys.open()
    keyboard.type("LK-1")
    keyboard.unplug()
    assert keys.read(0) == [Typed("LK-1")]
    with pytest.raises(WedgeFault, match="check its plug"):
        keys.read(0)
    assert keys.closed


def test_a_country_without_that_key_is_told(tmp_path):
    with pytest.raises(SimulationError, match="no key for"):
        Keyboard(tmp_path / NAME).type("ế")


def test_a_queue_that_runs_over_spoils_the_text_and_not_the_station(tmp_path):
    hands = Hands(tmp_path)
    for _ in range(400):
        hands.keyboard.type("9780306406157")
    found = hands.keys.read(0)
    while more := hands.keys.read(0):
        found += more
    hands.keyboard.type("12345")
    found += hands.keys.read(0)
    assert {one.text for one in found} <= {"9780306406157", ""}
    assert found[-1].spoiled
    assert hands.typed("LK-1") == [Typed("LK-1")]


# Finding it.


def test_a_keyboard_is_found_by_a_pattern_of_its_name(tmp_path):
    keyboard = Keyboard(tmp_path / NAME)
    (tmp_path / "usb-Sycreader_USB_Reader-event-mouse").touch()
    for pattern in (NAME, "usb-Sycreader*", "*Reader*-event-kbd", NAME.removesuffix("-event-kbd")):
        handle = KeyboardNamed(pattern, directory=tmp_path, open_device=keyboard.open)()
        handle.close()
    assert keyboards(tmp_path) == [NAME]
    assert keyboards(tmp_path / "nowhere") == []


def test_a_pattern_that_fits_none_or_several_is_a_fault_that_names_what_is_there(tmp_path):
    with pytest.raises(WedgeFault, match="no keyboard is plugged in"):
        KeyboardNamed("usb-*", directory=tmp_path / "nowhere")()
    first, second = Keyboard(tmp_path / NAME), Keyboard(tmp_path / "usb-Logitech_K120-event-kbd")
    with pytest.raises(WedgeFault, match=r"named 'ftdi\*'; there are usb-Logitech_K120-event-kbd, usb-Syc"):
        KeyboardNamed("ftdi*", directory=tmp_path)()
    with pytest.raises(WedgeFault, match="write the name of one of them"):
        KeyboardNamed("usb-*", directory=tmp_path, open_device=first.open)()
    assert first.handles == second.handles == 0


def test_a_keyboard_this_user_may_not_read_says_which_group_is_missing(tmp_path):
    Keyboard(tmp_path / NAME)

    def refuses(path: Path):
        raise PermissionError(13, "Permission denied", str(path))

    with pytest.raises(WedgeFault, match="add it to the group input"):
        KeyboardNamed("usb-*", directory=tmp_path, open_device=refuses)()


def test_without_the_module_evdev_the_remedy_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "evdev", None)
    with pytest.raises(WedgeFault, match="install Debian's python3-evdev"):
        evdev_device(tmp_path / NAME)
    assert issubclass(WedgeFault, HardwareError)


# A scanner that types.


class Desk:
    """A keyboard, the driver with its thread, and everything the driver said."""

    def __init__(self, stack: ExitStack, folder: Path, *, name=NAME, device="wedge", **driver) -> None:
        self.keyboard = Keyboard(folder / name)
        self.posted: list[object] = []
        self.said: list[str] = []
        self.reader = WedgeReader(
            KeyboardNamed(name, directory=folder, open_device=self.keyboard.open),
            Scans(self.posted.append, device=device, on_refused=self.said.append),
            device=device,
            on_lost=lambda cause: self.said.append(f"lost: {cause}"),
            on_back=lambda: self.said.append("back"),
            **driver,
        )
        stack.callback(self.reader.stop)

    def start(self) -> Desk:
        self.reader.start()
        until(lambda: self.reader.connected, "the keyboard is grabbed")
        return self

    def expect(self, *events: object) -> None:
        until(lambda: len(self.posted) >= len(events), f"{events} posted, so far {self.posted} {self.said}")
        assert self.posted == list(events)


def test_what_a_wedge_types_is_posted_and_never_reaches_the_screen(stack, tmp_path):
    desk = Desk(stack, tmp_path).start()
    desk.keyboard.type("9780306406157")
    desk.keyboard.type("]C0LK-0012345", end="tab")
    desk.expect(ISBN, BOOK)
    assert desk.keyboard.screen == []
    assert desk.said == []
    assert desk.keyboard.grabs == 1


def test_a_code_typed_again_within_a_second_is_one_scan(stack, tmp_path):
    desk = Desk(stack, tmp_path).start()
    for _ in range(3):
        desk.keyboard.type("LK-0012345")
    desk.keyboard.type("9780306406157")
    desk.expect(BOOK, ISBN)


def test_what_is_no_code_is_told_and_the_next_one_is_read(stack, tmp_path):
    desk = Desk(stack, tmp_path).start()
    desk.keyboard.type("'; drop table items;--")
    desk.keyboard.type("LK-0012345")
    desk.expect(BOOK)
    assert len(desk.said) == 1
    assert "at place 1" in desk.said[0]


def test_a_wedge_pulled_and_put_back_is_lost_once_back_once_and_grabbed_again(stack, tmp_path):
    desk = Desk(stack, tmp_path).start()
    desk.keyboard.unplug()
    until(lambda: desk.said, "lost")
    time.sleep(0.7)  # several attempts to find it again
    assert len(desk.said) == 1
    assert desk.said[0].startswith("lost: USB Reader went away")
    desk.keyboard.plug()
    until(lambda: desk.said[1:] == ["back"], "back")
    desk.keyboard.type("LK-0012345")
    desk.expect(BOOK)
    assert desk.keyboard.screen == []
    assert desk.keyboard.grabs == 2
    assert desk.keyboard.handles == 1


def test_a_wedge_that_is_not_there_at_the_start_is_lost_and_comes(stack, tmp_path):
    desk = Desk(stack, tmp_path)
    desk.keyboard.unplug()
    desk.reader.start()
    until(lambda: desk.said, "lost")
    assert "no keyboard is plugged in" in desk.said[0]
    assert repr(desk.reader).endswith("lost>")
    desk.keyboard.plug()
    until(lambda: desk.said[1:] == ["back"], "back")


def test_two_wedges_read_at_the_same_time(stack, tmp_path):
    desks = [
        Desk(stack, tmp_path, name=f"usb-{side}-event-kbd", device=side).start() for side in ("left", "right")
    ]
    for number in range(10):
        for desk, side in zip(desks, "LR", strict=True):
            desk.keyboard.type(f"{side}-{number}")
    for desk, side in zip(desks, "LR", strict=True):
        desk.expect(*(Scanned(f"{side}-{number}", CodeNames.PLAIN) for number in range(10)))


@pytest.mark.parametrize("moment", range(6))
def test_stopping_at_any_moment_leaves_no_thread_and_no_grab(stack, tmp_path, moment):
    desk = Desk(stack, tmp_path, device=f"wedge-{moment}")
    if moment % 2:
        desk.keyboard.unplug()
    desk.reader.start()
    desk.keyboard.type("LK-0012345")
    time.sleep(moment * 0.017)
    asked = time.monotonic()
    desk.reader.stop()
    assert time.monotonic() - asked < 0.5
    assert not [one for one in threading.enumerate() if one.name == f"wedge-{moment}"]
    assert not desk.keyboard.grabbed
    assert desk.keyboard.handles == 0
    desk.reader.stop()


def test_no_descriptor_is_left_behind_by_many_unpluggings(stack, tmp_path):
    keyboard = Keyboard(tmp_path / NAME)
    keys = GrabbedKeys(lambda: keyboard.open(keyboard.link))
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(50):
        keys.open()
        keyboard.unplug()
        with pytest.raises(WedgeFault):
            keys.read(0)
        with pytest.raises(OSError, match="No such file"):
            keys.open()
        keyboard.plug()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_thousand_random_keys_end_no_thread(stack, tmp_path):
    desk = Desk(stack, tmp_path).start()
    chance = random.Random(3)
    for _ in range(1000):
        desk.keyboard.send(chance.randrange(6), chance.randrange(260), chance.randrange(4))
    for code in (42, 54, 29, 97, 56, 125, 126, 100):
        desk.keyboard.send(1, code, 0)
    desk.keyboard.send(1, 28, 1)
    desk.keyboard.type("LK-0012345")
    until(lambda: BOOK in desk.posted, f"the code after the garbage: {desk.said}")


# Cards and books by a reader that types.


class Pad:
    """A wedge as a pad, on a clock of the test's own."""

    def __init__(self, folder: Path, **how) -> None:
        self.keyboard = Keyboard(folder / NAME)
        self.clock = VirtualClock(100.0)
        self.pad = WedgePad(
            KeyboardNamed(NAME, directory=folder, open_device=self.keyboard.open),
            monotonic=self.clock.monotonic,
            **how,
        )

    def after(self, seconds: float) -> frozenset[Tag]:
        self.clock.sleep(seconds)
        return self.pad.inventory()


def test_a_typed_tag_is_seen_now_and_gone_when_its_time_is_over(tmp_path):
    pad = Pad(tmp_path, hold_s=5.0)
    pad.pad.open()
    assert pad.after(0) == frozenset()
    pad.keyboard.type("DEADBEEF")
    assert pad.after(0.1) == {CARD_TAG}
    assert pad.after(4.8) == {CARD_TAG}
    assert pad.after(0.2) == frozenset()
    assert pad.keyboard.screen == []


def test_a_book_typed_later_does_not_keep_the_card_any_longer(tmp_path):
    pad = Pad(tmp_path, hold_s=5.0)
    pad.pad.open()
    pad.keyboard.type("DEADBEEF")
    assert pad.after(0) == {CARD_TAG}
    pad.keyboard.type("04A1B2C3D4E580")
    assert pad.after(4.0) == {CARD_TAG, BOOK_TAG}
    assert pad.after(1.5) == {BOOK_TAG}
    assert pad.after(4.0) == frozenset()


def test_a_reader_that_types_while_the_tag_lies_there_keeps_it_there(tmp_path):
    pad = Pad(tmp_path, hold_s=1.0)
    pad.pad.open()
    for _ in range(20):
        pad.keyboard.type("DEADBEEF")
        assert pad.after(0.5) == {CARD_TAG}
    assert pad.after(1.0) == frozenset()


def test_the_readers_way_of_writing_and_kind_are_kept(tmp_path):
    pad = Pad(tmp_path, uid_format=UidFormat("decimal", "lsb"), kind=TagKind.CLASSIC)
    pad.pad.open()
    pad.keyboard.type("4022250974")
    assert pad.after(0) == {Tag("DEADBEEF", TagKind.CLASSIC)}


def test_what_is_no_uid_is_something_on_the_pad_and_never_a_tag(tmp_path):
    pad = Pad(tmp_path)
    pad.pad.open()
    pad.keyboard.type("DEADBEEF")
    pad.keyboard.type("88047DB1")
    with pytest.raises(PadDisturbed, match="7-byte UIDs") as caught:
        pad.after(0)
    assert caught.value.tags == {CARD_TAG}
    assert pad.after(0) == {CARD_TAG}
    pad.keyboard.type_with("ctrl", "c")
    pad.keyboard.type("DEADBEEF")
    with pytest.raises(PadDisturbed, match="Ctrl"):
        pad.after(0)


def test_a_pad_that_was_pulled_or_never_there_is_a_fault_and_forgets_its_tags(tmp_path):
    pad = Pad(tmp_path)
    with pytest.raises(PadFault, match="not open"):
        pad.pad.inventory()
    pad.pad.open()
    pad.keyboard.type("DEADBEEF")
    assert pad.after(0) == {CARD_TAG}
    pad.keyboard.unplug()
    with pytest.raises(PadFault, match="check its plug"):
        pad.after(0)
    with pytest.raises(PadFault, match="no keyboard is plugged in"):
        pad.pad.open()
    pad.keyboard.plug()
    pad.pad.open()
    assert pad.after(0) == frozenset()
    pad.pad.close()
    pad.pad.close()
    assert not pad.keyboard.grabbed


@pytest.mark.parametrize("hold_s", [0.0, 0.9, 15.1, 3600.0])
def test_a_card_may_not_outstay_its_child(tmp_path, hold_s):
    with pytest.raises(ValueError, match="must not outstay its child"):
        WedgePad(KeyboardNamed(NAME, directory=tmp_path), hold_s=hold_s)


def test_the_pads_thread_makes_placements_removals_and_losses_of_it(tmp_path):
    pad = Pad(tmp_path, hold_s=3.0)
    posted: list[object] = []
    worker = PadWorker(pad.pad, posted.append, monotonic=pad.clock.monotonic)

    def look(seconds: float) -> list[object]:
        already, ends = len(posted), pad.clock.monotonic() + seconds
        while pad.clock.monotonic() < ends:
            pad.clock.sleep(worker.poll_once(pad.clock.monotonic()))
        return posted[already:]

    def on(*tags: Tag) -> TagsOnPad:
        return TagsOnPad(frozenset(tags))

    assert look(1.0) == [on()]
    pad.keyboard.type("DEADBEEF")
    assert look(1.0) == [on(CARD_TAG)]
    pad.keyboard.type("04A1B2C3D4E580")
    assert look(1.0) == [on(CARD_TAG, BOOK_TAG)]
    assert look(5.0) == [on(BOOK_TAG), on()]
    pad.keyboard.type("88047DB1")
    assert look(1.0) == []
    pad.keyboard.unplug()
    (lost,) = look(5.0)
    assert isinstance(lost, ReaderLost)
    pad.keyboard.plug()
    assert look(5.0) == [ReaderBack(), on()]


# The kernel's own devices, where there are any.


def test_a_keyboard_made_by_the_kernel_is_grabbed_and_read():
    if importlib.util.find_spec("evdev") is None:
        pytest.skip("python3-evdev is not installed")
    if not os.access("/dev/uinput", os.W_OK):
        pytest.skip("/dev/uinput is not there or may not be written: no virtual keyboard can be made")
    import evdev

    keys_of = list(range(1, 128))
    with evdev.UInput({evdev.ecodes.EV_KEY: keys_of}, name="gocdoc test reader") as made:
        path = Path(made.device.path)
        until(lambda: os.access(path, os.R_OK), f"{path} may be read")
        keys = GrabbedKeys(lambda: evdev_device(path))
        keys.open()
        for code in (38, 37, 12, 2, 28):
            made.write(1, code, 1)
            made.syn()
            made.write(1, code, 0)
            made.syn()
        found: list[Typed] = []
        until(lambda: found.extend(keys.read(0.1)) or found, "the text")
        assert found == [Typed("lk-1")]
        keys.close()


def test_part_of_a_name_is_enough_to_find_a_keyboard(tmp_path):
    (tmp_path / "usb-Sycreader_RFID-event-kbd").touch()
    (tmp_path / "usb-Logitech_K120-event-kbd").touch()
    opened = []

    def find(part):
        opened.clear()
        KeyboardNamed(named_like(part), directory=tmp_path, open_device=opened.append)()
        return opened[0].name

    assert find("Sycreader") == "usb-Sycreader_RFID-event-kbd"
    with pytest.raises(WedgeFault, match=r"fits usb-Logitech.* and usb-Sycreader"):
        find("")
