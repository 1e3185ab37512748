"""What is stored on simulated tags, through the simulated chip: Ultralight, NTAG and MIFARE Classic."""

from __future__ import annotations

import pytest

from hardware.simulated.classic import ClassicTag
from hardware.simulated.crc_a import crc_a
from hardware.simulated.picc import State
from hardware.simulated.registers import Command, Reg
from hardware.simulated.tags import make_tag
from hardware.simulated.type2 import NTAG213, NTAG215, NTAG216, ULTRALIGHT, Type2Tag
from tests.hardware.bare_reader import BareReader, Heard

UID = "04A1B2C3D4E5F6"
NTAGS = {layout.name: layout for layout in (NTAG213, NTAG215, NTAG216)}
ACK, NAK, NAK_CRC = b"\x0a", b"\x00", b"\x01"


def selected(tag, **chip) -> BareReader:
    reader = BareReader(**chip)
    reader.place(tag)
    reader.select(tag.uid)
    return reader


def nibble(heard: Heard) -> bytes:
    assert heard.last_bits == 4
    return heard.data


def read(reader: BareReader, page: int) -> bytes:
    data = reader.with_crc(0x30, page).data
    assert len(data) == 18
    assert crc_a(data[:16]) == data[16:]
    return data[:16]


def test_the_first_pages_hold_the_uid_with_both_check_bytes():
    reader = selected(Type2Tag(UID, NTAG213))
    head = read(reader, 0)
    assert head[:4] == bytes.fromhex("04A1B2") + bytes([0x88 ^ 0x04 ^ 0xA1 ^ 0xB2])
    assert head[4:9] == bytes.fromhex("C3D4E5F6") + bytes([0xC3 ^ 0xD4 ^ 0xE5 ^ 0xF6])


@pytest.mark.parametrize("layout", [ULTRALIGHT, *NTAGS.values()], ids=lambda layout: layout.name)
def test_reading_past_the_last_page_goes_on_at_page_0(layout):
    tag = Type2Tag(UID, layout)
    reader = selected(tag)
    last = layout.pages - 1
    shown = bytes(4) if layout.lock_page else tag.page(last)  # on an NTAG the last page holds PACK
    assert read(reader, last) == shown + tag.page(0) + tag.page(1) + tag.page(2)
    assert nibble(reader.with_crc(0x30, layout.pages)) == NAK


@pytest.mark.parametrize("name", NTAGS)
def test_get_version_tells_the_ntags_apart(name):
    reader = selected(make_tag(UID, name))
    answer = reader.with_crc(0x60).data
    assert answer[:8].hex() == f"000404020100{ {'ntag213': '0f', 'ntag215': '11', 'ntag216': '13'}[name] }03"


def test_an_ultralight_knows_no_version_and_goes_back_to_idle():
    tag = Type2Tag(UID, ULTRALIGHT)
    reader = selected(tag)
    assert nibble(reader.with_crc(0x60)) == NAK
    assert tag.state is State.HALT or tag.state is State.IDLE


def test_a_page_is_written_acknowledged_after_4_ms_and_read_back():
    tag = Type2Tag(UID, NTAG215)
    reader = selected(tag)
    early = reader.with_crc(0xA2, 4, 1, 2, 3, 4, wait=0.003)
    assert early.data == b""
    reader.clock.sleep(0.003)
    assert nibble(reader.heard()) == ACK
    assert read(reader, 4)[:4] == b"\x01\x02\x03\x04"


def test_a_tag_lifted_while_it_programs_a_page_keeps_the_old_content():
    tag = Type2Tag(UID, NTAG213)
    reader = selected(tag)
    before = tag.page(5)
    reader.with_crc(0xA2, 5, 9, 9, 9, 9, wait=0.002)
    reader.field.lift(UID)
    reader.clock.sleep(0.01)
    assert reader.heard().data == b""
    assert tag.page(5) == before


@pytest.mark.parametrize("page", [0, 1, 45, 200])
def test_serial_number_and_pages_that_are_not_there_cannot_be_written(page):
    tag = Type2Tag(UID, NTAG213)
    before = bytes(tag.memory)
    reader = selected(tag)
    assert nibble(reader.with_crc(0xA2, page, 1, 2, 3, 4)) == NAK
    assert tag.memory == before
    assert tag.state in (State.IDLE, State.HALT)


def test_one_time_programmable_bits_are_set_and_never_cleared():
    tag = Type2Tag(UID, ULTRALIGHT)
    reader = selected(tag)
    reader.with_crc(0xA2, 3, 0x0F, 0, 0, 0)
    reader.with_crc(0xA2, 3, 0xF0, 0, 0, 1)
    assert tag.page(3) == b"\xff\x00\x00\x01"


def test_a_lock_bit_closes_its_page_for_good_and_a_block_locking_bit_freezes_the_lock_bits():
    tag = Type2Tag(UID, NTAG213)
    reader = selected(tag)
    reader.with_crc(0xA2, 2, 0xFF, 0xFF, 0x10, 0x00)  # lock page 4
    assert tag.page(2)[:2] != b"\xff\xff"
    assert nibble(reader.with_crc(0xA2, 4, 1, 1, 1, 1)) == NAK
    reader.select(UID)
    reader.with_crc(0xA2, 2, 0, 0, 0x02, 0x00)  # freeze the lock bits of pages 4 to 9
    reader.with_crc(0xA2, 2, 0, 0, 0x20, 0x04)  # page 5: frozen; page 10: free
    assert nibble(reader.with_crc(0xA2, 5, 5, 5, 5, 5)) == ACK
    assert nibble(reader.with_crc(0xA2, 10, 1, 1, 1, 1)) == NAK


