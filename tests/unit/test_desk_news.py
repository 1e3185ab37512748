"""What the library announces stands on Welcome: in its time and in the screen's language."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kiosk.events import Action, NewsCame
from kiosk.model import Announcement
from kiosk.ports import StoreError
from kiosk.screens import Goodbye, Hello, Welcome
from tests.unit.desk_driver import MAI, START, DeskDriver


def told(hands: DeskDriver) -> tuple[str, str]:
    welcome = hands.shows(Welcome)
    return welcome.news, welcome.news_picture


def news(
    text: str, begins: float = 0, ends: float = 60, *, language: str = "", picture: str = ""
) -> Announcement:
    """An announcement between two minutes after the beginning."""
    begin, end = (START + timedelta(minutes=minutes) for minutes in (begins, ends))
    return Announcement(text, text, begin, end, language, picture)


def announce(hands: DeskDriver, *announcements: Announcement) -> None:
    hands.store.news = {"all": announcements}
    hands.send(NewsCame(announcements, "all"))


@pytest.fixture
def desk() -> DeskDriver:
    return DeskDriver()


def test_news_stand_on_welcome_as_soon_as_they_come(desk: DeskDriver) -> None:
    assert told(desk) == ("", "")
    announce(desk, news("Thứ bảy kể chuyện", picture="owl"))
    assert told(desk) == ("Thứ bảy kể chuyện", "owl")
    announce(desk)
    assert told(desk) == ("", "")


def test_an_announcement_ends_at_its_moment(desk: DeskDriver) -> None:
    announce(desk, news("Hôm nay nghỉ", ends=10.5))
    minutes = desk.mono / 60_000
    desk.wait((10.5 - minutes) * 60 - 0.1)
    assert told(desk)[0] == "Hôm nay nghỉ"
    desk.wait(0.2)
    assert told(desk)[0] == ""


def test_one_that_begins_later_is_found_within_a_minute(desk: DeskDriver) -> None:
    announce(desk, news("Chiều nay vẽ tranh", begins=5))
    desk.wait(4 * 60)
    assert told(desk)[0] == ""
    desk.wait(2 * 60 + 1)
    assert told(desk)[0] == "Chiều nay vẽ tranh"


def test_of_several_the_one_that_ends_soonest_is_told_and_then_the_next(desk: DeskDriver) -> None:
    announce(desk, news("cả tuần", ends=600), news("hôm nay", ends=10))
    assert told(desk)[0] == "hôm nay"
    desk.wait(10 * 60)
    assert told(desk)[0] == "cả tuần"


def test_news_are_told_in_the_language_of_the_screen(desk: DeskDriver) -> None:
    announce(desk, news("Kể chuyện", language="vi"), news("Stories", ends=50, language="en"))
    assert told(desk)[0] == "Kể chuyện"
    desk.tap(Action.LANGUAGE)
    assert told(desk)[0] == "Stories"
    announce(desk, news("Kể chuyện", language="vi"))
    assert told(desk)[0] == ""


def test_news_wait_until_a_child_has_gone(desk: DeskDriver) -> None:
    desk.put(MAI)
    announce(desk, news("Thứ bảy kể chuyện"))
    desk.shows(Hello)
    desk.lift()
    desk.shows(Goodbye)
    desk.wait(7)
    assert told(desk)[0] == "Thứ bảy kể chuyện"


def test_what_ended_during_a_visit_is_not_told_after_it(desk: DeskDriver) -> None:
    announce(desk, news("Hôm nay", ends=0.2))
    assert told(desk)[0] == "Hôm nay"
    desk.put(MAI)
    desk.wait(15)
    desk.lift()
    desk.wait(7)
    assert told(desk)[0] == ""


def test_welcome_is_not_drawn_anew_while_nothing_changed(desk: DeskDriver) -> None:
    announce(desk, news("Thứ bảy kể chuyện", ends=600))
    before = desk.screen
    desk.wait(180)
    assert desk.screen == before


def test_the_store_is_asked_once_a_minute_and_not_with_every_event(desk: DeskDriver) -> None:
    reads = 0
    begin = desk.store.begin

    def counted(now: object) -> object:
        nonlocal reads
        reads += 1
        return begin(now)  # type: ignore[arg-type]

    desk.store.begin = counted  # type: ignore[method-assign,assignment]
    for _ in range(20):
        desk.tap(Action.READ)
    assert reads == 0
    desk.wait(600)
    assert 9 <= reads <= 11


def test_news_that_cannot_be_read_stop_nothing(desk: DeskDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    announce(desk, news("Thứ bảy kể chuyện"))

    def broken(self: object, now: object) -> tuple[Announcement, ...]:
        raise StoreError("the table of announcements is damaged")

    monkeypatch.setattr("tests.unit.memory_store.MemoryTransaction.announcements", broken)
    desk.send(NewsCame((), "all"))
    assert told(desk)[0] == ""
    assert "announcements" in str(desk.desk.failure)
    desk.put(MAI)
    desk.shows(Hello)
    assert desk.desk.failure is None
