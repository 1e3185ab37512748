"""Every screen in both languages on both panels: sizes a child can hit, nothing hidden, nothing cut."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import pytest

from kiosk import screens as views
from kiosk.events import Action
from tests.ui.samples import HOSTILE, every_screen, with_text
from ui.words import languages, words_for

if TYPE_CHECKING:
    from kivy.uix.widget import Widget

    from tests.ui.conftest import Driver
    from ui.widgets.scene import Scene
    from ui.widgets.text import Say

SCREENS = every_screen()
KEYPAD = {Action.DIGIT, Action.RUB_OUT, Action.ENTER}
GROWN_UPS = KEYPAD | {Action.STAFF}  # a grown-up's finger needs less than a child's


def millimetre() -> float:
    from kivy.metrics import mm

    return float(mm(1))


def sentences(root: Widget) -> list[Say]:
    from ui.inspection import widgets
    from ui.widgets.text import Say

    return [each for each in widgets(root) if isinstance(each, Say)]


def inside(widget: Widget, kind: type) -> bool:
    while widget.parent is not None and widget.parent is not widget:
        if isinstance(widget, kind):
            return True
        widget = widget.parent
    return False


def overlap(one: tuple[float, ...], other: tuple[float, ...], gap: float = 0.0) -> bool:
    return (
        one[0] < other[0] + other[2] + gap
        and other[0] < one[0] + one[2] + gap
        and one[1] < other[1] + other[3] + gap
        and other[1] < one[1] + one[3] + gap
    )


def check_geometry(scene: Scene) -> None:
    mm = millimetre()
    width, height = scene.size
    boxes = [(*each.pos, *each.size) for each in scene.targets]
    for button, (x, y, w, h) in zip(scene.targets, boxes, strict=True):
        name = button.choice.action
        least = 15 if name in GROWN_UPS else 20
        assert min(w, h) >= least * mm - 1, f"{name} is smaller than {least} mm"
        assert y >= 12 * mm, f"{name} reaches into the dead strip"
        assert x >= 0
        assert x + w <= width
        assert y + h <= height
    for one, other in combinations(range(len(boxes)), 2):
        keys = {scene.targets[one].choice.action, scene.targets[other].choice.action} <= KEYPAD
        gap = 3 if keys else 8
        assert not overlap(boxes[one], boxes[other], gap * mm - 1), f"two targets are closer than {gap} mm"


def check_texts(scene: Scene) -> None:
    from ui.widgets.book import BookRow, CoverPicture
    from ui.widgets.button import BigButton

    free = []
    for say in sentences(scene):
        if not say.text:
            continue
        x, y, w, h = say.drawn
        assert w <= say.width + 1, f"{say.text!r} is wider than its box"
        assert h <= say.height + 1, f"{say.text!r} is higher than its box"
        assert x >= -1, f"{say.text!r} leaves the screen"
        assert y >= -1, f"{say.text!r} leaves the screen"
        assert x + w <= scene.width + 1, f"{say.text!r} leaves the screen"
        assert y + h <= scene.height + 1, f"{say.text!r} leaves the screen"
        if not any(inside(say, kind) for kind in (CoverPicture, BookRow, BigButton)):
            free.append(say)
    for one, other in combinations(free, 2):
        # A line's box has room for two accents above and a dot below; that much may touch.
        trimmed = [(x, y + h * 0.14, w, h * 0.7) for x, y, w, h in (one.drawn, other.drawn)]
        assert not overlap(*trimmed), f"{one.text!r} lies on {other.text!r}"
    for say in free:
        for button in scene.targets:
            assert not overlap(say.drawn, (*button.pos, *button.size)), f"{say.text!r} lies on a button"


@pytest.mark.display
@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("name", list(SCREENS))
def test_every_screen_is_made_for_a_childs_finger_and_eye(
    every_panel: Driver, name: str, language: str
) -> None:
    scene = every_panel.drawn(SCREENS[name], language)
    check_geometry(scene)
    check_texts(scene)
    check_own_words_are_whole(scene, SCREENS[name], language)


def check_own_words_are_whole(scene: Scene, screen: views.Screen, language: str) -> None:
    words = words_for(language)
    fixed = {text for text in words.sentences() if "{" not in text}
    for say in sentences(scene):
        own = say.said in fixed or any(
            say.said == words.day(book.due) for book in books_of(screen) if book.due
        )
        if own and say.text:
            assert say.text.replace("\n", " ") == say.said


def books_of(screen: views.Screen) -> tuple[views.Book, ...]:
    match screen:
        case views.Lent(books=books) | views.Returned(books=books):
            return books
        case views.Hello(at_home=books) | views.Goodbye(at_home=books):
            return books
        case views.Choose(book=book) | views.Renewed(book=book):
            return (book,)
        case _:
            return ()


@pytest.mark.display
@pytest.mark.parametrize("kind", list(HOSTILE))
def test_hostile_text_is_drawn_as_plain_text_and_stays_in_its_box(driver: Driver, kind: str) -> None:
    for screen in with_text(HOSTILE[kind], HOSTILE[kind]).values():
        scene = driver.drawn(screen)
        check_geometry(scene)
        check_texts(scene)
        for say in sentences(scene):
            assert not any(ord(letter) < 32 and letter != "\n" for letter in say.text)


@pytest.mark.display
def test_markup_is_shown_letter_by_letter(driver: Driver) -> None:
    driver.show(with_text("[b]Mèo[/b]", "Mây")["book_info"])
    assert driver.app.scene is not None
    assert "[b]Mèo[/b]" in [say.text for say in sentences(driver.app.scene)]


@pytest.mark.display
def test_the_screen_is_really_painted_and_differs_from_screen_to_screen(driver: Driver) -> None:
    pictures = set()
    for name in ("welcome", "hello", "lent", "returned", "reader_out"):
        driver.show(SCREENS[name])
        pixels = driver.pixels()
        assert len(set(zip(pixels[::3000], pixels[1::3000], pixels[2::3000], strict=False))) > 20
        pictures.add(pixels)
    assert len(pictures) == 5


@pytest.mark.display
def test_stacked_accents_are_drawn_whole(driver: Driver) -> None:
    from kivy.metrics import mm
    from PIL import ImageFont

    from ui import theme
    from ui.widgets.text import Say

    say = Say("ẾẬỮỴ", size_mm=9, size=(mm(80), mm(16)))
    pixels, (width, height) = say._ink.texture.pixels, say.texture_size
    rows = [row for row in range(height) if any(pixels[row * width * 4 + 3 : (row + 1) * width * 4 : 4])]
    _, top, _, bottom = ImageFont.truetype(theme.font("text"), say.font_size).getbbox("ẾẬỮỴ")
    assert max(rows) - min(rows) + 1 >= bottom - top - 1


@pytest.mark.display
def test_every_kind_of_screen_has_a_drawing() -> None:
    from typing import get_args

    from ui.screens import DRAWINGS

    assert set(DRAWINGS) == set(get_args(views.Screen))
    assert {type(screen) for screen in SCREENS.values()} == set(DRAWINGS)


@pytest.mark.display
def test_nothing_of_a_child_remains_after_goodbye(driver: Driver) -> None:
    import gc

    from ui.inspection import widgets
    from ui.widgets.text import Say

    secret = views.Child("Tên Bí Mật", "whale", 7)
    book = views.Book("LK-99", "T-99", "Sách Bí Mật", "Tác Giả Bí Mật", "red", None)
    today = views.Goodbye(secret, (book,), 1, 0, SCREENS["goodbye"].today)  # type: ignore[union-attr]
    driver.show(views.Lent(secret, (book,), today.today))
    driver.show(today)
    driver.show(views.Welcome())

    def in_memory() -> bool:
        says = [each for each in gc.get_objects() if type(each) is Say]
        assert says
        return any("Bí Mật" in say.said + say.text for say in says)

    for say in widgets(driver.app.root):
        assert not isinstance(say, Say) or "Bí Mật" not in say.said + say.text
    driver.until(lambda: not in_memory(), timeout=3)  # and soon after, not in the memory either
    assert "Bí Mật" not in repr(driver.app.shown)
