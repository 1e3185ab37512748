"""A card came: the child is greeted, or asked to clear the pad first."""

from __future__ import annotations

from kiosk.events import Action
from kiosk.screens import Hello, TakeBooksOff
from ui import theme
from ui.screens.parts import choice, first_due, headline, line, sentence
from ui.widgets.book import BookRow
from ui.widgets.child import Avatar, Stars
from ui.widgets.day import DueDay
from ui.widgets.pad import PadPicture, Thing
from ui.widgets.scene import Kit, Scene


def take_books_off(view: TakeBooksOff, kit: Kit) -> Scene:
    """The book leaves the pad first; only then does the visit begin."""
    words = kit.words
    scene = Scene(kit, theme.PEACH, [choice(words, Action.DONE, quiet=True)])
    scene.halo(scene.art)
    scene.put(PadPicture(lying=(Thing.CARD,), going=(Thing.BOOK,), animals=(view.child.animal,)), scene.art)
    sentence(scene, words.say("take_off.title"), words.say("take_off.hint"))
    return scene


def hello(view: Hello, kit: Kit) -> Scene:
    """The child's animal, the books at home, the day the next one is due."""
    words = kit.words
    scene = Scene(kit, theme.MORNING, [choice(words, Action.DONE, quiet=True)])
    art, text = scene.art, scene.text
    face = art.top(34)
    scene.put(Avatar(view.child.animal), face)
    if view.child.stamps > 0:
        scene.put(Stars(str(view.child.stamps)), face.bottom(9).right(art.w / 2 - 4).left(24))
    scene.put(
        PadPicture(coming=(Thing.BOOK,), lying=(Thing.CARD,), animals=(view.child.animal,)), art.less(top=36)
    )
    headline(
        scene, words.say("hello.title", name=view.child.nickname), text.top(13), size_mm=theme.HUGE, lines=1
    )
    below = text.less(top=14)
    if not view.at_home:
        line(scene, words.say("hello.none"), below, size_mm=theme.TITLE)
        return scene
    line(scene, words.count("hello.home", len(view.at_home)), below.top(7), lines=1)
    below = below.less(top=8)
    dues = [book.due for book in view.at_home if book.due]
    books = below.left(below.w * 0.25) if dues else below
    scene.put(BookRow(first_due(view.at_home), kit.covers, most=4), books)
    if dues:
        scene.put(DueDay(words.say("due.first"), min(dues), view.today, words), below.less(left=books.w + 4))
    return scene
