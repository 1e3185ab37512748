"""Scenes with children and books: how they borrow, bring back, keep longer, and what is refused."""

from __future__ import annotations

from hardware.simulated.bench_library import Thing
from kiosk.demo.afternoon_day import Day

RENEWALS = 2  # the default policy's, see kiosk.settings.PolicySection


def borrows_two_and_is_done(day: Day, card: Thing) -> tuple[Thing, Thing]:
    """The plain case: card, one book after the other, "done"."""
    child = day.visitor(card)
    child.walks_in()
    child.begins()
    first, second = day.cast.book_for(card), day.cast.book_for(card)
    child.borrows(first)
    child.lifts(first)
    child.borrows(second)
    child.is_done()
    child.walks_out()
    return first, second


def card_and_book_together(day: Day, card: Thing) -> Thing:
    """Card and book in one movement, and away again: the normal case of somebody who knows the station."""
    child = day.visitor(card)
    child.walks_in()
    book = day.cast.book_for(card)
    child.borrows(book, with_card=True)
    child.goes()
    child.walks_out()
    return book


def a_stack_of_three_and_one_too_many(day: Day, card: Thing) -> tuple[Thing, ...]:
    """Three books at once are lent together; the fourth is one too many for one child."""
    child = day.visitor(card)
    child.walks_in()
    child.begins()
    stack = tuple(day.cast.book_for(card) for _ in range(3))
    child.borrows(*stack)
    child.lifts(*stack)
    fourth = day.cast.book_for(card)
    child.is_refused(fourth, "too_many")
    child.is_done()
    child.walks_out()
    return stack


def too_young_and_undone(day: Day, card: Thing) -> Thing:
    """A book for older readers is refused; a book taken by mistake is undone; the third is right."""
    child = day.visitor(card)
    child.walks_in()
    child.begins()
    older = day.cast.book_too_old_for(card)
    child.is_refused(older, "for_older")
    child.lifts(older)
    wrong, right = day.cast.book_for(card), day.cast.book_for(card)
    child.borrows(wrong)
    child.undoes(wrong)
    child.lifts(wrong)
    child.borrows(right)
    child.is_done()
    child.walks_out()
    return right


def a_reference_book_stays(day: Day, card: Thing) -> Thing:
    """A reference book is read on the spot only; another one goes home."""
    child = day.visitor(card)
    child.walks_in()
    child.begins()
    reference = day.cast.reference_book()
    child.is_refused(reference, "not_for_loan")
    child.lifts(reference)
    book = day.cast.book_for(card)
    child.borrows(book)
    child.goes()
    child.walks_out()
    return book


def a_card_that_is_not_good(day: Day, note: str) -> None:
    """A blocked or expired card is refused kindly, and nothing is lent."""
    card = day.cast.card_with(note)
    day.hands.walk("in")
    day.ledger.crossed("in")
    before = day.hands.look()
    day.hands.place(card)
    day.hands.sees("Refused", after=before)
    day.ledger.refused(f"card_{note}")
    day.tell(f"{card.name} is asked to see the librarian: the card is {note}")
    day.empties_pad()
    day.hands.walk("out")
    day.ledger.crossed("out")


def strangers(day: Day, card: Thing) -> None:
    """A card and a sticker that no library knows; two cards at once."""
    for thing, screen in ((day.cast.unknown_card, "UnknownCard"), (day.cast.unknown_book, "UnknownBook")):
        before = day.hands.look()
        day.hands.place(thing)
        day.hands.sees(screen, after=before)
        day.tell(f"something unknown on the pad: {screen}")
        day.empties_pad()
    other = next(one for one in day.cast.children() if one.uid != card.uid)
    before = day.hands.look()
    day.hands.place(card, other)
    day.hands.sees("OneCard", after=before)
    day.tell(f"{card.name} and {other.name} put their cards down together: one after another, please")
    day.empties_pad()


def four_books_one_by_one(day: Day, card: Thing) -> tuple[Thing, Thing]:
    """Four books at once are too many to tell apart safely; two of them are then lent one by one."""
    child = day.visitor(card)
    child.walks_in()
    seen = child.begins()
    pile = tuple(day.cast.book_for(card) for _ in range(4))
    day.hands.place(*pile)
    seen = day.hands.sees("OneByOne", after=seen)
    day.tell(f"{card.name} puts four books down: one by one, please")
    child.lifts(*pile)
    day.hands.sees("Hello", after=seen)
    for book in pile[:2]:
        child.borrows(book)
        child.lifts(book)
    child.goes()
    child.walks_out()
    return pile[0], pile[1]


def a_book_lay_there_first(day: Day, card: Thing) -> Thing:
    """A book lies on the pad before the card: it must go first, then it is lent to this child."""
    child = day.visitor(card)
    child.walks_in()
    book = day.cast.book_for(card)
    before = day.hands.look()
    day.hands.place(book)
    seen = day.hands.sees("BookInfo", after=before, where=lambda s: s.says(book.name))
    day.tell(f"{card.name} looks at {book.name} without a card")
    day.hands.place(card)
    seen = day.hands.sees("TakeBooksOff", after=seen)
    day.ledger.children.add(card.number)
    day.tell(f"{card.name} adds the card: take the book off first, please")
    child.lifts(book)
    day.hands.sees("Hello", after=seen)
    child.borrows(book)
    child.is_done()
    child.walks_out()
    return book


def returned_without_a_card(day: Day, book: Thing) -> None:
    """Somebody's grandmother brings a book back."""
    before = day.hands.look()
    day.hands.place(book)
    day.hands.sees("Returned", after=before)
    day.ledger.returned(book.number)
    day.tell(f"{book.name} comes back without a card: thank you")
    day.empties_pad()


def brings_books_of_others(day: Day, card: Thing, wanted: Thing, unwanted: Thing) -> None:
    """Books that other children have are taken back quietly, then offered: one is taken, one is not."""
    child = day.visitor(card)
    child.walks_in()
    child.begins()
    child.brings_for_another(wanted, wants_it=True)
    child.lifts(wanted)
    child.brings_for_another(unwanted, wants_it=False)
    child.is_done()
    child.walks_out()


def comes_again(
    day: Day, card: Thing, *, back: tuple[Thing, ...] = (), keep: tuple[Thing, ...] = (), more: int = 0
) -> tuple[Thing, ...]:
    """A second visit: some books come back, some stay longer, new ones go home."""
    child = day.visitor(card)
    child.walks_in()
    child.begins()
    for book in back:
        child.returns(book)
        child.lifts(book)
    for book in keep:
        child.keeps(book)
        child.lifts(book)
    new = tuple(day.cast.book_for(card) for _ in range(more))
    for book in new:
        child.borrows(book)
        child.lifts(book)
    child.goes()
    child.walks_out()
    return new


def keeps_too_often(day: Day, card: Thing, book: Thing) -> None:
    """A book may be kept longer so often and no more."""
    child = day.visitor(card)
    child.walks_in()
    child.begins()
    for _ in range(RENEWALS):
        child.keeps(book)
        child.lifts(book)
        day.hands.sees("Hello")
    child.may_not_keep(book)
    child.is_done()
    child.walks_out()
