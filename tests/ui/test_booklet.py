"""A child's booklet: its books, its tree, its way of seeing; how a book was, and more like it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.events import Action, Tapped
from kiosk.screens import Badge, Child, Ease, Liked, Look, MyBooks, MyPassport, MyWay, Rate, Similar
from kiosk.words import languages, words_for
from ui.samples import booklet as samples
from ui.samples.library import BOOKS, CHILD, FREE, LONG_NAME, TODAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kiosk.screens import Screen
    from tests.ui.conftest import Driver
    from ui.widgets.scene import Scene

pytestmark = pytest.mark.display

PANELS = {
    "1024x600": (1024, 600, 169),
    "800x480": (800, 480, 133),
    "1280x720": (1280, 720, 210),
    "720x1280": (720, 1280, 210),
}
LOOKS = {
    "plain": Look(),
    "contrast": Look(contrast=True),
    "large": Look(large=True),
    "both": Look(True, True),
}
MIXED = (
    ("1024x600", "vi", "plain"), ("800x480", "en", "contrast"), ("1280x720", "vi", "both"),
    ("720x1280", "en", "large"),
)  # fmt: skip
"""Every panel, language and look once; the gallery's own check draws all of them together."""
SCREENS = samples.screens()


def drawn(screen: Screen, panel: str = "1024x600", language: str = "vi", look: Look | None = None) -> Scene:
    """The scene for that panel, laid out but not put into the window."""
    from kivy.metrics import Metrics

    from ui.screens import draw
    from ui.widgets.scene import Kit

    width, height, dpi = PANELS[panel]
    Metrics.dpi = dpi
    kit = Kit(
        words_for(language),
        Path("no covers"),
        lambda *_: None,
        (width, height),
        look or Look(),
        can_speak=True,
    )
    return draw(screen, kit)


def of(scene: Scene, action: Action) -> dict[str, str]:
    """The targets of an action: what they ask for, and what is said of them."""
    return {each.choice.target: each.choice.words for each in scene.targets if each.choice.action is action}


def texts(scene: Scene) -> list[str]:
    from ui.inspection import texts

    return texts(scene)


def parts(scene: Scene, kind: type) -> Iterator[object]:
    from ui.inspection import widgets

    return (each for each in widgets(scene) if isinstance(each, kind))


@pytest.mark.parametrize(("panel", "language", "look"), MIXED)
def test_every_page_is_right_on_every_panel(driver: Driver, panel: str, language: str, look: str) -> None:
    from ui.geometry import faults

    for name, screen in SCREENS.items():
        assert faults(drawn(screen, panel, language, LOOKS[look])) == [], name


def test_the_book_that_goes_back_first_stands_first(driver: Driver) -> None:
    scene = drawn(MyBooks(CHILD, BOOKS[:4], TODAY, 0, 3))
    in_order = sorted(BOOKS[:4], key=lambda book: str(book.due))
    assert list(of(scene, Action.BOOK)) == [book.item_id for book in in_order]
    covers = [each for each in scene.targets if each.choice.action is Action.BOOK]
    assert [each.x for each in covers] == sorted(each.x for each in covers)


@pytest.mark.parametrize(("days", "said"), [(3, "còn 3 đêm"), (0, "hôm nay"), (-2, "đang chờ sách")])
def test_under_a_cover_stand_its_nights(driver: Driver, days: int, said: str) -> None:
    book = replace(BOOKS[0], due=TODAY + timedelta(days=days))
    assert said in texts(drawn(MyBooks(CHILD, (book,), TODAY)))


def test_a_booklet_of_one_page_has_nothing_to_turn_and_no_dots(driver: Driver) -> None:
    from ui.widgets.page_dots import PageDots

    single, several = (drawn(MyBooks(CHILD, BOOKS[:1], TODAY, 0, pages)) for pages in (1, 3))
    assert of(single, Action.PAGE) == {}
    assert not list(parts(single, PageDots))
    assert len(of(several, Action.PAGE)) == 1
    assert [(each.page, each.pages) for each in parts(several, PageDots)] == [(0, 3)]  # type: ignore[attr-defined]


