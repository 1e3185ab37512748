"""The page on hardware: what it quotes is what the screen, the doctor and the board really say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hardware.board.watch import PREFIX
from hardware.board.worries import DISK_LOW, GIB, HOT_C, MEMORY_LOW, MIB
from kiosk.settings import Settings
from kiosk.words import catalogue, po

ROOT = Path(__file__).parents[2]
PAGES = {"en": "hardware.md", "vi": "hardware.vi.md"}
WORRIES = ("power", "heat", "disk", "readonly", "card", "memory", "clock")


def page(language: str) -> str:
    return (ROOT / "docs" / PAGES[language]).read_text(encoding="utf-8")


def cells(language: str) -> str:
    """The first cells of all tables: what a reader sees and looks up."""
    return "\n".join(re.findall(r"^\| ([^|]+) \|", page(language), re.M))


@pytest.mark.parametrize("language", PAGES)
def test_it_quotes_what_the_screen_says(language: str) -> None:
    said = {form for text in po.read(catalogue(language)).values() for form in text.split("\0")}
    quoted = ["".join(each) for each in re.findall(r'"(.+?)"|«(.+?)»', cells(language))]
    assert len(quoted) >= 4
    assert set(quoted) <= said


@pytest.mark.parametrize("language", PAGES)
def test_it_quotes_what_the_doctor_says_of_the_reader(language: str) -> None:
    sources = (
        path.read_text(encoding="utf-8") for path in sorted((ROOT / "hardware" / "rfid").rglob("*.py"))
    )
    program = re.sub(r'"\s+f?"', "", "\n".join(sources))
    table = page(language).partition("| `kiosk doctor` ")[2].partition("\n\n")[0]
    quoted = re.findall(r"`([^`]+)`", "\n".join(re.findall(r"^\| (`[^|]+) \|", table, re.M)))
    assert len(quoted) == 4
    assert [words for words in quoted if words not in program] == []


@pytest.mark.parametrize("language", PAGES)
def test_it_explains_every_worry_of_the_board_with_its_threshold(language: str) -> None:
    source = (ROOT / "hardware" / "board" / "worries.py").read_text(encoding="utf-8")
    assert set(re.findall(r'Worry\(\s*"(\w+)"', source)) == set(WORRIES)
    rows = dict(re.findall(rf"^\| `{PREFIX}(\w+)` \| ([^|]+) \|", page(language), re.M))
    assert tuple(rows) == WORRIES
    assert f"{HOT_C:.0f} °C" in rows["heat"]
    assert f"{DISK_LOW // GIB} GB" in rows["disk"]
    assert f"{MEMORY_LOW // MIB} MB" in rows["memory"]


@pytest.mark.parametrize("language", PAGES)
def test_it_names_only_settings_that_are_there(language: str) -> None:
    named = re.findall(r"`\[(\w+)\] (\w+)`", page(language))
    assert len(named) > 10
    for section, key in named:
        assert key in type(getattr(Settings(), section)).model_fields, (section, key)


@pytest.mark.parametrize("language", PAGES)
def test_its_links_lead_somewhere(language: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page(language)):
        assert (ROOT / "docs" / target).is_file(), target


def test_both_languages_have_the_same_headings_tables_and_commands() -> None:
    def shape(text: str) -> tuple[list[str], int, set[str]]:
        marks = re.findall(r"^(#+) ", text, re.M)
        return marks, len(re.findall(r"^\|", text, re.M)), set(re.findall(r"`sudo kiosk [\w ]+`", text))

    assert shape(page("en")) == shape(page("vi"))


def test_nothing_untried_is_called_measured() -> None:
    assert "Nothing on this page was tried on a real board yet" in page("en")
    assert "Chưa có điều gì trên trang này được thử trên bo mạch thật" in page("vi")
    assert "measured" not in page("en").lower()
