"""Scenes of children without a card, and of what is their own: class, booklet, faces, more like this."""

from __future__ import annotations

from hardware.simulated.bench_library import Thing
from kiosk.demo.afternoon_day import Day

CLASS, PLACE, NICKNAME = "0", "2", "Mây"
"""The demonstration's first class is 2A; there Mây stands third."""


def comes_without_a_card(day: Day) -> Thing:
    """Class, animal, hello; a look into the booklet; a book borrowed and brought back, and a face for it."""
    hands, ledger = day.hands, day.ledger
    child = next(card for card in day.cast.children() if card.name == NICKNAME)
    visitor = day.visitor(child)
    visitor.walks_in()
    _is_found(day, child)
    hands.tap("mine")
    seen = hands.sees("MyBooks")
    while seen.screen != "MyPassport":
        hands.tap("page")
        seen = hands.sees("MyBooks", "MyPassport", after=seen)
    hands.tap("page")
    seen = hands.sees("MyWay", after=seen)
    hands.tap("back")
    seen = hands.sees("Hello", after=seen)
    book = day.cast.book_for(child)
    hands.place(book)
    seen = hands.sees("Lent", after=seen)
    ledger.lent(book.number, child.number)
    hands.lift(book)
    hands.tap("done")
    seen = hands.sees("Goodbye", after=seen)
    seen = hands.sees("Welcome", after=seen)
    _is_found(day, child)
    visitor.returns(book)
    hands.lift(book)
    seen = hands.sees("Rate")
    hands.tap("rate", "great")
    seen = hands.sees("Returned", "Hello", after=seen)
    hands.tap("done")
    hands.sees("Goodbye", after=seen)
    hands.sees("Welcome")
    visitor.walks_out()
    day.tell(f"{NICKNAME} of class 2A comes without a card, borrows, brings back, and says how it was")
    return book


def asks_what_a_book_is(day: Day) -> None:
    """A free book on the empty pad tells what it is, and what else is like it."""
    book = day.cast.book_for(day.cast.children()[0])
    day.hands.place(book)
    seen = day.hands.sees("BookInfo", where=lambda now: now.says(book.name))
    if seen.offers("similar"):
        day.hands.tap("similar", book.number)
        seen = day.hands.sees("Similar", after=seen)
        day.hands.tap("back")
        day.hands.sees("BookInfo", after=seen)
    day.tell(f"somebody asks what {book.name} is")
    day.empties_pad()


def _is_found(day: Day, child: Thing) -> None:
    hands = day.hands
    hands.tap("cardless")
    seen = hands.sees("PickClass")
    hands.tap("class", CLASS)
    seen = hands.sees("PickAnimal", after=seen)
    hands.tap("animal", PLACE)
    hands.sees("Hello", after=seen, where=lambda now: now.says(child.name))
    day.ledger.children.add(child.number)
