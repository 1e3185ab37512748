"""What may come down the link: whatever is said, it is read right or refused with a reason, never half."""

from __future__ import annotations

import json
import lzma
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.catalogue import (
    MAX_PART,
    MAX_ROWS_BYTES,
    CatalogueError,
    Edition,
    Gone,
    Head,
    ItemEntry,
    TitleEntry,
    edition,
    pack,
    parse_head,
    row_of,
    scope_of,
    unpack,
)
from kiosk.commands import (
    COMMANDS,
    Answer,
    Command,
    CommandError,
    arguments,
    parse_answer,
    parse_command,
)
from kiosk.policy import (
    Limits,
    PolicyAnswer,
    PolicyDocument,
    PolicyError,
    parse_policy,
    parse_policy_answer,
)

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
LETTERS = st.text("abcđêấỉ ộũ", max_size=40).map(lambda text: " ".join(text.split()))
IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,12}", fullmatch=True)
TITLES = st.builds(
    TitleEntry, IDS, LETTERS.map(lambda text: f"x{text}"), LETTERS, st.sampled_from(["vi", "en", "hmn"]),
    st.integers(0, 18), st.sampled_from(["red", "grey"]), st.sampled_from(["", "cricket"]), LETTERS,
)  # fmt: skip
ENTRIES = TITLES | st.builds(ItemEntry, IDS, IDS) | st.builds(Gone, st.sampled_from(["t", "i"]), IDS)
CATEGORIES = st.from_regex(r"[a-z][a-z0-9-]{0,9}", fullmatch=True)
DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))
LIMITS = st.builds(Limits, st.integers(0, 100), st.integers(1, 366), st.integers(0, 20))


@given(st.lists(ENTRIES, max_size=60), st.integers(300, MAX_PART))
def test_rows_that_were_packed_come_out_as_they_went_in(rows: list[object], most: int) -> None:
    parts = list(pack(rows, most))  # type: ignore[arg-type]
    assert max(map(len, parts)) <= most
    assert [row for part in parts for row in unpack(part)] == rows
    assert edition(0, 1, parts).parts == len(parts) >= 1


@given(st.binary(max_size=300) | ANYTHING.map(lambda told: lzma.compress(json.dumps(told).encode())))
def test_a_part_that_is_none_is_refused(part: bytes) -> None:
    try:
        rows = unpack(part)
    except CatalogueError:
        return
    assert all(row_of(row) for row in rows)


def test_a_small_part_that_swells_is_refused_before_it_fills_the_memory() -> None:
    bomb = lzma.compress(b"[" + b" " * (MAX_ROWS_BYTES * 20) + b"]", preset=1)
    assert len(bomb) < MAX_PART
    with pytest.raises(CatalogueError, match="too long"):
        unpack(bomb)
    with pytest.raises(CatalogueError, match="cannot be unpacked"):
        unpack(lzma.compress(b"[]", preset=9))  # asks for 65 MB of memory
    with pytest.raises(CatalogueError, match=f"at most {MAX_PART}"):
        unpack(b"x" * (MAX_PART + 1))
    with pytest.raises(CatalogueError, match="cut short"):
        unpack(next(pack([Gone("t", "a")]))[:-4])


@pytest.mark.parametrize(
    "row",
    [
        ["t", "../../etc", "x", "", "vi", 0, "red", "", ""],
        ["t", "a", "", "", "vi", 0, "red", "", ""],
        ["t", "a", "x" * 301, "", "vi", 0, "red", "", ""],
        ["t", "a", "x\u202e", "", "vi", 0, "red", "", ""],
        ["t", "a", "x\ud800", "", "vi", 0, "red", "", ""],
        ["t", "a", "x", "", "vi", True, "red", "", ""],
        ["t", "a", "x", "", "vi", 0, "mauve", "", ""],
        ["t", "a", "x", "", "vi", 0, ["red"], "", ""],
        ["i", "a", "b", "stolen"],
        ["i", "a", "b", None],
        ["i", "", "b", "lendable"],
        ["-p", "a"],
        ["-i"],
        "i",
        None,
    ],
)
def test_one_wrong_row_spoils_its_part(row: object) -> None:
    good = row_of(ItemEntry("LK-1", "de-men"))
    part = lzma.compress(json.dumps([good, row]).encode())
    with pytest.raises(CatalogueError):
        unpack(part)


def read(reader: Callable[..., object], wrong: type[ValueError], *told: object) -> object:
    """What comes of reading it: a value, or our own error; anything else is a mistake of ours."""
    try:
        return reader(*told)
    except wrong as error:
        return error


def step(base: int, version: int, weight: int = 10) -> Edition:
    return Edition(f"{'d' if base else 's'}{version}", base, version, 1, weight, "0" * 64, "0" * 64)


