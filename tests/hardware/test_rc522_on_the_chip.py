"""The driver on the chip-level model: every tag in the field, each poll, within its budget."""

from __future__ import annotations

import random
from functools import reduce
from operator import xor

import pytest

from hardware.simulated.frames import bits_of
from hardware.simulated.picc import Answer as PiccAnswer
from hardware.simulated.picc import Picc
from hardware.simulated.tags import make_tag
from kiosk.events import TagKind
from kiosk.ports import PadDisturbed
from tests.hardware.pad_rig import Rig, tag, uids

STICKERS = tuple(f"04{number * 0x9E3779B1 % 2**40:010X}80" for number in range(1, 11))
CHIPS = {
    "CollPos counts skipped bits": {},
    "CollPos counts received bits": {"coll_pos_counts_align": False},
    "collided bit reads 0": {"collided_bit": 0},
    "both": {"coll_pos_counts_align": False, "collided_bit": 0},
    "answers in silence": {"resend_in_silence": True},
}
every_chip = pytest.mark.parametrize("chip", CHIPS.values(), ids=CHIPS)


def opened(**chip) -> Rig:
    rig = Rig(**chip)
    rig.pad.open()
    return rig


@pytest.mark.parametrize(
    "uid",
    [
        "DEADBEEF",
        "88010203",
        "88888888",
        "00000000",
        "04A1B2C3D4E580",
        "0488888888888888888888"[:20],
        "FF" * 7,
    ],
)
def test_uids_of_every_length_are_read_whole(uid):
    rig = opened()
    rig.place(uid)
    assert rig.look() == {uid}


def test_kinds_come_from_the_sak():
    rig = opened()
    rig.place(
        make_tag("DEADBEEF", "classic1k"), make_tag("04A1B2C3D4E580", "ntag213"), Picc("01020304", sak=0x20)
    )
    rig.clock.sleep(0.1)
    assert {tag.uid: tag.kind for tag in rig.pad.inventory()} == {
        "DEADBEEF": TagKind.CLASSIC,
        "04A1B2C3D4E580": TagKind.ULTRALIGHT,
        "01020304": TagKind.OTHER,
    }


def test_a_card_and_a_book_are_both_there_at_the_first_look():
    rig = opened()
    rig.place("DEADBEEF", STICKERS[0])
    assert rig.look() == {"DEADBEEF", STICKERS[0]}


@every_chip
@pytest.mark.parametrize("count", [2, 5, 10])
def test_all_of_several_tags_are_found_at_every_look(chip, count):
    rig = opened(**chip)
    rig.place(*STICKERS[:count])
    for _ in range(3):
        assert rig.look() == set(STICKERS[:count])


@every_chip
def test_crowds_of_any_uids_are_found(chip):
    chance = random.Random(7)
    for _ in range(25):
        rig = opened(**chip)
        crowd = {
            chance.randbytes(chance.choice((4, 7, 10))).replace(b"\x88", b"\x08").hex().upper()
            for _ in range(chance.randint(2, 9))
        }
        rig.place(*crowd)
        assert rig.look() == crowd


@every_chip
def test_tags_that_differ_only_in_their_last_bit_are_told_apart(chip):
    rig = opened(**chip)
    pair = {"04A1B2C3D4E500", "04A1B2C3D4E580"}
    rig.place(*pair)
    assert rig.look() == pair


def test_a_strong_tag_that_drowns_a_weak_one_hides_it_from_no_inventory():
    rig = opened(field={"capture_db": 6.0})
    rig.field.place(tag("DEADBEEF"), strength_db=12.0)
    rig.place(STICKERS[0])
    assert rig.look() == {"DEADBEEF", STICKERS[0]}


@pytest.mark.parametrize("power_up_s", [0.0001, 0.0049])
def test_tags_may_take_up_to_five_milliseconds_to_start(power_up_s):
    rig = opened()
    rig.place(Picc(STICKERS[0], power_up_s=power_up_s))
    for _ in range(3):
        assert rig.look() == {STICKERS[0]}


