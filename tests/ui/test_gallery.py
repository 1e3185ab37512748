"""The gallery's parts: samples from every room, faults that are found, a page of thumbnails."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from kiosk.events import Action
from kiosk.screens import Look
from ui import gallery
from ui import samples as rooms
from ui.samples import samples

if TYPE_CHECKING:
    from tests.ui.conftest import Driver
    from ui.widgets.scene import Scene

pytestmark = pytest.mark.display


def blank(driver: Driver, look: Look | None = None) -> Scene:
    """A scene with nothing on it but Chíp and help."""
    from kiosk.words import words_for
    from ui import theme
    from ui.widgets.scene import Kit, Scene

    kit = Kit(words_for("vi"), Path("none"), lambda *_: None, (1024, 600), look or Look(), can_speak=True)
    return Scene(kit, theme.MORNING)


def found(scene: Scene) -> str:
    from ui.geometry import faults

    return "\n".join(faults(scene))


def test_a_scene_with_nothing_on_it_has_no_faults(driver: Driver) -> None:
    assert found(blank(driver)) == ""


@pytest.mark.parametrize(
    ("place", "fault"),
    [
        ((10, 20, 15, 24), "15.0 x 24.0 mm, less than 20"),
        ((10, 5, 24, 24), "into the dead strip"),
        ((10, 50, 24, 24), "stands in the upper half"),
        ((-5, 15, 24, 24), "leaves the page"),
        ((68, 13, 24, 24), "closer than 8 mm"),
    ],
)
def test_a_target_in_a_bad_place_is_found(
    driver: Driver, place: tuple[float, float, float, float], fault: str
) -> None:
    from ui.screens.parts import choice
    from ui.widgets.box import Box

    scene = blank(driver)
    scene.button(choice(scene.words, Action.DONE), Box(*place))
    assert fault in found(scene)


def test_bad_texts_are_found(driver: Driver) -> None:
    from ui import theme
    from ui.widgets.box import Box
    from ui.widgets.shapes import Panel, Picture
    from ui.widgets.text import Say

    scene = blank(driver)
    place = Box(20, 60, 60, 12)
    scene.put(Say("Con trả hay giữ thêm?", size_mm=6), place)
    assert found(scene) == ""
    scene.put(Say("Một dòng nữa", size_mm=6), place)
    assert "lies on" in found(scene)

    scene = blank(driver)
    scene.put(Panel("#8888AA", lip="#8888AA"), place)
    scene.put(Say("khó đọc lắm", colour="#9999AA"), place)
    assert "contrast 1." in found(scene)

    scene = blank(driver)
    scene.put(Picture(theme.picture("sun")), place)
    scene.put(Say("trên mặt trời", size_mm=6, halign="center"), place)
    assert "lies on a picture" in found(scene)

    scene = blank(driver)
    scene.put(Say(scene.words.say("choose.title"), size_mm=9, least_mm=9, lines=1), Box(20, 60, 20, 12))
    assert "is not whole" in found(scene)

    scene = blank(driver)
    scene.put(Say("漢字", size_mm=6), place)
    assert "the font lacks 字 漢" in found(scene)

    scene = blank(driver)
    scene.put(Say("nhỏ quá", size_mm=5, least_mm=2), Box(20, 60, 6, 4))
    assert "too small for a child" in found(scene)


def test_paper_between_a_picture_and_a_text_makes_it_good(driver: Driver) -> None:
    from ui import theme
    from ui.widgets.box import Box
    from ui.widgets.shapes import Panel, Picture
    from ui.widgets.text import Say

    scene = blank(driver)
    place = Box(20, 60, 60, 14)
    scene.put(Picture(theme.picture("sun")), place)
    scene.put(Panel(theme.PAPER), place)
    scene.put(Say("trên giấy", size_mm=6, halign="center"), place)
    assert found(scene) == ""


def test_strong_contrast_asks_for_more(driver: Driver) -> None:
    from ui.widgets.box import Box
    from ui.widgets.text import Say

    scene = blank(driver, Look(contrast=True))
    scene.put(Say("xám trên đen", colour="#999999"), Box(20, 60, 60, 12))
    assert "less than 12" in found(scene)


def test_a_name_used_by_two_rooms_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    twice = SimpleNamespace(screens=lambda: {"welcome": object()})
    monkeypatch.setattr(rooms.importlib, "import_module", lambda _name: twice)
    with pytest.raises(ValueError, match="'welcome' is used by another module"):
        samples()


def test_a_panel_is_drawn_with_its_pictures_and_a_page_of_thumbnails(tmp_path: Path) -> None:
    assert gallery.render(tmp_path, ["vi"], ["contrast"], ["800x480"], "choose") == []
    picture = tmp_path / "800x480" / "vi-contrast" / "choose.png"
    from PIL import Image

    assert Image.open(picture).size == (800, 480)
    assert "800x480/vi-contrast/choose.png" in (tmp_path / "index.html").read_text()


def test_a_panel_that_cannot_be_drawn_says_why(tmp_path: Path) -> None:
    with pytest.raises(gallery.GalleryError, match="640x480: the pictures could not be drawn"):
        gallery.render(tmp_path, ["vi"], ["plain"], ["640x480"])
