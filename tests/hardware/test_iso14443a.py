"""ISO/IEC 14443-3 type A without any reader: frames, checksums, and the search for one tag among many."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from operator import xor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.rfid.iso14443a import (
    WUPA,
    Answer,
    AnswerError,
    Frame,
    Prefix,
    anticollision,
    bcc,
    call,
    crc_a,
    halt,
    identify,
    longer,
    select,
    whole_part,
)

UIDS = st.one_of(*(st.binary(min_size=size, max_size=size) for size in (4, 7, 10)))


def parts(uid: bytes) -> list[bytes]:
    """The cascade levels of a UID, each with its BCC."""
    levels = []
    while len(uid) > 4:
        levels.append(b"\x88" + uid[:3])
        uid = uid[3:]
    return [level + bytes([reduce(xor, level)]) for level in (*levels, uid)]


@dataclass
class Crowd:
    """Tags that just heard a call, answering all at once, and a receiver that reports the first collision.

    `skipped_counts`: whether CollPos counts the bits skipped by RxAlign; `collided_bit`: what the receiver
    stores where bits collided.
    """

    uids: set[bytes]
    skipped_counts: bool = True
    collided_bit: int = 1
    sak: int = 0x08
    frames: list[Frame] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ready = dict.fromkeys(self.uids, 0)
        self.selected: bytes | None = None

    def __call__(self, frame: Frame) -> Answer:
        self.frames.append(frame)
        assert len(self.frames) < 200, "the search does not end"
        level = (0x93, 0x95, 0x97).index(frame.data[0])
        self.ready = {uid: at for uid, at in self.ready.items() if at == level and level < len(parts(uid))}
        if frame.data[1] == 0x70:
            return self._select(frame, level)
        known = ((frame.data[1] >> 4) - 2) * 8 + (frame.data[1] & 7)
        assert frame.last_bits == frame.align == known % 8
        prefix = int.from_bytes(frame.data[2:], "little")
        mask = (1 << known) - 1
        numbers = {uid: int.from_bytes(parts(uid)[level], "little") for uid in self.ready}
        self.ready = {uid: level for uid, number in numbers.items() if number & mask == prefix & mask}
        return self._together([numbers[uid] for uid in self.ready], known)

    def _together(self, numbers: list[int], known: int) -> Answer:
        if not numbers:
            return Answer()
        differing = reduce(lambda a, b: a | b, (number ^ numbers[0] for number in numbers))
        differing >>= known
        bits, position = numbers[0], None
        if differing:
            first = known + (differing & -differing).bit_length() - 1
            bits = bits & ((1 << first) - 1) | self.collided_bit << first
            start = known - known % 8 if self.skipped_counts else known
            position = first - start + 1
        data = (bits >> known << known % 8).to_bytes(5 - known // 8, "little")
        return Answer(data, collided=bool(differing), position=position)

    def _select(self, frame: Frame, level: int) -> Answer:
        body, crc = frame.data[:-2], frame.data[-2:]
        assert crc_a(body) == crc
        chosen = [uid for uid in self.ready if parts(uid)[level] == body[2:]]
        if not chosen:
            return Answer()
        self.ready = dict.fromkeys(chosen, level + 1)
        complete = level + 1 == len(parts(chosen[0]))
        if complete:
            self.selected = chosen[0]
        sak = bytes([self.sak if complete else 0x04])
        return Answer(sak + crc_a(sak))


def test_crc_a_is_that_of_the_standards_examples():
    assert crc_a(bytes.fromhex("0000")) == bytes.fromhex("A01E")  # ISO/IEC 14443-3 annex B
    assert crc_a(bytes.fromhex("1234")) == bytes.fromhex("26CF")


@given(st.binary(max_size=64))
def test_crc_a_over_data_and_its_own_crc_is_zero(data):
    assert crc_a(data + crc_a(data)) == b"\0\0"


@given(st.binary(min_size=1, max_size=16), st.data())
def test_crc_a_notices_every_flipped_bit(data, draw):
    bit = draw.draw(st.integers(0, 8 * len(data) - 1))
    flipped = (int.from_bytes(data, "little") ^ 1 << bit).to_bytes(len(data), "little")
    assert crc_a(flipped) != crc_a(data)


def test_frames_are_the_standards_bytes():
    assert call() == Frame(b"\x26", last_bits=7, answer_bytes=2)
    assert call(WUPA).data == b"\x52"
    assert halt() == Frame(bytes.fromhex("500057CD"))
    assert anticollision(0, Prefix()) == Frame(bytes.fromhex("9320"), answer_bytes=5)
    assert anticollision(1, Prefix()).data == bytes.fromhex("9520")
    assert anticollision(2, Prefix(0b101, 3)) == Frame(
        bytes.fromhex("972305"), last_bits=3, align=3, answer_bytes=5
    )
    assert anticollision(0, Prefix(0x0488, 16)) == Frame(bytes.fromhex("93408804"), answer_bytes=3)
    assert select(0, bytes.fromhex("DEADBEEF22")).data == bytes.fromhex("9370DEADBEEF22") + crc_a(
        bytes.fromhex("9370DEADBEEF22")
    )


@given(UIDS)
def test_a_single_tag_is_found_with_its_whole_uid(uid):
    identity = identify(Crowd({uid}))
    assert identity.uid == uid
    assert identity.text == uid.hex().upper()
    assert len(identity.text) in {8, 14, 20}


@given(st.binary(min_size=3, max_size=3))
def test_a_four_byte_uid_may_begin_with_the_cascade_tag(rest):
    crowd = Crowd({b"\x88" + rest})
    assert identify(crowd).uid == b"\x88" + rest
    assert {frame.data[0] for frame in crowd.frames} == {0x93}


@given(st.sets(UIDS, min_size=1, max_size=12), st.booleans(), st.integers(0, 1))
def test_every_tag_of_a_crowd_is_found_whatever_the_chip_says_at_a_collision(uids, skipped_counts, bit):
    left = set(uids)
    while left:
        crowd = Crowd(left, skipped_counts=skipped_counts, collided_bit=bit)
        identity = identify(crowd)
        assert identity.uid == crowd.selected
        left.remove(identity.uid)


@given(st.sets(UIDS, min_size=2, max_size=12), st.booleans(), st.integers(0, 1))
def test_a_search_never_takes_more_than_33_frames_a_level(uids, skipped_counts, bit):
    crowd = Crowd(uids, skipped_counts=skipped_counts, collided_bit=bit)
    identify(crowd)
    for level in (0x93, 0x95, 0x97):
        assert sum(frame.data[0] == level and frame.data[1] != 0x70 for frame in crowd.frames) <= 33


@given(st.integers(0, 31), st.integers(0, 2**32 - 1), st.binary(max_size=5), st.integers(1, 32))
def test_a_collision_always_adds_a_bit_and_keeps_the_known_ones(count, bits, data, position):
    prefix = Prefix(bits & ((1 << count) - 1), count)
    try:
        grown = longer(prefix, Answer(data, collided=True, position=position))
    except AnswerError:
        return
    assert count < grown.count <= 32
    assert grown.bits & ((1 << count) - 1) == prefix.bits
    assert grown.bits < 1 << grown.count


def test_a_collision_the_chip_cannot_place_is_refused():
    with pytest.raises(AnswerError, match="outside the UID"):
        longer(Prefix(), Answer(bytes(5), collided=True))


def test_a_wrong_block_check_character_is_refused():
    with pytest.raises(AnswerError, match="block check"):
        whole_part(Prefix(), Answer(bytes.fromhex("DEADBEEF23")))


@given(UIDS, st.data())
def test_one_wrong_bit_anywhere_never_becomes_a_tag(uid, draw):
    """Whatever answer is damaged, and wherever: no UID but the true one comes out."""
    crowd = Crowd({uid})
    damaged_answer = draw.draw(st.integers(0, 2 * len(parts(uid)) - 1))
    bit = draw.draw(st.integers(0, 23))
    count = 0

    def exchange(frame: Frame) -> Answer:
        nonlocal count
        answer = crowd(frame)
        if count == damaged_answer and answer.data:
            number = int.from_bytes(answer.data, "little") ^ 1 << bit
            answer = Answer(number.to_bytes(len(answer.data), "little"))
        count += 1
        return answer

    with pytest.raises(AnswerError):
        identify(exchange)


def _answers(*hexes: str):
    script = [Answer(bytes.fromhex(text)) for text in hexes]
    return lambda frame: script.pop(0)


def _sak(value: int) -> str:
    return (bytes([value]) + crc_a(bytes([value]))).hex()


def test_more_uid_without_a_cascade_tag_is_refused():
    with pytest.raises(AnswerError, match="cascade tag"):
        identify(_answers("DEADBEEF22", _sak(0x04)))


def test_a_fourth_cascade_level_is_refused():
    level = "88040102" + f"{bcc(bytes.fromhex('88040102')):02X}"
    with pytest.raises(AnswerError, match="fourth"):
        identify(_answers(*[level, _sak(0x04)] * 3))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(), "silence after anticollision"),
        (Answer(b"\x01" * 5, fault="parity error"), "parity error"),
        (Answer(b"\x01" * 4), "4 bytes where 5 were due"),
        (Answer(b"\x01" * 5, last_bits=3), "were due"),
    ],
)
def test_an_anticollision_answer_that_is_no_proof_is_refused_in_words(answer, words):
    with pytest.raises(AnswerError, match=words):
        identify(lambda frame: answer)


@pytest.mark.parametrize("sak", ["", "08", "08B6DE", "08B6DD00"])
def test_a_sak_that_is_not_whole_or_not_right_is_refused(sak):
    with pytest.raises(AnswerError):
        identify(_answers("DEADBEEF22", sak))
    assert identify(_answers("DEADBEEF22", "08B6DD")).uid == bytes.fromhex("DEADBEEF")
