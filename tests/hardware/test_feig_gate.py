"""AFI and EAS for the library's gate through the FEIG reader: never believed set before the tag shows it."""

from __future__ import annotations

import pytest

from hardware.rfid.tags.memory import TagGone, TagMemoryError, TagNotVerified, TagRefused
from hardware.simulated.vicinity import VicinityTag
from kiosk.ports import PadFault
from tests.hardware.test_feig import Benches, Rig, bench, uid
from tests.hardware.test_feig_memory import left_alone, pulled_at

__all__ = ["bench"]

WRITES = {b"\xb0\x27", b"\xb1\x04"}


def library(bench: Benches, gate: str = "afi", **settings: object) -> Rig:
    return bench(driver={"gate": gate, **settings})


def rings(tag: VicinityTag, gate: str) -> bool | None:
    return tag.eas if gate == "eas" else {0x07: True, 0xC2: False}.get(tag.afi)


def writes(rig: Rig) -> int:
    return sum(
        request[:2] == b"\xb0\x27" or request[:3] in {b"\xb1\x04\xa2", b"\xb1\x04\xa3"}
        for request in rig.device.requests
    )


def test_a_lent_book_gets_the_released_afi_and_a_returned_one_the_secured(bench):
    rig = library(bench)
    tag = rig.place(1, afi=0x07)
    assert rig.pad.secured(uid(1)) is True
    rig.pad.secure(uid(1), False)
    assert (tag.afi, rig.pad.secured(uid(1))) == (0xC2, False)
    rig.pad.secure(uid(1), True)
    assert (tag.afi, rig.pad.secured(uid(1))) == (0x07, True)


def test_eas_is_switched_by_the_vendors_custom_commands(bench):
    rig = library(bench, "eas")
    tag = rig.place(1, afi=0x07)
    assert rig.pad.secured(uid(1)) is False
    rig.pad.secure(uid(1), True)
    assert bytes.fromhex("B1 04 A2 01" + uid(1)) in rig.device.requests
    assert (tag.eas, rig.pad.secured(uid(1))) == (True, True)
    rig.pad.secure(uid(1), False)
    assert bytes.fromhex("B1 04 A3 01" + uid(1)) in rig.device.requests
    assert (tag.eas, tag.afi, rig.pad.secured(uid(1))) == (False, 0x07, False)


@pytest.mark.parametrize("gate", ["afi", "eas"])
def test_a_tag_that_has_the_wanted_state_is_not_written_to(bench, gate):
    rig = library(bench, gate)
    rig.place(1, afi=0x07, eas=True)
    rig.pad.secure(uid(1), True)
    assert writes(rig) == 0
    rig.pad.secure(uid(1), False)
    rig.pad.secure(uid(1), False)
    assert writes(rig) == 1


@pytest.mark.parametrize("gate", ["afi", "eas"])
def test_only_the_one_book_is_changed_and_quiet_tags_hear_it_too(bench, gate):
    rig = library(bench, gate)
    rig.place(1, 2, 3, afi=0x07, eas=True)
    rig.look()
    rig.pad.secure(uid(2), False)
    assert [rings(tag, gate) for tag in rig.device.tags] == [True, False, True]


def test_afis_of_other_libraries_are_settings(bench):
    rig = library(bench, secured_afi=0x21, released_afi=0x02)
    tag = rig.place(1, afi=0x21)
    assert rig.pad.secured(uid(1)) is True
    rig.pad.secure(uid(1), False)
    assert tag.afi == 0x02


def test_an_afi_of_nobody_is_neither_and_can_be_set(bench):
    rig = library(bench)
    tag = rig.place(1, afi=0x55)
    assert rig.pad.secured(uid(1)) is None
    rig.pad.secure(uid(1), True)
    assert tag.afi == 0x07


def test_without_a_gate_nothing_is_claimed_and_nothing_written(bench):
    rig = library(bench, "none")
    rig.place(1, afi=0x07)
    assert rig.pad.secured(uid(1)) is None
    with pytest.raises(TagRefused, match="no gate"):
        rig.pad.secure(uid(1), False)
    assert writes(rig) == 0


@pytest.mark.parametrize("gate", ["afi", "eas"])
def test_a_locked_tag_is_refused_in_words(bench, gate):
    rig = library(bench, gate)
    tag = rig.place(1, afi=0x07, eas=True)
    tag.afi_locked = tag.eas_locked = True
    with pytest.raises(TagRefused, match="it is locked and cannot be changed"):
        rig.pad.secure(uid(1), False)
    assert rings(tag, gate) is True


def test_a_tag_that_does_not_tell_its_afi_is_refused_and_not_written(bench):
    rig = library(bench)
    rig.place(1, tells=False)
    assert rig.pad.secured(uid(1)) is None
    with pytest.raises(TagRefused, match="does not tell its AFI"):
        rig.pad.secure(uid(1), True)
    assert writes(rig) == 0


def test_eas_of_another_maker_is_refused_and_nothing_is_sent_to_it(bench):
    rig = library(bench, "eas")
    rig.device.place(VicinityTag("E007800000000001"))
    assert rig.pad.secured("E007800000000001") is None
    with pytest.raises(TagRefused, match="no I-CODE tag of NXP"):
        rig.pad.secure("E007800000000001", True)
    assert writes(rig) == 0


def test_an_icode_tag_that_does_not_tell_its_system_information_can_still_prove_that_it_lies_there(bench):
    rig = library(bench, "eas")
    tag = rig.place(1, tells=False)
    rig.pad.secure(uid(1), True)
    assert tag.eas
    rig.pad.secure(uid(1), False)
    assert not tag.eas


