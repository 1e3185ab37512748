"""Tag memory through the RC522 driver on the chip-level model: the right tag, the right units, and after."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hardware.rfid.tags import item_text
from hardware.rfid.tags.classic import block_of
from hardware.rfid.tags.item_form import Blank, Item
from hardware.rfid.tags.memory import Framing, TagGone, TagMemoryError, TagRefused
from hardware.simulated.classic import ClassicTag
from hardware.simulated.picc import Picc, State
from hardware.simulated.type2 import NTAG213, NTAG215, NTAG216, ULTRALIGHT, Type2Tag
from kiosk.ports import PadFault
from tests.hardware.memory_rig import (
    BOOK,
    CARD,
    MAKERS,
    NEIGHBOURS,
    STICKER,
    crypto,
    opened,
    says,
    sent,
)
from tests.hardware.pad_rig import Rig
from tests.hardware.test_rc522_faults import Wired
from tests.hardware.unit_memory import protected_part, user_part

UNITS = {
    "NTAG213": (4, 36),
    "NTAG215": (4, 126),
    "NTAG216": (4, 222),
    "MIFARE Ultralight": (4, 12),
    "MIFARE Ultralight EV1": (4, 12),
    "MIFARE Ultralight EV1 of 128 bytes": (4, 12),
    "MIFARE Classic 1K": (16, 45),
    "MIFARE Classic 1K with 7 bytes": (16, 45),
}
every_kind = pytest.mark.parametrize("kind", MAKERS)


class NeverActive:
    """An IRQ line that is not connected."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig

    def wait_for_active(self, timeout: float) -> bool:
        self._rig.clock.sleep(timeout)
        return False


# -- kinds ---------------------------------------------------------------------------------------------------


@every_kind
def test_every_kind_says_what_it_is_and_how_much_may_be_written(kind):
    tag = MAKERS[kind]()
    rig = opened(tag)
    with rig.pad.memory(tag.uid) as memory:
        assert kind.startswith(memory.kind)
        assert (memory.unit, memory.units) == UNITS[kind]
        assert (memory.uid, memory.framing) == (tag.uid, Framing.TLV)
        assert memory.read(0, memory.units) == user_part(tag)
        assert item_text.read(memory) == Blank()


@every_kind
@pytest.mark.parametrize("line", ["timed", "irq", "irq not connected"])
def test_an_item_is_written_and_read_beside_other_tags_which_all_stay_findable(kind, line):
    tag = MAKERS[kind]()
    rig = opened(tag, *NEIGHBOURS, rig=Wired if line == "irq" else Rig)
    if line == "irq not connected":
        rig.pad = rig.driver(irq=NeverActive(rig))
        rig.pad.open()
    before = protected_part(tag)
    for _ in range(2):
        with rig.pad.memory(tag.uid) as memory:
            assert item_text.write(memory, BOOK) == Item("LK-0012345", "VN-HN01", BOOK.usage)
            assert item_text.read(memory).identifier == "LK-0012345"
        assert rig.look() == {tag.uid, *NEIGHBOURS}
    assert says(tag).identifier == "LK-0012345"
    assert protected_part(tag) == before
    assert rig.look() == {tag.uid, *NEIGHBOURS}


