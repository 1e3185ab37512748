"""The PN532 as a pad: every tag in the field, proven silence, and the third answer in every accident."""

from __future__ import annotations

import itertools
import random

import pytest

from hardware.rfid.pn532 import PN532
from hardware.simulated.pn532_tags import ListedTag
from kiosk.events import TagKind
from kiosk.ports import PadDisturbed, PadFault
from tests.hardware.pn532_rig import Rig, opened, uids

CARD = "DEADBEEF"
BOOK = "04A1B2C3D4E580"
LONG = "00112233445566778899"
PILE = (CARD, "88ADBEEF", LONG, *(f"04A1B2C3D4E5{number:02X}" for number in range(7)))
PHONE = ("08112233", 0x20, 0x0344, bytes.fromhex("067577810280"))
LIST, DESELECT, FIELD = 0x4A, 0x44, 0x32
ACCIDENTS = ("freeze", "reset", "unplug")


def answer_of(rig: Rig) -> str:
    """One look: the UIDs seen, "silence", "disturbed" or "fault"."""
    try:
        return " ".join(sorted(rig.look())) or "silence"
    except PadDisturbed:
        return "disturbed"
    except PadFault:
        return "fault"


def run_into(rig: Rig, accident: str, at: int, code: int | None = None) -> None:
    """Have the accident happen when command number `at` has arrived."""

    def happens(number: int, code: int) -> None:
        if number != at:
            return
        match accident:
            case "freeze":
                rig.device.frozen = True
            case "reset":
                rig.device.reset()
            case "unplug":
                rig.wire.plugged = False

    rig.device.before = happens


@pytest.mark.parametrize("at_once", [1, 2])
@pytest.mark.parametrize("count", range(len(PILE) + 1))
def test_every_tag_of_a_pile_is_found_at_every_look(count, at_once):
    rig = opened(at_once=at_once)
    rig.place(*PILE[:count])
    for _ in range(5):
        assert rig.look() == set(PILE[:count])


@pytest.mark.parametrize("pieces", [1, 2, 3, 7])
def test_answers_may_arrive_in_pieces_of_any_size(pieces):
    rig = opened(pieces=pieces)
    rig.place(*PILE)
    assert rig.look() == set(PILE)


def test_the_kind_of_a_tag_is_told_by_its_sak():
    rig = opened()
    rig.place(CARD, BOOK, ListedTag(*PHONE))
    assert {tag.uid: tag.kind for tag in rig.pad.inventory()} == {
        CARD: TagKind.CLASSIC,
        BOOK: TagKind.ULTRALIGHT,
        PHONE[0]: TagKind.OTHER,
    }


def test_an_answer_to_select_is_no_part_of_a_uid():
    for order in itertools.permutations((CARD, BOOK, ListedTag(*PHONE))):
        rig = opened()
        rig.place(*order)
        assert rig.look() == {CARD, BOOK, PHONE[0]}


def test_what_is_lifted_is_gone_and_what_is_laid_down_is_there_at_the_next_look():
    rig = opened()
    rig.place(CARD, BOOK)
    assert rig.look() == {CARD, BOOK}
    rig.lift(BOOK)
    assert rig.look() == {CARD}
    rig.place(LONG)
    rig.lift(CARD)
    assert rig.look() == {LONG}
    rig.lift(LONG)
    assert rig.look() == set()


def test_tags_that_lay_there_before_the_reader_was_opened_are_found():
    rig = Rig()
    rig.place(*PILE)
    rig.pad.open()
    assert rig.look() == set(PILE)
    rig.pad.close()
    rig.pad.open()
    assert rig.look() == set(PILE)


def test_an_empty_pad_costs_one_command_and_a_card_alone_five():
    rig = opened()
    rig.look()
    before = len(rig.device.commands)
    rig.look()
    assert rig.device.commands[before:] == [LIST]
    rig.place(CARD)
    rig.look()
    before = len(rig.device.commands)
    rig.look()
    assert rig.device.commands[before:] == [FIELD, FIELD, LIST, DESELECT, LIST]


