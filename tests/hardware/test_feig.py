"""The FEIG reader as a pad, through a real pseudo-terminal: tags, proven silence, and what lies between."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hardware.rfid.feig import Feig
from hardware.rfid.feig.frames import Answer
from hardware.simulated.feig_device import FeigDevice
from hardware.simulated.serial_line import SerialLine
from hardware.simulated.vicinity import VicinityTag
from kiosk.events import Tag, TagKind
from kiosk.ports import PadDisturbed, PadFault
from tests.hardware.test_feig_frames import frame


def uid(number: int) -> str:
    """A made-up UID of an NXP ICODE SLIX."""
    return f"E0040150{number:08X}"


class Rig:
    """A reader on a line, a driver at the other end. Keywords beside `line` and `driver` are the device's."""

    def __init__(
        self,
        folder: Path,
        *,
        line: dict[str, Any] | None = None,
        driver: dict[str, Any] | None = None,
        **device: Any,
    ) -> None:
        self.device = FeigDevice(**device)
        self.line = SerialLine(self.device, folder / "pad", **({"baud": 38400} | (line or {})))
        # A pseudo-terminal keeps no parity, and the C library refuses to open it a second time with one.
        self.pad = Feig(self.line.link, **({"parity": "N"} | (driver or {})))

    def place(self, *numbers: int, **tag: Any) -> VicinityTag:
        """Lay made-up tags down; the last of them."""
        for number in numbers:
            self.device.place(VicinityTag(uid(number), **tag))
        return self.device.tags[-1]

    def look(self) -> set[str]:
        """One inventory, as UIDs."""
        return {tag.uid for tag in self.pad.inventory()}

    def close(self) -> None:
        self.pad.close()
        self.line.unplug()


