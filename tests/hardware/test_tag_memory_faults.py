"""Tag memory when things go wrong: tags pulled away at any moment, disturbed air, a reader that fails."""

from __future__ import annotations

from contextlib import suppress

import pytest

from hardware.rfid.tags import item_text
from hardware.rfid.tags.item_form import Incomplete
from hardware.rfid.tags.memory import TagGone, TagMemoryError, TagRefused
from hardware.simulated.frames import Answer as PiccAnswer
from hardware.simulated.type2 import NTAG213, Type2Tag
from kiosk.ports import PadDisturbed, PadFault
from tests.hardware.memory_rig import BOOK, CARD, MAKERS, NEIGHBOURS, OTHER, STICKER, crypto, opened, says
from tests.hardware.pad_rig import Rig
from tests.hardware.test_rc522_faults import Wired
from tests.hardware.unit_memory import protected_part

STEPS = {  # every transaction for the one with most units and the one with Crypto1; a sample of the others
    "NTAG213": 1,
    "MIFARE Classic 1K": 1,
    "MIFARE Ultralight": 7,
    "NTAG216": 19,
    "MIFARE Classic 1K with 7 bytes": 7,
}


def write(rig: Rig, uid: str, block) -> None:
    with rig.pad.memory(uid) as memory:
        item_text.write(memory, block)


def at(rig: Rig, index: int, what) -> None:
    """Let something happen before the transaction that comes `index` after now."""
    when = rig.spi.transactions + index
    rig.spi.before = lambda number: what() if number == when else None


def transactions_of(rig: Rig, what) -> int:
    before = rig.spi.transactions
    what()
    return rig.spi.transactions - before


@pytest.mark.parametrize("kind", STEPS)
def test_a_tag_pulled_away_at_any_transaction_of_a_write_is_old_or_incomplete_and_is_repaired(kind):
    tag = MAKERS[kind]()
    rig = opened(tag, NEIGHBOURS[0])
    write(rig, tag.uid, OTHER)
    old, protected = bytes(tag.memory), protected_part(tag)
    total = transactions_of(rig, lambda: write(rig, tag.uid, BOOK))
    new = bytes(tag.memory)
    outcomes = set()
    for index in range(0, total, STEPS[kind]):
        tag.memory[:] = old
        at(rig, index, lambda: rig.lift(tag.uid))
        try:
            write(rig, tag.uid, BOOK)
        except TagGone:
            pass  # told, unless nothing but leaving was left to do
        else:
            assert tag.memory == new
        rig.spi.before = lambda number: None
        found = says(tag)
        outcomes.add(type(found).__name__ if isinstance(found, Incomplete) else found.identifier)
        assert found == Incomplete() or bytes(tag.memory) in (old, new), f"transaction {index}"
        assert not crypto(rig)
        rig.place(tag)
        if index % 16 == 0:
            assert rig.look() == {tag.uid, NEIGHBOURS[0]}
            write(rig, tag.uid, BOOK)
            assert tag.memory == new, f"not repaired after transaction {index}"
    assert outcomes == {"Incomplete", "LK-0012345", "LK-0099999"}
    assert protected_part(tag) == protected


@pytest.mark.parametrize("kind", ["NTAG213", "MIFARE Classic 1K"])
def test_a_tag_lifted_and_put_back_within_a_write_ends_written_or_says_so(kind):
    tag = MAKERS[kind]()
    rig = opened(tag)
    total = transactions_of(rig, lambda: write(rig, tag.uid, OTHER))
    old = bytes(tag.memory)
    write(rig, tag.uid, BOOK)
    new = bytes(tag.memory)
    finished = 0
    for index in range(0, total, 13):
        tag.memory[:] = old

        def bounce() -> None:
            rig.lift(tag.uid)
            rig.clock.sleep(0.001)
            rig.place(tag)

        at(rig, index, bounce)
        try:
            write(rig, tag.uid, BOOK)
            finished += 1
            assert tag.memory == new
        except TagMemoryError:
            assert says(tag) == Incomplete() or bytes(tag.memory) in (old, new)
        rig.spi.before = lambda number: None
        assert rig.look() == {tag.uid}
    assert finished > total // 13 // 2


@pytest.mark.parametrize("kind", ["NTAG213", "MIFARE Ultralight", "MIFARE Classic 1K"])
@pytest.mark.parametrize("rate", [0.001, 0.02])
def test_flipped_bits_never_make_a_wrong_item(kind, rate):
    tag = MAKERS[kind]()
    rig = opened(tag, NEIGHBOURS[0], field={"seed": 23})
    write(rig, tag.uid, OTHER)
    old, protected = bytes(tag.memory), protected_part(tag)
    write(rig, tag.uid, BOOK)
    new = bytes(tag.memory)
    written = 0
    for _ in range(16):
        tag.memory[:] = old
        rig.field.bit_error_rate = rate
        try:
            write(rig, tag.uid, BOOK)
            written += 1
            assert tag.memory == new
        except TagMemoryError:
            assert says(tag) == Incomplete() or bytes(tag.memory) in (old, new)
        with suppress(TagMemoryError), rig.pad.memory(tag.uid) as memory:
            assert item_text.read(memory) == says(tag)
        rig.field.bit_error_rate = 0.0
        assert rig.look() == {tag.uid, NEIGHBOURS[0]}
        write(rig, tag.uid, BOOK)
        assert tag.memory == new
    assert written >= {0.001: 14, 0.02: 0}[rate]
    assert protected_part(tag) == protected