def test_a_resting_tag_is_seen_at_every_look_for_five_minutes():
    rig = opened()
    rig.place("DEADBEEF")
    assert all(rig.look() == {"DEADBEEF"} for _ in range(3000))


def test_a_tag_is_seen_at_the_first_look_after_it_came_and_not_after_it_went():
    rig = opened()
    for _ in range(20):
        assert rig.look() == set()
        rig.place(STICKERS[0])
        assert rig.look() == {STICKERS[0]}
        rig.lift(STICKERS[0])
        with_luck = rig.look()
        assert with_luck == set()


class WrongBcc(Picc):
    def _cascade(self):
        return tuple(part[:4] + bytes([part[4] ^ 0x10]) for part in super()._cascade())


class WrongSakCrc(Picc):
    def _select(self, frame, own):
        answer = super()._select(frame, own)
        if answer is None:
            return None
        return PiccAnswer((*answer.bits[:-1], answer.bits[-1] ^ 1))


class SakWithoutEnd(Picc):
    """Says at every level that its UID goes on."""

    def _select(self, frame, own):
        answer = super()._select(frame, own)
        return None if answer is None else PiccAnswer(bits_of(bytes.fromhex("04DA17")))


class CascadesWithoutTag(Picc):
    """A 4-byte UID whose SAK claims there is more."""

    def _cascade(self):
        part = self.raw_uid[:4]
        return (part + bytes([reduce(xor, part)]),) * 2


@pytest.mark.parametrize(
    "broken",
    [
        WrongBcc("DEADBEEF"),
        WrongBcc(STICKERS[0]),
        WrongSakCrc("DEADBEEF"),
        SakWithoutEnd("04A1B2C3D4E5F60718"[:20].ljust(20, "0")),
        CascadesWithoutTag("DEADBEEF"),
    ],
    ids=lambda picc: f"{type(picc).__name__}-{len(picc.raw_uid)}",
)
def test_a_tag_that_breaks_the_rules_is_neither_a_tag_nor_silence(broken):
    rig = opened()
    rig.place(broken)
    for _ in range(3):
        with pytest.raises(PadDisturbed) as caught:
            rig.look()
        assert not caught.value.tags
    rig.lift(broken.uid)
    rig.place("01020304")
    assert rig.look() == {"01020304"}


# -- what it costs -------------------------------------------------------------------------------------------


def test_an_empty_look_takes_at_most_six_transactions():
    rig = opened()
    costs = [rig.cost() for _ in range(30)]
    assert max(transactions for transactions, _ in costs) <= 6
    assert sum(size for _, size in costs) / len(costs) < 20


def test_the_processor_sleeps_95_percent_of_the_time_at_ten_empty_looks_a_second():
    rig = opened()
    asleep = 0.0

    def sleep(seconds: float) -> None:
        nonlocal asleep
        asleep += seconds
        rig.clock.sleep(seconds)

    rig.pad = type(rig.pad)(rig.spi, sleep=sleep, monotonic=rig.clock.monotonic)
    rig.pad.open()
    began, asleep = rig.clock.monotonic(), 0.0
    for turn in range(1, 101):
        rig.pad.inventory()
        sleep(began + turn / 10 - rig.clock.monotonic())
    assert asleep / (rig.clock.monotonic() - began) >= 0.99


def test_a_seven_byte_uid_with_its_sak_takes_22_transactions_100_bytes_and_8_ms_at_most():
    rig = opened()
    rig.look()
    rig.place(STICKERS[0])
    rig.clock.sleep(0.01)
    began = rig.spi.transactions, rig.spi.bytes, rig.clock.monotonic()
    known = []
    forward = rig.spi.xfer2

    def xfer2(data):
        if bytes(data[1:3]) == b"\x50\x00":  # HLTA: the tag is identified
            known.append((rig.spi.transactions, rig.spi.bytes, rig.clock.monotonic()))
        return forward(data)

    rig.spi.xfer2 = xfer2
    assert uids(rig.pad.inventory()) == {STICKERS[0]}
    transactions, size, moment = known[0]
    assert transactions - began[0] <= 22
    assert size - began[1] <= 100
    assert moment - began[2] <= 0.008


