"""Scenes with the librarian: a look at the devices behind card and PIN, and codes before the scanner."""

from __future__ import annotations

from kiosk.demo.afternoon_day import Day
from kiosk.demo.stage import PIN, STAFF_CARD

SHOPS_CODE = "9786042081092"  # an ISBN, the same on every copy


def looks_at_the_devices(day: Day) -> None:
    """Card, a wrong PIN, the right one: every device, and what a book's tag says. Nothing is lent."""
    day.hands.bench.place(STAFF_CARD, "classic1k")
    seen = day.hands.sees("StaffPin")
    for pin in ("0000", PIN):
        for digit in pin:
            day.hands.tap("digit", digit)
            seen = day.hands.sees("StaffPin", after=seen)
        day.hands.tap("enter")
        if pin != PIN:
            seen = day.hands.sees("StaffPin", after=seen)
    seen = day.hands.sees("StaffHealth", after=seen)
    book = day.cast.book_for(day.cast.children()[0])
    day.hands.place(book)
    day.hands.sees("StaffHealth", where=lambda now: now.says(book.number), after=seen)
    day.tell("the librarian looks at the devices and at a book's tag; nothing is lent")
    day.empties_pad()


def scans_codes(day: Day) -> None:
    """The shop's code names no copy; the library's own number introduces a free book."""
    day.stage.scanner.scan(SHOPS_CODE)
    seen = day.hands.sees("OtherLabel")
    book = day.cast.book_for(day.cast.children()[0])
    day.stage.scanner.scan(book.number)
    seen = day.hands.sees("BookInfo", after=seen, where=lambda now: now.says(book.name))
    day.tell(f"the shop's code is scanned, then the library's label of {book.name}")
    day.hands.sees("Welcome", after=seen, within=30)
