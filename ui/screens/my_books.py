"""My booklet: what is at home, the book that goes back first at the front."""

from __future__ import annotations

from datetime import date

from kiosk.screens import Book, MyBooks
from kiosk.words import Words
from ui import theme
from ui.screens.booklet import LINE, booklet, page_title
from ui.screens.covers import cover_tile, lay_covers
from ui.screens.parts import first_due
from ui.widgets.scene import Kit, Scene
from ui.widgets.shelf import RATIO, EmptyShelf
from ui.widgets.text import Say


def my_books(view: MyBooks, kit: Kit) -> Scene:
    """Covers with the nights until they go back; an empty shelf when there is none."""
    words = kit.words
    scene = booklet(kit, theme.MORNING, view.page, view.pages)
    if not view.books:
        _none(scene, view)
        return scene
    tiles = []
    for book in first_due(view.books):
        waits = book.due is not None and book.due <= view.today
        sign = "" if book.due is None else "sun" if waits else "moon"
        tiles.append(cover_tile(scene, book, sleeps(book, view.today, words), sticker=sign))
    lay_covers(scene, words.say("my_books.title"), tiles, view.child)
    return scene


def sleeps(book: Book, today: date, words: Words) -> str:
    """How long a book may stay, in the few words that fit under its cover."""
    if book.due is None:
        return ""
    nights = (book.due - today).days
    if nights > 0:
        return words.count("my_books.sleeps", nights)
    return words.say("my_books.today" if nights == 0 else "my_books.late")


def _none(scene: Scene, view: MyBooks) -> None:
    """Chíp waits on an empty shelf."""
    words, grid, style = scene.words, scene.grid, scene.style
    shelf = grid if scene.tall else grid.left(min(48.0, grid.h * RATIO))
    place = grid if scene.tall else grid.less(left=shelf.w + 5)
    place = page_title(scene, words.say("my_books.title"), view.child, place)
    said = Say(
        words.say("my_books.none"),
        size_mm=style.size(theme.LEAD),
        lines=3,
        colour=style.soft,
        halign="center" if scene.tall else "left",
    )
    if scene.tall:
        high = style.size(theme.LEAD) * 2 * LINE
        scene.put(EmptyShelf(), place.top(place.h - high - 2))
        scene.put(said, place.bottom(high))
    else:
        scene.put(EmptyShelf(), shelf)
        scene.put(said, place)