@every_chip
def test_ten_tags_take_320_transactions_and_150_ms_at_most(chip):
    chance = random.Random(3)
    for _ in range(10):
        rig = opened(**chip)
        crowd = {"04" + chance.randbytes(6).hex().upper() for _ in range(10)}
        rig.place(*crowd)
        began, before = rig.clock.monotonic(), rig.spi.transactions
        assert rig.look() == crowd
        assert rig.spi.transactions - before <= 320
        assert rig.clock.monotonic() - began <= 0.150 + 0.080  # look() rests first


# -- coming and going in the middle of it --------------------------------------------------------------------


def _transactions_of(rig: Rig) -> int:
    before = rig.spi.transactions
    rig.look()
    return rig.spi.transactions - before


@every_chip
def test_a_tag_that_leaves_at_any_moment_disturbs_only_itself(chip):
    rig = opened(**chip)
    rig.place("DEADBEEF", *STICKERS[:2])
    for index in range(_transactions_of(rig) + 1):
        start = rig.spi.transactions
        rig.spi.before = lambda number, at=start + index: number == at and rig.lift(STICKERS[0])
        try:
            seen = rig.look()
        except PadDisturbed as disturbed:
            seen = uids(disturbed.tags)
        rig.spi.before = lambda number: None
        assert seen <= {"DEADBEEF", *STICKERS[:2]}
        assert seen >= {"DEADBEEF", STICKERS[1]}, f"lost at transaction {index}"
        if STICKERS[0] in uids(rig.field.piccs):
            rig.lift(STICKERS[0])
        assert rig.look() == {"DEADBEEF", STICKERS[1]}
        rig.place(STICKERS[0])
        assert rig.look() == {"DEADBEEF", *STICKERS[:2]}


@every_chip
def test_a_tag_that_arrives_at_any_moment_disturbs_nobody_and_is_seen_next_time(chip):
    rig = opened(**chip)
    rig.place("DEADBEEF", STICKERS[1])
    for index in range(_transactions_of(rig) + 1):
        start = rig.spi.transactions
        rig.spi.before = lambda number, at=start + index: number == at and rig.place(STICKERS[0])
        try:
            seen = rig.look()
        except PadDisturbed as disturbed:
            seen = uids(disturbed.tags)
        rig.spi.before = lambda number: None
        assert {"DEADBEEF", STICKERS[1]} <= seen <= {"DEADBEEF", *STICKERS[:2]}
        if STICKERS[0] not in uids(rig.field.piccs):
            rig.place(STICKERS[0])
        assert rig.look() == {"DEADBEEF", *STICKERS[:2]}
        rig.lift(STICKERS[0])
        assert rig.look() == {"DEADBEEF", STICKERS[1]}


# -- bad air -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [0.0005, 0.005, 0.03])
def test_no_flipped_bit_ever_becomes_a_uid(rate):
    rig = opened(field={"bit_error_rate": rate, "seed": 11})
    truth = {"DEADBEEF", *STICKERS[:2]}
    rig.place(*truth)
    whole = 0
    for _ in range(700):
        try:
            seen = rig.look()
            whole += seen == truth
        except PadDisturbed as disturbed:
            seen = uids(disturbed.tags)
        assert seen <= truth
    assert whole > (350 if rate < 0.01 else 0)


def test_noise_without_tags_is_never_a_tag_and_always_ends():
    rig = opened(field={"noise_rate": 0.7, "seed": 5})
    outcomes = set()
    for _ in range(700):
        began = rig.clock.monotonic()
        try:
            outcomes.add(frozenset(rig.look()))
        except PadDisturbed as disturbed:
            outcomes |= {"disturbed", disturbed.tags}
        assert rig.clock.monotonic() - began < 0.5
    assert outcomes == {frozenset(), "disturbed"}
