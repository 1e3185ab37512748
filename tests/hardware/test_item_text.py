"""What a tag says of its item: forms, what else may lie there, interrupted writes, and the comparison."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.rfid.tags import item_text
from hardware.rfid.tags.iso28560 import BasicBlock, BlockError, Usage, encode
from hardware.rfid.tags.item_form import Blank, Foreign, Form, Garbage, Incomplete, Item, lay_out, recognise
from hardware.rfid.tags.item_text import Agreement, agreement
from hardware.rfid.tags.memory import (
    Framing,
    TagForeign,
    TagGone,
    TagNotVerified,
    TagRefused,
    TagTooSmall,
)
from tests.hardware.test_iso28560 import changed
from tests.hardware.unit_memory import LockableMemory, UnitMemory

BOOK = BasicBlock("LK-0012345", "VN-HN01")
OTHER = BasicBlock("LK-0099999", "VN-HN01")
SAID = Item("LK-0012345", "VN-HN01", Usage.CIRCULATING, Form.BLOCK)
SHAPES = {
    "type 2": {"content": bytes(48), "unit": 4},
    "classic": {"content": bytes(720), "unit": 16},
    "iso 15693": {"content": bytes(112), "unit": 4, "framing": Framing.PLAIN},
    "iso 15693 of 32 bytes": {"content": bytes(32), "unit": 4, "framing": Framing.PLAIN},
    "iso 15693 of 24 bytes": {"content": bytes(24), "unit": 4, "framing": Framing.PLAIN},
    "type 2 of 28 bytes": {"content": bytes(28), "unit": 4},
    "units of 8": {"content": bytes(64), "unit": 8},
}
every_shape = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


def tlv(*content: str) -> bytes:
    return bytes.fromhex("".join(content)).ljust(48, b"\0")


# -- forms ---------------------------------------------------------------------------------------------------


def test_where_phones_read_the_block_is_the_value_of_a_proprietary_tlv():
    memory = UnitMemory()
    assert item_text.write(memory, BOOK) == SAID
    assert memory.content == (b"\xfd\x22" + encode(BOOK) + b"\xfe").ljust(64, b"\0")


def test_elsewhere_the_block_begins_at_the_first_byte():
    memory = UnitMemory(framing=Framing.PLAIN)
    assert item_text.write(memory, BOOK) == SAID
    assert memory.content == encode(BOOK).ljust(64, b"\0")


def test_on_32_bytes_the_block_is_cut_short():
    memory = UnitMemory(bytes(32), framing=Framing.PLAIN)
    assert item_text.write(memory, BOOK).form is Form.SHORT_BLOCK
    assert memory.content == encode(BOOK, length=32)
    assert item_text.read(memory).identifier == "LK-0012345"


def test_with_less_room_the_form_is_compact_and_says_the_identifier_alone():
    memory = UnitMemory(bytes(20), framing=Framing.PLAIN)
    assert item_text.write(memory, BOOK) == Item("LK-0012345", form=Form.COMPACT)
    assert memory.content[:14] == b"GD\x01\x0aLK-0012345"
    memory = UnitMemory(bytes(20))
    item_text.write(memory, BOOK)
    assert memory.content[:16] == b"\xfd\x10GD\x01\x0aLK-0012345"
    assert memory.content[18] == 0xFE


def test_what_does_not_fit_is_refused_before_anything_is_written():
    memory = UnitMemory(bytes(12))
    with pytest.raises(TagTooSmall, match="16 bytes do not fit into a tag with room for 9"):
        item_text.write(memory, BOOK)
    memory = UnitMemory()
    with pytest.raises(BlockError, match="ISIL"):
        item_text.write(memory, BasicBlock("1", "nowhere"))
    assert not memory.written


@every_shape
@given(identifier=st.from_regex(r"\A[A-Za-z0-9-]{1,16}\Z"))
def test_what_is_written_is_read_again_in_every_shape_of_memory(shape, identifier):
    memory = UnitMemory(**shape)
    try:
        item_text.write(memory, BasicBlock(identifier, "VN-HN01"))
    except TagTooSmall:
        assert len(memory.content) < 28 or len(identifier) > 12
    else:
        assert item_text.read(memory).identifier == identifier


# -- what lies on tags ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        tlv(),
        b"\xff" * 48,
        tlv("0300FE"),
        tlv("0300FE", "55" * 20),  # erased by a phone: what follows the terminator is nothing
        tlv("0103A00C340300FE"),  # an NTAG213 as delivered
        tlv("00000300FE"),
    ],
)
def test_tags_as_delivered_and_erased_ones_are_blank(content):
    assert recognise(content, Framing.TLV) == Blank()


@pytest.mark.parametrize("content", [tlv(), b"\xff" * 32, tlv("0300FE"), tlv("E14013010300FE")])
def test_blank_iso_15693_tags_are_blank(content):
    assert recognise(content, Framing.PLAIN) == Blank()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (tlv("030CD1010855016578616D706C65FE"), r"a phone's message \(NDEF\): a web address"),
        (tlv("0103A00C34", "0309D1010554026665EAFE"), r"a phone's message \(NDEF\): a text"),
        (tlv("0310D2030AA0"), r"a phone's message \(NDEF\)"),
        (tlv("03FF0120C1"), r"a phone's message \(NDEF\)"),
        (tlv("1337B34701020304"), "TonUINO"),
        (tlv("0300FE00", "00" * 12, "1337B34702"), "TonUINO"),
        (tlv("FD04CAFEBABE"), r"a record of another system \(4 bytes\)"),
        (tlv("DEADBEEF"), "unknown kind, beginning DE AD BE EF"),
        (tlv("FD0A474407"), "version 7, which a newer station wrote"),
    ],
)
def test_somebody_elses_content_is_named(content, kind):
    found = recognise(content, Framing.TLV)
    assert isinstance(found, Foreign)
    assert re.search(kind, found.kind)


def test_on_iso_15693_tags_somebody_elses_content_is_foreign_too():
    for content in (tlv("DEADBEEF"), tlv("E140130103 0CD1010855016578616D706C65FE"), tlv("11" * 40)):
        assert isinstance(recognise(content, Framing.PLAIN), Foreign)


def test_a_block_behind_what_phones_put_first_is_found():
    content = bytes.fromhex("0103A00C34") + b"\xfd\x22" + encode(BOOK) + b"\xfe"
    assert recognise(content.ljust(48, b"\0"), Framing.TLV) == SAID


def test_a_block_without_a_tlv_is_found_where_one_is_usual():
    assert recognise(encode(BOOK).ljust(48, b"\0"), Framing.TLV) == SAID


def test_a_block_reversed_in_fours_is_found_and_says_so():
    turned = encode(BOOK).ljust(36, b"\0")
    turned = b"".join(turned[at : at + 4][::-1] for at in range(0, 36, 4))
    found = recognise(turned.ljust(48, b"\0"), Framing.PLAIN)
    assert found.identifier == "LK-0012345"
    assert found.remarks == ("its bytes were reversed in fours",)


@pytest.mark.parametrize("framing", Framing)
def test_a_damaged_block_is_garbage_that_names_the_checksum_and_may_be_written_over(framing):
    memory = UnitMemory(framing=framing)
    item_text.write(memory, BOOK)
    memory.content[8] ^= 0x01
    found = item_text.read(memory)
    assert isinstance(found, Garbage)
    assert "bytes 19 and 20 hold the checksum" in found.words
    assert item_text.write(memory, BOOK) == SAID


def test_a_damaged_compact_text_is_garbage():
    memory = UnitMemory(bytes(20))
    item_text.write(memory, BOOK)
    memory.content[8] ^= 0x01
    assert "checksum in bytes 14 and 15" in item_text.read(memory).words


def test_a_sound_block_that_says_what_cannot_be_is_foreign():
    whole = changed(3, *bytes(16))
    for framing, content in ((Framing.PLAIN, whole), (Framing.TLV, b"\xfd\x22" + whole)):
        found = recognise(content.ljust(48, b"\0"), framing)
        assert "the identifier is missing" in found.kind


@given(st.binary(min_size=4, max_size=64), st.sampled_from(Framing))
def test_any_bytes_get_an_answer(data, framing):
    found = recognise(data, framing)
    assert isinstance(found, Blank | Item | Incomplete | Foreign | Garbage)


@given(
    st.binary(max_size=46), st.sampled_from([b"\xfd", b"\xfd\x22", b"\x03", b"GD\x01", b"\x11", b"\x01\x03"])
)
def test_bytes_that_begin_like_ours_get_an_answer_too(data, head):
    for framing in Framing:
        found = recognise((head + data).ljust(8, b"\0"), framing)
        assert not isinstance(found, Item)


# -- writing -------------------------------------------------------------------------------------------------


def test_the_first_unit_opens_and_closes_the_write():
    memory = UnitMemory()
    item_text.write(memory, BOOK)
    assert memory.written[0] == (0, b"\xfd\x22\0\0")
    assert [index for index, _ in memory.written[1:-1]] == sorted(
        {index for index, _ in memory.written} - {0}
    )
    assert memory.written[-1] == (0, b"\xfd\x22\x11\x01")


def test_without_a_tlv_the_opening_is_no_blocks_beginning():
    memory = UnitMemory(framing=Framing.PLAIN)
    item_text.write(memory, BOOK)
    assert memory.written[0] == (0, b"\0GD\0")
    assert memory.written[-1] == (0, encode(BOOK)[:4])


@every_shape
@pytest.mark.parametrize("before", ["blank", "another item"])
def test_a_tag_pulled_away_after_any_unit_is_old_or_incomplete_and_is_repaired(shape, before):
    old = UnitMemory(**shape)
    if before == "another item":
        item_text.write(old, OTHER)
        old.written.clear()
    was = item_text.read(old)
    whole = UnitMemory(**{**shape, "content": bytes(old.content)})
    item_text.write(whole, BOOK)
    for count in range(len(whole.written)):
        memory = UnitMemory(**{**shape, "content": bytes(old.content)}, gone_after=count)
        with pytest.raises(TagGone):
            item_text.write(memory, BOOK)
        assert item_text.read(memory) == (Incomplete() if count else was)
        memory.gone_after = None
        assert item_text.write(memory, BOOK).identifier == "LK-0012345"
        assert memory.content == whole.content


def test_what_stands_there_already_is_not_written_again():
    memory = UnitMemory()
    item_text.write(memory, BOOK)
    memory.written.clear()
    assert item_text.write(memory, BOOK) == SAID
    assert not memory.written
    item_text.write(memory, OTHER)
    assert len(memory.written) < 2 + 9  # units that both have stay as they are


def test_foreign_content_stays_unless_it_is_given_up():
    memory = UnitMemory(tlv("1337B34701020304"))
    with pytest.raises(TagForeign, match="holds a figure of a TonUINO music box"):
        item_text.write(memory, BOOK)
    assert not memory.written
    assert item_text.write(memory, BOOK, overwrite=True) == SAID


def test_a_locked_unit_is_noticed_before_the_first_one_is_written():
    memory = LockableMemory(7)
    with pytest.raises(TagRefused, match=r"locked \(unit 7 of 10 needed\)"):
        item_text.write(memory, BOOK)
    assert not memory.written
    assert item_text.write(LockableMemory(10, 11), BOOK) == SAID  # those are not needed


def test_a_locked_tag_that_says_it_already_is_fine():
    memory = LockableMemory(content=UnitMemory().content)
    item_text.write(memory, BOOK)
    memory.locks = tuple(range(16))
    assert item_text.write(memory, BOOK) == SAID


def test_a_memory_that_forgets_is_not_believed():
    class Forgetful(UnitMemory):
        def write(self, index: int, data: bytes) -> None:
            super().write(index, data if index != 3 else bytes(4))

    with pytest.raises(TagNotVerified, match="do it again"):
        item_text.write(Forgetful(), BOOK)


def test_only_units_of_the_form_are_written():
    memory = UnitMemory(b"\xff" * 888)
    item_text.write(memory, BOOK)
    assert memory.content[40:] == b"\xff" * 848


@given(st.sampled_from([4, 8, 16]), st.sampled_from(Framing), st.integers(8, 64))
def test_an_opening_is_never_read_as_an_item(unit, framing, size):
    units = max(1, size // unit)
    try:
        layout = lay_out(BOOK, framing, unit=unit, units=units)
    except TagTooSmall:
        return
    for body in (b"".join(layout.units[1:]), bytes(40), b"\xff" * 40):
        assert recognise(layout.opening + body, framing) == Incomplete()
    assert isinstance(recognise(layout.content, framing), Item)


# -- the comparison ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "verdict", "words"),
    [
        (SAID, Agreement.AGREES, "says LK-0012345 too"),
        (Item("LK-0099999"), Agreement.ANOTHER, "says LK-0099999, the catalogue says LK-0012345"),
        (Blank(), Agreement.BLANK, "says nothing; it counts as LK-0012345"),
        (Incomplete(), Agreement.INCOMPLETE, "lifted while it was written: write it again"),
        (Foreign("a phone's message (NDEF)"), Agreement.FOREIGN, "holds a phone's message"),
        (Garbage("the checksum is wrong"), Agreement.DAMAGED, "the checksum is wrong.*write it again"),
    ],
)
def test_the_text_is_compared_in_words_and_the_table_wins(text, verdict, words):
    found = agreement(text, "LK-0012345")
    assert found.agreement is verdict
    assert re.search(words, found.words)
    assert "LK-0012345" in found.words