def test_noise_where_no_tag_lies_is_never_a_memory():
    rig = opened(field={"seed": 5})
    rig.field.noise_rate = 0.7
    for _ in range(100):
        began = rig.clock.monotonic()
        with pytest.raises(TagMemoryError, match=STICKER), rig.pad.memory(STICKER):
            pass
        assert rig.clock.monotonic() - began < 0.2


@pytest.mark.parametrize("kind", ["NTAG213", "MIFARE Classic 1K"])
@pytest.mark.parametrize("fault", ["brown_out", "freeze", "unplug"])
def test_a_reader_that_fails_at_any_transaction_is_a_pad_fault_and_heals(kind, fault):
    tag = MAKERS[kind]()
    rig = opened(tag, NEIGHBOURS[0])
    write(rig, tag.uid, OTHER)
    old = bytes(tag.memory)
    total = transactions_of(rig, lambda: write(rig, tag.uid, BOOK))
    new = bytes(tag.memory)
    for index in range(0, total, 14):
        tag.memory[:] = old
        at(rig, index, getattr(rig.chip, fault))
        try:
            write(rig, tag.uid, BOOK)
        except PadFault:
            assert rig.pad.version is None  # closed: nobody looks with half a dialogue behind
        else:
            assert tag.memory == new
        rig.spi.before = lambda number: None
        assert says(tag) == Incomplete() or bytes(tag.memory) in (old, new), f"transaction {index}"
        rig.chip.restore()
        rig.clock.sleep(0.01)
        rig.pad.open()
        assert not crypto(rig)
        assert rig.look() == {tag.uid, NEIGHBOURS[0]}
        write(rig, tag.uid, BOOK)
        assert tag.memory == new


def test_a_bus_that_breaks_while_the_dialogue_is_ended_closes_the_pad():
    rig = opened(Type2Tag(STICKER, NTAG213))

    def broken(data):
        raise OSError("no bus")

    forward = rig.spi.xfer2
    with pytest.raises(PadFault, match="no bus"), rig.pad.memory(STICKER):
        rig.spi.xfer2 = broken
    with pytest.raises(PadFault, match="not open"):
        rig.pad.inventory()
    rig.spi.xfer2 = forward
    rig.pad.open()
    assert rig.look() == {STICKER}


def test_a_write_right_after_a_disturbed_inventory_works():
    tag = MAKERS["MIFARE Classic 1K"]()
    rig = opened(tag, field={"seed": 3})
    for _ in range(30):
        rig.field.bit_error_rate = 0.05
        with suppress(PadDisturbed):
            rig.look()
        rig.field.bit_error_rate = 0.0
        write(rig, CARD, BOOK)
        write(rig, CARD, OTHER)
        assert says(tag).identifier == "LK-0099999"


class Lying(Type2Tag):
    """Answers the first `lies` READs with one wrong byte, its parity right and its CRC_A not."""

    lies = 0

    def _read(self, page):
        answer = super()._read(page)
        if not self.lies:
            return answer
        self.lies -= 1
        flipped = tuple(1 - bit for bit in answer.bits[:2])
        return PiccAnswer(flipped + answer.bits[2:])


def test_an_answer_with_a_wrong_checksum_is_asked_for_again_and_never_believed():
    tag = Lying(STICKER, NTAG213)
    rig = opened(tag)
    with rig.pad.memory(STICKER) as memory:
        tag.lies = 2
        assert memory.read(0, 4) == tag.memory[16:32]
        assert tag.lies == 0
        tag.lies = 99
        with pytest.raises(TagMemoryError, match=r"CRC_A of the answer is wrong.*lay it flat"):
            memory.read(0, 4)
    assert rig.look() == {STICKER}


def test_a_no_leaves_the_readers_settings_as_they_were():
    for wired in (Rig, Wired):
        tag = Type2Tag(STICKER, NTAG213)
        rig = opened(tag, rig=wired)
        with rig.pad.memory(STICKER) as memory:
            memory.write(0, b"1234")
            tag.memory[10] = 0x10  # locked behind the reader's back
            with pytest.raises(TagRefused, match=r"refuses command A2 04 \(not here, NAK 0h\)"):
                memory.write(0, b"5678")
        rig.clock.sleep(1.1)  # the settings are read back once a second
        assert rig.look() == {STICKER}
        assert tag.page(4) == b"1234"


def test_with_the_irq_line_a_card_is_read_no_slower_than_without():
    spent = []
    for wired in (Wired, Rig):
        rig = opened(MAKERS["MIFARE Classic 1K"](), rig=wired)
        began = rig.clock.monotonic()
        with rig.pad.memory(CARD) as memory:
            memory.read(0, 45)
        spent.append(rig.clock.monotonic() - began)
    assert spent[0] < spent[1]
