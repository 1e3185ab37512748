"""The main path looks as it did when somebody looked at it and found it good."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from tests.ui import golden_pictures
from tests.ui.golden_pictures import FOLDER, MOST_CHANGED, MOST_MEAN, WAY, difference

NAMES = [f"{name}-{panel}" for panel, names in WAY.items() for name in names]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return golden_pictures.render(tmp_path_factory.mktemp("seen"))


@pytest.mark.display
@pytest.mark.parametrize("name", NAMES)
def test_the_main_path_looks_as_it_was_approved(drawn: dict[str, Path], name: str) -> None:
    expected = FOLDER / f"{name}.png"
    mean, changed = difference(drawn[name], expected)
    assert mean <= MOST_MEAN and changed <= MOST_CHANGED, (  # noqa: PT018  one sentence for both
        f"seen {drawn[name]}, expected {expected}: {mean:.2f} of 255 on average, "
        f"{changed:.2%} of the pixels. "
        "If it is meant, look at it and run: python -m tests.ui.golden_pictures"
    )


def test_a_word_that_moved_is_noticed_and_a_shade_is_not(tmp_path: Path) -> None:
    before = FOLDER / "lent-1024x600.png"
    shaded = Image.open(before).convert("RGB").point(lambda value: max(0, value - 1))
    shaded.save(tmp_path / "shaded.png")
    mean, changed = difference(before, tmp_path / "shaded.png")
    assert mean <= MOST_MEAN
    assert changed <= MOST_CHANGED
    moved = Image.open(before).convert("RGB")
    ImageDraw.Draw(moved).rectangle((180, 130, 290, 150), fill=(44, 35, 80))  # as large as a word
    moved.save(tmp_path / "moved.png")
    assert difference(before, tmp_path / "moved.png")[1] > MOST_CHANGED


def test_a_picture_of_another_size_is_no_match(tmp_path: Path) -> None:
    Image.new("RGB", (10, 10)).save(tmp_path / "small.png")
    assert difference(tmp_path / "small.png", FOLDER / "lent-1024x600.png") == (255.0, 1.0)
