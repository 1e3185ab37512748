"""The pages' settings can be copied into a station, and their commands are there."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
import typer

from kiosk.__main__ import app
from kiosk.settings import load

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted(DOCS.glob("*.md"))


def blocks(page: Path) -> list[str]:
    return re.findall(r"^```toml\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=lambda page: page.name)
def test_settings_on_a_page_can_be_used_as_they_are(page: Path, tmp_path: Path) -> None:
    for block in blocks(page):
        file = tmp_path / "station.toml"
        file.write_text(block, encoding="utf-8")
        load(file)


def commands() -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = {("firmware",)}  # added when the command starts

    def walk(command: click.Command, words: tuple[str, ...]) -> None:
        found.add(words)
        for name, inner in getattr(command, "commands", {}).items():
            walk(inner, (*words, name))

    walk(typer.main.get_command(app), ())
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_on_a_page_are_there(page: Path) -> None:
    there = commands()
    text = page.read_text(encoding="utf-8")
    for words in re.findall(r"(?:`|^ +)(?:sudo )?kiosk ([a-z]+(?: [a-z]+)?)", text, re.M):
        first, *rest = words.split()
        assert (first,) in there, f"kiosk {words}"
        if rest and any(len(one) == 2 and one[0] == first for one in there):
            assert (first, *rest) in there, f"kiosk {words}"
