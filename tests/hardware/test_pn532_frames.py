"""The PN532's frames: found in any stream, in any pieces, and never made up."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.rfid.pn532.frames import ACK, FROM_CHIP, LONGEST, NACK, Frame, FrameParser, Kind, encode

# As the manual and other drivers print them, by hand and not by our own codec.
VERSION = bytes.fromhex("0000FF06FAD50332010607E800")
LIST = bytes.fromhex("0000FF0CF4D54B0101000408" + "04DEADBEEF" + "96" + "00")
ERROR = bytes.fromhex("0000FF01FF7F8100")
DATA = st.binary(min_size=1, max_size=LONGEST - 1)
# Garbage that likes to look like the beginning of something.
GARBAGE = st.lists(
    st.one_of(
        st.binary(max_size=12),
        st.sampled_from([b"\x00", b"\xff", b"\x00\xff", b"\x00\x00\xff", b"\x55\x55\x00\x00"]),
        st.sampled_from(
            [VERSION[:8], LIST[:-2], ACK[:4], b"\x00\xff\xff\xff\x01\x09\xf6", b"\x00\xff\x80\x80"]
        ),
        st.integers(1, 255).map(lambda size: bytes([0x00, 0xFF, size, -size & 0xFF])),
    ),
    max_size=6,
).map(b"".join)


def fed(stream: bytes, cuts: list[int] | None = None) -> list[Frame]:
    """What a parser finds in a stream that arrives in pieces and then stops."""
    parser, found = FrameParser(), []
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in cuts or []), len(stream)]
    for start, end in pairwise(edges):
        found += parser.feed(stream[start:end])
    found += parser.idle()
    assert not parser.waiting
    return found


def answers(frames: list[Frame]) -> list[bytes]:
    return [frame.data for frame in frames if frame.kind is Kind.ANSWER]


def occurs(data: bytes, stream: bytes) -> bool:
    """Whether these answer bytes really stand in the stream with both checksums right, in either form."""
    body = bytes([FROM_CHIP]) + data
    end = bytes([-sum(body) & 0xFF, 0])
    size = len(body)
    extended = bytes([0, 0xFF, 0xFF, 0xFF, size >> 8, size & 0xFF, -((size >> 8) + size) & 0xFF])
    normal = bytes([0, 0xFF, size & 0xFF, -size & 0xFF])
    return extended + body + end in stream or (size < 256 and normal + body + end in stream)


@pytest.mark.parametrize(
    ("raw", "kind", "data"),
    [
        (ACK, Kind.ACK, b""),
        (NACK, Kind.NACK, b""),
        (ERROR, Kind.ERROR, b""),
        (VERSION, Kind.ANSWER, bytes.fromhex("0332010607")),
        (LIST, Kind.ANSWER, bytes.fromhex("4B010100040804DEADBEEF")),
        (bytes.fromhex("0000FF02FED4022A00"), Kind.FOREIGN, b"\x02"),
        (bytes.fromhex("0000FFFFFF0002FED5032800"), Kind.ANSWER, b"\x03"),
    ],
)
def test_every_kind_of_frame_is_known_by_its_bytes(raw, kind, data):
    assert fed(raw) == [Frame(kind, data)]


def test_commands_are_framed_as_other_drivers_print_them():
    assert encode(b"\x02").hex() == "0000ff02fed4022a00"
    assert encode(bytes.fromhex("14010000")).hex() == "0000ff05fbd414010000" + "1700"
    assert encode(bytes.fromhex("4a0100")).hex() == "0000ff04fcd44a0100" + "e100"


@pytest.mark.parametrize("data", [b"", bytes(LONGEST)])
def test_a_frame_the_chip_cannot_hold_is_refused(data):
    with pytest.raises(ValueError, match="do not fit"):
        encode(data)


@given(DATA, st.lists(st.integers(0, 400)))
def test_what_is_framed_is_read_whole_in_any_pieces(data, cuts):
    assert answers(fed(encode(data, tfi=FROM_CHIP), cuts)) == [data]


@given(GARBAGE, DATA, st.lists(st.integers(0, 600)))
def test_a_frame_behind_any_garbage_is_read_and_none_is_made_up(garbage, data, cuts):
    stream = garbage + encode(data, tfi=FROM_CHIP)
    found = answers(fed(stream, cuts))
    assert all(occurs(answer, stream) for answer in found)
    assert data in found or len(found) > 0  # garbage may happen to make a whole right frame around it
    if not any(occurs(answer, garbage + encode(data, tfi=FROM_CHIP)[:-3]) for answer in found):
        assert data in found


@given(st.lists(st.sampled_from([ACK, NACK, ERROR, VERSION, LIST]), max_size=8), st.lists(st.integers(0, 99)))
def test_frames_in_a_row_are_all_read_in_order(row, cuts):
    kinds = {ACK: Kind.ACK, NACK: Kind.NACK, ERROR: Kind.ERROR, VERSION: Kind.ANSWER, LIST: Kind.ANSWER}
    assert [frame.kind for frame in fed(b"".join(row), cuts)] == [kinds[raw] for raw in row]


def test_frames_that_share_their_postamble_and_preamble_are_all_read():
    row = ACK[1:] + VERSION[2:] + LIST[2:]
    assert [frame.kind for frame in fed(row)] == [Kind.ACK, Kind.ANSWER, Kind.ANSWER]


@pytest.mark.parametrize("behind", [b"", b"\xff", b"\x55\x00"])
def test_a_list_that_lost_a_zero_on_the_way_is_no_answer_though_its_sum_is_right(behind):
    assert LIST[9] == 0x00
    assert answers(fed(LIST[:9] + LIST[10:] + behind)) == []


@given(DATA, st.data())
def test_a_frame_with_any_one_wrong_byte_is_no_answer(data, chooser):
    frame = bytearray(encode(data, tfi=FROM_CHIP))
    place = chooser.draw(st.integers(3, len(frame) - 2))
    frame[place] ^= chooser.draw(st.integers(1, 255))
    assert data not in answers(fed(bytes(frame)))
    assert all(occurs(answer, bytes(frame)) for answer in answers(fed(bytes(frame))))


def test_a_listed_tag_with_any_one_wrong_bit_is_no_answer():
    for bit in range(8, 8 * (len(LIST) - 1)):
        wrong = bytearray(LIST)
        wrong[bit // 8] ^= 1 << bit % 8
        assert answers(fed(bytes(wrong))) == []


def test_a_header_that_claims_what_follows_is_given_up():
    parser = FrameParser()
    assert parser.feed(b"\x00\x00\xff\x80\x80" + VERSION) == []
    assert parser.waiting
    assert answers(parser.idle()) == [VERSION[6:-2]]


def test_what_a_tag_holds_cannot_pass_for_an_answer_of_the_chip():
    """An answer whose content looks like a whole frame is one frame, also when it arrives byte by byte."""
    inside = b"\x41\x00" + LIST + ACK
    parser, found = FrameParser(), []
    for byte in encode(inside, tfi=FROM_CHIP):
        found += parser.feed(bytes([byte]))
    assert found == [Frame(Kind.ANSWER, inside)]


def test_a_hundred_thousand_random_and_mutated_bytes_make_up_no_frame_and_hide_none():
    chance = random.Random(7)
    parser = FrameParser()
    for _ in range(2500):
        wrong = bytearray(chance.choice((LIST, VERSION, ACK)))
        match chance.randrange(4):
            case 0:
                wrong[chance.randrange(3, len(wrong) - 1)] ^= chance.randrange(1, 256)
            case 1:
                del wrong[chance.randrange(len(wrong)) :]
            case 2:
                wrong[:] = chance.randbytes(len(wrong))
            case 3:
                wrong += chance.randbytes(20)
        junk = chance.randbytes(chance.randrange(40)) + bytes(wrong)
        stream = junk + LIST
        found = answers([*parser.feed(stream), *parser.idle()])
        assert LIST[6:-2] in found
        assert all(occurs(answer, stream) for answer in found)
