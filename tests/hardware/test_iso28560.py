"""The basic block of ISO 28560-3 against its published vector, round the world and against rubbish."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.rfid.tags.iso28560 import (
    SHORT,
    WHOLE,
    BasicBlock,
    BlockError,
    Usage,
    WrongChecksum,
    crc16,
    decode,
    encode,
)

READS_BOTH_WAYS = "11010144353346453131334241364245303338696d564e31323334353637383931310000"
VECTOR = bytes.fromhex("11010131313232333334340000000000000000513e4445373035000000000000")
BOOK = BasicBlock("LK-0012345", "VN-HN01")


def fits(text: str) -> bool:
    return 0 < len(text.encode()) <= 16 and text.isprintable() and text == text.strip()


identifiers = st.one_of(
    st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=16).filter(fits),
    st.text("ABCĐêô0123456789-", min_size=1, max_size=16).filter(fits),
)
owners = st.one_of(st.just(""), st.from_regex(r"\A[A-Z]{2}-[A-Za-z0-9:/-]{1,11}\Z"))
blocks = st.builds(
    lambda identifier, owner, usage, parts, part: BasicBlock(
        identifier, owner, usage, max(parts, part), min(parts, part)
    ),
    identifiers,
    owners,
    st.sampled_from(Usage),
    st.integers(0, 255),
    st.integers(0, 255),
)


def with_checksum(body: bytes) -> bytes:
    """A block whose bytes 19 and 20 are put right."""
    covered = body[:19] + body[21:] + bytes(34 - len(body))
    return body[:19] + crc16(covered).to_bytes(2, "little") + body[21:]


def changed(at: int, *values: int, block: bytes | None = None) -> bytes:
    body = bytearray(block or encode(BOOK))
    body[at : at + len(values)] = bytes(values)
    return with_checksum(bytes(body))


def reversed_in_fours(data: bytes) -> bytes:
    return b"".join(data[at : at + 4][::-1] for at in range(0, len(data), 4))


def test_the_published_vector_says_what_it_should():
    assert decode(VECTOR) == BasicBlock("11223344", "DE-705", Usage.CIRCULATING, 1, 1)
    assert encode(BasicBlock("11223344", "DE-705"), length=SHORT) == VECTOR
    assert VECTOR[19:21] == (0x3E51).to_bytes(2, "little")


def test_a_whole_block_is_laid_out_byte_by_byte():
    block = encode(BasicBlock("LK-0012345", "VN-HN01", Usage.NOT_FOR_LOAN, 3, 2))
    assert block.hex(" ") == (
        "12 03 02 4c 4b 2d 30 30 31 32 33 34 35 00 00 00 00 00 00 "
        + crc16(block[:19] + block[21:]).to_bytes(2, "little").hex(" ")
        + " 56 4e 48 4e 30 31 00 00 00 00 00 00 00"
    )


@given(blocks)
def test_what_is_encoded_is_decoded_in_both_lengths_and_reversed_in_fours(block):
    assert decode(encode(block)) == block
    short = decode(encode(block, length=SHORT))
    assert (short.identifier, short.usage, short.parts, short.part) == (
        block.identifier,
        block.usage,
        block.parts,
        block.part,
    )
    assert short.owner == block.owner[:12]
    for length in (WHOLE, SHORT):
        turned = decode(reversed_in_fours(encode(block, length=length) + bytes(-length % 4)))
        assert turned.identifier == block.identifier
        assert turned.remarks in ((), ("its bytes were reversed in fours",))


@given(blocks, st.integers(0, 34 * 8 - 1))
def test_one_flipped_bit_is_never_accepted(block, bit):
    damaged = bytearray(encode(block))
    damaged[bit // 8] ^= 1 << bit % 8
    with pytest.raises(WrongChecksum, match=r"bytes 19 and 20 hold the checksum [0-9A-F]{4}h where"):
        decode(bytes(damaged))


@given(st.binary(max_size=64))
def test_rubbish_is_a_block_error_and_nothing_else(data):
    try:
        block = decode(data)
    except BlockError:
        return
    assert fits(block.identifier)


@given(st.binary(min_size=34, max_size=34))
def test_rubbish_with_a_right_checksum_is_a_block_error_or_a_block_that_could_be(data):
    try:
        block = decode(with_checksum(data))
    except BlockError:
        return
    assert fits(block.identifier)
    assert block.part <= block.parts


def test_a_vietnamese_identifier_counts_in_bytes():
    assert decode(encode(BasicBlock("Đọc-Ước-01"))).identifier == "Đọc-Ước-01"
    with pytest.raises(BlockError, match="18 bytes in UTF-8; a block holds 16"):
        BasicBlock("ọọọọọọ")


@pytest.mark.parametrize("identifier", ["", "A\nB", "A\0B", " A", "A ", "\ud800", "A" * 17])
def test_an_identifier_that_no_block_can_hold_is_refused(identifier):
    with pytest.raises(BlockError, match="the identifier"):
        BasicBlock(identifier)


@pytest.mark.parametrize("owner", ["VN", "vn-1", "VN-", "VN-123456789012", "VN-Hà", "O-1", "VNHN01"])
def test_an_owner_that_is_no_isil_is_refused(owner):
    with pytest.raises(BlockError, match="ISIL"):
        encode(BasicBlock("1", owner))


@pytest.mark.parametrize("parts", [(1, 2), (256, 1), (1, -1)])
def test_parts_that_cannot_be_are_refused(parts):
    with pytest.raises(BlockError, match="part"):
        BasicBlock("1", parts=parts[0], part=parts[1])


def test_other_lengths_are_refused():
    with pytest.raises(BlockError, match="34 or 32 bytes, not 33"):
        encode(BOOK, length=33)
    with pytest.raises(BlockError, match="31 bytes are no basic block"):
        decode(VECTOR[:31])


def test_swapped_nibbles_are_understood_because_only_one_is_the_version():
    block = decode(changed(0, 0x21))
    assert block.usage is Usage.NOT_FOR_LOAN
    assert block.remarks == ("version and usage were swapped in byte 0",)


def test_swapped_part_and_parts_are_understood_where_only_one_reading_makes_sense():
    assert decode(changed(1, 2, 5)).remarks == ("part and number of parts were swapped in bytes 1 and 2",)
    assert (decode(changed(1, 2, 5)).parts, decode(changed(1, 2, 5)).part) == (5, 2)
    assert (decode(changed(1, 5, 2)).parts, decode(changed(1, 5, 2)).part) == (5, 2)


def test_a_tag_may_leave_the_set_unsaid():
    assert (decode(changed(1, 0, 0)).parts, decode(changed(1, 0, 0)).part) == (0, 0)


def test_an_owner_with_another_prefix_is_kept_as_it_stands():
    assert decode(changed(21, *b"O-123", 0, 0)).owner == "O-123"


@pytest.mark.parametrize(
    ("block", "place"),
    [
        (changed(0, 0x22), "byte 0 reads 22h: neither nibble is the version"),
        (changed(0, 0x1C), "byte 0 reads 1Ch: type of usage Ch is not defined"),
        (changed(3, *bytes(16)), "bytes 3 to 18 are zeros: the identifier is missing"),
        (changed(5, 0xC3, 0x28), r"byte 5 \(C3h\) is not UTF-8"),
        (changed(3, 0x41, 0x00, 0x42), "bytes 3 to 18: the identifier 'A.x00B.*control"),
        (changed(3, 0x1B, 0x5B), "bytes 3 to 18: .*control"),
        (changed(22, 0xFF), "bytes 21 to 33 .* are no owner's ISIL"),
    ],
)
def test_what_cannot_be_is_refused_and_its_place_named(block, place):
    with pytest.raises(BlockError, match=place) as caught:
        decode(block)
    assert not isinstance(caught.value, WrongChecksum)
