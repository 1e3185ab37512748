"""Keys and switches: the ring goes round in reading order, says where it is, and acts as a finger would."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kiosk.events import Action, Tapped
from kiosk.screens import AskHelp, StaffPin, Welcome
from ui.samples import samples

if TYPE_CHECKING:
    from tests.ui.conftest import Driver
    from ui.widgets.scene import Scene

pytestmark = pytest.mark.display
SAMPLES = samples()
TAB, ENTER, ESCAPE, SPACE, RUB_OUT, F1, READ, LEFT, RIGHT = 9, 13, 27, 32, 8, 282, ord("r"), 276, 275


def press(driver: Driver, key: int, *modifiers: str) -> bool:
    """A key as SDL's window reports it."""
    from kivy.base import EventLoop

    return bool(EventLoop.window.dispatch("on_key_down", key, 0, None, list(modifiers)))


def scene_of(driver: Driver) -> Scene:
    assert driver.app.scene is not None
    return driver.app.scene


def at(driver: Driver) -> Action | None:
    current = scene_of(driver).focus.current
    return current.choice.action if current else None


def test_the_ring_goes_in_reading_order_and_round(driver: Driver) -> None:
    driver.show(SAMPLES["choose"])
    assert at(driver) is None
    seen = []
    for _ in range(5):
        assert press(driver, TAB)
        seen.append(at(driver))
    assert seen == [Action.RETURN, Action.KEEP, Action.READ, Action.HELP, Action.RETURN]
    press(driver, TAB, "shift")
    assert at(driver) is Action.HELP
    press(driver, LEFT)
    assert at(driver) is Action.READ


def test_on_a_standing_panel_the_choices_come_before_the_corner(driver: Driver) -> None:
    driver.panel("720x1280")
    driver.show(SAMPLES["choose"])
    seen = []
    for _ in range(4):
        press(driver, RIGHT)
        seen.append(at(driver))
    assert seen == [Action.RETURN, Action.KEEP, Action.READ, Action.HELP]


def test_the_ring_is_seen_around_its_target_and_leaves_its_words_alone(driver: Driver) -> None:
    driver.show(SAMPLES["choose"])
    before = driver.pixels()
    press(driver, TAB)
    driver.frames(2)
    assert driver.pixels() != before
    ring = scene_of(driver).focus._ring
    target = scene_of(driver).focus.current
    assert ring is not None
    assert target is not None
    children = scene_of(driver).children
    assert children.index(ring) > children.index(target)  # drawn before it, so under it


@pytest.mark.parametrize("key", [ENTER, SPACE])
def test_enter_and_space_do_what_a_finger_would(driver: Driver, key: int) -> None:
    driver.show(SAMPLES["choose"])
    press(driver, TAB)
    press(driver, TAB)
    press(driver, key)
    assert driver.posted == [Tapped(Action.KEEP, "LK-0000002", driver.number)]


def test_the_first_enter_only_shows_where_the_ring_is(driver: Driver) -> None:
    driver.show(SAMPLES["choose"])
    press(driver, ENTER)
    assert driver.posted == []
    assert at(driver) is Action.RETURN


def test_nothing_is_chosen_while_the_screen_is_too_new(driver: Driver) -> None:
    driver.show(SAMPLES["choose"], awake=False)
    press(driver, TAB)
    press(driver, ENTER)
    press(driver, F1)
    assert driver.posted == []


def test_a_touch_takes_the_ring_away(driver: Driver) -> None:
    driver.show(SAMPLES["choose"])
    press(driver, TAB)
    finger = driver.finger(3, 3)
    driver.down(finger)
    driver.up(finger)
    assert at(driver) is None
    assert scene_of(driver).focus._ring is None


@pytest.mark.parametrize(
    ("name", "key", "action"),
    [
        ("ask_help", ESCAPE, Action.BACK),
        ("hello", ESCAPE, Action.DONE),
        ("hello", F1, Action.HELP),
        ("hello", READ, Action.READ),
    ],
)
def test_some_keys_are_shortcuts(driver: Driver, name: str, key: int, action: Action) -> None:
    driver.show(SAMPLES[name])
    assert press(driver, key)
    assert driver.posted == [Tapped(action, "", driver.number)]


def test_escape_does_nothing_where_there_is_no_way_back_and_other_keys_are_not_ours(driver: Driver) -> None:
    driver.show(SAMPLES["choose"])
    press(driver, ord("x"))
    assert driver.posted == []
    assert at(driver) is None


def test_a_pin_is_typed_on_a_keyboard(driver: Driver) -> None:
    driver.show(StaffPin(0))
    posted = []
    for key in (ord("7"), 256 + 4, RUB_OUT, ENTER):
        press(driver, key)
        posted += driver.posted
        driver.posted.clear()
    assert [(tap.action, tap.target) for tap in posted if isinstance(tap, Tapped)] == [
        (Action.DIGIT, "7"),
        (Action.DIGIT, "4"),
        (Action.RUB_OUT, ""),
        (Action.ENTER, ""),
    ]


def test_digits_do_nothing_on_a_childs_screen(driver: Driver) -> None:
    driver.show(AskHelp())
    press(driver, ord("7"))
    assert driver.posted == []


def test_every_target_the_ring_comes_to_is_told_to_whoever_speaks(driver: Driver) -> None:
    from kiosk.words import words_for
    from ui.screens import draw
    from ui.widgets.scene import Kit

    heard = []
    kit = Kit(
        words_for("vi"),
        driver.app._covers,
        lambda *_: None,
        (1024, 600),
        can_speak=True,
        focused=lambda choice: heard.append(choice.words),
    )
    scene = draw(SAMPLES["choose"], kit)
    for _ in range(3):
        scene.focus.next()
    assert heard == [words_for("vi").say(f"button.{name}") for name in ("return", "keep", "read")]


class Scanned:
    """A scanning ring on a scene of its own, its clock turned by hand."""

    def __init__(self, driver: Driver, name: str) -> None:
        from ui.widgets.focus import Keys

        self.scene = driver.drawn(SAMPLES[name])
        self.keys = Keys(lambda: self.scene)

    def tick(self, times: int = 1) -> None:
        for _ in range(times):
            self.keys._scan(1.0)

    @property
    def at(self) -> Action | None:
        current = self.scene.focus.current
        return current.choice.action if current else None


def test_a_scanning_ring_moves_by_itself_and_rests_after_two_rounds_until_a_key_comes(driver: Driver) -> None:
    scan = Scanned(driver, "choose")
    scan.tick()
    assert scan.at is Action.RETURN
    scan.tick(2)
    assert scan.at is Action.READ
    scan.tick(20)
    rests = scan.at
    scan.tick(3)
    assert scan.at is rests
    scan.keys.on_key_down(None, RIGHT, 0, None, [])
    scan.tick()
    assert scan.at is not rests


def test_where_nobody_stands_the_scanning_ring_waits_for_a_key(driver: Driver) -> None:
    scan = Scanned(driver, "welcome")
    scan.tick(3)
    assert scan.at is None
    scan.keys.on_key_down(None, SPACE, 0, None, [])
    scan.tick()
    assert scan.at is Action.READ


def test_the_scan_is_driven_by_the_clock_and_ends_when_told(driver: Driver) -> None:
    from ui.widgets.focus import Keys

    driver.show(SAMPLES["choose"])
    keys = Keys(lambda: driver.app.scene, scan_s=0.01)
    driver.until(lambda: at(driver) is not None)
    keys.stop()
    driver.show(Welcome())
    driver.frames(3)
    assert at(driver) is None
