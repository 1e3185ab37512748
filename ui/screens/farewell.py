"""The end of a visit: what goes home, and what still lies on the pad."""

from __future__ import annotations

from kiosk.screens import Goodbye, TakeYourThings
from ui import theme
from ui.screens.parts import first_due, headline, line, sentence
from ui.widgets.book import BookRow
from ui.widgets.child import Avatar
from ui.widgets.day import DueDay
from ui.widgets.pad import PadPicture, Thing
from ui.widgets.scene import Kit, Scene
from ui.widgets.shapes import Picture


def goodbye(view: Goodbye, kit: Kit) -> Scene:
    """The books at home and the first day to come back."""
    words = kit.words
    scene = Scene(kit, theme.DUSK)
    face = scene.art.middle(50, 50)
    scene.put(Avatar(view.child.animal), face)
    scene.put(Picture(theme.picture("wave")), face.top(19).less(right=-3, top=-3).right(19))
    text = scene.text
    headline(
        scene, words.say("goodbye.title", name=view.child.nickname), text.top(13), size_mm=theme.HUGE, lines=1
    )
    below = text.less(top=14)
    low = scene.page.less(left=text.x, right=theme.EDGE + theme.TARGET + 2 + theme.GAP, bottom=14)
    low = low.bottom(text.y - 16.5)
    if not view.at_home:
        line(scene, words.say("goodbye.none"), below, size_mm=theme.TITLE)
        scene.friends("elephant", "duck", "dog")
        return scene
    line(scene, words.count("goodbye.home", len(view.at_home)), below.top(7), lines=1)
    scene.put(BookRow(first_due(view.at_home), kit.covers, most=5), low)
    dues = [book.due for book in view.at_home if book.due]
    if dues:
        scene.put(DueDay(words.say("due.first"), min(dues), view.today, words), below.less(top=8))
    return scene


def take_your_things(view: TakeYourThings, kit: Kit) -> Scene:
    """Something was left on the pad. Whose it is, is not said."""
    words = kit.words
    scene = Scene(kit, theme.PEACH)
    things = (*((Thing.CARD,) if view.card else ()), *((Thing.BOOK,) if view.books else ()))
    scene.halo(scene.art)
    scene.put(PadPicture(going=things), scene.art)
    scene.friends("monkey", "koala")
    which = "both" if len(things) == 2 else "books" if view.books else "card"
    sentence(scene, words.say(f"take_things.{which}"))
    return scene
