"""The reader of .po files: it reads what tools write, and what it cannot read it names by line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.words import po

LETTERS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=30)


def quoted(text: str) -> str:
    """As a tool writes it."""
    for letter, written in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\t", "\\t")):
        text = text.replace(letter, written)
    return f'"{text}"'


@given(st.dictionaries(LETTERS.filter(bool), LETTERS, max_size=5), st.booleans(), st.booleans())
def test_what_a_tool_writes_is_what_is_read(entries: dict[str, str], windows: bool, mark: bool) -> None:
    lines = ["# made by a tool", 'msgid ""', 'msgstr ""', '"Language: tyz\\n"', ""]
    for key, text in entries.items():
        half = len(text) // 2
        lines += [
            "#. a hint",
            f"msgid {quoted(key)}",
            f"msgstr {quoted(text[:half])}",
            quoted(text[half:]),
            "",
        ]
    data = ("\ufeff" * mark + ("\r\n" if windows else "\n").join(lines)).encode()
    found = po.parse(data)
    assert found.faults == []
    assert {key: each.texts for key, each in found.messages.items()} == {k: (v,) for k, v in entries.items()}
    assert found.header == {"language": "tyz"}


@given(
    st.binary(max_size=300)
    | st.text(alphabet='msgidtr_plu[]0192"\\ \n#,fuzzy:é{}', max_size=300).map(str.encode)
)
def test_no_bytes_whatever_break_the_reader(data: bytes) -> None:
    found = po.parse(data)
    lines = data.count(b"\n") + 1
    assert all(1 <= fault.line <= lines for fault in found.faults)


@given(
    st.integers(0, 9),
    st.sampled_from(["msgstr oops", 'msgstr "open', "msgctxt", '"a" "b"', "{'a': 1}", "17"]),
)
def test_a_broken_entry_costs_only_itself(place: int, broken: str) -> None:
    entries = [f'msgid "key.{number}"\nmsgstr "text {number}"\n' for number in range(10)]
    entries[place] = f'msgid "key.{place}"\n{broken}\n"and more"\n'
    found = po.parse("".join(entries).encode())
    assert set(found.messages) == {f"key.{number}" for number in range(10) if number != place}
    assert [fault.line for fault in found.faults] == [2 * place + 2]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1258", "utf-16"])
def test_a_file_that_is_not_utf_8_is_named_with_its_line(encoding: str) -> None:
    data = 'msgid "a"\nmsgstr "Chào à"\n'.encode(encoding)
    found = po.parse(data)
    assert found.messages == {}
    assert [(fault.line, fault.reason) for fault in found.faults] == [
        (1 if encoding == "utf-16" else 2, "is not UTF-8; save the file again as UTF-8")
    ]


def test_plural_forms_are_kept_in_order_and_a_missing_one_is_empty() -> None:
    found = po.parse(b'msgid "a"\nmsgid_plural "a"\nmsgstr[2] "three"\nmsgstr[0] "one"\n')
    assert found.messages["a"].counted
    assert found.messages["a"].texts == ("one", "", "three")


def test_a_guess_of_a_tool_is_known_for_one_and_obsolete_entries_are_passed_over() -> None:
    found = po.parse(
        b'#, fuzzy, c-format\nmsgid "a"\nmsgstr "A"\n\nmsgid "b"\nmsgstr "B"\n#~ msgid "c"\n#~ msgstr "C"\n'
    )
    assert {key: each.fuzzy for key, each in found.messages.items()} == {"a": True, "b": False}


def test_headings_are_kept_with_the_messages_under_them() -> None:
    found = po.parse('# --- Ngày tháng\nmsgid "a"\nmsgstr "A"\n# a note\nmsgid "b"\nmsgstr "B"\n'.encode())
    assert [each.section for each in found.messages.values()] == ["Ngày tháng", "Ngày tháng"]


@pytest.mark.parametrize(
    ("said", "forms"),
    [("nplurals=1; plural=0;", [0, 0, 0]), ("nplurals=2; plural=(n != 1);", [1, 0, 1]), ("", [0, 0, 0])],
)
def test_a_plural_rule_says_which_form_a_number_takes(said: str, forms: list[int]) -> None:
    count, plural = po.plural_of({"plural-forms": said})
    assert [plural(number) for number in (0, 1, 2)] == forms
    assert count == max(forms) + 1


@pytest.mark.parametrize(
    "said",
    [
        "nplurals=1; plural=1;", "nplurals=2; plural=n/0;", "nplurals=2; plural=n%(n-5);", "two",
        "nplurals=1; plural=__import__('os');", "nplurals=2; plural=n.__class__;",
        "nplurals=1; plural=" + "(" * 99,
        "nplurals=0; plural=0;", "nplurals=2; plural=0-n;",
    ],
)  # fmt: skip
def test_a_plural_rule_that_is_none_is_refused_by_name(said: str) -> None:
    with pytest.raises(po.CatalogueError, match="Plural-Forms"):
        po.plural_of({"plural-forms": said})


@given(st.text(alphabet="n0123456789%*/+-<>=!&|?:() ", max_size=40))
def test_a_rule_from_outside_is_refused_or_answers_every_number_it_was_tried_with(rule: str) -> None:
    try:
        count, plural = po.plural_of({"plural-forms": f"nplurals=3; plural={rule};"})
    except po.CatalogueError:
        return
    assert {plural(number) for number in range(po.TRIED)} <= set(range(count))


def test_a_file_of_many_megabytes_is_no_catalogue(tmp_path: Path) -> None:
    path = tmp_path / "gocdoc.po"
    path.write_bytes(b"#" * (po.MOST_BYTES + 1))
    with pytest.raises(po.CatalogueError, match="larger than"):
        po.read(path)
    with pytest.raises(po.CatalogueError, match="cannot be read"):
        po.read(tmp_path)
