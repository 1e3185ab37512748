"""The librarian's PIN: a keypad, dots for digits, and a kind word when it was not right."""

from __future__ import annotations

from dataclasses import replace

from kiosk.events import Action
from kiosk.screens import StaffPin
from ui import theme
from ui.screens.parts import choice, digit
from ui.widgets.box import Box
from ui.widgets.column import Column
from ui.widgets.dots import Dots
from ui.widgets.scene import Kit, Scene
from ui.widgets.shapes import Picture
from ui.widgets.text import Say

KEY_WIDTH = 19.0  # millimetres; taller than STAFF_TARGET the keys are by themselves
TALL_KEYS = 69.0  # height of the keypad on a standing panel
ROWS = 4
KEY, TALL_KEY, DOTS = 16.0, 8.5, 11.5  # heights of the key's picture and of the dots


def staff_pin(view: StaffPin, kit: Kit) -> Scene:
    """Whoever types fast loses no digit: once one was entered the same keys listen at once."""
    words = kit.words
    guard_s = 0.0 if view.digits > 0 else theme.TAP_GUARD_S
    scene = Scene(kit, theme.DUSK, guard_s=guard_s, staff=True, types=True)
    back = replace(choice(words, Action.BACK, quiet=True), picture="door")
    help_place = scene.help_place
    if scene.tall:
        scene.button(back, scene.free.left(help_place.w).bottom(help_place.h))
        pad = scene.free.less(bottom=help_place.h + theme.STAFF_GAP + 1).bottom(TALL_KEYS)
        pad = pad.middle(pad.w - 4, pad.h)
        said = scene.free.top(scene.free.y + scene.free.h - pad.y - pad.h - 4)
    else:
        column = scene.free.right(help_place.w)  # help stands at its foot
        scene.button(back, column.less(bottom=help_place.h + theme.GAP).bottom(help_place.h))
        pad = scene.free.less(right=column.w + theme.GAP).right(3 * KEY_WIDTH + 2 * theme.STAFF_GAP)
        said = scene.free.less(right=scene.free.x + scene.free.w - pad.x + 5)
    _says(scene, view, said)
    if view.locked:
        scene.halo(pad.middle(60, 60))
        scene.put(Picture(theme.picture("hourglass")), pad.middle(38, 38))
    else:
        _keypad(scene, pad)
    return scene


def _says(scene: Scene, view: StaffPin, place: Box) -> None:
    words = scene.words
    if scene.tall:
        scene.put(Picture(theme.picture("key")), place.top(TALL_KEY).left(TALL_KEY))
        scene.put(
            Say(
                words.say("staff_pin.title"),
                size_mm=theme.LEAD,
                weight="title",
                lines=1,
                colour=scene.style.ink,
            ),
            place.top(TALL_KEY).less(left=TALL_KEY + 2),
        )
        column = Column(scene, place.less(top=TALL_KEY + 1.5))
    else:
        column = Column(scene, place, valign="top")
        column.add(Picture(theme.picture("key")), KEY, width=KEY)
        column.headline(words.say("staff_pin.title"))
    column.add(Dots(view.digits, scene.style), DOTS, gap=4)
    said = "locked" if view.locked else "wrong" if view.wrong else ""
    if said:
        column.say(words.say(f"staff_pin.{said}"), size_mm=theme.BODY, weight="strong", lines=3, gap=2.5)
    column.lay()


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
