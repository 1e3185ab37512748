"""The pages on languages tell what the program does: messages, keys, codes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kiosk.words import po, use
from kiosk.words.language import CODE, KEYS
from kiosk.words.starting import NAMES
from tests.words.dropped import language
from tests.words.dropped import po as catalogue

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "docs" / name for name in ("languages.md", "languages.vi.md")]
BOTH = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def rows(page: Path, heading: str) -> list[list[str]]:
    """The cells of the table that has this cell in its heading."""
    text = page.read_text(encoding="utf-8")
    table = text[text.index(heading) :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table]


WRONG = """
#, fuzzy
msgid "hello.none"
msgstr "A"

msgid "welcome.title"
msgstr oops

msgid "take_off.hint"
msgstr "A"

msgid "take_off.hint"
msgstr "B"

msgid "hello.title"
msgstr "A"

msgid "still.title"
msgstr "{name} {nam}"

msgid "goodbye.title"
msgstr "{0}"

msgid "no.such"
msgstr "A"

msgid "due.sleeps"
msgid_plural "due.sleeps"
msgstr[0] "{count}"

msgid "take_off.title"
msgstr "ꪀ"

msgid "returned.title"
msgstr "\u202e"
"""
"""An entry for every way to be wrong."""


@BOTH
def test_every_message_on_the_page_is_one_that_the_checks_say(page: Path, tmp_path: Path) -> None:
    two = 'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'
    language(tmp_path, "tyz", two + WRONG, 'name = "Tày"\nfalls_back_to = "xx"\n')
    language(tmp_path, "nut", "à".encode("latin-1"), 'name = "Nùng"\n')
    (tmp_path / "words.toml").write_text("[vi")
    said = "\n".join(map(str, use(tmp_path)))
    heading = "| message |" if page.name == "languages.md" else "| thông báo |"
    messages = [row[0] for row in rows(page, heading)]
    assert len(messages) == 13
    assert [message for message in messages if message not in said] == []


@BOTH
def test_the_examples_on_the_page_are_what_the_program_takes(page: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    blocks = [
        "\n".join(line[4:] for line in block.splitlines())
        for block in re.findall(r"(?:^ {4}.*\n|^\n(?= {4}))+", text, re.M)
    ]
    (about,) = [block for block in blocks if block.lstrip().startswith("name =")]
    (own,) = [block for block in blocks if block.lstrip().startswith("[vi]")]
    (entry,) = [block for block in blocks if "msgid" in block]
    filled = entry.replace('msgstr ""', 'msgstr "A {name}"')
    language(tmp_path, "tyz", catalogue() + filled, about)
    (tmp_path / "words.toml").write_text(own, encoding="utf-8")
    assert use(tmp_path) == ()
    assert set(po.parse(filled.encode()).messages) == {"hello.title"}
    assert all(f"\n    {key} = " in text for key in KEYS)


@BOTH
def test_the_codes_on_the_page_are_codes_that_the_station_takes(page: Path) -> None:
    codes = set(re.findall(r"`([a-z]{3}(?:-[A-Z]\w+)?)`", page.read_text(encoding="utf-8")))
    assert set(NAMES) <= codes
    assert all(CODE.fullmatch(code) for code in codes)
