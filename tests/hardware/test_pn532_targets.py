"""What the PN532 lists: UIDs of every length, answers to select, and nothing that does not fit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.errors import HardwareError
from hardware.rfid.pn532.targets import ListError, Target, targets
from kiosk.events import Tag, TagKind

PLAIN_SAKS = (0x00, 0x08, 0x09, 0x18, 0x88, 0x01)
LAYER_4_SAKS = (0x20, 0x28, 0x38)
UIDS = st.sampled_from([4, 7, 10]).flatmap(lambda size: st.binary(min_size=size, max_size=size))
PLAIN = st.builds(Target, UIDS, st.sampled_from(PLAIN_SAKS))
SMART = st.builds(
    Target,
    UIDS,
    st.sampled_from(LAYER_4_SAKS),
    st.binary(max_size=16).map(lambda ats: bytes([len(ats) + 1]) + ats),
)


def listed(*found: Target) -> bytes:
    """The answer, written down here once more and not by the code under test."""
    answer = bytes([len(found)])
    for number, target in enumerate(found, 1):
        answer += bytes([number, 0x00, 0x44, target.sak, len(target.uid)]) + target.uid + target.ats
    return answer


@given(st.lists(st.one_of(PLAIN, SMART), max_size=2))
def test_tags_of_every_length_are_read_whole_with_or_without_an_answer_to_select(found):
    assert targets(listed(*found), most=2) == tuple(found)


@pytest.mark.parametrize(
    ("uid", "sak", "tag"),
    [
        ("DEADBEEF", 0x08, Tag("DEADBEEF", TagKind.CLASSIC)),
        ("88ADBEEF", 0x08, Tag("88ADBEEF", TagKind.CLASSIC)),
        ("04A1B2C3D4E580", 0x00, Tag("04A1B2C3D4E580", TagKind.ULTRALIGHT)),
        ("04A1B2C3D4E580", 0x20, Tag("04A1B2C3D4E580", TagKind.OTHER)),
        ("00112233445566778899", 0x00, Tag("00112233445566778899", TagKind.ULTRALIGHT)),
    ],
)
def test_a_tag_has_its_whole_uid_and_the_kind_its_sak_tells(uid, sak, tag):
    (found,) = targets(listed(Target(bytes.fromhex(uid), sak)), most=1)
    assert found.tag == tag


def test_cascade_tags_that_a_sister_chip_leaves_in_are_taken_out():
    seven = listed(Target(bytes.fromhex("8804A1B2C3D4E580"), 0))
    ten = listed(Target(bytes.fromhex("880011228833445566778899"), 0))
    assert targets(seven, most=2)[0].tag.uid == "04A1B2C3D4E580"
    assert targets(ten, most=2)[0].tag.uid == "00112233445566778899"


def test_a_tag_that_announces_layer_4_without_an_answer_to_select_is_read():
    phone, book = Target(bytes.fromhex("08112233"), 0x20), Target(bytes.fromhex("04A1B2C3D4E580"), 0x00)
    assert targets(listed(phone), most=2) == (phone,)
    assert targets(listed(phone, book), most=2) == (phone, book)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "01",
        "03",
        "0101",
        "0101000408",
        "010100040804DEADBE",
        "010100040804DEADBEEF00",
        "010200040804DEADBEEF",
        "010100040805DEADBEEF00",
        "010100040800",
        "010100040c04DEADBEEF",
        "020100040804DEADBEEF",
        "020100040804DEADBEEF0100440007" + "04A1B2C3D4E580",
        "00FF",
    ],
)
def test_a_list_that_does_not_fit_is_refused(answer):
    with pytest.raises(ListError) as refusal:
        targets(bytes.fromhex(answer), most=2)
    assert isinstance(refusal.value, HardwareError)


@given(st.binary(max_size=40))
def test_whatever_comes_is_a_list_or_refused(answer):
    try:
        found = targets(answer, most=2)
    except ListError:
        return
    assert len(found) == answer[0]
    assert all(len(target.uid) in {4, 7, 10} for target in found)


@given(st.lists(PLAIN, min_size=1, max_size=2), st.data())
def test_a_list_that_lost_or_gained_a_byte_is_never_read_as_other_plain_tags_of_that_length(found, chooser):
    answer = listed(*found)
    place = chooser.draw(st.integers(0, len(answer) - 1))
    shorter = answer[:place] + answer[place + 1 :]
    try:
        read = targets(shorter, most=2)
    except ListError:
        return
    assert sum(5 + len(target.uid) + len(target.ats) for target in read) == len(shorter) - 1
