"""What an RFID reader's digits mean: the UID as the pad would read it, or a refusal that says why."""

from __future__ import annotations

from functools import reduce
from operator import xor

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hardware.barcode.typed_uid import TypedUidFault, UidFormat
from hardware.errors import HardwareError

DECIMAL = UidFormat("decimal")
REVERSED = UidFormat("decimal", "lsb")


@pytest.mark.parametrize(
    ("form", "typed", "uid"),
    [
        (UidFormat(), "DEADBEEF", "DEADBEEF"),
        (UidFormat(), "deadbeef", "DEADBEEF"),
        (UidFormat(), "de:ad:be:ef", "DEADBEEF"),
        (UidFormat(), "DE AD BE EF ", "DEADBEEF"),
        (UidFormat(), "04A1B2C3D4E580", "04A1B2C3D4E580"),
        (UidFormat("hex", "lsb"), "EFBEADDE", "DEADBEEF"),
        (UidFormat("hex", "lsb"), "80E5D4C3B2A104", "04A1B2C3D4E580"),
        (UidFormat("hex", "lsb"), "DB6B2A00500104E0", "E0040150002A6BDB"),
        (DECIMAL, "3735928559", "DEADBEEF"),
        (REVERSED, "4022250974", "DEADBEEF"),
        (DECIMAL, "0000000001", "00000001"),
        (UidFormat("decimal", lengths={17: 7}), "01304084425295232", "04A20ED0ED4580"),
        (DECIMAL, "0040856634", "026F6C3A"),  # a maker's table for 125 kHz: 8H10D
        (UidFormat("decimal", lengths={12: 5}), "004335823930", "01026F6C3A"),  # ... and its 10H12D
        (UidFormat(), "01026F6C3A", "01026F6C3A"),
        (UidFormat(check_byte=True), "DEADBEEF22", "DEADBEEF"),
    ],
)
def test_the_same_tag_is_the_same_uid_on_every_reader(form, typed, uid):
    assert form.uid(typed) == uid


@pytest.mark.parametrize(
    ("form", "typed", "says"),
    [
        (UidFormat(), "", "0 characters were typed"),
        (UidFormat(), "DEADBEE", "7 characters were typed, 8 or 10 or 14 or 16 or 20 hex digits"),
        (UidFormat(), "DEADBEEG", "not hex digits"),
        (UidFormat(), "DE_DBEEF", "not hex digits"),
        (UidFormat(), "+EADBEEF", "not hex digits"),
        (UidFormat(), "١٢٣٤٥٦٧٨", "not hex digits"),
        (DECIMAL, "DEADBEEF12", "not decimal digits"),
        (DECIMAL, "DEADBEEF", "8 characters were typed, 10 decimal digits"),
        (DECIMAL, "9999999999", "too large for 4 bytes"),
        (UidFormat(), "88047DB1", "cut a longer UID"),
        (UidFormat(), "88047DB140", "cut a longer UID"),
        (UidFormat("hex", "lsb"), "B17D0488", "cut a longer UID"),
        (UidFormat(check_byte=True), "DEADBEEF23", "fifth byte is not the check byte"),
        (UidFormat(), "DB6B2A00500104E0", "begins with E0h, this one with DBh; try the other byte order"),
    ],
)
def test_digits_that_are_no_uid_are_refused_with_the_remedy(form, typed, says):
    with pytest.raises(TypedUidFault, match=says):
        form.uid(typed)


def test_a_five_byte_uid_that_happens_to_begin_with_88_is_one():
    assert UidFormat().uid("8802010101") == "8802010101"


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"lengths": {8: 6}}, "6 bytes are no UID"),
        ({"lengths": {7: 4}}, "7 hex digits cannot be 4 bytes, 8 can"),
        ({"lengths": {10: 4}}, "10 hex digits cannot be 4 bytes, 8 can"),
        ({"base": "decimal", "lengths": {9: 4}}, "9 decimal digits cannot be 4 bytes, 10 can"),
        ({"base": "decimal", "lengths": {11: 5}}, "11 decimal digits cannot be 5 bytes, 13 can"),
        ({"base": "octal"}, "octal"),
        ({"order": "middle"}, "middle"),
    ],
)
def test_settings_that_cannot_be_are_refused_when_they_are_made(how, says):
    with pytest.raises(ValueError, match=says):
        UidFormat(**how)


def test_no_message_tells_the_digits_to_the_log():
    for form, typed in ((UidFormat(), "88047DB1"), (DECIMAL, "9999999999"), (UidFormat(), "DEADBEEG")):
        with pytest.raises(TypedUidFault) as caught:
            form.uid(typed)
        assert typed not in str(caught.value)
        assert caught.value.__cause__ is None


def test_a_fault_belongs_to_the_family_of_the_hardware():
    assert issubclass(TypedUidFault, HardwareError)


@given(
    st.sampled_from([4, 7, 10]).flatmap(lambda size: st.binary(min_size=size, max_size=size)), st.booleans()
)
def test_any_uid_comes_back_from_any_way_of_writing_it(uid, turned):
    assume(len(uid) != 4 or uid[0] != 0x88)
    written = uid[::-1] if turned else uid
    order = "lsb" if turned else "msb"
    digits = len(str(256 ** len(uid) - 1))
    decimal = UidFormat("decimal", order, {digits: len(uid)})
    assert UidFormat("hex", order).uid(written.hex()) == uid.hex().upper()
    assert decimal.uid(f"{int.from_bytes(written, 'big'):0{digits}d}") == uid.hex().upper()
    if len(uid) == 4:
        checked = uid + bytes([reduce(xor, uid)])
        assert UidFormat(check_byte=True).uid(checked.hex()) == uid.hex().upper()


@given(st.text(max_size=24))
def test_any_text_is_a_uid_or_a_fault(typed):
    for form in (UidFormat(), DECIMAL, REVERSED, UidFormat(check_byte=True)):
        try:
            uid = form.uid(typed)
        except TypedUidFault:
            continue
        assert len(bytes.fromhex(uid)) in {4, 5, 7, 8, 10}
        assert uid == uid.upper()
