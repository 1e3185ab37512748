"""What FEIG's answers say about tags, and what they mean in words: pure, and hostile input."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.rfid.feig.tags import (
    AnswerMakesNoSense,
    SystemInformation,
    blocks,
    data_sets,
    system_information,
)
from hardware.rfid.feig.words import chip_words, status_words, tag_error_words, tag_type_words
from kiosk.events import Tag, TagKind

UID = "E004015012345678"
VICINITY = bytes.fromhex("03 06" + UID)
OTHERS = [
    bytes.fromhex(text)
    for text in (
        "00 FF 88 77 66 55 44 33 22 11",  # I-CODE 1
        "05 FF AA BB CC DD 11 22 33 44",  # ISO 14443 B
        "06 C8 77 66 55 44 33 22 11",  # I-CODE EPC, 64 bits
        "06 08 77 66 55 44 33 22 11 00 00 00 00",  # I-CODE EPC, 96 bits
        "07" + "FF" * 14 + "55 44 33 22 11",  # I-CODE UID
        "08 00 00 01 3C 11 22 33 44",  # Jewel
        "09 FF 05 55 44 33 22 11",  # ISO 18000-3M3
        "0A FF 11 22 33 44 55 66 77 88",  # SR176
        "0C 03 01 02 03",  # MCRFxxx
        "0D FF" + "11" * 16,  # FeliCa
        "10 11 22 33 44 55 66 77 88 AA BB 04 CC DD EE FF",  # Innovatron
        "84 FF 05 55 44 33 22 11",  # EPC Class 1 Gen 2
    )
]


def answer(*sets: bytes) -> bytes:
    return bytes((len(sets),)) + b"".join(sets)


def test_a_uid_is_read_with_e0_in_front_as_upper_case_hex():
    assert data_sets(answer(VICINITY)).tags == {Tag(UID, TagKind.VICINITY)}


def test_a_count_of_no_tags_is_silence_and_no_count_at_all_is_not():
    assert data_sets(b"\0").tags == frozenset()
    with pytest.raises(AnswerMakesNoSense, match="does not say how many"):
        data_sets(b"")


def test_cards_of_iso_14443_a_are_reported_with_their_true_length():
    seven = bytes.fromhex("04 00 FF 04 A1 B2 C3 D4 E5 80")
    four = bytes.fromhex("04 00 FF 00 00 00 DE AD BE EF")
    ten = bytes.fromhex("04 24 FF AA 99 88 77 66 55 44 33 22 11")
    assert {tag.uid for tag in data_sets(answer(seven, four, ten)).tags} == {
        "04A1B2C3D4E580",
        "DEADBEEF",
        "AA998877665544332211",
    }


@pytest.mark.parametrize("other", OTHERS)
def test_tags_of_other_kinds_are_skipped_and_the_ones_behind_them_are_read(other):
    listed = data_sets(answer(other, VICINITY))
    assert listed.tags == {Tag(UID, TagKind.VICINITY)}
    assert listed.skipped == {other[0]}


def test_a_kind_of_unknown_length_keeps_what_was_read_before_it():
    with pytest.raises(AnswerMakesNoSense, match=r"type 5Ah\) has a length that is not known") as caught:
        data_sets(answer(VICINITY, b"\x5a" + bytes(9)))
    assert caught.value.tags == {Tag(UID, TagKind.VICINITY)}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (answer(VICINITY)[:-1], "cut short"),
        (answer(VICINITY) + b"\0", "1 bytes follow"),
        (b"\x02" + VICINITY, "announces 2 tags and lists fewer"),
        (answer(bytes.fromhex("03 06 78 56 34 12 50 01 04 E0")), "begins with E0"),
    ],
)
def test_an_answer_that_does_not_add_up_is_refused(data, why):
    with pytest.raises(AnswerMakesNoSense, match=why):
        data_sets(data)


@given(st.binary(max_size=120))
def test_any_bytes_give_tags_that_stand_in_them_or_are_refused(data):
    try:
        listed = data_sets(data)
    except AnswerMakesNoSense as refused:
        tags = refused.tags
    else:
        tags = listed.tags
    assert all(bytes.fromhex(tag.uid) in data for tag in tags)


def test_system_information_gives_afi_dsfid_and_the_size_of_the_memory():
    data = bytes.fromhex("06" + UID + "07 03 1B 01")
    assert system_information(data, UID) == SystemInformation(UID, 0x06, 0x07, block_size=4, blocks=28)


def test_system_information_of_another_tag_is_never_taken_for_this_one():
    data = bytes.fromhex("06 E004015000000001 07 03 1B 01")
    with pytest.raises(AnswerMakesNoSense, match=f"{UID} was asked and E004015000000001"):
        system_information(data, UID)


def test_a_tag_that_does_not_tell_its_size_has_none_and_a_large_one_has_three_bytes_of_it():
    assert system_information(bytes.fromhex("00" + UID + "07 00 00 01"), UID).blocks == 0
    assert system_information(bytes.fromhex("00" + UID + "07 03 07 FF 01"), UID).blocks == 2048


@given(st.binary(max_size=40))
def test_any_bytes_for_system_information_are_read_or_refused(data):
    try:
        told = system_information(data, UID)
    except AnswerMakesNoSense:
        return
    assert told.uid == UID


def test_the_bytes_of_a_block_are_turned_round_and_the_blocks_are_not():
    data = bytes.fromhex("02 04 00 04 03 02 01 01 08 07 06 05")
    assert blocks(data, count=2) == bytes.fromhex("01 02 03 04 05 06 07 08")


@pytest.mark.parametrize("data", ["", "01 04", "02 04 00 01 02 03 04", "01 04 00 01 02 03", "01 00 00"])
def test_other_blocks_than_those_asked_for_are_refused(data):
    with pytest.raises(AnswerMakesNoSense):
        blocks(bytes.fromhex(data), count=1, size=4)
    with pytest.raises(AnswerMakesNoSense):
        blocks(bytes.fromhex("01 08" + "00" * 9), count=1, size=4)


def test_every_number_has_words():
    for number in range(256):
        for words in (status_words(number), tag_error_words(number), tag_type_words(number)):
            assert f"{number:02X}h" in words
        assert "ISO 15693" in chip_words(bytes((0xE0, number, number, number)) + bytes(4))


def test_a_tag_that_refused_is_quoted():
    assert (
        status_words(0x95, b"\x12")
        == "the tag refused (status 95h): it is locked and cannot be changed (error 12h)"
    )
    assert "0F" in status_words(0x95, b"\x0f")
    assert status_words(0x95) == "the tag refused (status 95h)"


@pytest.mark.parametrize(
    ("uid", "words"),
    [
        ("E004015012345678", "ISO 15693 (NXP ICODE SLIX)"),
        ("E004010812345678", "ISO 15693 (NXP ICODE SLIX2)"),
        ("E004010012345678", "ISO 15693 (NXP ICODE SLI)"),
        ("E007800012345678", "ISO 15693 (Texas Instruments)"),
        ("E0FF000012345678", "ISO 15693 (maker FFh)"),
    ],
)
def test_a_uid_tells_the_chip(uid, words):
    assert chip_words(bytes.fromhex(uid)) == words