@every_kind
def test_all_of_the_memory_can_be_written_and_read_back_in_any_pieces(kind):
    tag = MAKERS[kind]()
    rig = opened(tag)
    with rig.pad.memory(tag.uid) as memory:
        last = memory.units - 1
        for index in (0, 1, last // 2, last - 1, last):
            data = bytes((index + place) & 0xFF for place in range(memory.unit))
            memory.write(index, data)
            assert memory.read(index, 1) == data
        whole = memory.read(0, memory.units)
        assert whole == user_part(tag)
        for first in range(max(0, last - 5), last + 1):
            assert memory.read(first, last + 1 - first) == whole[first * memory.unit :]


def test_a_tag_of_an_unknown_type_is_used_for_pages_every_type_2_tag_has():
    for version in ("0004040502021303", "0053040201001303", "0004040301000F03"):
        layout = replace(NTAG216, version=bytes.fromhex(version))
        tag = Type2Tag(STICKER, layout)
        with opened(tag).pad.memory(STICKER) as memory:
            known = version.startswith("0053")  # another maker's copy of an NTAG216
            assert (memory.kind, memory.units) == (("NTAG216", 222) if known else ("NFC Type 2 tag", 12))


def test_a_tag_without_a_version_that_phones_formatted_is_a_type_2_tag():
    tag = Type2Tag(STICKER, ULTRALIGHT)
    tag.memory[12:16] = bytes.fromhex("E1101200")  # an NTAG203 says so, and has no GET_VERSION
    with opened(tag).pad.memory(STICKER) as memory:
        assert (memory.kind, memory.units) == ("NFC Type 2 tag", 12)


@pytest.mark.parametrize("sak", [0x09, 0x18, 0x20])
def test_a_tag_whose_memory_is_not_known_is_refused_in_words(sak):
    rig = opened(Picc(STICKER, sak=sak))
    with pytest.raises(TagRefused, match=f"SAK {sak:02X}h.*UID alone"), rig.pad.memory(STICKER):
        pass
    assert rig.look() == {STICKER}


# -- frames, byte by byte ------------------------------------------------------------------------------------


def test_a_sticker_is_woken_selected_by_its_whole_uid_written_read_and_halted():
    rig = opened(Type2Tag(STICKER, NTAG213))
    frames = sent(rig)
    with rig.pad.memory(STICKER) as memory:
        memory.write(2, b"\x01\x02\x03\x04")
    assert frames == [
        "52",
        "93 70 88 04 A1 B2 9F AE 4B",
        "95 70 C3 D4 E5 80 72 3B B1",
        "60 F8 32",
        "30 00 02 A8",
        "A2 06 01 02 03 04 F0 41",
        "30 06 34 CD",
        "50 00 57 CD",
    ]


def test_a_card_is_opened_with_the_last_four_bytes_of_its_uid():
    for uid, tail in ((CARD, "DE AD BE EF"), (STICKER, "C3 D4 E5 80")):
        rig = opened(ClassicTag(uid))
        frames = sent(rig)
        with rig.pad.memory(uid) as memory:
            memory.read(3, 2)
        assert f"60 08 FF FF FF FF FF FF {tail}" in frames
        assert frames[-3:] == ["30 08 4A 24", "30 09 C3 35", "50 00 57 CD"]


def test_the_index_of_a_data_block_never_leads_to_sector_0_or_a_trailer():
    blocks = [block_of(index) for index in range(45)]
    assert blocks == [block for block in range(4, 64) if block % 4 != 3]


# -- what must never be reached ------------------------------------------------------------------------------


@every_kind
@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_index_reaches_serial_number_locks_configuration_or_keys(kind, data):
    tag = MAKERS[kind]()
    before = protected_part(tag)
    rig = opened(tag)
    with rig.pad.memory(tag.uid) as memory:
        index = data.draw(
            st.one_of(st.integers(-300, 300), st.sampled_from([0, memory.units - 1, memory.units]))
        )
        content = data.draw(st.binary(min_size=memory.unit, max_size=memory.unit))
        if 0 <= index < memory.units:
            memory.write(index, content)
            assert memory.read(index, 1) == content
        else:
            frames = sent(rig)
            for refused in (lambda: memory.write(index, content), lambda: memory.read(index, 1)):
                with pytest.raises(ValueError, match=f"it has units 0 to {memory.units - 1}"):
                    refused()
            assert frames == []
    assert protected_part(tag) == before


@every_kind
def test_data_that_is_not_one_unit_is_refused(kind):
    tag = MAKERS[kind]()
    with opened(tag).pad.memory(tag.uid) as memory:
        for size in (0, memory.unit - 1, memory.unit + 1):
            with pytest.raises(ValueError, match="are not one unit"):
                memory.write(0, bytes(size))
        for count in (0, -1, memory.units + 1):
            with pytest.raises(ValueError, match="are not in the memory"):
                memory.read(0, count)


# -- locks and keys ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layout", "at", "value", "locked"),
    [
        (ULTRALIGHT, 10, 0x10, {0}),  # page 4
        (NTAG213, 11, 0x81, {4, 11}),  # pages 8 and 15
        (NTAG213, 0x28 * 4, 0x02, {14, 15}),  # pages 18 and 19
        (NTAG213, 0x28 * 4 + 1, 0x08, {34, 35}),  # pages 38 and 39
        (NTAG215, 0x82 * 4, 0x80, {124, 125}),  # pages 128 and 129
        (NTAG216, 0xE2 * 4 + 1, 0x20, {220, 221}),  # pages 224 and 225
        (NTAG213, 15, 0x0F, set(range(36))),  # declared read-only for phones
    ],
)
def test_locked_pages_are_known_and_refused_in_words_before_anything_is_sent(layout, at, value, locked):
    tag = Type2Tag(STICKER, layout)
    tag.memory[at] = value
    rig = opened(tag)
    with rig.pad.memory(STICKER) as memory:
        assert {index for index in range(memory.units) if memory.locked(index)} == locked
        frames = sent(rig)
        with pytest.raises(TagRefused, match=f"page {min(locked) + 4} of .* is locked for good"):
            memory.write(min(locked), bytes(4))
        assert frames == []


def test_a_sticker_with_a_locked_page_keeps_its_content_whole():
    tag = Type2Tag(STICKER, NTAG213)
    tag.memory[10] = 0x80  # page 7
    before = bytes(tag.memory)
    with (
        opened(tag).pad.memory(STICKER) as memory,
        pytest.raises(TagRefused, match=r"locked \(unit 3 of 10 needed\)"),
    ):
        item_text.write(memory, BOOK)
    assert tag.memory == before


