"""Tags by themselves: the states of ISO 14443-3, the bits they answer with, and when."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.errors import SimulationError
from hardware.simulated.crc_a import checked, crc16, crc_a
from hardware.simulated.frames import Answer, Frame, bits_of, bytes_of, odd_parity
from hardware.simulated.picc import Picc, State
from hardware.simulated.tags import KINDS, make_tag

REQA, WUPA = Frame(bits_of(b"\x26")[:7]), Frame(bits_of(b"\x52")[:7])
UIDS = st.sampled_from((4, 7, 10)).flatmap(lambda size: st.binary(min_size=size, max_size=size))


def frame(*data: int, crc: bool = False) -> Frame:
    raw = bytes(data)
    return Frame(bits_of(raw + (crc_a(raw) if crc else b"")))


HLTA = frame(0x50, 0x00, crc=True)


def powered(uid: bytes | str, **options) -> Picc:
    picc = Picc(uid, **options)
    picc.power_on(0.0)
    return picc


def hear(picc: Picc, heard: Frame, at: float = 1.0) -> bytes | None:
    answer = picc.hear(heard, at)
    return None if answer is None else bytes_of(answer.bits)


def parts(uid: bytes) -> list[bytes]:
    """UID CLn with BCC, by hand."""
    cuts = {4: [uid], 7: [b"\x88" + uid[:3], uid[3:]], 10: [b"\x88" + uid[:3], b"\x88" + uid[3:6], uid[6:]]}
    return [part + bytes([part[0] ^ part[1] ^ part[2] ^ part[3]]) for part in cuts[len(uid)]]


def select_fully(picc: Picc, call: Frame = REQA) -> bytes | None:
    sak = None
    assert hear(picc, call) is not None
    for sel, part in zip((0x93, 0x95, 0x97), parts(picc.raw_uid), strict=False):
        sak = hear(picc, frame(sel, 0x70, *part, crc=True))
    return sak


@given(st.binary(max_size=40), st.sampled_from((0x0000, 0x6363, 0xA671, 0xFFFF)))
def test_a_message_with_its_crc_has_remainder_zero(data, preset):
    assert crc16(data + crc16(data, preset).to_bytes(2, "little"), preset) == 0


def test_crc_a_of_the_standards_own_examples():
    # ISO/IEC 14443-3 annex B: 00 00 -> A0 1E and 12 34 -> 26 CF
    assert crc_a(b"\x00\x00").hex() == "a01e"
    assert crc_a(b"\x12\x34").hex() == "26cf"
    assert checked(b"\x50\x00" + crc_a(b"\x50\x00")) == b"\x50\x00"
    assert checked(b"\x50\x00\x00\x00") is None


@given(UIDS)
def test_every_uid_is_selected_level_by_level_with_the_cascade_bit_until_it_is_complete(uid):
    picc = powered(uid, sak=0x20)
    hear(picc, REQA)
    levels = parts(uid)
    for number, (sel, part) in enumerate(zip((0x93, 0x95, 0x97), levels, strict=False), 1):
        assert picc.state is State.READY
        assert hear(picc, frame(sel, 0x20)) == part
        sak = b"\x20" if number == len(levels) else b"\x04"
        assert hear(picc, frame(sel, 0x70, *part, crc=True)) == sak + crc_a(sak)
    assert picc.state is State.ACTIVE


@given(UIDS, st.integers(0, 32))
def test_anticollision_answers_the_rest_of_the_uid_after_any_number_of_known_bits(uid, known):
    picc = powered(uid)
    hear(picc, REQA)
    whole = bits_of(parts(uid)[0])
    nvb = (2 + known // 8) << 4 | known % 8
    answer = picc.hear(Frame(bits_of(bytes([0x93, nvb])) + whole[:known]), 1.0)
    assert answer is not None
    assert answer.bits == whole[known:]
    assert answer.first == 8 - known % 8


@given(UIDS, st.integers(1, 32), st.data())
def test_one_wrong_known_bit_is_silence_and_idle(uid, known, data):
    picc = powered(uid)
    hear(picc, REQA)
    bits = list(bits_of(parts(uid)[0])[:known])
    bits[data.draw(st.integers(0, known - 1))] ^= 1
    nvb = (2 + known // 8) << 4 | known % 8
    assert hear(picc, Frame(bits_of(bytes([0x93, nvb])) + tuple(bits))) is None
    assert picc.state is State.IDLE


FRAMES = st.one_of(
    st.sampled_from([REQA, WUPA, HLTA, frame(0x50, 0x00), frame(0x93, 0x20), frame(0x95, 0x20)]),
    st.binary(min_size=1, max_size=12).map(lambda data: Frame(bits_of(data))),
    st.binary(min_size=1, max_size=9).map(lambda data: frame(*data, crc=True)),
    st.lists(st.integers(0, 1), min_size=1, max_size=70).map(lambda bits: Frame(tuple(bits))),
    st.binary(min_size=1, max_size=9).map(lambda data: Frame(bits_of(data), session=77)),
)


@given(st.sampled_from(KINDS), UIDS, st.lists(FRAMES, max_size=12))
def test_no_frame_whatever_confuses_a_tag_for_good(kind, uid, frames):
    tag = make_tag(uid.hex(), kind)
    tag.power_on(0.0)
    for number, heard in enumerate(frames):
        before = tag.state
        answer = tag.hear(heard, 1.0 + number)
        if before is State.HALT and heard is not WUPA and heard.short != 0x52:
            assert answer is None
            assert tag.state is State.HALT
        if before is State.IDLE and heard.short is None:
            assert answer is None
            assert tag.state is State.IDLE
        if heard.session and before is not State.ACTIVE:
            assert answer is None
    # From wherever it is now, two calls find it: the first may be the error that sends it back.
    tag.hear(WUPA, 100.0)
    if tag.state not in (State.READY, State.READY_STAR):
        assert hear(tag, WUPA, 101.0) == tag.atqa.to_bytes(2, "little")


@pytest.mark.parametrize("uid", ["01020304", "04010203040506", "04010203040506070809"])
def test_hlta_silences_reqa_but_not_wupa(uid):
    picc = powered(uid)
    select_fully(picc)
    assert hear(picc, HLTA) is None
    assert picc.state is State.HALT
    assert hear(picc, REQA) is None
    assert picc.state is State.HALT
    assert hear(picc, WUPA) is not None
    assert picc.state is State.READY_STAR


def test_hlta_without_its_crc_is_an_error_and_leads_to_idle():
    picc = powered("01020304")
    select_fully(picc)
    assert hear(picc, frame(0x50, 0x00)) is None
    assert picc.state is State.IDLE


def test_an_error_after_waking_from_halt_leads_back_to_halt():
    picc = powered("01020304")
    select_fully(picc)
    hear(picc, HLTA)
    hear(picc, WUPA)
    assert hear(picc, REQA) is None
    assert picc.state is State.HALT
    select_fully(picc, WUPA)
    assert picc.state is State.ACTIVE_STAR
    assert hear(picc, frame(0x93, 0x20)) is None
    assert picc.state is State.HALT


def test_a_tag_left_in_ready_takes_the_next_reqa_as_an_error():
    picc = powered("01020304")
    assert [hear(picc, REQA) is not None for _ in range(6)] == [True, False] * 3


def test_a_select_with_a_wrong_crc_or_a_wrong_bcc_is_silence_and_idle():
    (part,) = parts(bytes.fromhex("01020304"))
    for broken in (frame(0x93, 0x70, *part, 0, 0), frame(0x93, 0x70, *part[:4], part[4] ^ 1, crc=True)):
        picc = powered("01020304")
        hear(picc, REQA)
        assert hear(picc, broken) is None
        assert picc.state is State.IDLE


@pytest.mark.parametrize("power_up_s", [0.0001, 0.001, 0.005])
def test_a_tag_is_deaf_until_it_has_started(power_up_s):
    picc = Picc("01020304", power_up_s=power_up_s)
    assert picc.hear(REQA, 0.5) is None
    picc.power_on(1.0)
    assert picc.hear(REQA, 1.0 + power_up_s - 1e-6) is None
    assert picc.hear(REQA, 1.0 + power_up_s + 1e-6) is not None


def test_two_milliseconds_without_field_make_a_tag_forget_its_halt_but_not_a_blink():
    picc = powered("01020304")
    select_fully(picc)
    hear(picc, HLTA)
    picc.power_off(2.0)
    assert picc.state is State.POWER_OFF
    picc.power_on(2.0001)
    assert picc.state is State.HALT
    picc.power_off(3.0)
    picc.power_on(3.002)
    assert picc.state is State.IDLE


def test_atqa_tells_the_uid_size():
    assert [powered(uid).atqa for uid in ("01020304", "04" * 7, "04" * 10)] == [0x0004, 0x0044, 0x0084]
    assert hear(powered("04" * 7), REQA) == b"\x44\x00"


@given(st.integers(0, 255))
def test_the_frame_delay_is_1172_or_1236_carrier_periods_by_the_last_bit_on_the_air(last):
    whole = frame(0x93, last)
    answer = Answer((1,))
    expected = (1236 if odd_parity(bits_of(bytes([last]))) else 1172) / 13.56e6
    assert answer.delay(whole.last_bit) == pytest.approx(expected)
    assert answer.delay(REQA.last_bit) == pytest.approx(1172 / 13.56e6)
    assert answer.delay(WUPA.last_bit) == pytest.approx(1236 / 13.56e6)


def test_a_uid_that_begins_with_88_is_a_legal_4_byte_uid():
    picc = powered("88010203")
    hear(picc, REQA)
    assert hear(picc, frame(0x93, 0x20)) == bytes.fromhex("8801020388")
    assert select_fully(powered("88010203", sak=0x08)) == b"\x08" + crc_a(b"\x08")


@pytest.mark.parametrize("uid", ["", "0102", "010203040506", "zz020304", "0102030405060708090A0B"])
def test_impossible_uids_are_refused_with_a_reason(uid):
    with pytest.raises(SimulationError, match="digits"):
        Picc(uid)


def test_an_unknown_kind_names_those_there_are():
    with pytest.raises(SimulationError, match="classic1k, ntag213"):
        make_tag("01020304", "desfire")
