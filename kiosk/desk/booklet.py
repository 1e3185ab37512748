"""A child's own booklet: what it has at home, its reading passport, and how the screen should be.

It lies over the screen of the visit and is left with the visit, or as soon as something is put on the pad.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk import passport
from kiosk.desk import browsing
from kiosk.desk.house import House
from kiosk.desk.visit import Visit
from kiosk.events import Action
from kiosk.ports import Transaction
from kiosk.screens import Ease, MyBooks, MyPassport, MyWay, Screen

BOOKS_A_PAGE = 4

WISHES = (Ease.LARGE, Ease.CONTRAST, Ease.SPOKEN, Ease.SLOW)
"""What is on or off; each is a field of kiosk.model.Wishes by the same name."""


def page(tx: Transaction, visit: Visit, number: int, house: House) -> MyBooks | MyPassport | MyWay:
    """A page of the booklet; after the last comes the first."""
    of_books = max(1, -(-len(visit.at_home) // BOOKS_A_PAGE))
    pages = of_books + 2
    number %= pages
    if number < of_books:
        books = visit.at_home[number * BOOKS_A_PAGE :][:BOOKS_A_PAGE]
        return MyBooks(visit.child, books, visit.today, number, pages)
    if number == of_books:
        stamps = tx.passport(visit.patron.id) if visit.patron.passport else ()
        total = visit.child.stamps
        return MyPassport(
            visit.child,
            passport.badges(stamps, total),
            visit.patron.passport,
            passport.next_cheer(total),
            number,
            pages,
        )
    wishes = visit.patron.wishes
    on = frozenset(ease for ease in WISHES if getattr(wishes, ease.value))
    return MyWay(visit.child, on, house.after(visit.language), house.can_speak, number, pages)


def touched(tx: Transaction, visit: Visit, action: Action, target: str, house: House) -> Visit | None:
    """What a touch does with the open booklet; None when it is no touch of this page's.

    A wish is written to `tx`: whoever called commits it before the visit that comes back is believed.
    """
    top = visit.pages[-1]
    match top:
        case MyBooks(page=number) | MyPassport(page=number) | MyWay(page=number) if action is Action.PAGE:
            return replace(visit, pages=(page(tx, visit, number + 1, house),))
        case MyWay(page=number) if action is Action.EASE:
            eased = _eased(tx, visit, target, house)
            return eased and replace(eased, pages=(page(tx, eased, number, house),))
    if action is Action.BACK:
        return replace(visit, pages=visit.pages[:-1])
    opened: Screen | None = browsing.opened_from(tx, top, action, target, visit.child)
    return replace(visit, pages=browsing.laid_over(visit.pages, opened)) if opened else None


def _eased(tx: Transaction, visit: Visit, target: str, house: House) -> Visit | None:
    patron = visit.patron
    if target == Ease.LANGUAGE:
        language = house.after(visit.language)
        if not language:
            return None
        tx.set_language(patron.id, language)
        return replace(visit, patron=replace(patron, language=language), language=language)
    if target not in WISHES or (target == Ease.SPOKEN and not house.can_speak):
        return None
    wishes = replace(patron.wishes, **{target: not getattr(patron.wishes, target)})
    tx.set_wishes(patron.id, wishes)
    return replace(visit, patron=replace(patron, wishes=wishes))
