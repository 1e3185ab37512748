"""A child's own booklet, what a book is, and what is like it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from kiosk.events import Action, CodeNames, Elapsed, Scanned
from kiosk.model import Stamp
from kiosk.ports import StorageFull
from kiosk.screens import (
    Badge,
    BookInfo,
    DiskFull,
    Goodbye,
    Hello,
    Lent,
    MyBooks,
    MyPassport,
    MyWay,
    OneCard,
    Rate,
    Returned,
    Similar,
    StillThere,
    TakeBooksOff,
    Welcome,
)
from tests.unit.desk_driver import BOOKS, MAI, NAM, TODAY, DeskDriver

AT_HOME = BOOKS[2:8]


@pytest.fixture
def desk() -> DeskDriver:
    """Mai has six books at home."""
    hands = DeskDriver(can_speak=True)
    for number, tag in enumerate(AT_HOME):
        hands.on_loan(tag, MAI, due=TODAY + timedelta(days=number))
    return hands


def opened(hands: DeskDriver) -> DeskDriver:
    hands.put(MAI)
    hands.tap(Action.MINE)
    hands.shows(MyBooks)
    return hands


# --- turning pages ------------------------------------------------------------------------------------


def test_the_booklet_has_the_books_at_home_four_a_page_then_the_passport_then_the_way(
    desk: DeskDriver,
) -> None:
    opened(desk)
    first = desk.shows(MyBooks)
    assert (first.page, first.pages) == (0, 4)
    assert [book.item_id for book in first.books] == ["LK-2", "LK-3", "LK-4", "LK-5"]
    assert first.books[0].due == TODAY
    desk.tap(Action.PAGE)
    assert [book.item_id for book in desk.shows(MyBooks).books] == ["LK-6", "LK-7"]
    desk.tap(Action.PAGE)
    assert desk.shows(MyPassport).page == 2
    desk.tap(Action.PAGE)
    assert desk.shows(MyWay).page == 3
    desk.tap(Action.PAGE)
    assert desk.screen == first


def test_with_nothing_at_home_the_first_page_says_so() -> None:
    desk = opened(DeskDriver())
    assert (desk.shows(MyBooks).books, desk.shows(MyBooks).pages) == ((), 3)


def test_back_leaves_the_booklet_for_the_screen_below(desk: DeskDriver) -> None:
    opened(desk)
    desk.tap(Action.PAGE)
    desk.tap(Action.BACK)
    desk.shows(Hello)


def test_the_booklet_opens_from_the_summary_of_a_visit_too() -> None:
    desk = DeskDriver()
    desk.put(MAI, BOOKS[0])
    desk.shows(Lent)
    desk.tap(Action.MINE)
    assert [book.item_id for book in desk.shows(MyBooks).books] == ["LK-0"]
    desk.tap(Action.BACK)
    desk.shows(Lent)
    desk.lift(BOOKS[0])
    desk.tap(Action.MINE)
    desk.shows(MyBooks)


def test_a_question_or_a_message_is_not_covered_by_the_booklet(desk: DeskDriver) -> None:
    desk.put(MAI, AT_HOME[0])
    before = desk.screen
    desk.tap(Action.MINE)
    assert desk.screen == before
    desk.tap(Action.RETURN)
    desk.shows(Returned)
    desk.tap(Action.MINE)
    desk.shows(Returned)


def test_what_presses_is_not_covered_by_the_booklet_either(desk: DeskDriver) -> None:
    desk.put(BOOKS[0])
    desk.put(MAI)
    desk.shows(TakeBooksOff)
    desk.tap(Action.MINE)
    desk.lift(BOOKS[0])
    desk.shows(Hello)
    desk.put(AT_HOME[0])
    desk.tap(Action.RETURN)
    desk.lift(AT_HOME[0])
    desk.tap(Action.MINE)
    desk.shows(Rate)


def test_a_book_put_on_the_pad_leaves_the_booklet_and_is_lent(desk: DeskDriver) -> None:
    for tag in AT_HOME[2:]:
        desk.store.items[desk.store.tags[tag]] = replace(desk.store.items[desk.store.tags[tag]], loan=None)
    opened(desk)
    desk.put(BOOKS[0])
    desk.shows(Lent)
    assert "LK-0" in desk.store.loans


def test_a_book_lifted_off_does_not_close_the_booklet() -> None:
    desk = DeskDriver()
    desk.put(MAI, BOOKS[0])
    desk.tap(Action.MINE)
    desk.lift(BOOKS[0])
    desk.shows(MyBooks)


def test_too_many_books_and_a_second_card_leave_the_booklet(desk: DeskDriver) -> None:
    opened(desk)
    desk.put(NAM)
    desk.shows(OneCard)
    desk.lift(NAM)
    desk.shows(Hello)
    desk.tap(Action.MINE)
    desk.put(*BOOKS[:2], *AT_HOME[:2])
    desk.lift(*BOOKS[:2], *AT_HOME[:2])
    desk.shows(Hello)


def test_lifting_the_card_ends_the_visit_from_every_page(desk: DeskDriver) -> None:
    for turns in range(4):
        opened(desk)
        for _ in range(turns):
            desk.tap(Action.PAGE)
        desk.lift()
        desk.shows(Goodbye)
        desk.wait(7)


def test_nothing_for_a_while_asks_over_the_booklet_and_a_touch_comes_back_to_it(desk: DeskDriver) -> None:
    opened(desk)
    desk.tap(Action.PAGE)
    page = desk.screen
    desk.wait(20)
    desk.shows(StillThere)
    desk.tap(Action.STILL_HERE)
    assert desk.screen == page
    desk.wait(30)
    desk.shows(Goodbye)


def test_a_touch_that_is_not_on_the_page_changes_nothing(desk: DeskDriver) -> None:
    opened(desk)
    page = desk.screen
    for action in (Action.RETURN, Action.UNDO, Action.EASE, Action.RATE, Action.ANIMAL, Action.SIMILAR):
        desk.tap(action, "LK-2")
        assert desk.screen == page
    assert len(desk.store.loans) == 6


# --- the passport -------------------------------------------------------------------------------------


def test_a_passport_that_is_kept_shows_its_badges_and_the_way_to_the_next_cheer(desk: DeskDriver) -> None:
    patrons = desk.store.patrons
    patrons["P1"] = replace(patrons["P1"], passport=True, stamps=7)
    desk.store.passports = {"P1": (Stamp("T0", "green", date(2026, 9, 1)),)}
    opened(desk)
    desk.tap(Action.PAGE)
    desk.tap(Action.PAGE)
    page = desk.shows(MyPassport)
    assert page.kept
    assert Badge.FIRST_BOOK in page.badges
    assert page.next_cheer == 3
    assert page.child.stamps == 7


def test_without_the_familys_leave_the_passport_is_not_kept_and_says_so(desk: DeskDriver) -> None:
    opened(desk)
    desk.tap(Action.PAGE)
    desk.tap(Action.PAGE)
    assert not desk.shows(MyPassport).kept


def test_every_tenth_book_is_cheered_once() -> None:
    desk = DeskDriver()
    desk.store.patrons["P1"] = replace(desk.store.patrons["P1"], stamps=8)
    for book in BOOKS[:3]:
        desk.on_loan(book, MAI)
    desk.put(MAI)
    cheers = []
    for book in BOOKS[:3]:
        desk.put(book)
        desk.tap(Action.RETURN)
        cheers.append(desk.shows(Returned).cheer)
        desk.lift(book)
        desk.wait(9)
        assert desk.shows(Returned).cheer == 0  # the summary of the visit
    assert cheers == [0, 10, 0]


def test_a_cheer_is_not_lost_when_the_tenth_book_comes_with_another() -> None:
    desk = DeskDriver()
    desk.store.patrons["P1"] = replace(desk.store.patrons["P1"], stamps=9)
    for book in BOOKS[:2]:
        desk.on_loan(book, MAI)
    desk.put(MAI, *BOOKS[:2])
    desk.tap(Action.RETURN)
    desk.tap(Action.RETURN)
    assert desk.shows(Returned).cheer == 10


def test_nobody_is_cheered_without_a_card() -> None:
    desk = DeskDriver()
    desk.store.patrons["P1"] = replace(desk.store.patrons["P1"], stamps=9)
    desk.on_loan(BOOKS[0], MAI)
    desk.put(BOOKS[0])
    assert desk.shows(Returned).cheer == 0


# --- what a book is, and what is like it ----------------------------------------------------------------


def describe(desk: DeskDriver, item_id: str, about: str) -> None:
    item = desk.store.items[item_id]
    desk.store.items[item_id] = replace(item, title=replace(item.title, about=about))


def test_a_cover_opens_what_the_book_is_and_then_what_is_like_it_and_back_goes_one_step(
    desk: DeskDriver,
) -> None:
    describe(desk, "LK-3", "Một chú dế đi khắp thế gian.")
    opened(desk)
    books = desk.screen
    desk.tap(Action.BOOK, "LK-3")
    info = desk.shows(BookInfo)
    assert (info.book.item_id, info.about, info.opened) == ("LK-3", "Một chú dế đi khắp thế gian.", True)
    assert info.child is not None
    assert info.similar
    desk.tap(Action.SIMILAR, "LK-3")
    similar = desk.shows(Similar)
    assert similar.book.item_id == "LK-3"
    assert 1 <= len(similar.books) <= 4
    assert not {book.item_id for book in similar.books} & set(desk.store.loans)
    desk.tap(Action.BOOK, similar.books[0].item_id)
    assert desk.shows(BookInfo).opened
    desk.tap(Action.BACK)
    assert desk.screen == similar
    desk.tap(Action.BACK)
    assert desk.screen == info
    desk.tap(Action.BACK)
    assert desk.screen == books
    desk.tap(Action.BACK)
    desk.shows(Hello)


def test_a_book_that_is_not_on_the_page_is_not_opened(desk: DeskDriver) -> None:
    opened(desk)
    for target in ("LK-7", "LK-0", "nonsense", ""):
        desk.tap(Action.BOOK, target)
        desk.shows(MyBooks)


def test_where_nothing_is_like_it_nothing_is_offered(desk: DeskDriver) -> None:
    for number in (0, 1):
        desk.on_loan(BOOKS[number], NAM)
    shelf = {id_: one for id_, one in desk.store.items.items() if one.loan is not None}
    desk.store.items = shelf
    opened(desk)
    desk.tap(Action.BOOK, "LK-2")
    assert not desk.shows(BookInfo).similar
    desk.tap(Action.SIMILAR, "LK-2")
    desk.shows(BookInfo)


def test_a_child_that_wanders_from_book_to_book_always_finds_back(desk: DeskDriver) -> None:
    opened(desk)
    desk.tap(Action.BOOK, "LK-2")
    for _ in range(50):
        desk.tap(Action.SIMILAR)
        desk.tap(Action.BOOK, desk.shows(Similar).books[0].item_id)
    steps = 0
    while not isinstance(desk.screen, Hello):
        desk.tap(Action.BACK)
        steps += 1
        assert steps < 20


# --- nobody's visit -------------------------------------------------------------------------------------


def test_a_free_book_laid_down_without_a_card_leads_to_what_is_like_it_and_back() -> None:
    desk = DeskDriver()
    describe(desk, "LK-0", "Về một con mèo.")
    desk.put(BOOKS[0])
    info = desk.shows(BookInfo)
    assert (info.about, info.similar, info.child, info.opened) == ("Về một con mèo.", True, None, False)
    desk.tap(Action.SIMILAR)
    similar = desk.shows(Similar)
    assert similar.child is None
    desk.tap(Action.BOOK, similar.books[0].item_id)
    assert desk.shows(BookInfo).opened
    desk.tap(Action.BACK)
    assert desk.screen == similar
    desk.tap(Action.BACK)
    assert desk.screen == info
    desk.tap(Action.BACK)  # there is nothing to go back to
    assert desk.screen == info


def test_what_is_like_a_book_goes_by_itself_when_nobody_looks_any_more() -> None:
    desk = DeskDriver()
    desk.put(BOOKS[0])
    desk.tap(Action.SIMILAR)
    desk.lift()
    desk.wait(7)
    desk.shows(Similar)  # whoever took the book up may still look
    desk.wait(2)
    desk.shows(Welcome)


def test_a_card_laid_beside_what_is_like_a_book_begins_a_visit() -> None:
    desk = DeskDriver()
    desk.put(BOOKS[0])
    desk.tap(Action.SIMILAR)
    desk.put(MAI)
    desk.shows(TakeBooksOff)  # the book lay there first
    desk.lift(BOOKS[0])
    desk.shows(Hello)


def test_another_book_laid_down_leaves_what_is_like_the_first() -> None:
    desk = DeskDriver()
    desk.put(BOOKS[0])
    desk.tap(Action.SIMILAR)
    desk.put(BOOKS[1])
    assert desk.shows(BookInfo).book.item_id == "LK-1"


def test_another_label_scanned_leaves_what_is_like_the_first() -> None:
    desk = DeskDriver()
    desk.put(BOOKS[0])
    desk.tap(Action.SIMILAR)
    desk.send(Scanned("LK-1", CodeNames.PLAIN))
    assert desk.shows(BookInfo).book.item_id == "LK-1"
    assert not desk.shows(BookInfo).opened


def test_a_disk_that_takes_nothing_keeps_no_page_open(desk: DeskDriver) -> None:
    opened(desk)
    desk.store.broken = StorageFull("no room")
    desk.put(BOOKS[0])
    desk.shows(DiskFull)
    desk.store.broken = None
    desk.lift()
    desk.send(Elapsed())
    desk.wait(10)
    desk.shows(Welcome)