@pytest.mark.parametrize("key", ["D3F7D3F7D3F7", "A0A1A2A3A4A5"])
def test_a_card_with_another_published_key_opens_too(key):
    card = ClassicTag(CARD)
    for sector in range(1, 16):
        card.memory[sector * 64 + 48 : sector * 64 + 54] = bytes.fromhex(key)
    rig = opened(card)
    with rig.pad.memory(CARD) as memory:
        item_text.write(memory, BOOK)
        frames = sent(rig)
        memory.read(6, 1)
    assert frames[0].startswith("60 0C " + bytes.fromhex(key).hex(" ").upper())  # the one that fitted first
    assert says(card).identifier == "LK-0012345"


def test_a_card_of_another_system_is_refused_and_the_next_look_finds_everything():
    card = ClassicTag(CARD)
    card.memory[64 + 48 : 64 + 54] = b"secret"
    rig = opened(card, STICKER)
    with rig.pad.memory(CARD) as memory:
        with pytest.raises(TagRefused, match=r"sector 1 of .* opens with none of the 3 known keys"):
            memory.read(0, 1)
        assert memory.read(3, 1) == bytes(16)  # sector 2 is as delivered
    assert rig.look() == {CARD, STICKER}
    with rig.pad.memory(CARD, keys=[b"secret"]) as memory:
        assert memory.read(0, 1) == bytes(16)


def test_keys_of_a_wrong_length_are_a_mistake():
    rig = opened(ClassicTag(CARD))
    for keys in ([], [b"short"]):
        with pytest.raises(ValueError, match="six bytes"), rig.pad.memory(CARD, keys=keys):
            pass
    assert rig.look() == {CARD}


# -- leaving -------------------------------------------------------------------------------------------------


@every_kind
def test_on_leaving_the_tag_is_halted_and_crypto_is_off(kind):
    tag = MAKERS[kind]()
    rig = opened(tag, *NEIGHBOURS)
    with rig.pad.memory(tag.uid) as memory:
        memory.read(0, 1)
        assert crypto(rig) == ("Classic" in kind)
    assert not crypto(rig)
    assert tag.state is State.HALT
    assert rig.look() == {tag.uid, *NEIGHBOURS}


@every_kind
def test_a_mistake_inside_leaves_the_reader_in_order_too(kind):
    tag = MAKERS[kind]()
    rig = opened(tag, *NEIGHBOURS)

    def stumble() -> None:
        with rig.pad.memory(tag.uid) as memory:
            memory.read(0, 1)
            raise KeyError

    with pytest.raises(KeyError):
        stumble()
    assert not crypto(rig)
    assert rig.look() == {tag.uid, *NEIGHBOURS}


def test_a_memory_that_was_left_gives_nothing_any_more():
    rig = opened(Type2Tag(STICKER, NTAG213))
    with rig.pad.memory(STICKER) as memory:
        pass
    with pytest.raises(TagMemoryError, match="was left"):
        memory.read(0, 1)


def test_a_tag_that_is_not_there_is_gone_and_its_neighbours_are_not_touched():
    rig = opened(*NEIGHBOURS)
    frames = sent(rig)
    with pytest.raises(TagGone, match="04A1B2C3D4E580 is not on the pad"), rig.pad.memory(STICKER):
        pass
    assert all(frame.startswith(("52", "93 70", "95 70")) for frame in frames)
    assert rig.look() == set(NEIGHBOURS)


def test_nothing_at_all_on_the_pad_is_gone_too():
    rig = opened()
    began = rig.clock.monotonic()
    with pytest.raises(TagGone), rig.pad.memory(STICKER):
        pass
    assert rig.clock.monotonic() - began < 0.05
    assert rig.look() == set()


@pytest.mark.parametrize("uid", ["", "04", "04A1B2C3D4E5", "no hex at all!"])
def test_a_uid_that_no_tag_has_is_a_mistake(uid):
    rig = opened()
    with pytest.raises(ValueError, match="UID"), rig.pad.memory(uid):
        pass


def test_a_closed_pad_has_no_memory():
    with pytest.raises(PadFault, match="not open"), Rig().pad.memory(STICKER):
        pass


def test_an_empty_look_after_memory_costs_what_it_did_before():
    rig = opened(ClassicTag(CARD))
    with rig.pad.memory(CARD) as memory:
        item_text.write(memory, BOOK)
    rig.lift(CARD)
    assert rig.look() == set()
    assert max(rig.cost()[0] for _ in range(20)) <= 6


def test_writing_an_item_takes_a_fraction_of_a_second():
    for kind, maker in MAKERS.items():
        tag = maker()
        rig = opened(tag)
        began, before = rig.clock.monotonic(), rig.spi.transactions
        with rig.pad.memory(tag.uid) as memory:
            item_text.write(memory, BOOK)
        assert rig.clock.monotonic() - began < 0.15, kind
        assert rig.spi.transactions - before < 600, kind