def test_without_books_chip_waits_on_an_empty_shelf(driver: Driver) -> None:
    from ui.widgets.shelf import EmptyShelf

    scene = drawn(MyBooks(CHILD, (), TODAY, 0, 3))
    assert list(parts(scene, EmptyShelf))
    assert "Chưa có sách nào ở nhà" in texts(scene)
    assert of(scene, Action.BOOK) == {}


@pytest.mark.parametrize(
    ("stamps", "grown"),
    [
        (-1, [0]),
        (0, [0]),
        (9, [9]),
        (29, [29]),
        (30, [30, 0]),
        (44, [30, 14]),
        (60, [30, 30]),
        (999, [30, 30]),
    ],
)
def test_every_thirty_books_a_tree_is_full_and_two_are_enough(
    driver: Driver, stamps: int, grown: list[int]
) -> None:
    from ui.widgets.tree import growths

    assert [each.books for each in growths(stamps)] == grown


def test_a_blossom_opens_where_later_a_fruit_hangs_and_a_full_tree_has_none_left(driver: Driver) -> None:
    from ui.widgets.tree import BEARS, BLOSSOMS, CROWN, FULL, Growth

    assert Growth(BLOSSOMS - 1).blossoms == 0
    assert 0 < Growth(BLOSSOMS).blossoms < CROWN == Growth(BLOSSOMS + 1).blossoms
    assert [Growth(books).fruits for books in (BEARS - 1, BEARS, BEARS + 1, FULL)] == [0, 1, 2, CROWN]
    assert all(Growth(books).fruits + Growth(books).blossoms == CROWN for books in range(BEARS, FULL))


@given(st.integers(0, 58))  # with the 59th both trees are full
def test_no_book_leaves_the_tree_as_it_was(books: int) -> None:
    from ui.widgets.tree import growths

    def seen(stamps: int) -> list[tuple[int, int, float, bool, bool]]:
        return [
            (each.fruits, each.blossoms, each.share, each.books > 0, each.books >= 5)
            for each in growths(stamps)
        ]

    assert seen(books) != seen(books + 1)


def test_badges_not_earned_are_not_there_and_more_than_six_are_not_either(driver: Driver) -> None:
    from ui.widgets.badge import Badge as Medal

    every = tuple(Badge)
    for earned in ((), every[:1], every[:3], every):
        scene = drawn(MyPassport(CHILD, earned, True, 8, 1, 3))
        assert len(list(parts(scene, Medal))) == min(6, len(earned))
    assert (
        texts(drawn(MyPassport(CHILD, every[:1], True, 8, 1, 3))).count("Cuốn đầu") == 2
    )  # one of them unseen


def test_every_badge_has_a_picture_of_its_own_and_a_short_name(driver: Driver) -> None:
    from ui import theme
    from ui.screens.passport import PICTURES

    assert set(PICTURES) == set(Badge)
    assert len(set(PICTURES.values())) == len(Badge)
    assert all(Path(theme.picture(name)).exists() for name in PICTURES.values())
    for language in languages():
        names = [words_for(language).say(f"badge.{badge}.short") for badge in Badge]
        assert all(1 <= len(name.split()) <= 3 and "." not in name for name in names)


def test_where_returns_are_not_kept_only_the_tree_and_the_stars_are_there(driver: Driver) -> None:
    from ui.widgets.badge import Badge as Medal
    from ui.widgets.child import Stars
    from ui.widgets.tree import Tree

    scene = drawn(MyPassport(CHILD, tuple(Badge), False, 8, 1, 3))
    assert not list(parts(scene, Medal))
    assert list(parts(scene, Tree))
    assert list(parts(scene, Stars))


def test_the_trail_has_a_star_for_every_book_since_the_last_cheer(driver: Driver) -> None:
    from ui.widgets.trail import Trail

    for left, done in ((10, 0), (8, 2), (1, 9)):
        scene = drawn(MyPassport(CHILD, (), True, left, 1, 3))
        assert [each.done for each in parts(scene, Trail)] == [done]  # type: ignore[attr-defined]


