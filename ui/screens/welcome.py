"""Welcome: a calm picture of what to do, drawn over the pad. Nothing about anyone."""

from __future__ import annotations

from kiosk.events import Action
from kiosk.screens import Welcome
from ui import theme
from ui.screens.parts import choice
from ui.widgets.box import Box
from ui.widgets.column import Column
from ui.widgets.news import News
from ui.widgets.pad import PadPicture, Thing
from ui.widgets.scene import Kit, Scene

NEWS_LINE, NEWS_EDGE = 6.3, 2.4  # height of a line of what the library announces, and of its border


def welcome(view: Welcome, kit: Kit) -> Scene:
    """The pad with a card and books hopping onto it; what the library tells everybody above it."""
    words = kit.words
    choices = [choice(words, Action.CARDLESS)] if view.cardless else []
    if len(view.languages) > 1:
        choices.append(choice(words, Action.LANGUAGE))
    scene = Scene(kit, theme.MORNING, choices, calm=True)
    page, place = scene.page, scene.text
    if view.news:
        lines = 4 if scene.tall else 2
        banner = scene.free.top(scene.style.size(NEWS_EDGE + NEWS_LINE * lines))
        scene.put(News(view.news, view.news_picture, scene.style, lines=lines), banner)
        scene.art = scene.art.less(top=max(0.0, scene.art.y + scene.art.h - banner.y + 3))
        place = place.less(top=max(0.0, place.y + place.h - banner.y + 3))
    elif not scene.tall:
        scene.decorate(theme.picture("sun"), Box(page.w - 22, page.h - 19, 16, 16))
        scene.decorate(theme.picture("cloud"), Box(page.w - 31, page.h - 21, 14, 11))
    else:
        scene.decorate(theme.picture("sun"), Box(page.w - 20, page.h - 19, 15, 15))
    column = Column(scene, place)
    column.headline(words.say("welcome.title"), size_mm=theme.HUGE + 1.4, lines=1, drop=1)
    column.say(words.say("welcome.what"), size_mm=theme.TITLE, least_mm=theme.LEAD, lines=3, weight="title")
    column.lay()
    scene.halo(scene.art)
    scene.put(PadPicture(coming=(Thing.CARD, Thing.BOOK)), scene.art)
    return scene
