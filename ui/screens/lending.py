"""What happened to a book: lent, not lent after all, kept longer, brought back; or what it is."""

from __future__ import annotations

from kiosk.events import Action
from kiosk.screens import BookInfo, Lent, Renewed, Returned, Undone
from ui import theme
from ui.screens.parts import choice, cover, due_day
from ui.widgets.book import BookRow, CoverPicture, ShelfSign
from ui.widgets.cheer import Cheer
from ui.widgets.child import Stars
from ui.widgets.column import Column
from ui.widgets.pad import PadPicture, Thing
from ui.widgets.scene import Kit, Scene
from ui.widgets.shapes import Picture

SIGN, SIGN_LEAST = 17.0, 0.86  # height of the sign of a shelf, and the share of it that two lines need
STARS = 9.0


def lent(view: Lent, kit: Kit) -> Scene:
    """The newest book goes home with the child, until this day; the others of the visit beside it."""
    words, newest = kit.words, view.books[0]
    done = choice(words, Action.DONE)
    choices = [choice(words, Action.UNDO, newest.item_id), done] if view.can_undo else [done]
    scene = Scene(kit, theme.JOY, choices)
    column = Column(scene)
    column.headline(words.count("lent.title", len(view.books)))
    column.name(newest.name, drop=3)
    if newest.due:
        due_day(column, scene, words.say("due.until"), newest.due, view.today)
    column.lay()
    cover(scene, newest, scene.art, badge="check", child=view.child, behind=view.books[1:])
    return scene


def undone(view: Undone, kit: Kit) -> Scene:
    """The book stays here: back to its shelf."""
    words = kit.words
    scene = Scene(kit, theme.PEACH, [choice(words, Action.DONE)])
    column = Column(scene)
    column.headline(words.say("undone.title"))
    _to_shelf(column, scene, view.book.shelf, "undone.where")
    column.lay()
    cover(scene, view.book, scene.art, child=view.child)
    return scene


def renewed(view: Renewed, kit: Kit) -> Scene:
    """The book may stay longer, until this day."""
    words = kit.words
    scene = Scene(kit, theme.JOY, [choice(words, Action.DONE)])
    column = Column(scene)
    column.headline(words.say("renewed.title"), size_mm=theme.HUGE)
    if view.book.due:
        due_day(column, scene, words.say("due.until"), view.book.due, view.today)
    column.lay()
    cover(scene, view.book, scene.art, badge="heart", child=view.child)
    return scene


def returned(view: Returned, kit: Kit) -> Scene:
    """Thank you, the stars earned, and where the book goes; at a round number a cheer."""
    words, newest = kit.words, view.books[0]
    scene = Scene(kit, theme.JOY if view.cheer else theme.MINT, [choice(words, Action.DONE)])
    name = view.child.nickname if view.child else ""
    column = Column(scene)
    if view.cheer:
        column.headline(words.say("returned.cheer", count=view.cheer))
    else:
        title = words.say("returned.title_name", name=name) if name else words.say("returned.title")
        column.headline(title, size_mm=theme.HUGE)
        if view.new_stamps > 0:
            stars = Stars(words.count("returned.stamps", view.new_stamps), scene.style)
            column.add(stars, STARS, width=50, drop=1, least=0.9)
    if len({book.shelf for book in view.books}) == 1:
        _to_shelf(column, scene, newest.shelf, "returned.where")
    else:
        _to_shelf(column, scene, "", "returned.where_many", len(view.books))
    column.lay()
    if view.cheer:
        scene.put(Cheer(view.cheer, scene.style), scene.art)
    elif len(view.books) == 1:
        cover(scene, newest, scene.art, badge="heart", child=view.child)
    else:
        _pile(scene, view)
    return scene


def _pile(scene: Scene, view: Returned) -> None:
    """Several came back: their covers, one heart for all."""
    place = scene.art.middle(scene.art.w, 44)
    scene.put(BookRow(view.books, scene.kit.covers, most=3), place.less(bottom=5))
    scene.put(Picture(theme.picture("heart")), place.bottom(17).right(17))


def book_info(view: BookInfo, kit: Kit) -> Scene:
    """What this book is; without a child, that a card beside it would borrow it."""
    words = kit.words
    choices = []
    if view.similar:
        choices.append(choice(words, Action.SIMILAR, view.book.item_id))
    if view.child or view.opened:
        choices.append(choice(words, Action.BACK, quiet=view.similar))
    scene = Scene(kit, theme.MORNING, choices)
    free = not view.child and not view.opened
    column = Column(scene)
    if free:
        column.headline(words.say("info.what"), size_mm=theme.LEAD + 0.6 if view.about else theme.TITLE)
    size = theme.LEAD if free or view.about else theme.TITLE
    column.say(view.book.name, size_mm=size, weight="title", gap=3, drop=1 if free else 0)
    if not view.about:
        column.say(view.book.author, size_mm=theme.BODY, lines=1, gap=1, drop=4, colour=column.soft)
    if view.book.age_from:
        age = words.say("info.age", age=view.book.age_from)
        column.say(age, size_mm=theme.BODY, weight="strong", lines=1, gap=1, drop=3)
    column.say(view.about, size_mm=theme.BODY, lines=5, least_lines=2, gap=1.5, drop=2, colour=column.soft)
    column.lay()
    if free:
        book = CoverPicture(view.book, kit.covers)
        scene.halo(scene.art)
        scene.put(PadPicture(lying=(Thing.BOOK,), coming=(Thing.CARD,), book=book), scene.art)
    else:
        cover(scene, view.book, scene.art, child=view.child)
    return scene


def _to_shelf(column: Column, scene: Scene, key: str, sentence_key: str, count: int = 0) -> None:
    words = scene.words
    if count:
        text = words.count(sentence_key, count)
    else:
        text = words.say(sentence_key, shelf=words.shelf(key, key in theme.SHELVES))
    column.add(ShelfSign(key, words, text, scene.style), SIGN, least=SIGN_LEAST)