def test_every_wish_can_be_touched_and_what_cannot_be_had_is_not_offered(driver: Driver) -> None:
    every = {str(ease) for ease in Ease}
    assert set(of(drawn(MyWay(CHILD, frozenset(), "en", True)), Action.EASE)) == every
    mute = drawn(MyWay(CHILD, frozenset(), "", False))
    assert set(of(mute, Action.EASE)) == every - {Ease.SPOKEN, Ease.LANGUAGE}


def test_the_language_tile_names_the_language_it_changes_to(driver: Driver) -> None:
    assert of(drawn(MyWay(CHILD, frozenset(), "en", True)), Action.EASE)[Ease.LANGUAGE] == "English"
    scene = drawn(MyWay(CHILD, frozenset(), "vi", True), language="en")
    assert of(scene, Action.EASE)[Ease.LANGUAGE] == "Tiếng Việt"


def test_what_is_on_differs_by_more_than_its_colour(driver: Driver) -> None:
    from ui.widgets.toggle import Toggle

    scene = drawn(MyWay(CHILD, frozenset({Ease.LARGE}), "", True))
    switches = [each for each in scene.targets if isinstance(each, Toggle)]
    on, *off = switches
    assert [each.on for each in switches] == [True, False, False, False]
    assert on._tick is not None
    assert all(each._tick is None for each in off)
    assert on._sink.y < 0
    assert all(each._sink.y == 0 for each in off)


def test_a_tile_sinks_under_the_finger_acts_on_release_and_names_its_book(driver: Driver) -> None:
    driver.show(SCREENS["my_books"])
    cover = driver.button(Action.BOOK)
    before = driver.pixels()
    finger = driver.finger(*cover.center)
    driver.down(finger)
    assert cover.pressed
    assert driver.pixels() != before
    assert driver.posted == []
    driver.up(finger)
    assert driver.posted == [Tapped(Action.BOOK, BOOKS[2].item_id, driver.number)]


def test_a_switch_that_is_on_is_seen_to_move_under_the_finger_too(driver: Driver) -> None:
    driver.show(SCREENS["my_way"])
    switch = driver.button(Action.EASE)
    before = driver.pixels()
    finger = driver.finger(*switch.center)
    driver.down(finger)
    assert driver.pixels() != before
    driver.up(finger)
    assert driver.pixels() == before
    assert driver.posted == [Tapped(Action.EASE, Ease.LARGE, driver.number)]


@pytest.mark.parametrize("child", [None, CHILD])
def test_three_faces_and_done_only_with_a_child(driver: Driver, child: Child | None) -> None:
    scene = drawn(Rate(BOOKS[0], child))
    assert set(of(scene, Action.RATE)) == {str(liked) for liked in Liked}
    assert bool(of(scene, Action.DONE)) == (child is not None)


def test_similar_books_tell_their_names_their_shelf_and_the_way_back(driver: Driver) -> None:
    scene = drawn(Similar(FREE, BOOKS[:4], CHILD))
    assert of(scene, Action.BOOK) == {book.item_id: book.name for book in BOOKS[:4]}
    assert len(of(scene, Action.BACK)) == 1
    assert "Kệ xanh ngọc" in texts(scene)


@pytest.mark.parametrize("panel", list(PANELS))
def test_hostile_names_stay_plain_and_in_their_place(driver: Driver, panel: str) -> None:
    from ui.geometry import faults

    for hostile in ("[b]x[/b]\n\r\t\x00" * 9, "Ễ ế ậ ữ " * 600, "Khúc" + "khuỷu" * 60, "", "   \n "):
        book = replace(BOOKS[0], name=hostile, shelf="no such colour")
        child = replace(LONG_NAME, nickname=hostile, animal="no such animal", stamps=10**9)
        for screen in (
            MyBooks(child, (book,) * 4, TODAY, 7, 9),
            MyPassport(child, tuple(Badge), True, 10, 0, 99),
            MyWay(child, frozenset(), "../../etc", True),
            Rate(book, child),
            Similar(book, (book,) * 4, child),
        ):
            scene = drawn(screen, panel)
            assert not [fault for fault in faults(scene) if "leaves the page" in fault]
            assert not any(ord(letter) < 32 for text in texts(scene) for letter in text)