def seen_of(rig: Rig) -> tuple[set[str], bool]:
    """What one look saw, and whether it says that this is everything."""
    try:
        return rig.look(), True
    except PadDisturbed as disturbed:
        return uids(disturbed.tags), False


@pytest.mark.parametrize("at_once", [1, 2])
def test_a_tag_that_will_not_sleep_hides_nobody_without_saying_so(at_once):
    """Some cards answer every call (libnfc #476)."""
    for order in itertools.permutations(("04FF00FF00FF80", BOOK, CARD)):
        rig = opened(at_once=at_once)
        rig.place(ListedTag(order[0], halts=False), *order[1:])
        start = rig.clock.monotonic()
        seen, everything = seen_of(rig)
        assert rig.clock.monotonic() - start < 1.0
        assert order[0] in seen
        assert seen == set(order) if everything else seen <= set(order)


def test_a_list_that_does_not_fit_is_a_disturbance_with_the_tags_verified_before():
    rig = opened()
    rig.place(CARD)
    rig.device.tags = (*rig.device.tags, ListedTag("FF" * 5))  # five bytes: no such UID
    with pytest.raises(PadDisturbed, match="wrong list"):
        rig.look()
    rig.lift("FF" * 5)
    assert rig.look() == {CARD}


@pytest.mark.parametrize("accident", ACCIDENTS)
def test_an_accident_at_any_command_never_empties_a_pad_with_a_book_on_it(accident):
    quiet = opened()
    quiet.place(CARD, BOOK, LONG)
    quiet.look()
    quiet.look()
    length = len(quiet.device.commands)
    for index in range(length + 1):
        rig = Rig()
        rig.place(CARD, BOOK, LONG)
        run_into(rig, accident, index)
        answers = []
        try:
            rig.pad.open()
        except PadFault:
            answers.append("fault")
        while len(answers) < 4 and "fault" not in answers:
            answers.append(answer_of(rig))
        whole = " ".join(sorted((CARD, BOOK, LONG)))
        assert set(answers) <= {whole, "fault"}, (index, answers)
        if accident == "reset":
            rig.device.before = lambda number, code: None
            if "fault" in answers:  # while it was set up
                rig.pad.open()
            assert answer_of(rig) == whole, (index, answers)
        elif index < length:
            assert answers[-1] == "fault", (index, answers)


@pytest.mark.parametrize("accident", ["freeze", "reset"])
def test_an_accident_between_two_looks_is_found_within_a_second_or_mended(accident):
    rig = opened()
    rig.place(BOOK)
    rig.look()
    if accident == "freeze":
        rig.device.frozen = True
        start = rig.clock.monotonic()
        with pytest.raises(PadFault, match="nothing answers"):
            rig.look()
        assert rig.clock.monotonic() - start < 1.5
        rig.device.frozen = False
        rig.pad.open()
    else:
        rig.device.reset()
    assert rig.look() == {BOOK}


@pytest.mark.parametrize("glitch", [b"\x00", bytes(12), b"\x55\x55" + bytes(20)])
def test_a_module_that_started_anew_and_was_woken_by_a_glitch_tells_no_empty_pad(glitch):
    rig = opened()
    rig.place(BOOK)
    rig.device.reset()
    rig.device.feed(glitch)
    assert answer_of(rig) in (BOOK, "fault")


def test_a_module_that_starts_anew_again_and_again_is_a_fault():
    rig = opened()
    rig.place(BOOK)
    rig.device.before = lambda number, code: rig.device.reset() if code == LIST else None
    with pytest.raises(PadFault, match="does not acknowledge"):
        rig.look()


def test_a_module_that_never_answers_after_its_acknowledgement_is_a_fault_in_bounded_time():
    rig = opened()
    rig.place(BOOK)
    take = rig.device.tick
    rig.device.tick = lambda now: b""
    start = rig.clock.monotonic()
    with pytest.raises(PadFault, match="no whole answer"):
        rig.look()
    assert rig.clock.monotonic() - start < 2.0
    rig.device.tick = take
    rig.pad.open()
    assert rig.look() == {BOOK}