@pytest.mark.parametrize(("name", "bit_pages"), [("ntag213", 2), ("ntag215", 16), ("ntag216", 16)])
def test_dynamic_lock_bits_close_the_pages_beyond_15(name, bit_pages):
    tag = make_tag(UID, name)
    reader = selected(tag)
    reader.with_crc(0xA2, NTAGS[name].lock_page, 0x01, 0, 0, 0)
    assert nibble(reader.with_crc(0xA2, 16 + bit_pages, 1, 1, 1, 1)) == ACK
    assert nibble(reader.with_crc(0xA2, 16 + bit_pages - 1, 1, 1, 1, 1)) == NAK


def test_a_write_with_a_wrong_crc_gets_a_nak_and_changes_nothing():
    tag = Type2Tag(UID, NTAG213)
    before = bytes(tag.memory)
    reader = selected(tag)
    assert nibble(reader.exchange(0xA2, 4, 1, 2, 3, 4, 0, 0)) == NAK_CRC
    assert tag.memory == before


def test_fast_read_gives_a_range_of_pages():
    tag = Type2Tag(UID, NTAG213)
    reader = selected(tag)
    data = reader.with_crc(0x3A, 0, 7).data
    assert data[:32] == bytes(tag.memory[:32])


def test_memory_outlives_the_field():
    tag = Type2Tag(UID, NTAG216)
    reader = selected(tag)
    reader.with_crc(0xA2, 100, 7, 7, 7, 7)
    reader.field.lift(UID)
    reader.clock.sleep(1)
    reader.place(tag)
    reader.select(UID)
    assert read(reader, 100)[:4] == b"\x07\x07\x07\x07"


# MIFARE Classic

FACTORY = (0xFF,) * 6


def authenticate(reader: BareReader, block: int, key=FACTORY, uid=(1, 2, 3, 4), kind=0x60) -> bool:
    reader.command(Command.MF_AUTHENT, kind, block, *key, *uid)
    reader.clock.sleep(0.01)
    return bool(reader.read(Reg.STATUS2) & 0x08)


def test_a_sector_opens_with_its_key_and_holds_what_is_written():
    card = ClassicTag("01020304")
    reader = selected(card)
    assert authenticate(reader, 8)
    assert reader.read(Reg.COM_IRQ) & 0x10  # MFAuthent ended by itself
    assert reader.with_crc(0xA0, 8).data == ACK
    assert reader.with_crc(*range(16)).data == ACK
    answer = reader.with_crc(0x30, 8).data
    assert answer == bytes(range(16)) + crc_a(bytes(range(16)))
    assert card.block(8) == bytes(range(16))


@pytest.mark.parametrize(
    "wrong", [{"key": (0,) * 6}, {"uid": (9, 9, 9, 9)}, {"kind": 0x61, "key": (1,) * 6}], ids=str
)
def test_a_failed_authentication_is_silence_that_only_the_timer_ends(wrong):
    reader = selected(ClassicTag("01020304"))
    assert not authenticate(reader, 8, **wrong)
    assert reader.read(Reg.COMMAND) & 0x0F == Command.MF_AUTHENT
    assert reader.read(Reg.COM_IRQ) & 0x11 == 0x01
    reader.write(Reg.COMMAND, Command.IDLE)
    assert reader.reqa().data == b"\x04\x00"  # and the next call is understood


def test_blocks_outside_the_open_sector_are_refused():
    card = ClassicTag("01020304")
    reader = selected(card)
    assert authenticate(reader, 8)
    assert nibble(reader.with_crc(0x30, 12)) == b"\x04"


def test_without_authentication_nothing_is_read():
    reader = selected(ClassicTag("01020304"))
    assert nibble(reader.with_crc(0x30, 8)) == b"\x04"


def test_key_a_is_never_shown():
    reader = selected(ClassicTag("01020304"))
    assert authenticate(reader, 11)
    assert reader.with_crc(0x30, 11).data[:6] == bytes(6)


def test_crypto_left_on_makes_every_call_unheard_until_software_clears_it():
    reader = selected(ClassicTag("01020304"))
    assert authenticate(reader, 8)
    assert reader.reqa().data == b""
    assert reader.reqa().data == b""
    reader.write(Reg.STATUS2, 0x00)
    assert reader.wupa().data == b"\x04\x00"


def test_clearing_crypto_counts_from_the_next_frame_on_even_within_a_command():
    reader = selected(ClassicTag("01020304"), resend_in_silence=True)
    assert authenticate(reader, 8)
    assert len(reader.with_crc(0x30, 8).data) == 18
    reader.write(Reg.STATUS2, 0x00)
    for answer in (b"", b"\x04\x00"):  # the first call is an error to a tag that is still selected
        reader.write(Reg.FIFO_DATA, 0x52)
        reader.write(Reg.BIT_FRAMING, 0x87)
        reader.clock.sleep(0.005)
        assert reader.heard().data == answer


def test_software_cannot_switch_crypto_on():
    reader = BareReader()
    reader.write(Reg.STATUS2, 0x08)
    assert reader.read(Reg.STATUS2) & 0x08 == 0


def test_authentication_begins_when_its_twelve_arguments_are_there():
    reader = selected(ClassicTag("01020304"))
    reader.command(Command.MF_AUTHENT, 0x60, 8, *FACTORY)
    reader.clock.sleep(0.01)
    assert not reader.read(Reg.STATUS2) & 0x08
    reader.write(Reg.FIFO_DATA, 1, 2, 3, 4)
    reader.clock.sleep(0.01)
    assert reader.read(Reg.STATUS2) & 0x08


def test_a_classic_with_a_7_byte_uid_authenticates_with_its_last_four_bytes():
    reader = selected(ClassicTag(UID))
    assert authenticate(reader, 4, uid=bytes.fromhex(UID)[3:])
