"""Where one code ends and the next begins, whatever the scanner sends between them."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.barcode.codes import CodeFault, CodeRules, Symbology, read_code
from hardware.barcode.lines import Line, LineSplitter
from kiosk.events import CodeNames
from tests.hardware.test_barcode_codes import right_ean

SUFFIXES = {"cr": b"\r", "lf": b"\n", "crlf": b"\r\n", "tab": b"\t"}
CODE = b"]E09780306406157"


def lines(splitter: LineSplitter, data: bytes, at: float = 0.0) -> list[bytes]:
    return [line.data for line in splitter.feed(data, at) if not line.spoiled]


@pytest.mark.parametrize("end", SUFFIXES.values())
def test_every_suffix_ends_a_code_without_being_told(end):
    splitter = LineSplitter()
    assert lines(splitter, b"LK-1" + end + b"LK-2" + end) == [b"LK-1", b"LK-2"]


@pytest.mark.parametrize(("suffix", "end"), SUFFIXES.items())
def test_a_scanner_that_was_described_is_read(suffix, end):
    splitter = LineSplitter(suffix=suffix)
    assert lines(splitter, b"LK-1" + end + b"LK-2" + end) == [b"LK-1", b"LK-2"]


@pytest.mark.parametrize("suffix", ["cr", "lf"])
def test_a_scanner_that_sends_more_than_it_should_is_read_all_the_same(suffix):
    splitter = LineSplitter(suffix=suffix)
    assert lines(splitter, b"LK-1\r\nLK-2\r\n") == [b"LK-1", b"LK-2"]
    assert splitter.feed(b"", 60.0) == []


def test_a_code_without_suffix_ends_when_silence_was_heard_long_enough():
    splitter = LineSplitter(silence_ms=80)
    assert splitter.feed(b"LK-", 1.0) == []
    assert splitter.feed(b"1", 1.02) == []
    assert splitter.feed(b"", 1.09) == []
    assert splitter.feed(b"", 1.11) == [Line(b"LK-1")]
    assert splitter.feed(b"", 9.0) == []


def test_a_reader_that_was_held_up_does_not_cut_a_code_in_two():
    splitter = LineSplitter(silence_ms=80)
    assert splitter.feed(b"97803064", 1.0) == []
    assert splitter.feed(b"06157\r", 3.0) == [Line(b"9780306406157")]


def test_once_a_suffix_was_seen_half_a_code_is_no_code():
    splitter = LineSplitter(suffix="auto", silence_ms=80)
    splitter.feed(b"9780306406157\r", 1.0)
    splitter.feed(b"978030", 2.0)
    assert splitter.feed(b"", 2.1) == []
    (broken,) = splitter.feed(b"", 2.4)
    assert not broken.data
    assert "6 bytes came without the scanner's suffix" in broken.spoiled


def test_noise_with_a_suffix_in_it_costs_a_scanner_without_suffix_one_scan_at_most():
    splitter = LineSplitter(suffix="auto", silence_ms=80)
    splitter.feed(b"noise\r", 0.0)
    splitter.feed(b"LK-1", 1.0)
    assert [line.data for line in splitter.feed(b"", 1.5)] == [b""]
    splitter.feed(b"LK-1", 2.0)
    assert splitter.feed(b"", 2.1) == [Line(b"LK-1")]


def test_another_scanner_at_the_same_plug_is_learned_anew():
    splitter = LineSplitter(suffix="auto", silence_ms=80)
    splitter.feed(b"LK-1\rLK", 0.0)
    splitter.reset()
    splitter.feed(b"LK-2", 1.0)
    assert splitter.feed(b"", 1.1) == [Line(b"LK-2")]


@pytest.mark.parametrize("suffix", [*SUFFIXES, "auto"])
def test_what_runs_on_without_an_end_is_said_once_and_thrown_away(suffix):
    end = SUFFIXES.get(suffix, b"\r\n")
    splitter = LineSplitter(suffix=suffix, longest=64)
    found = splitter.feed(b"x" * 5000 + end + b"LK-1" + end, 1.0)
    assert [line.data for line in found] == [b"", b"LK-1"]
    assert "more than 64 bytes" in found[0].spoiled


def test_a_cr_lf_is_seen_even_where_too_much_began():
    for before in range(60, 70):
        splitter = LineSplitter(suffix="crlf", longest=64)
        assert lines(splitter, b"x" * before + b"\r\nLK-1\r\n")[-1:] == [b"LK-1"], before


def test_what_runs_on_and_falls_silent_is_over():
    splitter = LineSplitter(suffix="none", longest=64)
    splitter.feed(b"x" * 500, 1.0)
    assert splitter.feed(b"", 2.0) == []
    splitter.feed(b"LK-1", 3.0)
    assert splitter.feed(b"", 4.0) == [Line(b"LK-1")]


def test_settings_that_cannot_be_are_refused():
    for wrong in ({"suffix": "etx"}, {"silence_ms": 0}, {"longest": 0}):
        with pytest.raises(ValueError, match=r"must be|choose one"):
            LineSplitter(**wrong)


CODES = st.lists(st.from_regex(rb"[A-Z0-9][A-Z0-9 ./-]{2,20}[A-Z0-9]", fullmatch=True), max_size=8)


@given(CODES, st.sampled_from(sorted(SUFFIXES)), st.booleans(), st.data())
def test_codes_come_out_whole_however_they_are_cut(codes, suffix, told, data):
    end = SUFFIXES[suffix]
    stream = b"".join(code + end for code in codes)
    splitter = LineSplitter(suffix=suffix if told else "auto")
    found, at = [], 0.0
    while stream:
        size = data.draw(st.integers(1, 9))
        found += splitter.feed(stream[:size], at)
        stream, at = stream[size:], at + data.draw(st.floats(0, 0.079))
    assert found == [Line(code) for code in codes]


@given(st.lists(st.binary(max_size=400), max_size=6), st.sampled_from(["auto", "none", *SUFFIXES]))
def test_after_any_garbage_and_a_pause_a_real_code_is_read(garbage, suffix):
    splitter = LineSplitter(suffix=suffix, longest=128)
    at = 0.0
    for piece in garbage:
        at += 0.05
        splitter.feed(piece, at)
    for _ in range(2):  # a second scan, for a scanner whose suffix was learned from the garbage
        splitter.feed(b"", at + 1)
        found = splitter.feed(CODE + SUFFIXES.get(suffix, b""), at + 1)
        at += 2
        found += splitter.feed(b"", at)
    assert [line.data for line in found] == [CODE]


@given(st.binary(max_size=400), st.sampled_from(["auto", *SUFFIXES]))
def test_after_any_garbage_without_a_pause_the_second_code_is_read(garbage, suffix):
    end = SUFFIXES.get(suffix, b"\r")
    splitter = LineSplitter(suffix=suffix, longest=128)
    found = splitter.feed(garbage + CODE + end + CODE + end, 1.0)
    assert found[-1] == Line(CODE)


def test_a_hundred_thousand_random_bytes_give_no_false_title_and_no_exception():
    chance = random.Random(20)
    rules = CodeRules(guess=frozenset(Symbology))
    splitter = LineSplitter()
    fed = titles = 0
    at = 0.0
    good = (b"]E09780306406157\r", b"5010017088439\r\n", b"]F0A30234000517861B\t", b"LK-0012345\r")
    while fed < 100_000:
        match chance.randrange(3):
            case 0:
                data = chance.randbytes(chance.randint(1, 60))
            case 1:
                data = bytes(chance.choice(b"0123456789\r") for _ in range(chance.randint(1, 60)))
            case _:
                piece = bytearray(chance.choice(good))
                piece[chance.randrange(len(piece))] = chance.randrange(256)
                data = bytes(piece)
        fed += len(data)
        at += chance.choice((0.001, 0.05, 0.5))
        for line in (*splitter.feed(data, at), *splitter.feed(b"", at + chance.choice((0.0, 0.4)))):
            assert line.spoiled or line.data
            try:
                code = read_code(line.data, rules)
            except CodeFault:
                continue
            if code.names is CodeNames.TITLE:
                titles += 1
                assert right_ean(code.text)
    assert titles  # the garbage did hold real ones: the checks above were not idle
    splitter.feed(b"", at + 1)
    assert splitter.feed(CODE + b"\r", at + 2)[-1] == Line(CODE)
