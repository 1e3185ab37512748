"""Frames of FEIG readers: known ones byte by byte, and any stream of bytes in any pieces."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.rfid.feig.frames import Answer, AnswerParser, FrameTooLong, crc16, request

VERSION_ANSWER = bytes.fromhex("02 00 0F 00 65 00 03 03 00 44 53 0D 30 74 69")  # recorded from a CPR40
VERSION_DATA = bytes.fromhex("03 03 00 44 53 0D 30")

answers = st.builds(
    Answer, st.integers(0, 254), st.integers(0, 255), st.integers(0, 255), st.binary(max_size=300)
)


def counted(data: bytes) -> bytes:
    """The CRC as the manual's example counts it, bit by bit."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0x8408 if crc & 1 else crc >> 1
    return bytes((crc & 0xFF, crc >> 8))


def frame(answer: Answer, *, advanced: bool = False) -> bytes:
    """As a reader would send it."""
    body = bytes((answer.address, answer.command, answer.status)) + answer.data
    if advanced or len(body) + 3 > 255:
        whole = b"\x02" + (len(body) + 5).to_bytes(2, "big") + body
    else:
        whole = bytes((len(body) + 3,)) + body
    return whole + counted(whole)


def pieces(data: bytes, seed: int) -> list[bytes]:
    chance, parts = random.Random(seed), []
    while data:
        size = chance.randint(1, 9)
        parts.append(data[:size])
        data = data[size:]
    return parts


def read(parser: AnswerParser, data: bytes, seed: int = 0) -> list[Answer]:
    return [answer for piece in pieces(data, seed) for answer in parser.feed(piece)]


@pytest.mark.parametrize(
    ("command", "data", "sent"),
    [
        (0xB0, "01 00", "07 FF B0 01 00 1C 56"),
        (0x69, "", "05 FF 69 89 01"),
        (0x65, "", "05 FF 65 E5 CB"),
    ],
)
def test_the_requests_of_the_manuals_come_out_byte_by_byte(command, data, sent):
    assert request(command, bytes.fromhex(data)) == bytes.fromhex(sent)


def test_an_advanced_request_is_the_one_recorded_from_a_real_reader():
    assert request(0x65, advanced=True) == bytes.fromhex("02 00 07 FF 65 6E 61")


def test_an_answer_recorded_from_a_real_reader_is_read():
    parser = AnswerParser()
    assert parser.feed(VERSION_ANSWER) == [Answer(0x00, 0x65, 0x00, VERSION_DATA)]
    assert (parser.skipped, parser.pending) == (0, 0)


def test_more_data_than_a_frame_holds_is_refused_in_words():
    assert len(request(0xB0, bytes(250))) == 255
    with pytest.raises(FrameTooLong, match="251 bytes of data do not fit into a standard frame"):
        request(0xB0, bytes(251))
    with pytest.raises(FrameTooLong, match="advanced"):
        request(0xB0, bytes(65535), advanced=True)


@given(st.binary(max_size=300))
def test_the_crc_is_that_of_the_manual(data):
    assert crc16(data) == counted(data)


@given(st.lists(st.tuples(answers, st.booleans()), max_size=5), st.integers(0, 99))
def test_answers_are_read_in_order_whatever_the_pieces_and_the_kind_of_frame(said, seed):
    parser = AnswerParser()
    line = b"".join(frame(answer, advanced=advanced) for answer, advanced in said)
    assert read(parser, line, seed) == [answer for answer, _ in said]
    assert (parser.skipped, parser.pending) == (0, 0)


@given(st.binary(max_size=60), answers, st.integers(0, 99))
def test_a_real_frame_behind_garbage_is_found(garbage, answer, seed):
    parser = AnswerParser()
    found = read(parser, garbage + frame(answer), seed)
    found += parser.settle()
    assert found[-1:] == [answer]
    assert parser.pending == 0


def test_every_single_wrong_bit_is_noticed():
    whole = frame(Answer(0, 0xB0, 0, bytes.fromhex("01 03 06 E0 04 01 50 12 34 56 78")))
    for bit in range(len(whole) * 8):
        wrong = bytearray(whole)
        wrong[bit // 8] ^= 1 << bit % 8
        parser = AnswerParser()
        assert parser.feed(bytes(wrong)) + parser.settle() == []


def test_what_a_tag_holds_is_not_taken_for_an_answer_while_the_real_one_is_still_coming():
    """A block may be written so that it looks like an answer with a false tag in it."""
    forged = frame(Answer(0, 0xB0, 0, bytes.fromhex("01 03 06 E0 04 01 50 FF FF FF FF")))
    real = Answer(0, 0xB0, 0, b"\x10\x04" + forged)
    parser = AnswerParser()
    line = frame(real)
    assert parser.feed(line[:-1]) == []
    assert parser.feed(line[-1:]) == [real]


def test_lengths_that_no_frame_has_do_not_keep_the_parser_waiting():
    parser = AnswerParser()
    for impossible in (b"\x00", b"\x05", b"\x02\x00\x07", b"\x02\x00\x00"):
        parser.clear()
        assert parser.feed(impossible + b"\x00\x00\x00" + VERSION_ANSWER)[-1:] == [
            Answer(0, 0x65, 0, VERSION_DATA)
        ]


def believable(found: list[Answer], line: bytes) -> bool:
    """Whether each of them stands in the line as it is, CRC included. One place in 65536 does by accident."""
    return all(frame(answer) in line or frame(answer, advanced=True) in line for answer in found)


@pytest.mark.parametrize("seed", range(3))
def test_of_a_hundred_thousand_random_bytes_nothing_is_believed_that_has_no_right_crc(seed):
    noise = random.Random(seed).randbytes(100_000)
    parser = AnswerParser()
    found = parser.feed(noise) + parser.settle()
    assert believable(found, noise)
    assert len(found) < 12
    assert parser.feed(VERSION_ANSWER) == [Answer(0, 0x65, 0, VERSION_DATA)]


@pytest.mark.parametrize("seed", range(3))
def test_a_hundred_thousand_bytes_of_damaged_answers_give_up_the_undamaged_ones(seed):
    chance = random.Random(seed)
    line, whole = bytearray(), set()
    while len(line) < 100_000:
        answer = Answer(0, 0xB0, chance.randrange(256), chance.randbytes(chance.randrange(40)))
        sent = bytearray(frame(answer, advanced=chance.random() < 0.3))
        at = chance.randrange(1, len(sent))
        match chance.randrange(4):
            case 0:
                sent[at] ^= 1 << chance.randrange(8)
            case 1:
                del sent[at:]
            case 2:
                sent[at:at] = chance.randbytes(3)
            case _:
                whole.add(answer)
        line += sent
    parser = AnswerParser()
    found = read(parser, bytes(line), seed) + parser.settle()
    assert believable(found, bytes(line))
    assert len(set(found) - whole) < 6  # accidents
    assert len(whole - set(found)) < 6  # what an accident swallowed
    assert parser.feed(VERSION_ANSWER) == [Answer(0, 0x65, 0, VERSION_DATA)]
