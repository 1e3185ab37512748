"""A librarian's own texts: one file, one line a text; a refused line costs only itself."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kiosk.words import own, tongues, use, words_for
from kiosk.words.catalogue import built_in
from tests.words.dropped import language, po

VIETNAMESE = built_in("vi").sentences


def reasons(data: Path, content: str | bytes) -> list[str]:
    """What is wrong in a words.toml of this content."""
    (data / own.FILE).write_bytes(content.encode() if isinstance(content, str) else content)
    return [str(problem).replace(f"{data}/", "") for problem in use(data)]


def test_an_own_text_is_said_instead_of_the_built_in_one(tmp_path: Path) -> None:
    content = (
        '[vi]\n"welcome.title" = "Chào bạn nhỏ!"\n[en]\n"due.sleeps" = ["one night", "{count} nights"]\n'
    )
    assert reasons(tmp_path, content) == []
    assert words_for("vi").say("welcome.title") == "Chào bạn nhỏ!"
    assert words_for("en").say("welcome.title") == built_in("en").sentences["welcome.title"].forms[0]
    assert [words_for("en").count("due.sleeps", number) for number in (1, 3)] == ["one night", "3 nights"]


def test_a_language_that_falls_back_to_vietnamese_says_the_own_vietnamese_text(tmp_path: Path) -> None:
    language(tmp_path, "tyz", po(("hello.none", "A")))
    assert reasons(tmp_path, '[vi]\n"welcome.title" = "Chào bạn!"\n[tyz]\n"hello.none" = "B"\n') == []
    assert [words_for("tyz").say(key) for key in ("welcome.title", "hello.none")] == ["Chào bạn!", "B"]


def test_a_key_without_its_quotes_and_an_empty_text_are_understood(tmp_path: Path) -> None:
    assert reasons(tmp_path, '[vi]\nwelcome.title = "Chào bạn!"\nrefused.too_many.hint = ""\n') == []
    assert words_for("vi").say("welcome.title") == "Chào bạn!"
    assert words_for("vi").say("refused.too_many.hint") == VIETNAMESE["refused.too_many.hint"].forms[0]


@pytest.mark.parametrize(
    ("line", "key", "reason"),
    [
        ('"hello.title" = "Chào {nam}!"', "hello.title", "has {nam}, which the station does not fill in"),
        ('"hello.title" = "Chào!"', "hello.title", "lacks {name}"),
        ('"hello.title" = "{name.__class__}"', "hello.title", "is no placeholder"),
        ('"hello.titel" = "Chào!"', "hello.titel", "'kiosk words own' lists all of them"),
        ('"hello.none" = 7', "hello.none", "must be a text between quotes"),
        ('"hello.none" = ["a", 7]', "hello.none", "must be a text between quotes"),
        ('"hello.none" = []', "hello.none", "must be a text between quotes"),
        ('"hello.none" = ["a", "b"]', "hello.none", "has 2 forms, 1 is wanted"),
        ('"hello.none" = "ꪼꪕ"', "hello.none", "has letters that the font lacks"),
        ('"hello.none" = "   "', "hello.none", "empty"),
        ('"hello.none" = "a\\u202Eb"', "hello.none", "U+202E"),
    ],
)
def test_a_refused_text_is_named_and_the_built_in_one_is_said(
    tmp_path: Path, line: str, key: str, reason: str
) -> None:
    (told,) = reasons(tmp_path, f'[vi]\n"welcome.title" = "Chào bạn!"\n{line}\n')
    assert told.startswith(f"words.toml: [vi] {key}: ")
    assert reason in told
    words = words_for("vi")
    assert words.say("welcome.title") == "Chào bạn!"
    if key in VIETNAMESE:
        assert words.say(key, name="Mây") == VIETNAMESE[key].forms[0].replace("{name}", "Mây")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("[vi]\nwelcome = \n", "is not valid TOML: Invalid value (at line 2"),
        ("[vi]\nx = " + "[" * 5000, "is not valid TOML"),
        ('[vi]\n"a" = "Chào à"'.encode("latin-1"), "line 2 is not UTF-8"),
        (b"#" * 1_000_001, "larger than"),
        ('"welcome.title" = "A"\n', "stands under no language"),
        ('[fr]\n"welcome.title" = "A"\n', "fr: the station does not speak it; it speaks vi, en"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_and_the_station_speaks(
    tmp_path: Path, content: str | bytes, reason: str
) -> None:
    (told,) = reasons(tmp_path, content)
    assert told.startswith("words.toml: ")
    assert reason in told
    assert words_for("vi").say("welcome.title") == VIETNAMESE["welcome.title"].forms[0]


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / own.FILE).mkdir()
    (told,) = use(tmp_path)
    assert "cannot be read" in str(told)


def file_of(data: Path) -> str:
    """What `kiosk words own` writes for a data folder."""
    use(data)
    here = tongues()
    return own.written(here.languages, here.catalogues, own.given_in(data / own.FILE, []))


def test_the_file_has_every_text_as_a_comment_that_says_what_is_said_now(tmp_path: Path) -> None:
    language(tmp_path, "tyz", po(("hello.none", "A")))
    text = file_of(tmp_path)
    assert tomllib.loads(text) == {"vi": {}, "en": {}, "tyz": {}}
    assert "# --- Nút bấm: nhiều nhất ba từ" in text
    bare = "\n".join(
        line.removeprefix("# ") if line.startswith('# "') else line for line in text.splitlines()
    )
    every = tomllib.loads(bare)
    assert set(every["vi"]) == set(every["en"]) == set(every["tyz"]) == set(VIETNAMESE)
    assert every["tyz"]["hello.none"] == "A"
    assert reasons(tmp_path, bare.split("[tyz]")[0]) == []
    for language_code in ("vi", "en"):
        assert words_for(language_code).sentences() != ()


def test_writing_again_keeps_what_was_changed_even_what_is_refused(tmp_path: Path) -> None:
    mine = {"vi": {"welcome.title": 'Chào "bạn" \\ nhỏ', "hello.title": "{nam}", "gone.key": "x"}}
    lines = [f"'{key}' = '{text}'" for key, text in mine["vi"].items()]
    (tmp_path / own.FILE).write_text("[vi]\n" + "\n".join(lines), encoding="utf-8")
    once = file_of(tmp_path)
    assert tomllib.loads(once) == {**mine, "en": {}}
    (tmp_path / own.FILE).write_text(once, encoding="utf-8")
    assert file_of(tmp_path) == once


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=80) | st.text(max_size=80).map(lambda text: f"[vi]\n{text}".encode()))
@example(b'[vi]\n"welcome.title" = 1979-05-27\n')
@example(b"[[vi]]\n")
@example(b"vi = 1\n")
def test_no_bytes_whatever_in_the_file_leave_a_text_unsaid(tmp_path: Path, content: bytes) -> None:
    reasons(tmp_path, content)
    assert all(sentence.strip() for sentence in words_for("vi").sentences())
    assert words_for("vi").all_keys() == VIETNAMESE.keys()


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(sorted(VIETNAMESE)), st.text(max_size=30), max_size=4))
def test_what_is_written_is_what_is_read_again(tmp_path: Path, given_texts: dict[str, str]) -> None:
    use(None)
    here = tongues()
    text = own.written(here.languages, here.catalogues, {"vi": given_texts})
    (tmp_path / own.FILE).write_bytes(text.encode("utf-8", "surrogatepass"))
    assert own.given_in(tmp_path / own.FILE, [])["vi"] == given_texts