def test_the_way_to_a_version_goes_by_deltas_while_they_are_lighter() -> None:
    head = Head("g", 6, (step(0, 3, 100), step(3, 4), step(4, 5), step(5, 6), step(0, 6, 25)))
    assert head.next_from(6) is None
    assert head.next_from(5) == step(5, 6)
    assert head.next_from(4) == step(4, 5)
    assert head.next_from(3) == step(0, 6, 25), "three deltas weigh more than all of it"
    assert head.next_from(0) == step(0, 6, 25)
    assert head.next_from(2) == head.next_from(9) == step(0, 6, 25), "no delta leads from there"
    assert Head("g", 6, (step(5, 6),)).next_from(4) is None, "there is no way: nothing is loaded"
    assert parse_head(head.to_json()) == head
    assert parse_head(b"") is None


@given(ANYTHING | st.fixed_dictionaries({"generation": ANYTHING, "version": ANYTHING, "editions": ANYTHING}))
def test_a_head_is_read_or_refused(told: object) -> None:
    found = read(parse_head, CatalogueError, json.dumps(told).encode())
    assert found is None or isinstance(found, Head) or str(found)


def test_a_catalogue_is_named_by_whose_it_is() -> None:
    assert scope_of(station="kiosk-1") == "at-kiosk-1"
    assert scope_of(library="Thư viện Bản Phố / số 2") == "of-thu-vien-ban-pho-so-2"
    assert scope_of() == "all"
    for wrong in ("+", "#", "///"):
        with pytest.raises(CatalogueError):
            scope_of(library=wrong)


# --- commands ---------------------------------------------------------------------------------------------


@given(st.sampled_from(sorted(COMMANDS)) | st.text(max_size=20), ANYTHING | st.fixed_dictionaries(
    {"id": st.uuids().map(str) | ANYTHING, "name": st.sampled_from(sorted(COMMANDS)) | ANYTHING,
     "args": ANYTHING, "expires": st.datetimes().map(datetime.isoformat) | ANYTHING,
     "ttl_s": st.integers() | ANYTHING}))  # fmt: skip
def test_a_command_is_read_whole_or_refused(name: str, told: object) -> None:
    found = read(parse_command, CommandError, name, json.dumps(told).encode())
    if isinstance(found, CommandError):
        assert str(found)
        assert found.id == "" or uuid.UUID(found.id)
    else:
        assert isinstance(found, Command)
        assert found.name == name
        assert arguments(name, dict(found.args)) == found.args


def test_a_command_and_its_answer_come_as_they_went() -> None:
    made = Command(
        str(uuid.uuid4()), "out_of_order", {"on": True, "text": "Mất điện"},
        datetime(2026, 11, 30, 9, tzinfo=UTC), 60,
    )  # fmt: skip
    assert parse_command("out_of_order", made.to_json()) == made
    answer = Answer(made.id, "out_of_order", "done", "xong", {"a": [1, None]})
    assert parse_answer("out_of_order", answer.to_json()) == answer


@given(
    ANYTHING
    | st.fixed_dictionaries(
        {"id": ANYTHING | st.just(""), "status": st.just("done") | ANYTHING, "data": ANYTHING}
    )
)
def test_an_answer_is_read_or_refused(told: object) -> None:
    try:
        answer = parse_answer("sync", json.dumps(told).encode())
    except CommandError:
        return
    json.dumps(answer.data, allow_nan=False)


# --- rules ------------------------------------------------------------------------------------------------


@given(
    st.integers(1, 2**31 - 1), LIMITS, st.dictionaries(CATEGORIES, LIMITS),
    st.sets(st.integers(1, 7), max_size=6), st.sets(DAYS, max_size=5),
)  # fmt: skip
def test_rules_come_as_they_went(
    version: int, default: Limits, categories: dict[str, Limits], weekdays: set[int], days: set[date]
) -> None:
    document = PolicyDocument(version, default, categories, tuple(sorted(weekdays)), tuple(sorted(days)))
    assert parse_policy(document.to_json()) == (document, ())


@given(ANYTHING | st.fixed_dictionaries({"version": ANYTHING, "default": ANYTHING, "closed_days": ANYTHING}))
def test_rules_are_read_or_refused(told: object) -> None:
    assert str(read(parse_policy, PolicyError, json.dumps(told).encode()))


@given(ANYTHING | st.fixed_dictionaries(
    {"source": st.just("own") | ANYTHING, "version": ANYTHING, "status": st.just("kept") | ANYTHING,
     "words": st.text() | ANYTHING}))  # fmt: skip
def test_what_a_station_says_of_rules_is_read_or_refused(told: object) -> None:
    try:
        answer = parse_policy_answer(json.dumps(told).encode())
    except PolicyError:
        return
    assert answer.words.isprintable()


def test_what_a_station_says_of_rules_comes_as_it_went() -> None:
    answer = PolicyAnswer("all", 3, "refused", "version 2 is older than 3, which is kept")
    assert parse_policy_answer(answer.to_json()) == answer
