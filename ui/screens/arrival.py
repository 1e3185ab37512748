"""A card came: the child is greeted, or asked to clear the pad first."""

from __future__ import annotations

from kiosk.events import Action
from kiosk.screens import Hello, TakeBooksOff
from ui import theme
from ui.screens.parts import choice, due_day, first_due, sentence
from ui.widgets.book import BookRow
from ui.widgets.box import Box
from ui.widgets.child import Avatar, Stars
from ui.widgets.column import Column
from ui.widgets.pad import PadPicture, Thing
from ui.widgets.scene import Kit, Scene

STAR, DIGIT = 12.5, 3.8  # widths of the star before the number of stars, and of its digits
COVERS = 16.0  # height of a row of small covers


def take_books_off(view: TakeBooksOff, kit: Kit) -> Scene:
    """The book leaves the pad first; only then does the visit begin."""
    words = kit.words
    scene = Scene(kit, theme.PEACH, [choice(words, Action.DONE, quiet=True)])
    sentence(scene, words.say("take_off.title"), words.say("take_off.hint"))
    scene.halo(scene.art)
    scene.put(PadPicture(lying=(Thing.CARD,), going=(Thing.BOOK,), animals=(view.child.animal,)), scene.art)
    return scene


def hello(view: Hello, kit: Kit) -> Scene:
    """The child's animal, the books at home, the day the next one is due."""
    words = kit.words
    scene = Scene(kit, theme.MORNING, [choice(words, Action.MINE), choice(words, Action.DONE, quiet=True)])
    column = Column(scene)
    column.headline(words.say("hello.title", name=view.child.nickname), size_mm=theme.HUGE)
    dues = [book.due for book in view.at_home if book.due]
    if view.at_home:
        column.line(words.count("hello.home", len(view.at_home)), lines=1, drop=3 if dues else 0)
    else:
        column.say(words.say("hello.none"), size_mm=theme.TITLE, lines=2, gap=3)
    if dues:
        due_day(column, scene, words.say("due.first"), min(dues), view.today)
        if scene.tall:
            column.add(BookRow(first_due(view.at_home), kit.covers, most=4), COVERS, read=False, drop=5)
    column.lay()
    _face(scene, view)
    return scene


def _face(scene: Scene, view: Hello) -> None:
    """The animal with its stars, and beside or under it the pad that waits for a book."""
    art = scene.art
    if scene.tall:
        face, pad = art.left(art.h), art.less(left=art.h + 2)
    else:
        face, pad = art.top(art.h * 0.53), art.bottom(art.h * 0.46)
    side = min(face.w, face.h)
    face = face.middle(side, side)
    scene.put(PadPicture(coming=(Thing.BOOK,), lying=(Thing.CARD,), animals=(view.child.animal,)), pad)
    scene.put(Avatar(view.child.animal), face)
    if view.child.stamps > 0:
        stars = Stars(str(view.child.stamps), scene.style)
        width = scene.style.size(STAR + DIGIT * len(str(view.child.stamps)))
        height = scene.style.size(8)
        scene.put(stars, Box(min(face.x + side * 0.62, art.x + art.w - width), face.y, width, height))