def test_answers_with_a_wrong_bit_are_asked_for_again_and_nothing_false_is_told():
    rig = opened()
    rig.place(*PILE)
    rig.device.flip = 0.05
    told = [answer_of(rig) for _ in range(60)]
    whole = " ".join(sorted(PILE))
    assert told.count(whole) > 40
    assert "silence" not in told
    for answer in told:
        assert answer in (whole, "fault", "disturbed")


def test_answers_that_stay_wrong_are_a_fault_and_never_a_tag():
    for count in range(1, 12):
        rig = opened()
        rig.place(BOOK)
        rig.look()
        rig.device.flip_next = count
        told = answer_of(rig)
        assert told in (BOOK, "fault", "disturbed")
    rig = opened()
    rig.place(BOOK)
    rig.device.flip = 1.0
    assert answer_of(rig) == "fault"
    with pytest.raises(PadFault):
        rig.pad.open()


def test_noise_before_an_answer_does_not_hide_it():
    chance = random.Random(5)
    rig = opened()
    rig.place(BOOK)
    for _ in range(300):
        rig.wire.noise = chance.choice(
            (b"\x00\xff", b"\x00\x00\xff\x80\x80", b"\xff\x00", chance.randbytes(9))
        )
        assert answer_of(rig) in (BOOK, "fault")
        if rig.pad.version is None:
            rig.pad.open()


def test_an_answer_of_an_earlier_command_is_never_taken_for_this_one():
    """A list of before that still arrives, even a whole right one, says nothing about now."""
    rig = opened()
    rig.place(BOOK)
    empty, other = "0000FF03FDD54B00E000", "0000FF0CF4D54B010100040804DEADBEEF9600"
    for stale in (empty, other):
        rig.wire.noise = bytes.fromhex(stale)
        assert rig.look() == {BOOK}


def test_an_answer_with_the_code_of_another_command_is_passed_by():
    rig = opened()
    rig.place(BOOK)
    tick = rig.device.tick
    rig.device.tick = lambda now: (
        bytes.fromhex("0000FF06FAD50332010607E800") + said if (said := tick(now)) else b""
    )
    assert rig.look() == {BOOK}


def test_noise_that_looks_like_the_beginning_of_a_frame_costs_no_time_and_no_set_up():
    rig = opened()
    rig.place(BOOK)
    rig.look()
    for _ in range(5):
        rig.wire.noise = b"\x00\x00\xff\x80\x80"
        start = rig.clock.monotonic()
        assert rig.look() == {BOOK}
        assert rig.clock.monotonic() - start < 0.4
    assert rig.device.commands.count(0x14) == 1


def test_the_firmware_is_asked_for_once_a_second_and_another_one_is_a_fault():
    rig = opened()
    start = len(rig.device.commands)
    for _ in range(30):
        rig.look()
    asked = rig.device.commands[start:].count(0x02)
    assert 2 <= asked <= 3
    rig.device._do = lambda code, parameters: (0.0, b"\x33\x01\x06\x07")
    rig.clock.sleep(1.1)
    with pytest.raises(PadFault, match="was 32 01 06 07 and is 33 01 06 07"):
        rig.look()


def half_a_frame(rig: Rig) -> None:
    rig.wire._is_open = True
    rig.wire.write(b"\x55\x55" + bytes(14) + b"\x00\x00\xff\xff\x01\xd4\x40")


def for_ever_listing(rig: Rig) -> None:
    rig.pad.open()
    rig.lift(BOOK)
    rig.wire.write(bytes.fromhex("0000FF06FAD43205FF01FFF600") + bytes.fromhex("0000FF04FCD44A0100E100"))
    rig.place(BOOK)


def asleep(rig: Rig) -> None:
    rig.pad.open()
    rig.device.reset()


def left_open(rig: Rig) -> None:
    rig.pad.open()
    rig.pad.inventory()


def half_awake(rig: Rig) -> None:
    rig.wire._is_open = True
    rig.wire.write(b"\x55\x00\x00")


def without_retries(rig: Rig) -> None:
    rig.pad.open()
    rig.wire.write(bytes.fromhex("0000FF06FAD43205010100F300"))