class Benches:
    """Makes rigs and clears them away."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._rigs = folder, []

    def __call__(self, *, closed: bool = False, **parts: Any) -> Rig:
        folder = self._folder / str(len(self._rigs))
        folder.mkdir()
        rig = Rig(folder, **parts)
        self._rigs.append(rig)
        if not closed:
            rig.pad.open()
        return rig

    def clear(self) -> None:
        for rig in self._rigs:
            rig.close()


@pytest.fixture
def bench(tmp_path) -> Iterator[Benches]:
    benches = Benches(tmp_path)
    yield benches
    benches.clear()


def uids(numbers: Iterable[int]) -> set[str]:
    return {uid(number) for number in numbers}


# Tags and silence


@pytest.mark.parametrize("count", [0, 1, 2, 25, 30])
@pytest.mark.parametrize("at_once", [0, 1, 8])
def test_every_tag_is_found_again_and_again(bench, count, at_once):
    rig = bench(tags_per_answer=at_once)
    if count:
        rig.place(*range(count))
    for _ in range(2):
        assert rig.pad.inventory() == {Tag(uid(n), TagKind.VICINITY) for n in range(count)}


def test_a_long_answer_comes_in_an_advanced_frame_and_short_ones_may_too(bench):
    rig = bench(advanced=True)
    assert rig.look() == set()
    rig.place(*range(30))
    assert rig.look() == uids(range(30))


def test_answers_in_pieces_are_put_together(bench):
    rig = bench(line={"pieces": 3})
    rig.place(*range(10))
    assert rig.look() == uids(range(10))


def test_tags_that_come_and_go_are_seen_at_the_next_look(bench):
    rig = bench()
    rig.place(1, 2)
    assert rig.look() == uids([1, 2])
    rig.device.lift(uid(1))
    rig.place(3)
    assert rig.look() == uids([2, 3])


def test_without_the_field_reset_a_second_inventory_would_find_nothing(bench):
    """The trap the reset is there for, shown on the simulated reader itself."""
    rig = bench()
    rig.place(1)
    assert rig.look() == uids([1])
    inventory = rig.device.requests[-1]
    assert rig.device.feed(bytes.fromhex("07 FF B0 01 00 1C 56")) == frame(Answer(0, 0xB0, 0x01))
    assert rig.device.requests[-1] == inventory


def test_a_card_and_a_tag_of_no_use_lie_beside_a_book(bench, caplog):
    rig = bench()
    rig.device.cards = [bytes.fromhex("04 00 FF 04 A1 B2 C3 D4 E5 80"), b"\x0a" + bytes(9)]
    rig.place(1)
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            assert rig.look() == {uid(1), "04A1B2C3D4E580"}
    assert caplog.text.count("SR176") == 1


def test_the_reader_may_have_an_address_and_others_on_the_bus_are_not_heard(bench, monkeypatch):
    monkeypatch.setattr("hardware.rfid.feig.link._VERSION_S", 0.05)
    rig = bench(address=0x07, driver={"address": 0x07})
    rig.place(1)
    assert rig.look() == uids([1])
    rig.device.address = 0x08
    with pytest.raises(PadFault, match="does not answer"):
        rig.look()


# What is neither tags nor silence


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (0x82, "scan mode"),
        (0x10, "memory is damaged"),
        (0x13, "password"),
        (0xF1, "fault in its hardware"),
        (0x3C, "status 3Ch"),
    ],
)
def test_a_status_of_the_reader_is_a_fault_in_words(bench, status, words):
    rig = bench()
    rig.device.forced.extend([(0, b""), (status, b"")])
    with pytest.raises(PadFault, match=words) as caught:
        rig.look()
    assert not isinstance(caught.value, PadDisturbed)


@pytest.mark.parametrize("status", [0x02, 0x0B, 0x83, 0x84, 0x93])
def test_a_status_of_the_air_is_a_disturbance_with_the_tags_that_were_read(bench, status):
    rig = bench()
    rig.device.forced.extend([(0, b""), (status, bytes.fromhex("01 03 00" + uid(5)))])
    with pytest.raises(PadDisturbed) as caught:
        rig.look()
    assert caught.value.tags == {Tag(uid(5), TagKind.VICINITY)}
    rig.device.forced.extend([(0, b""), (status, b"")])
    with pytest.raises(PadDisturbed, match=f"{status:02X}h"):
        rig.look()


def test_an_answer_without_a_count_of_tags_is_no_silence(bench):
    rig = bench()
    rig.device.forced.extend([(0, b""), (0, b"")])
    with pytest.raises(PadDisturbed, match="does not say how many"):
        rig.look()
    assert rig.look() == set()


def test_a_reader_that_announces_more_without_end_is_not_believed(bench):
    rig = bench()
    rig.device.forced.append((0, b""))
    rig.device.forced.extend([(0x94, b"\0")] * 200)
    with pytest.raises(PadDisturbed, match="without end"):
        rig.look()


@pytest.mark.parametrize(
    "damage", [lambda answer: answer[:-1] + b"?", lambda answer: frame(Answer(0, 0xB0, 0))]
)
def test_the_tags_of_the_first_answer_are_kept_when_the_second_is_lost(bench, damage):
    rig = bench(tags_per_answer=1)
    rig.place(1, 2)
    honest = rig.device.feed
    rig.device.feed = lambda data: damage(honest(data)) if data[3:5] == b"\x01\x80" else honest(data)
    with pytest.raises(PadDisturbed) as caught:
        rig.look()
    assert len(caught.value.tags) == 1
    rig.device.feed = honest
    assert rig.look() == uids([1, 2])


def test_a_field_that_cannot_be_switched_is_a_fault(bench):
    rig = bench()
    rig.device.forced.append((0x84, b""))
    with pytest.raises(PadFault, match="field could not be switched"):
        rig.look()


def test_a_pad_that_is_not_open_says_so(bench):
    rig = bench(closed=True)
    for use in (rig.pad.inventory, lambda: rig.pad.secured(uid(1)), lambda: rig.pad.secure(uid(1), True)):
        with pytest.raises(PadFault, match="not open"):
            use()


# The line


def test_one_wrong_bit_in_two_hundred_bytes_never_makes_a_tag_or_hides_all_of_them(bench):
    rig = bench(closed=True, flip_rate=0.005, seed=4)
    rig.place(*range(6))
    seen, looks = set(), 0
    ends = time.monotonic() + 3.0
    while looks < 5 and time.monotonic() < ends:
        try:
            if rig.pad.closed:
                rig.pad.open()
            tags = rig.look()
            assert tags == uids(range(6))
            looks += 1
        except PadDisturbed as disturbed:
            tags = {tag.uid for tag in disturbed.tags}
            assert tags <= uids(range(6))
        except PadFault:
            rig.pad.close()
        seen |= tags
    assert seen == uids(range(6))
    assert looks >= 3


@pytest.mark.parametrize("kind", ["random", "mutated", "inventory"])
def test_a_hundred_thousand_bytes_of_garbage_make_no_tag_and_the_real_ones_are_read_behind_them(bench, kind):
    rig = bench()
    rig.place(1, 2)
    chance = random.Random(7)
    false = frame(Answer(0, 0xB0, 0, bytes.fromhex("01 03 06" + uid(0xBAD))))
    if kind == "random":
        garbage = chance.randbytes(100_000)
    elif kind == "inventory":  # whole answers that nobody asked for
        garbage = false * (100_000 // len(false))
    else:
        noise = bytearray(false * (100_000 // len(false)))
        for at in range(0, len(noise), 7):
            noise[at] ^= 1 << chance.randrange(8)
        garbage = bytes(noise)
    for at in range(0, len(garbage), 20_000):
        rig.line.inject(garbage[at : at + 20_000])
    seen: set[str] = set()
    good, ends = 0, time.monotonic() + 8.0
    while good < 3 and time.monotonic() < ends:
        try:
            if rig.pad.closed:
                rig.pad.open()
            seen |= rig.look()
            good += 1
        except PadDisturbed as disturbed:
            seen |= {tag.uid for tag in disturbed.tags}
        except PadFault:
            rig.pad.close()
    assert good == 3
    assert rig.look() == uids([1, 2])
    assert seen == uids([1, 2])


def test_an_answer_that_comes_too_late_is_not_taken_for_the_next_one(bench, monkeypatch):
    """The book is exchanged while the answer about the first one is still on its way."""
    monkeypatch.setattr("hardware.rfid.feig.reader._INVENTORY_S", 0.2)
    rig = bench()
    rig.place(1)
    rig.device.hold_s = 0.3
    with pytest.raises(PadDisturbed):
        rig.look()
    rig.device.hold_s = 0.0
    rig.device.lift(uid(1))
    rig.place(2)
    for _ in range(3):
        assert rig.look() == uids([2])


@pytest.mark.parametrize("before", [b"\0", b"\x20", bytes.fromhex("40 00 B0 00")])
def test_a_whole_answer_behind_other_bytes_is_not_believed_for_it_may_lie_inside_a_broken_one(bench, before):
    rig = bench()
    honest = rig.device.feed
    false = frame(Answer(0, 0xB0, 0, bytes.fromhex("01 03 06" + uid(0xBAD))))
    rig.device.feed = lambda data: before + false if data[2:4] == b"\xb0\x01" else honest(data)
    with pytest.raises(PadDisturbed) as caught:
        rig.look()
    assert caught.value.tags == frozenset()


def test_a_line_that_repeats_what_is_sent_is_no_reader(bench):
    rig = bench(closed=True)
    rig.device.feed = lambda data: data
    with pytest.raises(PadFault, match="two wires that touch"):
        rig.pad.open()


def test_an_echo_of_the_inventory_is_not_taken_for_an_empty_pad(bench):
    """07 FF B0 01 00 has the form of an answer: from reader FF, no tag."""
    rig = bench()
    rig.place(1)
    honest = rig.device.feed
    rig.device.feed = lambda data: data if data[2:4] == b"\xb0\x01" else honest(data)
    began = time.monotonic()
    with pytest.raises(PadDisturbed, match="two wires that touch"):
        rig.look()
    assert time.monotonic() - began < 0.5  # not after waiting for an answer


@pytest.mark.parametrize("baud", [57600])
def test_a_wrong_baud_rate_is_named_with_the_right_one(bench, baud):
    rig = bench(closed=True, line={"baud": baud})
    with pytest.raises(
        PadFault, match=f"answers at {baud} 8N1 and not at 38400 8N1: set the pad's baud to {baud}"
    ):
        rig.pad.open()


def test_a_reader_that_answers_at_no_speed_is_named_once_with_all_that_was_tried(bench, monkeypatch):
    monkeypatch.setattr("hardware.rfid.feig.speed._ANSWER_S", 0.01)
    rig = bench(closed=True)
    rig.line.mute = True
    with pytest.raises(PadFault, match="asked at 38400 8N1 and at every other usual speed"):
        rig.pad.open()
    begun = time.monotonic()
    with pytest.raises(PadFault, match="does not answer; check its power"):
        rig.pad.open()
    assert time.monotonic() - begun < 1.0
    rig.line.mute = False
    rig.pad.open()
    assert rig.look() == set()


def test_no_port_is_a_fault_that_names_it(bench):
    rig = bench(closed=True)
    rig.line.unplug()
    with pytest.raises(PadFault, match=f"{rig.line.link} cannot be opened: there is no such port"):
        rig.pad.open()


# Health


@pytest.mark.parametrize("accident", ["unplug", "mute in the inventory"])
def test_a_reader_that_stops_is_found_within_two_seconds_and_works_after_reopening(bench, accident):
    rig = bench()
    rig.place(1)
    assert rig.look() == uids([1])
    if accident == "unplug":
        rig.line.unplug()
    else:
        rig.device.before = lambda request: setattr(rig.line, "mute", request[0] == 0xB0)
        rig.device.hold_s = 9.0
    begun = time.monotonic()
    with pytest.raises(PadFault) as caught:
        rig.look()
    assert not isinstance(caught.value, PadDisturbed)
    assert time.monotonic() - begun < 2.0
    rig.pad.close()
    rig.device.before = lambda request: None
    rig.device.hold_s = 0.0
    rig.line.mute = False
    rig.line.plug()
    rig.device.reset()
    rig.pad.open()
    assert rig.look() == uids([1])


def test_the_version_is_asked_again_every_second_and_another_reader_is_noticed(bench):
    now = [100.0]
    rig = bench(driver={"monotonic": lambda: now[0] + time.monotonic() % 1e-3})
    asked = lambda: sum(request == b"\x65" for request in rig.device.requests)  # noqa: E731
    before = asked()
    rig.look()
    assert asked() == before
    now[0] += 1.1
    rig.look()
    assert asked() == before + 1
    rig.device.version = bytes(7)
    now[0] += 1.1
    with pytest.raises(PadFault, match="exchanged for another"):
        rig.look()


def test_a_reader_without_iso_15693_is_used_with_a_warning(bench, caplog):
    rig = bench(closed=True)
    rig.device.version = bytes.fromhex("03 03 00 44 53 0D 30")  # a real CPR40's
    rig.pad.open()
    assert "does not read ISO 15693" in caplog.text


def test_what_is_no_feig_reader_is_refused(bench):
    rig = bench(closed=True)
    rig.device.version = b"\x01\x02"
    with pytest.raises(PadFault, match="is it a FEIG OBID reader"):
        rig.pad.open()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"address": 256}, "address is one byte"),
        ({"secured_afi": -1}, "secured_afi is one byte"),
        ({"secured_afi": 0xC2}, "must differ"),
        ({"gate": "door"}, "gate 'door' is unknown"),
    ],
)
def test_settings_that_cannot_be_are_refused_in_words(settings, words):
    with pytest.raises(ValueError, match=words):
        Feig("/dev/null", **settings)


def test_it_tells_what_it_is(bench):
    rig = bench()
    assert repr(rig.pad).startswith(f"<Feig on {rig.line.link}, 38400 8N1, version 03 03")
    rig.pad.close()
    rig.pad.close()
    assert "closed" in repr(rig.pad)
