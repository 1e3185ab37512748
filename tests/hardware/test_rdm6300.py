"""The RDM6300: a tag that is told, a tag that is no more, and garbage that is neither."""

from __future__ import annotations

import random
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.errors import SimulationError
from hardware.rfid.rdm6300 import RDM6300, FrameParser
from hardware.simulated.clock import VirtualClock
from hardware.simulated.rdm6300_device import RDM6300Device
from hardware.simulated.serial_line import SerialLine
from hardware.worker import PadWorker
from kiosk.events import ReaderBack, ReaderLost, Tag, TagKind, TagsOnPad
from kiosk.ports import PadDisturbed, PadFault
from tests.hardware.pn532_rig import BenchWire

CARD, OTHER = "0F00E3A5D1", "6200335B9C"
FRAME = b"\x020F00E3A5D198\x03"  # 0F ^ 00 ^ E3 ^ A5 ^ D1 = 98h, by hand
RAW = st.binary(min_size=5, max_size=5)
GARBAGE = st.lists(
    st.one_of(st.binary(max_size=20), st.sampled_from([b"\x02", b"\x03", FRAME[:9], FRAME[5:], b"\r\n"])),
    max_size=5,
).map(b"".join)


def framed(raw: bytes) -> bytes:
    """A frame, written down here once more and not by the code under test."""
    checksum = raw[0] ^ raw[1] ^ raw[2] ^ raw[3] ^ raw[4]
    return b"\x02" + raw.hex().upper().encode() + f"{checksum:02X}".encode() + b"\x03"


class Rig:
    """Driver and module on one wire, on a clock of their own."""

    def __init__(self, **settings) -> None:
        self.clock = VirtualClock()
        self.device = RDM6300Device()
        self.wire = BenchWire(self.device, self.clock)
        self.pad = RDM6300(self.wire, sleep=self.clock.sleep, monotonic=self.clock.monotonic, **settings)
        self.pad.open()

    def look(self, after: float = 0.1) -> set[str]:
        self.clock.sleep(after)
        tags = self.pad.inventory()
        assert all(tag.kind is TagKind.EM4100 for tag in tags)
        return {tag.uid for tag in tags}

    def chatter(self, data: bytes) -> None:
        """Have the wire say this at the next look."""
        self.wire._arrived += data


def answer_of(rig: Rig) -> str:
    try:
        return " ".join(sorted(rig.look())) or "silence"
    except PadDisturbed:
        return "disturbed"
    except PadFault:
        return "fault"


def test_a_frame_from_the_manual_is_read():
    assert FrameParser().feed(FRAME) == [CARD]
    assert framed(bytes.fromhex(CARD)) == FRAME


@given(RAW, st.lists(st.integers(0, 14), max_size=4))
def test_any_tag_is_read_in_any_pieces(raw, cuts):
    parser, found, frame = FrameParser(), [], framed(raw)
    edges = [0, *sorted(cuts), 14]
    for start, end in pairwise(edges):
        found += parser.feed(frame[start:end])
    assert found == [raw.hex().upper()]
    assert parser.garbage == 0


@given(GARBAGE, RAW)
def test_a_frame_behind_any_garbage_is_read_and_none_is_made_up(garbage, raw):
    parser = FrameParser()
    found = parser.feed(garbage + framed(raw))
    assert found[-1:] == [raw.hex().upper()]
    assert all(framed(bytes.fromhex(uid)) in (garbage + framed(raw)).upper() for uid in found)


@given(RAW, st.integers(0, 13), st.integers(1, 255))
def test_a_frame_with_any_one_wrong_byte_is_no_other_tag(raw, place, change):
    frame = bytearray(framed(raw))
    frame[place] ^= change
    assert FrameParser().feed(bytes(frame)) in ([], [raw.hex().upper()])  # "a" for "A" is the same digit


def test_a_hundred_thousand_random_and_mutated_bytes_make_up_no_tag_and_hide_none():
    chance = random.Random(9)
    parser = FrameParser()
    for _ in range(2500):
        wrong = bytearray(FRAME)
        wrong[chance.randrange(14)] = chance.randrange(256)
        del wrong[chance.randrange(14) : chance.choice((0, 14))]
        found = parser.feed(chance.randbytes(chance.randrange(40)) + bytes(wrong) + FRAME)
        assert found
        assert set(found) == {CARD}


def test_a_tag_is_there_while_it_is_repeated_and_for_a_moment_after():
    rig = Rig()
    assert rig.look() == set()
    rig.device.place(CARD)
    rig.look()
    for _ in range(20):
        assert rig.look() == {CARD}
    rig.device.lift()
    lifted = rig.clock.monotonic()
    while rig.look(0.02):
        assert rig.clock.monotonic() - lifted < 0.3 + 0.07
    assert rig.clock.monotonic() - lifted > 0.2
    rig.device.place(OTHER)
    rig.look()
    assert rig.look() == {OTHER}


