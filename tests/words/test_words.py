"""The catalogues: complete, alike, covered by the font, kind; and text from outside made safe."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from kiosk.events import TagKind
from kiosk.screens import TagVerdict, Why
from kiosk.words import DEVICES, TAG_KINDS, catalogue, languages, po, words_for
from ui import theme

ENTRIES = {language: po.read(catalogue(language)) for language in languages()}


def test_vietnamese_comes_first_and_english_is_there() -> None:
    assert languages()[0] == "vi"
    assert "en" in languages()


@pytest.mark.parametrize("language", languages())
def test_every_language_has_every_key_with_the_same_placeholders(language: str) -> None:
    def placeholders(text: str) -> set[str]:
        return set(re.findall(r"\{(\w+)\}", text))

    assert ENTRIES[language].keys() == ENTRIES["vi"].keys()
    for key, text in ENTRIES[language].items():
        if not key:
            continue
        forms = text.split("\0")
        assert all(forms), f"{language}: {key} has no words"
        assert placeholders(forms[-1]) == placeholders(ENTRIES["vi"][key].split("\0")[-1]), key


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("weight", list(theme.WEIGHTS))
def test_the_font_has_every_letter_of_every_sentence(language: str, weight: str) -> None:
    known = TTFont(theme.font(weight)).getBestCmap()
    for key, text in ENTRIES[language].items():
        missing = {letter for letter in text if letter not in "\0\n" and ord(letter) not in known}
        assert not missing, f"{language}: {key} has letters the font lacks: {missing}"


def test_the_font_has_every_vietnamese_letter() -> None:
    known = TTFont(theme.font()).getBestCmap()
    marks = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    letters = {
        unicodedata.normalize("NFC", base + mark) for base in "aăâeêioôơuưyđAĂÂEÊIOÔƠUƯYĐ" for mark in marks
    }
    assert all(ord(each) in known for letter in letters for each in letter if len(letter) == 1)
    assert ord("…") in known


@pytest.mark.parametrize("language", languages())
def test_texts_are_composed_and_never_speak_of_users(language: str) -> None:
    for text in ENTRIES[language].values():
        assert unicodedata.is_normalized("NFC", text)
        assert not re.search(r"người dùng|\buser\b|\berror\b|\blỗi\b", text, re.IGNORECASE)


@pytest.mark.parametrize("language", languages())
def test_buttons_have_three_words_at_most(language: str) -> None:
    for key, text in ENTRIES[language].items():
        if key.startswith("button."):
            assert len(text.split()) <= 3, text


@pytest.mark.parametrize("language", languages())
def test_every_reason_and_every_shelf_has_words(language: str) -> None:
    for why in Why:
        assert f"refused.{why}" in ENTRIES[language]
        assert f"refused.{why}.hint" in ENTRIES[language]
    for key in theme.SHELVES:
        assert f"shelf.{key}" in ENTRIES[language]


@pytest.mark.parametrize("language", languages())
def test_every_device_has_a_name_and_a_remedy_and_every_tag_a_verdict(language: str) -> None:
    for device in DEVICES:
        assert {f"device.{device}", f"device.{device}.do"} <= ENTRIES[language].keys()
    for verdict in TagVerdict:
        assert {f"tag.{verdict}", f"tag.{verdict}.hint"} <= ENTRIES[language].keys()
    assert set(TAG_KINDS) == set(TagKind)
    assert {f"kind.{kind}" for kind in TagKind} <= ENTRIES[language].keys()


def test_librarians_are_not_spoken_to_as_children() -> None:
    for key, text in ENTRIES["vi"].items():
        if key.startswith(("staff_", "device.", "tag.", "kind.", "state.")):
            assert not re.search(r"\b(con|nhé|mình)\b", text, re.IGNORECASE), text


def test_a_device_or_a_kind_that_is_not_known_is_called_by_its_key() -> None:
    words = words_for("vi")
    assert words.device("door-2\n") == "door-2"
    assert words.tag_kind("new kind") == "new kind"
    assert words.remedy("door-2") == words.say("device.unknown.do")


def test_a_day_is_said_as_a_child_says_it() -> None:
    assert words_for("vi").day(date(2026, 12, 8)) == "thứ Ba, 8 tháng 12"
    assert words_for("en").day(date(2026, 12, 8)) == "Tuesday, 8 Dec"


@pytest.mark.parametrize(
    ("language", "days", "said"),
    [
        ("vi", 3, "còn 3 đêm nữa"),
        ("vi", 0, "Hôm nay là ngày trả"),
        ("vi", -2, "Sách đang chờ con mang về"),
        ("en", 1, "1 more sleep"),
        ("en", 5, "5 more sleeps"),
    ],
)
def test_the_time_left_is_counted_in_nights(language: str, days: int, said: str) -> None:
    assert words_for(language).sleeps(date(2026, 3, 10 + days), date(2026, 3, 10)) == said


def test_an_unknown_language_falls_back_to_vietnamese() -> None:
    assert words_for("xx").language == "vi"


def test_braces_in_a_nickname_are_only_letters() -> None:
    assert words_for("en").say("hello.title", name="{name.__class__}") == "Hello, {name.__class__}!"


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        ('msgid "a"\nmsgstr oops\n', 2, "not a quoted string"),
        ('"lost"\n', 1, "before any msgid"),
        ('msgid "a"\nmsgstr "1"\nmsgid "a"\nmsgstr "2"\n', 3, "twice"),
    ],
)
def test_a_broken_translation_file_names_the_line(tmp_path: Path, content: str, line: int, said: str) -> None:
    path = tmp_path / "gocdoc.po"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(po.CatalogueError, match=said) as raised:
        po.read(path)
    assert f"{path}:{line}:" in str(raised.value)


@pytest.mark.parametrize(("language", "ending"), [("vi", ".vi.md"), ("en", ".md")])
@pytest.mark.parametrize("page", ["librarian", "install"])
def test_the_librarians_pages_quote_what_the_screen_says(page: str, language: str, ending: str) -> None:
    said = {form for text in ENTRIES[language].values() for form in text.split("\0")}
    text = (Path(__file__).parents[2] / "docs" / f"{page}{ending}").read_text(encoding="utf-8")
    cells = re.findall(r'^\| ((?:"|«)[^|]+) \|', text, re.MULTILINE)
    assert cells
    for quoted in re.findall(r'"(.+?)"|«(.+?)»', "\n".join(cells)):
        assert "".join(quoted) in said


def test_a_device_that_has_a_name_on_the_panel_has_one_on_the_centres_page() -> None:
    from central.pages.words import LANGUAGES, Words
    from kiosk.words import DEVICES

    for language in LANGUAGES:
        page = Words(language)
        assert [device for device in DEVICES if page.device(device) == device] == []
