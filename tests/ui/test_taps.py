"""What a touch does: seen at once, acts on release inside, once, and only on the screen it was meant for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kiosk.events import Action, Tapped
from kiosk.screens import AskHelp, Refused, UnknownBook, Welcome, Why
from ui.samples import samples
from ui.samples.library import BOOKS, CHILD

if TYPE_CHECKING:
    from tests.ui.conftest import Driver

pytestmark = pytest.mark.display
SAMPLES = samples()

OFFERED = {
    "welcome": {Action.LANGUAGE},
    "welcome_cardless": {Action.CARDLESS, Action.LANGUAGE},
    "welcome_one_language": set(),
    "take_books_off": {Action.DONE},
    "hello": {Action.MINE, Action.DONE},
    "lent": {Action.DONE, Action.UNDO},
    "lent_long": {Action.DONE},  # nothing to undo
    "undone": {Action.DONE},
    "choose": {Action.RETURN, Action.KEEP},
    "renewed": {Action.DONE},
    "returned": {Action.DONE},
    "returned_nobody": {Action.DONE},
    "offer": {Action.BORROW, Action.NOT_NOW},
    "book_info": set(),
    "book_info_about": {Action.SIMILAR},
    "book_info_child": {Action.SIMILAR, Action.BACK},
    "book_info_opened": {Action.BACK},
    "refused_too_many": {Action.DONE},
    "one_by_one": set(),
    "one_card": set(),
    "unknown_card": set(),
    "unknown_book": {Action.DONE},
    "unknown_book_nobody": set(),
    "still_there": {Action.STILL_HERE, Action.DONE},
    "goodbye": set(),
    "take_your_things": set(),
    "ask_help": {Action.BACK},
    "put_back": set(),
    "other_label": {Action.DONE},
    "other_label_nobody": set(),
    "reader_out": {Action.STAFF},
    "disk_full": set(),
    "out_of_order": set(),
    "staff_pin": {Action.DIGIT, Action.RUB_OUT, Action.ENTER, Action.BACK},
    "staff_pin_locked": {Action.BACK},
    "staff_health": {Action.DONE},
    "staff_health_three": {Action.DONE},
}


@pytest.mark.parametrize("name", list(OFFERED))
def test_every_screen_offers_its_actions_and_help_and_each_posts_itself(driver: Driver, name: str) -> None:
    corner = {Action.HELP} if name.startswith("staff_") else {Action.HELP, Action.READ}
    for action in (*OFFERED[name], *corner):
        driver.show(SAMPLES[name])
        assert driver.app.scene is not None
        assert {each.choice.action for each in driver.app.scene.targets} == OFFERED[name] | corner
        target = driver.button(action).choice.target
        driver.tap(action)
        assert driver.posted == [Tapped(action, target, driver.number)]


@pytest.mark.parametrize("action", [Action.RETURN, Action.KEEP])
def test_return_and_keep_name_the_item(driver: Driver, action: Action) -> None:
    driver.show(SAMPLES["choose"])
    driver.tap(action)
    assert driver.posted == [Tapped(action, BOOKS[1].item_id, driver.number)]


def test_a_button_changes_its_look_when_touched_and_acts_only_on_release(driver: Driver) -> None:
    driver.show(AskHelp())
    button = driver.button(Action.BACK)
    before = driver.pixels()
    finger = driver.finger(*button.center)
    driver.down(finger)
    assert button.pressed
    assert driver.pixels() != before
    assert driver.posted == []
    driver.up(finger)
    assert not button.pressed
    assert driver.posted == [Tapped(Action.BACK, "", driver.number)]


def test_a_finger_that_slides_off_does_nothing(driver: Driver) -> None:
    from kivy.base import EventLoop

    driver.show(AskHelp())
    button = driver.button(Action.BACK)
    finger = driver.finger(*button.center)
    driver.down(finger)
    finger.move({"x": 0.01, "y": 0.99})
    EventLoop.post_dispatch_input("update", finger)
    assert not button.pressed
    driver.up(finger)
    assert driver.posted == []


def test_a_touch_beside_the_buttons_does_nothing(driver: Driver) -> None:
    driver.show(SAMPLES["choose"])
    finger = driver.finger(3, 3)
    driver.down(finger)
    driver.up(finger)
    assert driver.posted == []


def test_the_second_touch_of_a_double_tap_does_not_hit_the_next_screens_button(driver: Driver) -> None:
    driver.show(Refused(Why.TOO_MANY, CHILD, BOOKS[0], 3))
    driver.tap(Action.DONE)
    driver.show(UnknownBook(CHILD), awake=False)
    driver.tap(Action.DONE)
    assert driver.posted == []
    driver.until(lambda: driver.app.scene is not None and driver.app.scene.is_awake())
    driver.tap(Action.DONE)
    assert driver.posted == [Tapped(Action.DONE, "", driver.number)]


def test_a_finger_still_down_when_the_screen_changes_does_nothing(driver: Driver) -> None:
    driver.show(Refused(Why.TOO_MANY, CHILD, BOOKS[0], 3))
    finger = driver.finger(*driver.button(Action.DONE).center)
    driver.down(finger)
    driver.show(UnknownBook(CHILD))
    driver.up(finger)
    assert driver.posted == []


def test_a_mouse_press_arrives_exactly_once(driver: Driver) -> None:
    """SDL reports a finger as a mouse press; the window must deliver it as one touch."""
    from kivy.base import EventLoop

    driver.show(Welcome())
    x, y = driver.button(Action.LANGUAGE).center
    window = EventLoop.window
    top = window.height - y  # the window reports from the upper edge
    window.dispatch("on_mouse_down", x, top, "left", [])
    driver.frames(2)
    window.dispatch("on_mouse_up", x, top, "left", [])
    driver.frames(2)
    assert driver.posted == [Tapped(Action.LANGUAGE, "", driver.number)]


def test_the_other_mouse_buttons_do_nothing(driver: Driver) -> None:
    from kivy.base import EventLoop

    driver.show(Welcome())
    x, y = driver.button(Action.LANGUAGE).center
    for which in ("right", "scrollup"):
        EventLoop.window.dispatch("on_mouse_down", x, EventLoop.window.height - y, which, [])
        driver.frames(2)
        EventLoop.window.dispatch("on_mouse_up", x, EventLoop.window.height - y, which, [])
        driver.frames(2)
    assert driver.posted == []