@pytest.mark.parametrize("gate", ["afi", "eas"])
def test_a_tag_that_is_not_there_is_gone_and_never_silent_or_done(bench, gate):
    rig = library(bench, gate)
    rig.place(2)
    for on in (True, False):
        with pytest.raises(TagGone, match="put it back"):
            rig.pad.secure(uid(1), on)
    with pytest.raises(TagGone):
        rig.pad.secured(uid(1))


@pytest.mark.parametrize("gate", ["afi", "eas"])
@pytest.mark.parametrize("on", [True, False])
@pytest.mark.parametrize("back", [None, 1, 2])
def test_a_tag_pulled_away_at_any_step_is_never_believed_set_when_it_is_not(bench, gate, on, back):
    rig = library(bench, gate)
    tag = rig.place(1)
    for step in range(20):
        left_alone(rig.device, tag)
        tag.afi, tag.eas = (0xC2, False) if on else (0x07, True)
        pulled_at(rig.device, step, back_at=None if back is None else step + back)
        before = len(rig.device.requests)
        try:
            rig.pad.secure(uid(1), on)
        except TagMemoryError:
            pass
        else:
            assert rings(tag, gate) is on
            if len(rig.device.requests) - before <= step:
                break  # it was done before the hand came
    else:
        pytest.fail("it never succeeded")
    assert step > 2
    left_alone(rig.device, tag)
    rig.pad.secure(uid(1), on)
    assert rings(tag, gate) is on


@pytest.mark.parametrize("gate", ["afi", "eas"])
@pytest.mark.parametrize("on", [True, False])
def test_a_tag_that_left_while_it_was_written_is_not_believed_even_when_it_is_back_at_once(bench, gate, on):
    rig = library(bench, gate)
    tag = rig.place(1)
    tag.afi, tag.eas = (0xC2, False) if on else (0x07, True)

    def hand(request: bytes) -> None:
        if request[1] in {0x27, 0xA2, 0xA3}:
            rig.device.lift(tag.uid)
            rig.device.place(tag)

    rig.device.during = hand
    with pytest.raises(TagNotVerified):
        rig.pad.secure(uid(1), on)
    assert rings(tag, gate) is not on
    rig.device.during = lambda request: None
    rig.pad.secure(uid(1), on)
    assert rings(tag, gate) is on


@pytest.mark.parametrize("gate", ["afi", "eas"])
def test_a_write_whose_answer_is_lost_is_believed_by_what_the_tag_shows(bench, gate):
    rig = library(bench, gate)
    tag = rig.place(1, afi=0xC2)
    honest = rig.device.feed

    def lossy(data: bytes) -> bytes:
        answer = honest(data)
        return (
            answer[:-1] + b"?"
            if rig.device.requests[-1][:3] in {b"\xb0\x27\x01", b"\xb1\x04\xa2"}
            else answer
        )

    rig.device.feed = lossy
    rig.pad.secure(uid(1), True)
    assert rings(tag, gate) is True


@pytest.mark.parametrize("status", [0x00, 0x03, 0x83])
@pytest.mark.parametrize("gate", ["afi", "eas"])
def test_whatever_the_reader_says_of_a_write_that_did_nothing_it_is_not_believed(bench, gate, status):
    rig = library(bench, gate)
    tag = rig.place(1, afi=0x07, eas=True)

    def forge(request: bytes) -> None:
        if request[:2] == b"\xb0\x27" or request[:3] == b"\xb1\x04\xa3":
            rig.device.forced.append((status, b""))

    rig.device.before = forge
    with pytest.raises(TagRefused if status == 0x03 else TagNotVerified):
        rig.pad.secure(uid(1), False)
    assert rings(tag, gate) is True


def test_two_calls_that_were_not_heard_do_not_make_a_ringing_tag_silent(bench):
    rig = library(bench, "eas")
    rig.place(1, eas=True)
    missed = iter([True, True])

    def deaf(request: bytes) -> None:
        if request[:3] == b"\xb1\x04\xa5" and next(missed, False):
            rig.device.forced.append((0x01, b""))

    rig.device.before = deaf
    assert rig.pad.secured(uid(1)) is True


def test_one_question_that_was_not_heard_does_not_make_a_tag_one_without_afi(bench):
    rig = library(bench)
    tag = rig.place(1, afi=0x07)
    missed = iter([True])

    def deaf(request: bytes) -> None:
        if request[1:2] == b"\x2b" and next(missed, False):
            rig.device.forced.append((0x01, b""))

    rig.device.before = deaf
    rig.pad.secure(uid(1), False)
    assert tag.afi == 0xC2


def test_the_answer_of_another_tag_does_not_count(bench):
    rig = library(bench)
    rig.place(1, afi=0x07)
    rig.device.before = lambda request: (
        rig.device.forced.append((0, bytes.fromhex("00" + uid(2) + "C2 03 1B 01")))
        if request[1:2] == b"\x2b"
        else None
    )
    with pytest.raises(TagNotVerified, match=f"{uid(1)} was asked and {uid(2)}"):
        rig.pad.secured(uid(1))


def test_a_wrong_bit_on_the_line_never_makes_a_false_state(bench):
    rig = library(bench)
    tag = rig.place(1, afi=0x07)
    rig.device.flip_rate, done = 0.004, 0
    for attempt in range(4):
        try:
            if rig.pad.closed:
                rig.pad.open()
            rig.pad.secure(uid(1), bool(attempt % 2))
            assert rings(tag, "afi") is bool(attempt % 2)
            done += 1
        except TagMemoryError:
            continue
        except PadFault:
            rig.pad.close()
    assert done
