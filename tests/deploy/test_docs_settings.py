"""What the pages tell can be used as it stands: settings, commands, and what the doorway counts."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import ValidationError

from firmware_config.command import app as firmware
from hardware.door.passage import Why
from hardware.simulated.doorway import BEAMS_M, CASES, Case
from kiosk.__main__ import app
from kiosk.desk.step import Pace
from kiosk.events import Direction
from kiosk.settings import Settings, load
from kiosk.words import catalogue, po

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted(DOCS.glob("*.md"))
HARDWARE = {"en": DOCS / "hardware.md", "vi": DOCS / "hardware.vi.md"}
EVERY_PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
BOTH = pytest.mark.parametrize("language", HARDWARE)


def blocks(page: Path) -> list[str]:
    return re.findall(r"^```toml\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)


def spans(page: Path) -> list[str]:
    """Everything in backticks, outside blocks."""
    prose = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    return re.findall(r"`([^`\n]+)`", prose)


def keys() -> dict[str, set[str]]:
    """Every key there is, by its section."""
    blank = Settings()
    found = {name: set(type(getattr(blank, name)).model_fields) for name in Settings.model_fields}
    return {**found, "pad.second": found["pad"]}


def refused(section: str, key: str, value: Any) -> bool:
    """Whether this very value is refused. What else its section needs does not matter here."""
    try:
        Settings.model_validate({section: {key: value}})
    except ValidationError as error:
        return any(mistake["loc"][:2] == (section, key) for mistake in error.errors())
    return False


# --- settings ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "block",
    [pytest.param(block, id=f"{page.name}-{n}") for page in PAGES for n, block in enumerate(blocks(page))],
)
def test_settings_on_a_page_can_be_used_as_they_are(block: str, tmp_path: Path) -> None:
    file = tmp_path / "station.toml"
    file.write_text(block, encoding="utf-8")
    load(file)


def test_the_settings_are_the_same_in_both_languages() -> None:
    english, vietnamese = ([tomllib.loads(block) for block in blocks(page)] for page in HARDWARE.values())
    assert len(english) >= 8
    assert english == vietnamese


@EVERY_PAGE
def test_sections_and_keys_on_a_page_are_there(page: Path) -> None:
    there = keys()
    for span in spans(page):
        named = re.fullmatch(r"\[([a-z.]+)\](?: ([a-z_]+))?", span)
        if named is not None:
            assert named[1] in there, span
            assert named[2] is None or named[2] in there[named[1]], span


@EVERY_PAGE
def test_a_value_on_a_page_is_one_that_its_key_can_have(page: Path) -> None:
    there = keys()
    for span in spans(page):
        if not re.fullmatch(r"[a-z_]+ = \S+", span):
            continue
        [(key, value)] = tomllib.loads(span).items()
        sections = [name for name in there if key in there[name] and name != "pad.second"]
        assert any(not refused(section, key, value) for section in sections), span


@BOTH
def test_every_word_with_an_underscore_on_the_page_on_hardware_is_a_key(language: str) -> None:
    named = {span for span in spans(HARDWARE[language]) if re.fullmatch(r"[a-z]+(?:_[a-z]+)+", span)}
    assert {"hold_s", "dim_after_s"} <= named
    assert named <= set().union(*keys().values())


# --- commands ------------------------------------------------------------------------------------------


def commands(page: Path) -> Iterator[list[str]]:
    """The words after `kiosk`, in backticks or on a line of their own."""
    lines = re.findall(r"^ {4,}(.+?)(?: #.*)?$", page.read_text(encoding="utf-8"), re.M)
    for told in (*spans(page), *lines):
        words = told.removeprefix("sudo ").split()
        if words[:1] == ["kiosk"]:
            yield words[1:]


def command_of(words: list[str]) -> tuple[Any, list[str]]:
    """The command that these words call, and what is left of them. Raises KeyError: there is none."""
    command: Any = typer.main.get_command(app)
    command.commands["firmware"] = typer.main.get_command(firmware)
    rest = list(words)
    while rest and hasattr(command, "commands") and not rest[0].startswith("-"):
        command = command.commands[rest.pop(0)]
    return command, rest


@EVERY_PAGE
def test_commands_on_a_page_are_there_with_their_options(page: Path) -> None:
    for words in commands(page):
        command, rest = command_of(words)
        options = {name for parameter in command.params for name in parameter.opts}
        assert {word for word in rest if word.startswith("--")} <= options, f"kiosk {' '.join(words)}"


def test_the_commands_are_found_at_all() -> None:
    found = [tuple(words) for words in commands(HARDWARE["en"])]
    assert {("devices",), ("tags", "show"), ("door", "watch")} <= set(found)
    with pytest.raises(KeyError):
        command_of(["tags", "shout"])


# --- the gate ------------------------------------------------------------------------------------------


@BOTH
def test_the_page_tells_how_a_book_is_asked_back_and_for_how_long(language: str) -> None:
    page = " ".join(HARDWARE[language].read_text(encoding="utf-8").split())
    asked = po.read(catalogue(language))["put_back.title"]
    told = page.partition(asked)[2][:400]
    assert asked in page
    assert re.search(rf"\b{Pace().put_back // 1000} (?:seconds|giây)", told)


# --- the doorway ---------------------------------------------------------------------------------------

IN, OUT = Direction.IN, Direction.OUT
SAID: dict[str, dict[object, str]] = {
    "en": {IN: "in", OUT: "out", None: "nobody", **{why: why.value for why in Why}},
    "vi": {
        IN: "vào",
        OUT: "ra",
        None: "không ai",
        Why.ONE_BEAM: "chỉ chắn một tia",
        Why.TURNED_BACK: "quay lại",
        Why.SKIPPED: "hai tia cùng lúc",
        Why.TOO_LONG: "quá lâu",
        Why.TOO_FAST: "quá nhanh",
    },
}
ALARMS = {
    "en": {
        "the outer beam": "; alarm: outer beam",
        "the inner beam": "; alarm: inner beam",
        "the outer beam and the inner beam": "; alarm: both beams",
        "flickers": "; alarm: it flickers",
    },
    "vi": {
        "the outer beam": "; báo động: tia ngoài",
        "the inner beam": "; báo động: tia trong",
        "the outer beam and the inner beam": "; báo động: cả hai tia",
        "flickers": "; báo động: tia chớp",
    },
}


def outcome(case: Case, language: str) -> list[str]:
    """What the table must say of a case, but for its name."""
    said = SAID[language]
    counted = ", ".join(said[way] for way in case.crossings or (None,)) + ALARMS[language].get(case.alarm, "")
    whys = [(said[why], len(list(same))) for why, same in groupby(case.not_counted)]
    why = ", ".join(f"{words} ({times}×)" if times > 1 else words for words, times in whys)
    return [str(case.people), counted, why, str(case.single)]


def doorway_table(language: str) -> list[list[str]]:
    page = HARDWARE[language].read_text(encoding="utf-8")
    lines = re.findall(r"^\|.+", page.partition("<!-- door cases -->")[2].partition("\n## ")[0], re.M)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@BOTH
def test_the_table_of_the_doorway_says_what_its_cases_come_to(language: str) -> None:
    assert [row[1:] for row in doorway_table(language)] == [outcome(case, language) for case in CASES]


def test_the_rows_of_the_doorway_are_named_as_its_cases() -> None:
    for (name, *_), case in zip(doorway_table("en"), CASES, strict=True):
        begins = case.name.partition(", and ")[0].replace(",", "")
        assert name.replace(",", "").startswith(begins)


@BOTH
def test_the_page_tells_how_far_apart_the_beams_of_the_table_are(language: str) -> None:
    page = HARDWARE[language].read_text(encoding="utf-8")
    told = page.partition("<!-- door cases -->")[2].partition("\n|")[0]
    assert f"{(BEAMS_M[1] - BEAMS_M[0]) * 100:.0f} cm" in told


def test_reasons_that_the_vietnamese_page_translates_are_those_the_command_prints() -> None:
    page = " ".join(HARDWARE["vi"].read_text(encoding="utf-8").split())
    for why in {why for case in CASES for why in case.not_counted}:
        assert f"`{why.value}` là {SAID['vi'][why]}" in page


# --- the settings file of an installed station ---------------------------------------------------------

TEMPLATE = DOCS.parent / "deploy" / "station.toml"


def installed_sections() -> dict[str, list[str]]:
    """The lines of each section of the installed settings, its examples without their '# '."""
    text = TEMPLATE.read_text(encoding="utf-8").replace("@screen@", "[screen]")
    text = re.sub(r"@(\w+)@", r"\1", text)
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in re.findall(r"^(?:# )?(\[[a-z.-]+\]|[a-z_]+ = .+)$", text, re.M):
        if line.startswith("["):
            lines = found.setdefault(line.strip("[]"), [])
        else:
            lines.append(line)
    return found


@pytest.mark.parametrize("section", installed_sections())
def test_an_example_in_the_installed_settings_can_be_used(section: str, tmp_path: Path) -> None:
    """A section with all its examples; where one is another value of a key in force, the last one counts."""
    values = {line.split(" = ")[0]: line for line in installed_sections()[section]}
    file = tmp_path / "station.toml"
    file.write_text("\n".join([f"[{section}]", *values.values()]), encoding="utf-8")
    load(file)


def test_the_installed_settings_have_an_example_of_every_device() -> None:
    devices = {"pad.second", "door", "lamp", "sounder", "speaker", "buttons", "scanner"}
    assert devices <= installed_sections().keys()
