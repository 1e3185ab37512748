"""What happened to a book: lent, not lent after all, kept longer, brought back; or what it is."""

from __future__ import annotations

from kiosk.events import Action
from kiosk.screens import BookInfo, Lent, Renewed, Returned, Undone
from ui import theme
from ui.screens.parts import about, choice, cover, headline
from ui.widgets.book import BookRow, ShelfSign
from ui.widgets.child import Stars
from ui.widgets.day import DueDay
from ui.widgets.pad import PadPicture, Thing
from ui.widgets.scene import Kit, Scene
from ui.widgets.shapes import Picture
from ui.widgets.text import Say


def lent(view: Lent, kit: Kit) -> Scene:
    """The newest book goes home with the child, until this day; the others of the visit beside it."""
    words = kit.words
    done = choice(words, Action.DONE)
    choices = [choice(words, Action.UNDO, view.books[0].item_id), done] if view.can_undo else [done]
    scene = Scene(kit, theme.JOY, choices)
    text = scene.text
    cover(scene, view.books[0], scene.art, badge="check", child=view.child)
    others = view.books[1:]
    headline(scene, words.count("lent.title", len(view.books)), text.top(11.5), lines=1)
    below = text.less(top=12)
    if others:
        row = below.right(28)
        scene.put(BookRow(others, kit.covers, most=3), row.middle(row.w, 26))
        below = below.less(right=row.w + 3)
    newest = view.books[0]
    name = Say(newest.name, size_mm=theme.LEAD, least_mm=3.8, weight="strong", lines=2)
    scene.put(name, below.top(below.h - 17))
    if newest.due:
        scene.put(DueDay(words.say("due.until"), newest.due, view.today, words), below.bottom(16))
    return scene


def undone(view: Undone, kit: Kit) -> Scene:
    """The book stays here: back to its shelf."""
    words = kit.words
    scene = Scene(kit, theme.PEACH, [choice(words, Action.DONE)])
    cover(scene, view.book, scene.art, child=view.child)
    headline(scene, words.say("undone.title"), scene.text.top(20))
    _to_shelf(scene, view.book.shelf, "undone.where")
    return scene


def renewed(view: Renewed, kit: Kit) -> Scene:
    """The book may stay longer, until this day."""
    words = kit.words
    scene = Scene(kit, theme.JOY, [choice(words, Action.DONE)])
    cover(scene, view.book, scene.art, badge="heart", child=view.child)
    headline(scene, words.say("renewed.title"), scene.text.top(20))
    if view.book.due:
        due = DueDay(words.say("due.until"), view.book.due, view.today, words)
        scene.put(due, scene.text.less(top=21))
    return scene


def returned(view: Returned, kit: Kit) -> Scene:
    """Thank you, the stars earned, and where the book goes."""
    words = kit.words
    scene = Scene(kit, theme.MINT, [choice(words, Action.DONE)])
    newest = view.books[0]
    if len(view.books) == 1:
        cover(scene, newest, scene.art, badge="heart", child=view.child)
    else:
        place = scene.art.middle(scene.art.w, 46)
        scene.put(BookRow(view.books, kit.covers, most=3), place)
        scene.put(Picture(theme.picture("heart")), place.less(bottom=-6).bottom(18).right(18))
    name = view.child.nickname if view.child else ""
    title = words.say("returned.title_name", name=name) if name else words.say("returned.title")
    top = scene.text.top(19)
    if view.new_stamps > 0:
        stars = words.count("returned.stamps", view.new_stamps)
        scene.put(Stars(stars), top.bottom(9).left(min(top.w, 56)))
        headline(scene, title, top.top(10), lines=1)
    else:
        headline(scene, title, top, size_mm=theme.HUGE, lines=2)
    if len({book.shelf for book in view.books}) == 1:
        _to_shelf(scene, newest.shelf, "returned.where")
    else:
        _to_shelf(scene, "", "returned.where_many", len(view.books))
    return scene


def book_info(view: BookInfo, kit: Kit) -> Scene:
    """What this free book is; a card beside it would borrow it."""
    words = kit.words
    scene = Scene(kit, theme.MORNING)
    cover(scene, view.book, scene.art)
    text = scene.text
    headline(scene, words.say("info.what"), text.top(19))
    about(scene, view.book, text.less(top=21, bottom=2))
    low = scene.page.less(
        left=text.x, right=theme.EDGE + theme.TARGET + theme.GAP, top=scene.page.h - text.y - 1, bottom=14
    )
    scene.put(PadPicture(lying=(Thing.BOOK,), coming=(Thing.CARD,)), low)
    return scene


def _to_shelf(scene: Scene, key: str, sentence_key: str, count: int = 0) -> None:
    words = scene.words
    if count:
        text = words.count(sentence_key, count)
    else:
        text = words.say(sentence_key, shelf=words.shelf(key, key in theme.SHELVES))
    scene.put(ShelfSign(key, words, text), scene.text.less(top=21).middle(scene.text.w, 20))
