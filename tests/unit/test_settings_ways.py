"""The library's customs at the desk as its settings file says them."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from kiosk.desk import Customs, Pace
from kiosk.settings import Settings, SettingsError, WaysSection, load


def read(folder: Path, text: str) -> Settings:
    path = folder / "station.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def test_a_desk_that_was_told_nothing_keeps_the_customs_of_an_empty_file() -> None:
    plain = Settings()
    customs = Customs()
    assert {name: getattr(customs, name) for name in WaysSection.model_fields} == plain.ways.model_dump()
    assert customs.young_slow_until_age == plain.visit.young_slow_until_age
    assert plain.visit.session_s * 1000 == Pace().session
    assert plain.visit.rating is bool(Pace().rate)


def test_every_custom_can_be_set() -> None:
    there = set(WaysSection.model_fields) | {"young_slow_until_age"}
    assert {field.name for field in fields(Customs)} == there


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[ways]\nscan_returns = 'nobody'", ["ways.scan_returns", "'card' or 'anyone'", "nobody"]),
        ("[ways]\nclasses = 'sometimes'", ["ways.classes", "boolean"]),
        ("[ways]\nteacher = 'x'", ["ways.teacher", "no such setting"]),
        (
            "[ways]\nfamily_category = 'giao-vien'",
            ["ways", "teacher_category and family_category", "one list"],
        ),
        ("[visit]\nyoung_slow_until_age = 99", ["visit.young_slow_until_age", "18"]),
        ("[visit]\nsession_s = 0", ["visit.session_s"]),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, words: list[str]) -> None:
    with pytest.raises(SettingsError) as refused:
        read(tmp_path, text)
    assert not [word for word in words if word not in str(refused.value)], str(refused.value)


def test_both_categories_may_be_left_empty(tmp_path: Path) -> None:
    ways = read(tmp_path, "[ways]\nteacher_category = ''\nfamily_category = ''\n").ways
    assert (ways.teacher_category, ways.family_category) == ("", "")
