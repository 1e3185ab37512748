"""Every screen, language, look and panel: sizes a child can hit, nothing hidden, nothing cut."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from kiosk import screens as views
from kiosk.events import Action
from kiosk.screens import PLAIN, Look
from tests.ui.samples import HOSTILE, every_screen, with_text
from ui import gallery

if TYPE_CHECKING:
    from kivy.uix.widget import Widget

    from tests.ui.conftest import Driver
    from ui.widgets.scene import Scene
    from ui.widgets.text import Say

SCREENS = every_screen()
EVERY_WAY = ["vi plain", "vi both", "en plain", "en large"]
"""Strong contrast has the boxes of plain and the colours of both; `kiosk screens` draws all there are."""

ONE_OF_EACH = list({type(screen): screen for screen in SCREENS.values()}.values())
STAFF = (views.StaffPin, views.StaffHealth)


def sentences(root: Widget) -> list[Say]:
    from ui.painted import widgets
    from ui.widgets.text import Say

    return [each for each in widgets(root) if isinstance(each, Say)]


def check(scene: Scene) -> None:
    from ui.geometry import faults

    assert faults(scene) == []


@pytest.mark.display
@pytest.mark.parametrize("way", EVERY_WAY)
@pytest.mark.parametrize("name", list(SCREENS))
def test_every_screen_is_made_for_a_childs_finger_and_eye(driver: Driver, name: str, way: str) -> None:
    language, look = way.split()
    check(driver.drawn(SCREENS[name], language, gallery.LOOKS[look]))


@pytest.mark.display
def test_the_other_panels_are_as_good() -> None:
    # The smallest words and the largest; `kiosk screens` draws every language in every look.
    ways = [("en", "plain"), ("vi", "both")]
    jobs = [(panel, *way) for panel in gallery.PANELS if panel != "1024x600" for way in ways]

    def measured(job: tuple[str, str, str]) -> list[str]:
        panel, language, look = job
        return gallery.render(None, [language], [look], [panel])

    with ThreadPoolExecutor(2) as pool:
        found = [line for lines in pool.map(measured, jobs) for line in lines]
    assert found == []


@pytest.mark.display
@pytest.mark.parametrize(("panel", "contrast"), [("1024x600", False), ("720x1280", True)])
def test_larger_text_makes_no_letter_smaller_and_most_larger(
    driver: Driver, panel: str, contrast: bool
) -> None:
    driver.panel(panel)
    larger = same = 0
    for name, screen in SCREENS.items():
        plain, large = (
            {say.said: say.font_size for say in sentences(scene) if say.text and not in_a_picture(say)}
            for scene in (
                driver.drawn(screen, look=Look(contrast=contrast)),
                driver.drawn(screen, look=Look(contrast=contrast, large=True)),
            )
        )
        for said in plain.keys() & large.keys():
            # Whole pixels, and the fit's steps, may take a twentieth.
            assert large[said] >= plain[said] * 0.95, f"{name}: {said!r}"
            larger, same = larger + (large[said] > plain[said] * 1.1), same + 1
    assert larger > same / 3


def in_a_picture(widget: Widget) -> bool:
    """On a cover, a leaf, in a bubble or a cheer: what stands there is said in words beside it."""
    from ui.widgets.book import CoverPicture
    from ui.widgets.bubble import Bubble
    from ui.widgets.cheer import Cheer
    from ui.widgets.day import Leaf

    while widget.parent is not None and widget.parent is not widget:
        widget = widget.parent
        if isinstance(widget, Bubble | Cheer | CoverPicture | Leaf):
            return True
    return False


@pytest.mark.display
@pytest.mark.parametrize("speaks", [True, False])
def test_chip_and_help_stand_at_the_same_place_on_every_screen_a_child_sees(
    every_panel: Driver, speaks: bool
) -> None:
    places: dict[Action, set[tuple[float, ...]]] = {Action.HELP: set(), Action.READ: set()}
    for screen in ONE_OF_EACH:
        scene = every_panel.drawn(screen, speaks=speaks)
        by = {each.choice.action: each for each in scene.targets}
        assert (Action.READ in by) is (speaks and not isinstance(screen, STAFF))
        for action in places.keys() & by.keys():
            places[action].add((*by[action].pos, *by[action].size))
    assert len(places[Action.HELP]) == 1
    assert len(places[Action.READ]) == int(speaks)


@pytest.mark.display
@pytest.mark.parametrize("kind", list(HOSTILE))
def test_hostile_text_is_drawn_as_plain_text_and_stays_in_its_box(every_panel: Driver, kind: str) -> None:
    from ui.geometry import faults

    for screen in with_text(HOSTILE[kind], HOSTILE[kind]).values():
        scene = every_panel.drawn(screen)
        # A name of hundreds of letters is cut, and a sentence with it; three marks on one letter stand higher
        # than any language's. Nothing else may be wrong.
        forgiven = ("is not whole", "larger than its box") if kind == "marks" else ("is not whole",)
        assert [fault for fault in faults(scene) if not fault.endswith(forgiven)] == []
        for say in sentences(scene):
            assert not any(ord(letter) < 32 and letter != "\n" for letter in say.text)


@pytest.mark.display
def test_news_is_cut_with_dots_when_it_is_long(driver: Driver) -> None:
    news = next(
        say for say in sentences(driver.drawn(SCREENS["welcome_long_news"])) if "kể chuyện" in say.said
    )
    assert news.text.endswith("…")
    assert news.text.count("\n") == 1


@pytest.mark.display
def test_strong_contrast_has_no_sky_and_the_way_on_is_yellow(driver: Driver) -> None:
    from ui import theme

    scene = driver.drawn(SCREENS["lent"], look=Look(contrast=True))
    faces = {each.choice.action: each.colours.face for each in scene.targets}
    assert faces[Action.DONE] == theme.YELLOW
    assert {face for action, face in faces.items() if action is not Action.DONE} == {theme.BLACK}
    driver.show(SCREENS["lent"], look=Look(contrast=True))
    pixels = driver.pixels()
    assert pixels[:3] == pixels[-3:] == b"\x00\x00\x00"
    driver.show(SCREENS["lent"], look=PLAIN)
    assert driver.pixels()[:3] != b"\x00\x00\x00"


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

    from ui.screens.drawings import DRAWINGS

    assert set(DRAWINGS) == set(get_args(views.Screen))
    assert {type(screen) for screen in SCREENS.values()} == set(DRAWINGS)


@pytest.mark.display
def test_nothing_of_a_child_remains_after_goodbye(driver: Driver) -> None:
    import gc

    from ui.painted import widgets
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
