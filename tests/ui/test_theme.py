"""Colours that can be told apart, pictures that are there."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from ui import theme
from ui.assets import make_pictures

ASSETS = Path(theme.__file__).parent / "assets"


@pytest.mark.parametrize("mood", theme.MOODS)
@pytest.mark.parametrize("ink", [theme.INK, theme.SOFT_INK])
def test_words_stand_out_from_every_sky(mood: theme.Mood, ink: str) -> None:
    for sky in (mood.top, mood.bottom, theme.PAPER):
        assert theme.contrast(ink, sky) >= 4.5


@pytest.mark.parametrize("face", theme.FACES)
def test_words_stand_out_from_every_button(face: theme.Face) -> None:
    assert theme.contrast(face.text, face.face) >= 4.5


@pytest.mark.parametrize("key", [*theme.SHELVES, "no such shelf"])
def test_a_shelf_sign_can_be_read_and_has_a_picture_of_its_own(key: str) -> None:
    sign = theme.shelf(key)
    assert theme.contrast(sign.text, sign.colour) >= 4.5
    assert Path(theme.picture(sign.picture)).exists()
    assert [each.picture for each in theme.SHELVES.values()].count(sign.picture) <= 1


def test_contrast_is_the_ratio_of_the_web_guidelines() -> None:
    assert theme.contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert theme.contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


def test_targets_have_the_size_of_a_childs_finger() -> None:
    assert theme.BUTTON_HEIGHT >= 24
    assert theme.TARGET >= 20
    assert theme.GAP >= 8
    assert theme.DEAD_STRIP >= 12


def test_every_animal_has_its_picture_and_every_picture_its_line_in_the_manifest() -> None:
    assert set(theme.ANIMALS) == set(make_pictures.ANIMALS)
    assert len(theme.ANIMALS) >= 24
    for folder, manifest in (("animals", make_pictures.ANIMALS), ("pictures", make_pictures.PICTURES)):
        assert {path.stem for path in (ASSETS / folder).glob("*")} == set(manifest)


def test_an_unknown_animal_gets_a_friendly_face() -> None:
    assert theme.animal("../../etc/passwd") == theme.animal(theme.DEFAULT_ANIMAL)
    assert Path(theme.animal("unicorn of doom")).exists()


def test_pictures_are_small_and_their_licence_lies_beside_them() -> None:
    files = list(ASSETS.rglob("*.png"))
    assert sum(path.stat().st_size for path in files) < 6_500_000
    for path in files:
        assert max(Image.open(path).size) <= 320
    assert "MIT" in (ASSETS / "LICENSE-fluent-emoji.txt").read_text()


def test_the_font_files_and_their_licence_are_installed() -> None:
    for weight in theme.WEIGHTS:
        path = Path(theme.font(weight))
        assert path.exists()
    assert (
        "Open Font License" in (path.parent.parent / "LICENSE").read_text()
        or "OFL" in (path.parent.parent / "LICENSE").read_text()
    )
