"""What a book is, and what is like it: pages that are opened over a screen and gone back from.

They belong to the child of a visit, or to nobody where a free book was laid down without a card.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.desk.visit import as_book
from kiosk.events import Action
from kiosk.model import Item
from kiosk.ports import Transaction
from kiosk.screens import Book, BookInfo, Child, MyBooks, Screen, Similar

MOST_SIMILAR = 4
"""Covers on a page (kiosk.screens.Similar)."""
DEEPEST = 8
"""Pages that are kept to go back through: from one book to the next like it a child can wander for ever."""


def introduce(
    tx: Transaction, item: Item, child: Child | None = None, *, book: Book | None = None, opened: bool = False
) -> BookInfo:
    """What this book is. `book`: the same as another page shows it, with the day it is due."""
    return BookInfo(
        book=book or as_book(item),
        about=item.title.about,
        similar=bool(tx.similar(item.title.id, 1)),
        child=child,
        opened=opened,
    )


def opened_from(
    tx: Transaction, top: Screen, action: Action, target: str, child: Child | None = None
) -> Screen | None:
    """The page that a touch on `top` opens; None when it opens none."""
    match top:
        case MyBooks(books=books) | Similar(books=books) if action is Action.BOOK:
            book = next((one for one in books if one.item_id == target), None)
            item = tx.item(book.item_id) if book else None
            return introduce(tx, item, child, book=book, opened=True) if item else None
        case BookInfo(book=book, similar=True) if action is Action.SIMILAR:
            if target not in {"", book.item_id}:
                return None
            found = tuple(as_book(item) for item in tx.similar(book.title_id, MOST_SIMILAR))
            return Similar(replace(book, due=None), found, child) if found else None
    return None


def laid_over(pages: tuple[Screen, ...], page: Screen) -> tuple[Screen, ...]:
    """One page more; the way back is kept as far as anybody remembers it, and its beginning always."""
    return (*pages[:1], *pages[1:][-(DEEPEST - 2) :], page)
