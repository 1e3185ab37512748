"""A sticker's memory through the PN532: read, written, read back, and every way in which it can go wrong."""

from __future__ import annotations

import pytest

from hardware.rfid.tags.memory import Framing, TagGone, TagMemoryError, TagNotVerified, TagRefused
from hardware.simulated.pn532_tags import ListedTag, sticker
from kiosk.ports import PadFault
from tests.hardware.pn532_rig import Rig, opened

BOOK, OTHER, CARD = "04A1B2C3D4E580", "04A1B2C3D4E581", "DEADBEEF"


class PlainUltralight(ListedTag):
    """MF0ICU1: no GET_VERSION."""

    def __init__(self, uid: str) -> None:
        super().__init__(uid, memory=sticker(uid).memory)

    def obey(self, command: bytes) -> bytes | None:
        return None if command[:1] == b"\x60" else super().obey(command)


def laid(*tags: str | ListedTag) -> Rig:
    rig = opened()
    rig.place(*(tags or (sticker(BOOK),)))
    return rig


def test_a_sticker_is_known_by_its_version_and_has_its_user_pages_only():
    rig = laid()
    with rig.pad.memory(BOOK) as memory:
        assert (memory.uid, memory.kind, memory.unit, memory.units) == (BOOK, "NTAG213", 4, 36)
        assert memory.framing is Framing.TLV


def test_what_is_written_is_on_that_sticker_whatever_lies_beside_it():
    book, other = sticker(BOOK), sticker(OTHER)
    rig = laid(CARD, other, book)
    assert rig.look() == {BOOK, OTHER, CARD}
    untouched = bytes(other.memory)
    with rig.pad.memory(BOOK) as memory:
        for index in range(memory.units):
            memory.write(index, bytes([index, 1, 2, 3]))
        assert memory.read(0, 36) == b"".join(bytes([index, 1, 2, 3]) for index in range(36))
        assert memory.read(35, 1) == bytes([35, 1, 2, 3])
    assert bytes(book.memory[16:160]) == b"".join(bytes([index, 1, 2, 3]) for index in range(36))
    assert bytes(other.memory) == untouched
    assert rig.look() == {BOOK, OTHER, CARD}


@pytest.mark.parametrize("uid", [BOOK, CARD, "00112233445566778899"])
def test_a_tag_that_is_not_there_is_gone(uid):
    rig = laid(sticker(OTHER))
    with pytest.raises(TagGone, match="not on the pad"), rig.pad.memory(uid):
        pass
    assert rig.look() == {OTHER}


def test_a_tag_that_leaves_in_the_middle_is_gone_and_nothing_is_believed():
    rig = laid()
    with rig.pad.memory(BOOK) as memory:
        memory.write(0, b"abcd")
        rig.lift(BOOK)
        with pytest.raises(TagGone, match="put it back"):
            memory.write(1, b"efgh")
    assert rig.look() == set()


def test_a_card_of_another_kind_is_refused():
    rig = laid(CARD)
    with pytest.raises(TagRefused, match="SAK 08h"), rig.pad.memory(CARD):
        pass
    assert rig.look() == {CARD}


def test_a_sticker_that_does_not_know_its_version_is_used_where_every_one_may_be():
    rig = laid(PlainUltralight(BOOK))
    with rig.pad.memory(BOOK) as memory:
        assert memory.units == 12
        memory.write(11, b"last")
        assert memory.read(8, 4)[-4:] == b"last"


def test_a_page_that_refuses_to_be_written_is_told():
    book = sticker(BOOK)
    book.refused = frozenset({7})
    rig = laid(book)
    with rig.pad.memory(BOOK) as memory:
        memory.write(2, b"fine")
        with pytest.raises((TagNotVerified, TagRefused, TagMemoryError)):
            memory.write(3, b"nope")
        assert memory.read(2, 2) == b"fine" + bytes(4)


def test_wrong_bits_on_the_wire_cost_time_and_nothing_else():
    book = sticker(BOOK)
    rig = laid(book)
    for turn in range(20):
        rig.device.flip = 0.02
        try:
            with rig.pad.memory(BOOK) as memory:
                for index in range(8):
                    memory.write(index, bytes([turn, index, 0, 255]))
                    assert memory.read(index, 1) == bytes([turn, index, 0, 255])
        except PadFault:
            assert rig.pad.version is None
        rig.device.flip = 0.0
        if rig.pad.version is None:
            rig.pad.open()


def read_from_a_frozen(rig: Rig) -> None:
    with rig.pad.memory(BOOK) as memory:
        rig.device.frozen = True
        memory.read(0, 1)


def test_a_module_that_freezes_in_the_middle_is_a_fault_and_closed():
    rig = laid()
    with pytest.raises(PadFault, match="acknowledge"):
        read_from_a_frozen(rig)
    assert rig.pad.version is None
    rig.device.frozen = False
    rig.pad.open()
    assert rig.look() == {BOOK}


def test_memory_needs_an_open_reader_and_a_uid_and_ends_with_its_block():
    rig = laid()
    with rig.pad.memory(BOOK) as memory:
        pass
    with pytest.raises(TagMemoryError, match="was left"):
        memory.read(0, 1)
    for wrong in ("04", "not hex", ""):
        with pytest.raises(ValueError, match=r"hex|bytes"), rig.pad.memory(wrong):
            pass
    rig.pad.close()
    with pytest.raises(PadFault, match="not open"), rig.pad.memory(BOOK):
        pass
