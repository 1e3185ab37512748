"""The librarian's PIN: a keypad, dots for digits, and a kind word when it was not right."""

from __future__ import annotations

from dataclasses import replace

from kiosk.events import Action
from kiosk.screens import StaffPin
from ui import theme
from ui.screens.parts import choice, digit, headline
from ui.widgets.box import Box
from ui.widgets.dots import Dots
from ui.widgets.scene import Kit, Scene
from ui.widgets.shapes import Picture
from ui.widgets.text import Say

KEY_WIDTH = 19.0  # millimetres; taller than STAFF_TARGET the keys are by themselves
ROWS = 4


def staff_pin(view: StaffPin, kit: Kit) -> Scene:
    """Whoever types fast loses no digit: once one was entered the same keys listen at once."""
    words = kit.words
    scene = Scene(kit, theme.DUSK, guard_s=0.0 if view.digits > 0 else theme.TAP_GUARD_S)
    page = scene.page.less(left=theme.EDGE, right=theme.EDGE, top=4, bottom=theme.DEAD_STRIP)
    column = page.right(theme.TARGET + 2)  # help stands at its foot
    back = replace(choice(words, Action.BACK, quiet=True), picture="door")
    scene.button(back, column.less(bottom=theme.BUTTON_HEIGHT + theme.GAP).bottom(theme.BUTTON_HEIGHT))
    pad = page.less(right=column.w + theme.GAP).right(3 * KEY_WIDTH + 2 * theme.STAFF_GAP)
    left = page.less(right=page.x + page.w - pad.x + 5)
    scene.put(Picture(theme.picture("key")), left.top(16).left(16))
    headline(scene, words.say("staff_pin.title"), left.less(top=17.5).top(17))
    scene.put(Dots(view.digits), left.less(top=36).top(11.5))
    if view.locked:
        scene.halo(pad)
        scene.put(Picture(theme.picture("hourglass")), pad.middle(38, 38))
    else:
        _keypad(scene, pad)
    said = "locked" if view.locked else "wrong" if view.wrong else ""
    if said:
        scene.put(
            Say(words.say(f"staff_pin.{said}"), size_mm=theme.BODY, weight="strong", lines=3, valign="top"),
            left.less(top=49.5),
        )
    return scene


def _keypad(scene: Scene, place: Box) -> None:
    """1 2 3 on top as on a telephone; rub out and enter beside the 0."""
    words = scene.words
    height = (place.h - (ROWS - 1) * theme.STAFF_GAP) / ROWS
    last = (choice(words, Action.RUB_OUT), digit("0"), choice(words, Action.ENTER))
    rows = [tuple(digit(each) for each in "123"), tuple(digit(each) for each in "456")]
    rows += [tuple(digit(each) for each in "789"), last]
    for number, row in enumerate(rows):
        line = place.less(top=number * (height + theme.STAFF_GAP)).top(height)
        for key, box in zip(row, line.columns(3, theme.STAFF_GAP), strict=True):
            scene.button(key, box)
