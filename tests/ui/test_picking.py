"""Choosing a language, a class, an animal: all can be reached, none is too small, each keeps its picture."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.events import Action, Tapped
from kiosk.screens import Child, PickAnimal, PickClass, PickLanguage
from tests.ui.test_booklet import LOOKS, MIXED, PANELS, drawn, of, parts, texts
from ui.samples import choosing as samples
from ui.samples.library import CHILD, LONG_NAME

if TYPE_CHECKING:
    from kiosk.screens import Screen
    from tests.ui.conftest import Driver

pytestmark = pytest.mark.display
SCREENS = samples.screens()


@pytest.mark.parametrize(("panel", "language", "look"), MIXED)
def test_every_choice_is_right_on_every_panel(driver: Driver, panel: str, language: str, look: str) -> None:
    from ui.geometry import faults

    for name, screen in SCREENS.items():
        assert faults(drawn(screen, panel, language, LOOKS[look])) == [], name


@pytest.mark.parametrize("panel", list(PANELS))
@pytest.mark.parametrize("pages", [1, 3])
@pytest.mark.parametrize("count", [1, 4, 5, 6, 8])
def test_none_is_hidden_and_up_to_six_have_a_fingers_size(
    driver: Driver, panel: str, pages: int, count: int
) -> None:
    from kivy.metrics import mm

    children = tuple(Child(f"Bạn {number}", "cat") for number in range(count))
    scene = drawn(PickAnimal(children, "3A", 0, pages, 6), panel)
    assert list(of(scene, Action.ANIMAL)) == [str(number) for number in range(6, 6 + count)]
    boxes = [(*each.pos, *each.size) for each in scene.targets]
    gap = mm(7.7 if count <= 6 else 2.0)  # whole pixels take some of the eight
    for one, other in combinations(boxes, 2):
        assert (
            one[0] + one[2] + gap <= other[0]
            or other[0] + other[2] + gap <= one[0]
            or one[1] + one[3] + gap <= other[1]
            or other[1] + other[3] + gap <= one[1]
        )
    least = mm(19.8 if count <= 6 else 14)
    assert all(min(width, height) >= least for _, _, width, height in boxes)
    assert all(y >= mm(12) - 1 for _, y, _, _ in boxes)


@pytest.mark.parametrize("action", [Action.CLASS, Action.ANIMAL])
def test_a_touch_tells_the_place_in_the_whole_list(driver: Driver, action: Action) -> None:
    screens: dict[Action, Screen] = {
        Action.CLASS: PickClass(("1A", "1B"), 1, 2, 6),
        Action.ANIMAL: PickAnimal((CHILD, LONG_NAME), "1A", 1, 2, 6),
    }
    driver.show(screens[action])
    driver.tap(action)
    assert driver.posted == [Tapped(action, "6", driver.number)]


def test_a_page_can_be_turned_only_where_there_is_another(driver: Driver) -> None:
    assert of(drawn(PickClass(("1A",))), Action.PAGE) == {}
    assert len(of(drawn(PickClass(("1A",), 0, 2)), Action.PAGE)) == 1


@given(st.text(max_size=40))
def test_a_class_always_has_the_same_picture_and_every_picture_is_there(name: str) -> None:
    from ui import theme
    from ui.screens.pick_class import class_picture

    assert class_picture(name) == class_picture(f" {name} ")
    assert Path(theme.picture(class_picture(name))).exists()


def test_the_classes_of_a_school_have_different_pictures() -> None:
    from ui.screens.pick_class import class_picture

    for shape in ("{year}{letter}", "Lớp {year}{letter}"):
        names = [shape.format(year=year, letter=letter) for year in range(1, 6) for letter in "ABCDE"]
        assert len({class_picture(name) for name in names}) == len(names)


def test_a_class_is_never_shown_as_an_animal_or_a_shelf() -> None:
    from ui import theme
    from ui.screens.pick_class import PICTURES

    assert len(set(PICTURES)) == len(PICTURES)
    assert not set(PICTURES) & {sign.picture for sign in theme.SHELVES.values()}
    assert not set(PICTURES) & set(theme.ANIMALS)


@pytest.mark.parametrize("panel", list(PANELS))
@pytest.mark.parametrize("look", ["plain", "both"])
def test_a_nickname_of_twenty_letters_is_whole(driver: Driver, panel: str, look: str) -> None:
    from ui.widgets.text import Say
    from ui.widgets.tile import Tile

    scene = drawn(SCREENS["pick_animal"], panel, "vi", LOOKS[look])
    tile = next(each for each in parts(scene, Tile) if each.choice.words == LONG_NAME.nickname)  # type: ignore[attr-defined]
    shown = [each.text.replace("\n", " ") for each in parts(tile, Say) if each.text]  # type: ignore[arg-type, attr-defined]
    assert shown == [LONG_NAME.nickname]


def test_the_class_is_the_headline_and_in_a_session_the_next_child_is_called(driver: Driver) -> None:
    assert "3A" in texts(drawn(PickAnimal((CHILD,), "3A")))
    assert "Con là bạn nào?" in texts(drawn(PickAnimal((CHILD,))))
    assert "Bạn nào mượn tiếp nào?" in texts(drawn(PickAnimal((CHILD,), "3A", session=True)))


def test_a_language_says_its_own_name_and_hello_in_its_own_words(driver: Driver) -> None:
    scene = drawn(PickLanguage(("vi", "en", "no such language")), language="en")
    assert of(scene, Action.TONGUE) == {
        "vi": "Tiếng Việt", "en": "English", "no such language": "no such language"
    }  # fmt: skip
    said = texts(scene)
    assert "Chào con!" in said
    assert "Hello!" in said


def test_pictures_in_a_row_are_of_one_size_and_names_stand_at_one_height(driver: Driver) -> None:
    from ui.widgets.child import Avatar
    from ui.widgets.tile import Tile

    scene = drawn(SCREENS["pick_animal_session"])
    rows: dict[float, set[tuple[float, float]]] = {}
    for tile in parts(scene, Tile):
        avatar = next(iter(parts(tile, Avatar)))  # type: ignore[arg-type]
        rows.setdefault(tile.y, set()).add((avatar.y, avatar.height))  # type: ignore[attr-defined]
    assert rows
    assert all(len(sizes) == 1 for sizes in rows.values())


@pytest.mark.parametrize("hostile", ["[b]x[/b]\n\r\x00" * 9, "Ễ ế ậ ữ " * 600, "W" * 300, "", "  \n"])
def test_hostile_names_stay_plain_and_in_their_place(driver: Driver, hostile: str) -> None:
    from ui.geometry import faults

    child = Child(hostile, "../../etc/passwd")
    for panel in ("1280x720", "720x1280"):  # the lowest and the narrowest
        for screen in (
            PickClass((hostile,) * 6, 98, 99, 588),
            PickAnimal((child,) * 6, hostile, 0, 99),
            PickAnimal((child,), hostile, session=True),
            PickLanguage((hostile,) * 6),
        ):
            scene = drawn(screen, panel)
            assert not [fault for fault in faults(scene) if "leaves the page" in fault]
            assert not any(ord(letter) < 32 for text in texts(scene) for letter in text)