@pytest.mark.parametrize(
    "state", [half_a_frame, for_ever_listing, asleep, left_open, half_awake, without_retries]
)
def test_a_module_is_opened_in_whatever_state_it_was_left(state):
    rig = Rig()
    rig.place(BOOK)
    state(rig)
    start = rig.clock.monotonic()
    rig.pad.open()
    assert rig.clock.monotonic() - start < 1.0
    assert rig.look() == {BOOK}
    rig.lift(BOOK)
    assert rig.look() == set()


def test_a_module_that_says_nothing_is_named_with_what_to_check():
    rig = Rig()
    rig.device.frozen = True
    start = rig.clock.monotonic()
    with pytest.raises(PadFault, match=r"nothing answers on bench.*HSU.*115200.*TX"):
        rig.pad.open()
    assert rig.clock.monotonic() - start < 2.0
    assert rig.wire.closed
    assert rig.pad.version is None


class Chatter:
    """Some other device: says a line twenty times a second, whatever it is told."""

    def __init__(self, line: bytes) -> None:
        self.line, self._next = line, 0.0

    def feed(self, data: bytes) -> bytes:
        return b""

    def tick(self, now: float) -> bytes:
        if now < self._next:
            return b""
        self._next = now + 0.05
        return self.line


class Parrot(Chatter):
    def feed(self, data: bytes) -> bytes:
        return data


@pytest.mark.parametrize(
    ("device", "words"),
    [
        (Chatter(b"9786042061234\r\n"), "answers, but not as a PN532; check that the baud rate is 115200"),
        (Chatter(b"\x0204A1B2C3D4D4\x03"), "switched to HSU"),
        (Parrot(b""), "repeats what is sent to it"),
    ],
)
def test_another_device_on_the_port_is_named(device, words):
    rig = Rig()
    rig.wire.device = device
    with pytest.raises(PadFault, match=words):
        rig.pad.open()


def test_another_version_than_four_bytes_is_not_a_pn532():
    rig = Rig()
    rig.device._do = lambda code, parameters: (0.0, b"\x01")
    with pytest.raises(PadFault, match="not as a PN532"):
        rig.pad.open()


def test_closing_switches_the_field_off_and_never_raises():
    rig = opened()
    rig.place(BOOK)
    rig.look()
    assert rig.device._field_on
    rig.pad.close()
    assert not rig.device._field_on
    assert rig.wire.closed
    rig.pad.close()
    rig.pad.open()
    rig.wire.plugged = False
    rig.pad.close()
    assert rig.wire.closed


def test_a_closed_reader_says_so():
    rig = Rig()
    with pytest.raises(PadFault, match="not open"):
        rig.pad.inventory()
    assert repr(rig.pad) == "<PN532 on bench, closed>"
    rig.pad.open()
    assert repr(rig.pad) == "<PN532 on bench, firmware 1.6>"


@pytest.mark.parametrize("settings", [{"at_once": 0}, {"at_once": 3}, {"retries": -1}, {"retries": 255}])
def test_impossible_settings_are_refused(settings):
    with pytest.raises(ValueError, match=r"PN532|retries"):
        PN532("/dev/null", **settings)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_arrives_is_an_answer_a_disturbance_or_a_fault_and_never_another_tag(seed):
    """Garbage, damaged frames and accidents at random: no other exception, no false tag, no false silence."""
    chance = random.Random(seed)
    rig = Rig(pieces=chance.choice((1, 5, 4096)))
    rig.place(CARD, BOOK)
    whole = " ".join(sorted((CARD, BOOK)))
    told = []
    for _ in range(250):
        match chance.randrange(8):
            case 0:
                rig.wire.noise = chance.randbytes(chance.randrange(1, 120))
            case 1:
                rig.device.flip_next = chance.randrange(1, 5)
            case 2:
                rig.device.reset()
            case 3:
                rig.device.frozen = True
            case 4:
                rig.wire.plugged = False
        try:
            if rig.pad.version is None or told[-1:] == ["fault"]:
                rig.pad.open()
            told.append(answer_of(rig))
        except PadFault:
            told.append("fault")
        rig.device.frozen, rig.wire.plugged = False, True
    assert set(told) <= {whole, "fault", "disturbed"}
    rig.device.flip_next = 0
    rig.pad.open()
    assert rig.look() == {CARD, BOOK}
