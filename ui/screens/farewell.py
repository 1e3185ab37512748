"""The end of a visit: what goes home, and what still lies on the pad."""

from __future__ import annotations

from kiosk.screens import Goodbye, TakeYourThings
from ui import theme
from ui.screens.parts import due_day, first_due, sentence
from ui.widgets.book import BookRow
from ui.widgets.child import Avatar
from ui.widgets.column import Column
from ui.widgets.pad import PadPicture, Thing
from ui.widgets.scene import Kit, Scene
from ui.widgets.shapes import Picture

COVERS = 24.0  # height of the row of books that go home


def goodbye(view: Goodbye, kit: Kit) -> Scene:
    """The books at home and the first day to come back."""
    words = kit.words
    scene = Scene(kit, theme.DUSK, wide=not view.at_home)
    column = Column(scene)
    column.headline(words.say("goodbye.title", name=view.child.nickname), size_mm=theme.HUGE)
    dues = [book.due for book in view.at_home if book.due]
    if view.at_home:
        column.line(words.count("goodbye.home", len(view.at_home)), lines=1, drop=2 if dues else 0)
    else:
        column.line(words.say("goodbye.none"), size_mm=theme.TITLE)
    if dues:
        due_day(column, scene, words.say("due.first"), min(dues), view.today)
    column.lay()
    art = scene.art
    if view.at_home:
        row = BookRow(first_due(view.at_home), kit.covers, most=5)
        if scene.tall:
            scene.put(row, art.right(art.w * 0.5).middle(art.w, COVERS))
            art = art.left(art.w * 0.44)
        else:
            scene.put(row, scene.choices_row.less(left=scene.text.x - scene.free.x))
    else:
        scene.friends("elephant", "duck")
    side = min(art.w, art.h, 50.0)
    face = art.middle(side, side)
    scene.put(Avatar(view.child.animal), face)
    wave = side * 0.38
    scene.put(Picture(theme.picture("wave")), face.top(wave).less(right=-3, top=-3).right(wave))
    return scene


def take_your_things(view: TakeYourThings, kit: Kit) -> Scene:
    """Something was left on the pad. Whose it is, is not said."""
    words = kit.words
    scene = Scene(kit, theme.PEACH)
    things = (*((Thing.CARD,) if view.card else ()), *((Thing.BOOK,) if view.books else ()))
    which = "both" if len(things) == 2 else "books" if view.books else "card"
    sentence(scene, words.say(f"take_things.{which}"))
    scene.halo(scene.art)
    scene.put(PadPicture(going=things), scene.art)
    scene.friends("monkey", "koala")
    return scene
