"""What the simulated reader hears when tags answer together, late, weakly, disturbed or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.errors import SimulationError
from hardware.simulated.field import Field
from hardware.simulated.frames import Answer, bits_of, bytes_of
from hardware.simulated.picc import Picc, State
from hardware.simulated.rc522_chip import RC522Chip
from hardware.simulated.registers import Command, Reg
from tests.hardware.bare_reader import BareReader

COLL_ERR, CRC_ERR, PARITY_ERR, PROTOCOL_ERR = 0x08, 0x04, 0x02, 0x01
CARDS = st.lists(st.binary(min_size=4, max_size=4), min_size=2, max_size=4, unique=True)


def with_bcc(uid: bytes) -> bytes:
    return uid + bytes([uid[0] ^ uid[1] ^ uid[2] ^ uid[3]])


def first_difference(uids: list[bytes], known: int) -> int | None:
    """1-based position of the first bit in which the UIDs that share `known` bits differ."""
    streams = [bits_of(with_bcc(uid)) for uid in uids]
    return next((at + 1 for at in range(known, 40) if len({stream[at] for stream in streams}) == 2), None)


@settings(max_examples=60, deadline=None)
@given(CARDS)
def test_collpos_is_the_first_bit_in_which_the_uids_differ(uids):
    reader = BareReader()
    reader.place(*(Picc(uid) for uid in uids))
    reader.reqa()
    heard = reader.exchange(0x93, 0x20)
    assert heard.errors == COLL_ERR
    assert heard.collision == first_difference(uids, 0)
    assert len(heard.data) == 5


@settings(max_examples=60, deadline=None)
@given(CARDS, st.booleans(), st.sampled_from([0, 1]))
def test_bits_before_a_collision_are_true_and_bits_after_it_are_cleared_on_request(uids, keep, collided_bit):
    reader = BareReader(collided_bit=collided_bit)
    reader.write(Reg.COLL, 0x80 if keep else 0x00)
    reader.place(*(Picc(uid) for uid in uids))
    reader.reqa()
    heard = reader.exchange(0x93, 0x20)
    assert heard.collision is not None
    bits, true = bits_of(heard.data), bits_of(with_bcc(uids[0]))
    at = heard.collision - 1
    assert bits[:at] == true[:at]
    assert bits[at] == collided_bit
    streams = [bits_of(with_bcc(uid)) for uid in uids]
    for place in range(at + 1, 40):
        values = {stream[place] for stream in streams}
        agreed = values.pop() if len(values) == 1 else collided_bit
        assert bits[place] == (agreed if keep else 0)


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=4, max_size=4), st.integers(1, 31), st.data())
def test_known_bits_are_followed_by_the_rest_at_their_places_in_the_byte(uid, known, data):
    reader = BareReader()
    reader.place(Picc(uid))
    reader.reqa()
    whole = with_bcc(uid)
    sent = [0x93, (2 + known // 8) << 4 | known % 8, *whole[: (known + 7) // 8]]
    heard = reader.exchange(*sent, bits=known % 8, align=known % 8)
    assert heard.errors == 0
    assert heard.last_bits == 0
    received = list(heard.data)
    received[0] &= 0xFF << known % 8 & 0xFF
    expected = list(whole[known // 8 :])
    expected[0] &= 0xFF << known % 8 & 0xFF
    assert received == expected


@pytest.mark.parametrize(("counts_align", "position"), [(True, 6), (False, 3)])
def test_collpos_with_rxalign_in_both_readings_of_the_data_sheet(counts_align, position):
    # Both share bits 1 to 13; the next difference is bit 14, the sixth of the second byte.
    reader = BareReader(coll_pos_counts_align=counts_align)
    reader.place(Picc("11010000"), Picc("11210000"))
    reader.reqa()
    assert reader.exchange(0x93, 0x20).collision == 14
    reader.reqa()
    reader.reqa()
    heard = reader.exchange(0x93, 0x33, 0x11, 0x01, bits=3, align=3)
    assert heard.errors == COLL_ERR
    assert heard.collision == position


def test_a_card_and_a_book_collide_in_bit_7_of_the_atqa():
    reader = BareReader()
    reader.place(Picc("01020304"), Picc("04010203040506"))
    heard = reader.reqa()
    assert heard.errors == COLL_ERR
    assert heard.collision == 7
    assert heard.irq & 0x22 == 0x22  # received, with an error


def test_a_collision_past_bit_32_has_no_position():
    # Two tags alike but for their check byte cannot exist; a disturbed one can.
    reader = BareReader()
    reader.place(Picc("01020304"))
    reader.place(twin := Picc("01020305"))
    twin._levels = (bytes.fromhex("01020304") + b"\xff",)
    reader.reqa()
    heard = reader.exchange(0x93, 0x20)
    assert heard.errors == COLL_ERR
    assert heard.collision is None


def test_the_tag_that_was_not_meant_falls_back_and_the_other_is_selected():
    reader = BareReader()
    one, other = Picc("01020304"), Picc("F1020304")
    reader.place(one, other)
    reader.reqa()
    part = with_bcc(one.raw_uid)
    assert len(reader.with_crc(0x93, 0x70, *part).data) == 3
    assert (one.state, other.state) == (State.ACTIVE, State.IDLE)


def test_a_strong_tag_drowns_a_weak_one_when_capture_is_on():
    strong, weak = Picc("01020304"), Picc("F1020304")
    reader = BareReader(field={"capture_db": 6.0})
    reader.field.place(strong, strength_db=8.0)
    reader.field.place(weak)
    reader.clock.sleep(0.01)
    reader.reqa()
    heard = reader.exchange(0x93, 0x20)
    assert heard.errors == 0
    assert heard.data == with_bcc(strong.raw_uid)


def test_a_weak_tag_needs_gain():
    reader = BareReader()
    reader.field.place(Picc("01020304"), strength_db=-20.0)
    reader.clock.sleep(0.01)
    assert reader.reqa().data == b""
    reader.write(Reg.RF_CFG, 0x70)
    reader.reqa()
    assert reader.wupa().data == b"\x04\x00"


def test_disturbed_bits_show_as_parity_or_crc_errors_and_repeat_with_the_same_seed():
    def run(seed: int) -> list[tuple[bytes, int]]:
        reader = BareReader(field={"bit_error_rate": 0.02, "seed": seed})
        reader.write(Reg.RX_MODE, 0x80)
        reader.place(Picc("01020304"))
        heard = []
        for _ in range(40):
            reader.write(Reg.RX_MODE, 0x00)
            reader.reqa()
            reader.write(Reg.RX_MODE, 0x80)
            answer = reader.with_crc(0x93, 0x70, *with_bcc(b"\x01\x02\x03\x04"))
            heard.append((answer.data, answer.errors))
        return heard

    results = run(3)
    assert results == run(3)
    assert results != run(4)
    assert {0, PARITY_ERR | CRC_ERR} <= {errors for _, errors in results}
    # An even number of flips in a byte passes the parity, never the CRC unless it is no error at all.
    assert all(data == b"\x00" for data, errors in results if data and not errors)


def test_noise_without_a_tag_is_a_protocol_error_and_never_a_clean_answer():
    reader = BareReader(field={"noise_rate": 1.0, "seed": 5})
    heard = [reader.reqa() for _ in range(30)]
    assert all(answer.errors & PROTOCOL_ERR for answer in heard if answer.data)
    assert sum(bool(answer.data) for answer in heard) > 20


def test_noise_of_less_than_four_bits_is_ignored_with_rxnoerr():
    reader = BareReader()
    reader.write(Reg.RX_MODE, 0x08)
    picc = Picc("01020304")
    picc.hear = lambda frame, started: Answer((1, 0, 1))  # type: ignore[method-assign]
    reader.place(picc)
    heard = reader.reqa()
    assert not heard.irq & 0x20
    assert heard.irq & 0x01  # the timer ran on
    assert reader.read(Reg.STATUS2) & 7 == 5  # still waiting for data


def test_a_tag_lifted_in_the_middle_of_its_answer_is_cut_off():
    reader = BareReader()
    reader.place(Picc("01020304"))
    reader.reqa()
    reader.command(Command.TRANSCEIVE, 0x93, 0x20)
    reader.write(Reg.BIT_FRAMING, 0x80)
    # The call takes 189 us, the delay 86, then 9.44 us a bit: lift it within the third byte.
    reader.clock.sleep(189e-6 + 86e-6 + (1 + 9 + 9 + 4) * 9.44e-6)
    reader.field.lift("01020304")
    reader.clock.sleep(0.005)
    heard = reader.heard()
    assert heard.data[:2] == b"\x01\x02"
    assert len(heard.data) == 3
    assert heard.last_bits in (3, 4)


def test_a_tag_that_comes_after_the_call_began_does_not_answer_it():
    reader = BareReader()
    reader.command(Command.TRANSCEIVE, 0x26)
    reader.write(Reg.BIT_FRAMING, 0x87)
    reader.clock.sleep(20e-6)
    reader.field.place(Picc("01020304", power_up_s=0.0))
    reader.clock.sleep(0.005)
    assert reader.heard().data == b""


def test_changes_take_effect_at_their_own_moment_even_when_nobody_looks():
    reader = BareReader()
    picc = Picc("01020304", power_up_s=0.005)
    reader.field.place(picc)
    reader.clock.sleep(0.004)
    reader.field.lift("01020304")
    reader.clock.sleep(10)
    reader.field.place(picc)
    reader.clock.sleep(0.0045)  # would be enough if the first placement still counted
    assert reader.reqa().data == b""
    assert reader.reqa().data == b"\x04\x00"


@pytest.mark.parametrize(
    ("register", "value"),
    [
        (Reg.TX_ASK, 0x00),  # not 100 % ASK
        (Reg.TX_MODE, 0x10),  # 212 kbit/s out
        (Reg.RX_MODE, 0x10),  # 212 kbit/s in
        (Reg.MF_RX, 0x10),  # frames without parity bits
        (Reg.RX_SEL, 0xBF),  # deaf for 63 bits, over the answer's start
    ],
    ids=str,
)
def test_wrong_settings_mean_silence(register, value):
    reader = BareReader()
    reader.place(Picc("01020304"))
    reader.reqa()
    reader.write(register, value)
    assert reader.exchange(0x93, 0x20).data == b""


def test_field_off_and_on_starts_every_tag_anew():
    reader = BareReader()
    reader.place(picc := Picc("01020304"))
    reader.select("01020304")
    reader.with_crc(0x50, 0x00)
    assert picc.state is State.HALT
    assert reader.reqa().data == b""
    reader.write(Reg.TX_CONTROL, 0x80)
    assert picc.state is State.POWER_OFF
    reader.clock.sleep(0.002)
    reader.write(Reg.TX_CONTROL, 0x83)
    reader.clock.sleep(0.005)
    assert reader.reqa().data == b"\x04\x00"


def test_ten_tags_are_all_found_by_anticollision_select_and_halt():
    reader = BareReader()
    uids = {f"{number * 0x3779B1 % 2**32:08X}" for number in range(1, 11)}
    reader.place(*(Picc(uid) for uid in uids))
    found = set()
    while (call := reader.reqa()).data or call.errors:
        found.add(_one_tag(reader))
    assert found == uids


def _one_tag(reader: BareReader) -> str:
    known: tuple[int, ...] = ()
    while True:
        data = bytes(
            sum(bit << i for i, bit in enumerate(known[at : at + 8])) for at in range(0, len(known), 8)
        )
        nvb = (2 + len(known) // 8) << 4 | len(known) % 8
        align = len(known) % 8
        heard = reader.exchange(0x93, nvb, *data, bits=align, align=align)
        bits = known + bits_of(heard.data)[align:]
        if heard.collision is None:
            uid = bytes_of(bits)
            assert len(reader.with_crc(0x93, 0x70, *uid).data) == 3
            assert reader.with_crc(0x50, 0x00).data == b""
            return uid[:4].hex().upper()
        # CollPos counts from the first bit of the byte that holds the first received bit.
        known = (*bits[: len(known) // 8 * 8 + heard.collision - 1], 1)


def test_the_same_tag_cannot_lie_there_twice_nor_an_absent_one_be_lifted():
    field = Field()
    RC522Chip(field=field)
    field.place(Picc("01020304"))
    with pytest.raises(SimulationError, match="already"):
        field.place(Picc("01020304"))
    with pytest.raises(SimulationError, match="01020304"):
        field.lift("0A0B0C0D")
    assert field.lift("01020304").uid == "01020304"
    assert field.piccs == ()
