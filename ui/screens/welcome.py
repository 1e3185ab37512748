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


def welcome(_view: Welcome, kit: Kit) -> Scene:
    """The pad with a card and books hopping onto it, three friends looking on."""
    scene = Scene(kit, theme.MORNING)
    page = scene.page
    scene.put(Picture(theme.picture("sun")), Box(page.w - 22, page.h - 19, 16, 16))
    scene.put(Picture(theme.picture("cloud")), Box(page.w - 31, page.h - 21, 14, 11))
    scene.halo(scene.art)
    scene.put(PadPicture(coming=(Thing.CARD, Thing.BOOK)), scene.art)
    scene.put(Picture(theme.animal("chick")), Box(1.5, 6, 13, 13))
    scene.put(Picture(theme.animal("fox")), Box(scene.text.x, 7, 15, 15))
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
    scene.button(language, row.right(28))
    return scene