def test_frames_that_waited_while_nobody_looked_are_too_old_to_count():
    rig = Rig()
    rig.device.place(CARD)
    rig.look()
    rig.look()
    for _ in range(30):
        rig.clock.sleep(0.065)
        rig.chatter(rig.device.tick(rig.clock.monotonic()))
    rig.device.lift()
    assert rig.look() == set()


def test_a_frame_cut_in_two_by_a_look_is_one_frame():
    rig = Rig()
    rig.chatter(FRAME[:6])
    assert rig.look() == set()
    rig.chatter(FRAME[6:])
    assert rig.look() == {CARD}


def test_garbage_alone_is_a_disturbance_and_going_on_is_a_fault_in_words():
    rig = Rig()
    rig.chatter(b"\xf3\x80\x1c")
    with pytest.raises(PadDisturbed, match="no whole frame"):
        rig.look()
    assert rig.look() == set()
    told = []
    for _ in range(25):
        rig.chatter(b"\x80\xfe\xf8")
        told.append(answer_of(rig))
    borne = told.count("disturbed")
    assert told == ["disturbed"] * borne + ["fault"] * (25 - borne)
    assert 17 <= borne <= 19  # two seconds from the first garbage on
    rig.chatter(b"\x80")
    with pytest.raises(PadFault, match=r"baud rate is 9600.*GND"):
        rig.look()


def test_garbage_now_and_then_is_no_fault():
    rig = Rig()
    for _ in range(10):
        rig.chatter(b"\x80")
        assert answer_of(rig) == "disturbed"
        assert {answer_of(rig) for _ in range(15)} == {"silence"}


def test_garbage_beside_a_tag_that_is_held_keeps_the_tag():
    rig = Rig()
    rig.chatter(FRAME)
    assert rig.look() == {CARD}
    rig.chatter(b"\x02\x02")
    rig.chatter(b"junk that is longer than a frame")
    with pytest.raises(PadDisturbed) as disturbed:
        rig.look()
    assert disturbed.value.tags == {Tag(CARD, TagKind.EM4100)}


def test_flipped_bits_and_cut_frames_never_make_another_tag():
    rig = Rig()
    rig.device.place(CARD)
    rig.device.flip, rig.device.cut = 0.3, 0.2
    told = [answer_of(rig) for _ in range(500)]
    assert set(told) <= {CARD, "disturbed", "silence"}
    assert told.count(CARD) > 300


def test_a_closed_reader_says_so_and_a_short_hold_is_refused():
    rig = Rig()
    rig.pad.close()
    rig.pad.close()
    with pytest.raises(PadFault, match="not open"):
        rig.pad.inventory()
    assert repr(rig.pad) == "<RDM6300 on bench, closed>"
    with pytest.raises(ValueError, match="hold_ms 50"):
        RDM6300(rig.wire, hold_ms=50)


def test_only_ten_hex_digits_can_be_laid_on_the_simulated_reader():
    device = RDM6300Device()
    for wrong in ("DEADBEEF", "0f00e3a5d1", "0F00E3A5D1X"):
        with pytest.raises(SimulationError, match="ten upper-case"):
            device.place(wrong)
    device.place(CARD)
    with pytest.raises(SimulationError, match="lies there"):
        device.place(OTHER)


def until(met, seconds: float) -> bool:
    ends = time.monotonic() + seconds
    while not met():
        if time.monotonic() > ends:
            return False
        time.sleep(0.01)
    return True


def test_on_a_real_terminal_the_worker_tells_placing_lifting_unplugging_and_coming_back(tmp_path):
    device = RDM6300Device()
    told: list[str] = []

    def hear(event: object) -> None:
        match event:
            case TagsOnPad(tags):
                told.append(" ".join(sorted(tag.uid for tag in tags)) or "empty")
            case ReaderLost():
                told.append("lost")
            case ReaderBack():
                told.append("back")

    path = tmp_path / "usb-rdm6300"
    with SerialLine(device, path, baud=9600, pieces=3) as line:
        worker = PadWorker(RDM6300(path), hear)
        worker.start()
        try:
            for step, expected in (
                (lambda: None, "empty"),
                (lambda: device.place(CARD), CARD),
                (line.unplug, "lost"),
                (line.plug, CARD),
                (device.lift, "empty"),
            ):
                step()
                assert until(lambda expected=expected: told[-1:] == [expected], 5.0), (told, expected)
        finally:
            worker.stop()
    assert told == ["empty", CARD, "lost", "back", CARD, "empty"]


def test_at_a_wrong_baud_rate_nothing_is_read_and_something_is_said(tmp_path):
    device = RDM6300Device()
    device.place(CARD)
    path = tmp_path / "usb-rdm6300"
    with SerialLine(device, path, baud=115200):
        pad = RDM6300(path)
        pad.open()
        words: list[str] = []

        def complained() -> bool:
            try:
                assert pad.inventory() == frozenset()
            except PadDisturbed as disturbed:
                words.append(str(disturbed))
            return len(words) > 3

        assert until(complained, 3.0)
        pad.close()
