"""What may be a message and what is a {placeholder}: texts from outside are never format strings."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.words.text import LONGEST, TextRefused, clean, filled, message, placeholders

NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)


@pytest.mark.parametrize(
    "text",
    [
        "{name", "name}", "{nam e}", "{0}", "{}", "{name.__class__}", "{name!r}", "{name:>99999999}",
        "{name[0]}", "{{name}}", "{Name}", "}{", "{name}{", "{tên}", "{name\n}",
    ],
)  # fmt: skip
def test_anything_but_a_plain_placeholder_is_refused(text: str) -> None:
    with pytest.raises(TextRefused, match="is no placeholder"):
        placeholders(text)


@given(
    st.lists(st.tuples(st.text().map(lambda text: text.replace("{", "").replace("}", "")), NAMES), max_size=4)
)
def test_plain_placeholders_are_found_and_filled(parts: list[tuple[str, str]]) -> None:
    text = "".join(f"{before}{{{name}}}" for before, name in parts)
    assert placeholders(text) == {name for _, name in parts}
    assert filled(text, {name: "{x}" for _, name in parts}) == "".join(
        f"{before}{{x}}" for before, _ in parts
    )


@given(st.text(alphabet="{}name.!0:[]_ ", max_size=24))
def test_filling_never_looks_into_a_value(text: str) -> None:
    class Watched(str):
        __slots__ = ()

        def __format__(self, spec: str) -> str:
            raise AssertionError("a text from outside was used as a format string")

    names = {name: Watched("V") for name in ("name", "n", "a", "m", "e", "_")}
    try:
        wanted = placeholders(text)
    except TextRefused:
        return
    if wanted <= names.keys():
        assert "{" not in filled(text, names)


@given(st.text(max_size=300))
def test_a_message_is_one_composed_line_or_refused(raw: str) -> None:
    try:
        line = message(raw)
    except TextRefused:
        return
    assert unicodedata.is_normalized("NFC", line)
    assert len(line) <= LONGEST
    assert message(line) == line
    assert not any(unicodedata.category(letter)[0] == "C" for letter in line)


def test_a_decomposed_message_is_composed_and_an_unseen_sign_is_named() -> None:
    assert message(unicodedata.normalize("NFD", "Chào  con\n")) == "Chào con"
    with pytest.raises(TextRefused, match=r"U\+202E"):
        message("Chào\u202econ")
    with pytest.raises(TextRefused, match="shorten"):
        message("a" * 241)


@given(st.text())
def test_clean_text_is_one_short_composed_line(text: str) -> None:
    line = clean(text)
    assert len(line) <= LONGEST
    assert not any(unicodedata.category(letter)[0] == "C" for letter in line)
    assert line == " ".join(line.split())
    assert clean(line) == line


def test_decomposed_vietnamese_is_composed() -> None:
    assert clean(unicodedata.normalize("NFD", "Truyện Kiều Ế")) == "Truyện Kiều Ế"
