"""Welcome: a calm picture of what to do, drawn over the pad. Nothing about anyone."""

from __future__ import annotations

from kiosk.events import Action
from kiosk.screens import Welcome
from ui import theme
from ui.screens.parts import choice, headline
from ui.widgets.box import Box
from ui.widgets.button import Choice
from ui.widgets.pad import PadPicture, Thing
from ui.widgets.scene import Kit, Scene
from ui.widgets.shapes import Picture

FRIENDS = ("fox", "panda", "owl")


def welcome(_view: Welcome, kit: Kit) -> Scene:
    """The pad with a card and books hopping onto it, three friends looking on."""
    scene = Scene(kit, theme.MORNING)
    page = scene.page
    scene.put(Picture(theme.picture("sun")), Box(page.w - 27, page.h - 26, 19, 19))
    scene.put(PadPicture(coming=(Thing.CARD, Thing.BOOK)), scene.art)
    words = scene.text
    headline(
        scene,
        scene.words.say("welcome.title"),
        words.top(15).less(right=24),
        size_mm=theme.HUGE + 1.5,
        lines=1,
    )
    headline(scene, scene.words.say("welcome.what"), words.less(top=16, bottom=4), size_mm=theme.TITLE)
    language: Choice = choice(scene.words, Action.LANGUAGE)
    row = Box(0, theme.DEAD_STRIP, page.w - theme.EDGE - theme.TARGET - 2 - theme.GAP, theme.TARGET + 2)
    scene.button(language, row.right(34))
    return scene
