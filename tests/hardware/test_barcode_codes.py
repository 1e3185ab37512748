"""What a barcode says: titles, items, patrons, the library's own numbers, and what is none of them."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.barcode import check_digits
from hardware.barcode.codes import Code, CodeFault, CodeRules, Symbology, isbn_13, read_code
from hardware.errors import HardwareError
from kiosk.events import CodeNames

ITEM, PATRON, TITLE, PLAIN = CodeNames.ITEM, CodeNames.PATRON, CodeNames.TITLE, CodeNames.PLAIN
GUESS_ALL = CodeRules(guess=frozenset(Symbology))


def right_ean(text: str) -> bool:
    """Written apart from the code under test: the whole number, weighted from the left as 13 digits."""
    digits = text.zfill(13)
    odd, even = digits[0::2], digits[1::2]
    return (sum(map(int, odd)) + 3 * sum(map(int, even))) % 10 == 0


@pytest.mark.parametrize(
    ("body", "check"),
    [
        ("501001708843", "9"),  # EAN-13 of a widely copied worked example
        ("03600024145", "7"),  # UPC-A, the box of tissues of the encyclopaedia
        ("629104150021", "3"),  # the example of GS1's own calculator
        ("978030640615", "7"),  # ISBN Users' Manual
        ("7351353", "7"),  # EAN-8
        ("0021012", "6"),  # EAN-8 of a scanner maker's manual
    ],
)
def test_ean_and_upc_check_digits_are_the_published_ones(body, check):
    assert check_digits.gs1(body) == check


@pytest.mark.parametrize(
    ("body", "check"),
    [
        ("3023400051786", "1"),  # JerseyCat, "Understanding the bar code structure"
        ("3319100010586", "4"),  # Dynix and Ameritech Library Services
    ],
)
def test_library_check_digits_are_the_published_ones(body, check):
    assert check_digits.luhn(body) == check


@pytest.mark.parametrize(("body", "check"), [("030640615", "2"), ("080442957", "X"), ("000000000", "0")])
def test_isbn_10_check_characters_are_the_published_ones(body, check):
    assert check_digits.isbn_10(body) == check


@pytest.mark.parametrize(("body", "check"), [("123XYZ", "M"), ("1234", "A"), ("CODE39", "W"), ("21", "3")])
def test_code_39_check_characters_are_the_published_ones(body, check):
    assert check_digits.code_39(body) == check


def test_what_code_39_cannot_write_has_no_check_character():
    assert check_digits.code_39("abc") is None


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"]E09780306406150", None),
        (b"]E09780306406157", Code("9780306406157", Symbology.EAN_13, TITLE)),
        (b"]E05010017088439", Code("5010017088439", Symbology.EAN_13, TITLE)),
        (b"]E473513537", Code("73513537", Symbology.EAN_8, TITLE)),
        (b"]E0036000241457", Code("0036000241457", Symbology.UPC_A, TITLE)),
        (b"]E00036000241457", Code("0036000241457", Symbology.EAN_13, TITLE)),
        (b"]E3978030640615750123", Code("9780306406157", Symbology.EAN_13, TITLE, "50123")),
        (b"]E39770306406155 05", None),
        (b"]E09780306406157]E212345", Code("9780306406157", Symbology.EAN_13, TITLE, "12345")),
        (b"]X0080442957X", Code("9780804429573", Symbology.ISBN_10, TITLE)),
        (b"]C09780306406157", Code("9780306406157", Symbology.CODE_128, TITLE)),
        (b"]F030234000517861", Code("30234000517861", Symbology.CODABAR, ITEM)),
        (b"]F0A33191000105864B", Code("33191000105864", Symbology.CODABAR, ITEM)),
        (b"]F0c23191000105865d", None),
        (b"]F0A000123B", Code("000123", Symbology.CODABAR, PLAIN)),
        (b"]C0LK-0012345", Code("LK-0012345", Symbology.CODE_128, PLAIN)),
        (b"]I000123", Code("00123", Symbology.ITF, PLAIN)),
        (b"]Q1VV 2019/123", Code("VV 2019/123", Symbology.QR, PLAIN)),
        (b"]Q1\xc4\x90.0012", Code("Đ.0012", Symbology.QR, PLAIN)),
        (b"]d2XYZ", Code("XYZ", Symbology.OTHER, PLAIN)),
        (b"]A0*LK-0012*", Code("LK-0012", Symbology.CODE_39, PLAIN)),
        (b"]A1123XYZM", Code("123XYZ", Symbology.CODE_39, PLAIN)),
        (b"]A3123XYZ", Code("123XYZ", Symbology.CODE_39, PLAIN)),
        (b"]A033191000105864", Code("33191000105864", Symbology.CODE_39, ITEM)),
    ],
)
def test_what_a_scanner_with_aim_prefixes_says(raw, code):
    if code is None:
        with pytest.raises(CodeFault):
            read_code(raw)
    else:
        assert read_code(raw) == code


@pytest.mark.parametrize(
    ("raw", "text", "names"),
    [
        ("9780306406157", "9780306406157", TITLE),
        ("978-0-306-40615-7", "9780306406157", TITLE),
        ("5010017088439", "5010017088439", TITLE),
        ("978030640615750123", "9780306406157", TITLE),
        ("080442957X", "9780804429573", TITLE),
        ("080442957x", "9780804429573", TITLE),
        ("30234000517861", "30234000517861", ITEM),
        ("a30234000517861b", "30234000517861", ITEM),
        ("  LK-0012345 ", "LK-0012345", PLAIN),
        ("0000012", "0000012", PLAIN),
        ("0", "0", PLAIN),
        ("5010017088430", "5010017088430", PLAIN),
        ("73513537", "73513537", PLAIN),
        ("036000241457", "036000241457", PLAIN),
        ("0306406152", "0306406152", PLAIN),
        ("30234000517862", "30234000517862", PLAIN),
        ("40234000517861", "40234000517861", PLAIN),
        ("A0001B", "A0001B", PLAIN),
    ],
)
def test_what_a_scanner_without_prefixes_says(raw, text, names):
    code = read_code(raw)
    assert (code.text, code.names) == (text, names)


def test_a_patrons_number_begins_with_two():
    body = "2023400051786"
    assert read_code(body + check_digits.luhn(body)).names is PATRON


@pytest.mark.parametrize(
    ("raw", "text"),
    [("73513537", "73513537"), ("036000241457", "0036000241457"), ("0306406152", "9780306406157")],
)
def test_a_library_without_such_numbers_of_its_own_may_have_short_ones_guessed(raw, text):
    code = read_code(raw, GUESS_ALL)
    assert (code.text, code.names) == (text, TITLE)


def test_a_library_with_14_digits_of_its_own_can_say_so():
    rules = CodeRules(library_codabar=False)
    assert read_code("30234000517861", rules).names is PLAIN
    assert read_code("]F0A30234000517862A", rules) == Code("30234000517862", Symbology.CODABAR, PLAIN)
    assert read_code("30234000517861", CodeRules(guess=frozenset())).names is PLAIN


def test_a_library_with_13_digits_of_its_own_still_has_isbns_as_titles():
    rules = CodeRules(guess=frozenset())
    assert read_code("5010017088439", rules).names is PLAIN
    assert read_code("9780306406157", rules).names is TITLE


def test_labels_with_check_characters_lose_them_when_they_are_right():
    rules = CodeRules(mod43=True)
    assert read_code("123XYZM", rules).text == "123XYZ"
    assert read_code("]A0123XYZM", rules).text == "123XYZ"
    assert read_code("]A3123XYZ", rules).text == "123XYZ"
    assert read_code("9780306406157", rules).names is TITLE
    assert read_code("30234000517861", rules).names is ITEM
    for wrong in ("123XYZN", "]A0123XYZN", "abc", "M"):
        with pytest.raises(CodeFault):
            read_code(wrong, rules)


def test_an_isbn_tells_itself_and_nothing_else_does():
    assert read_code("9780306406157").isbn == "9780306406157"
    assert read_code("5010017088439").isbn is None
    assert read_code("LK-1").isbn is None


@pytest.mark.parametrize("text", ["0-306-40615-2", "0306406152", "978 0 306 40615 7", " 9780306406157"])
def test_an_isbn_is_taken_as_people_write_it(text):
    assert isbn_13(text) == "9780306406157"


@pytest.mark.parametrize(
    "text", ["", "0306406153", "9780306406158", "5010017088439", "03064X6152", "١٢٣٤٥٦٧٨٩٠"]
)
def test_what_is_no_isbn_is_refused(text):
    with pytest.raises(CodeFault):
        isbn_13(text)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "empty"),
        (b"   ", "empty"),
        (b"]C0", "empty"),
        (b"LK\x0012", r"control character U\+0000 at place 3 of 5"),
        (b"LK12\x1d", r"U\+001D at place 5"),
        (b"LK\xff12", "byte FFh at place 3 of 5 is not text"),
        ("LK\u202e12".encode(), r"U\+202E at place 3"),
        (b"LK12?", r"'\?' \(U\+003F\) at place 5 of 5"),
        (b"LK+12", r"'\+' \(U\+002B\) at place 3 of 5"),
        (b"'; DROP TABLE items;--", "at place 1"),
        (b"]C0LK<12>", "at place 3"),
        (b'LK"12', "at place 3"),
        (b"/12", "at place 1"),
        (b"]1abc", "at place 1"),
        (b"7" * 65, "65 characters long, at most 64"),
        (b"7" * 5000, "5000 long, at most 64"),
        (b"]E09780306406158", "check digit of this EAN-13 is '8' and must be '7'"),
        (b"]E0036000241458", "UPC-A"),
        (b"]E473513538", "EAN-8"),
        (b"]E01234567", "set the scanner to send EAN and UPC whole"),
        (b"]E212345", "set the scanner"),
        (b"]E097803064061X7", "digits only"),
        (b"]F0A30234000517862B", "14-digit library number"),
        (b"]A1123XYZN", "Code 39"),
        (b"9780306406158", "ISBN-13"),
        ("９７８0306406157".encode(), None),
    ],
)
def test_hostile_and_damaged_texts_are_named(raw, says):
    if says is None:
        assert read_code(raw).names is PLAIN
        return
    with pytest.raises(CodeFault, match=says):
        read_code(raw)


def test_no_message_tells_a_card_number_to_the_log():
    wrong = str((int(check_digits.luhn("2323400051786")) + 1) % 10)
    damaged = f"]F0A2323400051786{wrong}B".encode()
    for raw in (damaged, b"23234000517860\x00", b"23234000517860?", b"23234000517860\xff"):
        with pytest.raises(CodeFault) as caught:
            read_code(raw)
        assert "23234" not in str(caught.value)


def test_a_fault_belongs_to_the_family_of_the_hardware():
    assert issubclass(CodeFault, HardwareError)
    assert issubclass(CodeFault, ValueError)


@given(st.integers(0, 10**12 - 1), st.integers(0, 9))
def test_an_ean_is_taken_with_its_right_check_digit_and_no_other(body, last):
    text = f"{body:012d}{last}"
    for prefix in ("]E0", ""):
        try:
            code = read_code(prefix + text, GUESS_ALL)
        except CodeFault:
            assert not right_ean(text)
        else:
            assert (code.names is TITLE) is right_ean(text)
            assert code.text == text


@given(st.integers(0, 10**11 - 1), st.integers(0, 12), st.integers(1, 9))
def test_no_single_wrong_digit_of_an_ean_goes_unseen(body, place, by):
    text = f"978{body:011d}"[:12]
    text += check_digits.gs1(text)
    wrong = text[:place] + str((int(text[place]) + by) % 10) + text[place + 1 :]
    with pytest.raises(CodeFault):
        read_code("]E0" + wrong)


@given(st.text(max_size=80) | st.binary(max_size=80))
def test_any_text_is_a_code_or_a_fault(raw):
    for rules in (CodeRules(), GUESS_ALL, CodeRules(mod43=True)):
        try:
            code = read_code(raw, rules)
        except CodeFault:
            continue
        assert code.text
        assert not set(code.text) & set("?+'\"<>&;%\\\0\r\n\t")
        assert code.text == code.text.strip(" ")


@given(st.text(alphabet="0123456789", min_size=1, max_size=12))
def test_a_number_of_the_librarys_own_comes_out_as_it_went_in(number):
    assert read_code(number).text == number


@settings(max_examples=50)
@given(st.integers(0, 2**32))
def test_mutated_codes_never_become_titles_with_a_wrong_check_digit(seed):
    chance = random.Random(seed)
    good = [b"]E09780306406157", b"9780306406157", b"]E473513537", b"]F0A30234000517861B", b"080442957X"]
    for _ in range(40):
        raw = bytearray(chance.choice(good))
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(raw) + 1)
            match chance.randrange(3):
                case 0:
                    raw.insert(place, chance.randrange(256))
                case 1 if len(raw) > 1:
                    del raw[min(place, len(raw) - 1)]
                case _:
                    raw[min(place, len(raw) - 1)] = chance.randrange(256)
        try:
            code = read_code(bytes(raw), GUESS_ALL)
        except CodeFault:
            continue
        if code.names is TITLE:
            assert right_ean(code.text)
        elif code.names in {ITEM, PATRON}:
            assert len(code.text) == 14
            assert check_digits.luhn(code.text[:13]) == code.text[13]
