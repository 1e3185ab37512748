"""The librarian's screens: a PIN nobody can read off the glass, every device in words, what a tag says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from kiosk.events import Action, Tapped
from kiosk.screens import DeviceLine, PutBack, StaffHealth, StaffPin, TagLine, TagVerdict
from kiosk.words import languages, words_for
from tests.ui.test_screens import check, sentences
from ui.samples.library import BOOKS
from ui.samples.staff import DEVICES, LONG_CAUSE, health, tag_sample

if TYPE_CHECKING:
    from tests.ui.conftest import Driver
    from ui.widgets.scene import Scene

pytestmark = pytest.mark.display


def drawn(scene: Scene) -> list[str]:
    """What can be read on the screen, line breaks away."""
    return [say.text.replace("\n", " ") for say in sentences(scene) if say.text]


def pictures(scene: Scene, name: str) -> int:
    from ui import theme
    from ui.painted import widgets
    from ui.widgets.shapes import Picture

    wanted = theme.picture(name)
    return sum(isinstance(each, Picture) and each.path == wanted for each in widgets(scene))


def press(driver: Driver, target: str) -> None:
    assert driver.app.scene is not None
    key = next(each for each in driver.app.scene.targets if each.choice.target == target)
    finger = driver.finger(*key.center)
    driver.down(finger)
    driver.up(finger)


@pytest.mark.parametrize("number", "0123456789")
def test_every_key_posts_its_own_digit(driver: Driver, number: str) -> None:
    driver.show(StaffPin(0))
    press(driver, number)
    assert driver.posted == [Tapped(Action.DIGIT, number, driver.number)]


def test_the_keypad_is_laid_out_like_a_telephones(driver: Driver) -> None:
    keys = {each.choice.words: each for each in driver.drawn(StaffPin(0)).targets}
    for row in ("123", "456", "789"):
        assert len({keys[each].y for each in row}) == 1
        assert keys[row[0]].x < keys[row[1]].x < keys[row[2]].x
    assert keys["1"].y > keys["4"].y > keys["7"].y > keys["0"].y
    assert keys["0"].x == keys["8"].x


def test_somebody_who_types_fast_loses_no_digit(driver: Driver) -> None:
    driver.show(StaffPin(0))
    taps = []
    for count, number in enumerate("2468", start=1):
        press(driver, number)
        taps += driver.posted
        driver.show(StaffPin(count), awake=False)
    assert [tap.target for tap in taps if isinstance(tap, Tapped)] == list("2468")


def test_the_second_touch_of_a_double_tap_on_enter_is_no_second_try(driver: Driver) -> None:
    driver.show(StaffPin(4))
    driver.tap(Action.ENTER)
    assert driver.posted == [Tapped(Action.ENTER, "", driver.number)]
    driver.show(StaffPin(0, wrong=True), awake=False)
    driver.tap(Action.ENTER)
    assert driver.posted == []


@pytest.mark.parametrize("count", [0, 1, 4, 8, 500, -1])
def test_a_pin_is_dots_and_nothing_that_can_be_read(driver: Driver, count: int) -> None:
    from ui.painted import widgets
    from ui.widgets.dots import MOST, Dots

    scene = driver.drawn(StaffPin(count))
    dots = next(each for each in widgets(scene) if isinstance(each, Dots))
    assert dots.count == max(0, min(count, MOST))
    assert all(dots.x <= dot.x and dot.right <= dots.right for dot in dots._dots)
    assert drawn(scene) == drawn(driver.drawn(StaffPin(0)))


@pytest.mark.parametrize("language", languages())
def test_a_wrong_pin_and_a_locked_door_are_said_in_words(every_panel: Driver, language: str) -> None:
    words = words_for(language)
    assert words.say("staff_pin.wrong") in drawn(every_panel.drawn(StaffPin(0, wrong=True), language))
    locked = every_panel.drawn(StaffPin(0, wrong=True, locked=True), language)
    assert words.say("staff_pin.locked") in drawn(locked)
    assert words.say("staff_pin.wrong") not in drawn(locked)
    assert {each.choice.action for each in locked.targets} == {Action.BACK, Action.HELP}


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("broken", range(len(DEVICES) + 1))
def test_however_many_are_broken_every_device_is_named_and_says_how_it_is(
    every_panel: Driver, broken: int, language: str
) -> None:
    view = health(*DEVICES[:broken])
    scene = every_panel.drawn(view, language)
    check(scene)
    words, seen = words_for(language), drawn(scene)
    for device in DEVICES:
        name = words.device(device)
        assert any(name == text or f"{name}," in text or text.endswith(name) for text in seen), name
    assert pictures(scene, "warning") == broken
    assert seen.count(words.say("state.bad")) == broken
    remedies = sum(words.remedy(device) in seen for device in DEVICES[:broken])
    # A standing panel is narrow: there the tag's card stands under the devices and takes the height.
    least, whole = (1, 2) if scene.tall else (2, 3)
    assert remedies >= min(broken, least)
    if broken <= whole:
        assert remedies == broken
    assert (words.say("staff_health.all_good") in seen) is (broken == 0)


def test_the_broken_ones_stand_first_whatever_their_order(driver: Driver) -> None:
    view = StaffHealth((DeviceLine("lamp", True), DeviceLine("door", False, "dark"), DeviceLine("pad", True)))
    says = {say.text: say for say in sentences(driver.drawn(view))}
    words = words_for("vi")
    assert says[words.device("door")].y > says[words.device("lamp")].y
    assert "dark" in says


@pytest.mark.parametrize("broken", [1, 2, 3])
def test_a_cause_of_five_hundred_hostile_letters_stays_small_and_plain(
    every_panel: Driver, broken: int
) -> None:
    cause = ("[b]gãy[/b] &amp; {names} %s \n\t\x00\u202e" + "x" * 60 + " Ế") * 6
    lines = [DeviceLine(each, False, cause[:500]) for each in DEVICES[:broken]]
    lines += [DeviceLine(each, True) for each in DEVICES[broken:]]
    scene = every_panel.drawn(StaffHealth(tuple(lines)))
    check(scene)
    causes = [say for say in sentences(scene) if say.said.startswith("[b]gãy[/b] &amp; {names} %s")]
    assert len(causes) == min(broken, 2 if scene.tall else 3)
    for say in causes:
        assert say.text.startswith("[b]gãy[/b]")
        assert say.text.endswith("…")
        assert say.text.count("\n") <= 2


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("verdict", list(TagVerdict))
def test_what_lies_on_the_pad_is_said_with_its_verdict(
    every_panel: Driver, verdict: TagVerdict, language: str
) -> None:
    tag = tag_sample(verdict)
    words, seen = words_for(language), drawn(every_panel.drawn(health(tag=tag), language))
    assert words.say(f"tag.{verdict}", item=tag.item) in seen
    assert words.say(f"tag.{verdict}.hint", item=tag.item, says=tag.says) in seen
    assert words.tag_kind(tag.kind) in seen
    assert not tag.uid or tag.uid in seen
    assert not tag.item or any(tag.item in text for text in seen)
    assert words.say("tag.none") not in seen


def test_a_tag_that_disagrees_names_both_and_the_catalogues_first(driver: Driver) -> None:
    says = TagLine("04A1", "ultralight", TagVerdict.DISAGREES, "LK-1", "endless " * 60)
    text = next(each for each in drawn(driver.drawn(health(tag=says))) if "endless" in each)
    assert text.index("danh mục: LK-1") < text.index("endless")


def test_a_tag_not_yet_read_is_not_said_to_agree(driver: Driver) -> None:
    words = words_for("vi")
    seen = drawn(driver.drawn(health(tag=TagLine("04A1", "ultralight", TagVerdict.AGREES, "LK-1"))))
    assert words.say("tag.agrees.unread") in seen
    assert words.say("tag.agrees.hint") not in seen


def test_a_childs_card_shows_no_number(driver: Driver) -> None:
    seen = drawn(driver.drawn(health(tag=tag_sample(TagVerdict.CARD))))
    assert words_for("vi").say("tag.uid") not in seen


@pytest.mark.parametrize("language", languages())
def test_an_empty_pad_invites(every_panel: Driver, language: str) -> None:
    seen = drawn(every_panel.drawn(health(), language))
    assert words_for(language).say("tag.none") in seen


def test_a_station_without_devices_and_one_with_forty_are_drawn(driver: Driver) -> None:
    many = tuple(DeviceLine(f"device-{number}", number % 2 == 0, LONG_CAUSE) for number in range(40))
    for devices in ((), many, tuple(line for line in many if not line.good) * 2):
        scene = driver.drawn(StaffHealth(devices))
        check(scene)
    assert "+19" in drawn(scene)


@pytest.mark.parametrize(("kept", "action"), [(True, Action.ERASE), (False, Action.ALLOW)])
def test_of_a_childs_card_the_passport_can_be_allowed_or_erased(
    every_panel: Driver, kept: bool, action: Action
) -> None:
    scene = every_panel.drawn(replace(health(tag=tag_sample(TagVerdict.CARD)), passport=kept))
    offered = {each.choice.action for each in scene.targets}
    assert offered == {Action.DONE, Action.HELP, action}
    words = words_for("vi")
    assert words.say(f"tag.passport.{'kept' if kept else 'not_kept'}") in drawn(scene)


def test_where_no_childs_card_lies_nothing_can_be_erased(driver: Driver) -> None:
    offered = {each.choice.action for each in driver.drawn(health(tag=tag_sample(TagVerdict.CARD))).targets}
    assert offered == {Action.DONE, Action.HELP}


def test_the_book_that_shall_come_back_is_shown_by_its_cover(driver: Driver) -> None:
    from ui.painted import widgets
    from ui.widgets.book import CoverPicture

    scene = driver.drawn(PutBack(BOOKS[0]))
    assert len([each for each in widgets(scene) if isinstance(each, CoverPicture)]) == 1
    assert BOOKS[0].name in drawn(scene)
