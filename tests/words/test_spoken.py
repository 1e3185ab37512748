"""What is said aloud: of every screen enough for ears alone, and nothing that is nobody's business."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import screens as views
from kiosk.screens import Badge, Book, Child, DeviceLine, Ease, Screen, TagLine, TagVerdict, Why
from kiosk.words import DEVICES, languages, words_for
from kiosk.words.phrases import COUNTED, Phrases
from kiosk.words.recordings import FOR_STAFF, SESSION, recordable
from kiosk.words.spoken import Utterance, named, prompt, whole
from ui.samples import samples

TODAY = date(2026, 12, 5)
STAFF = (views.StaffPin, views.StaffHealth)
VI, EN = words_for("vi"), words_for("en")


def book(
    name: str = "Dế Mèn phiêu lưu ký", days: int | None = 14, shelf: str = "green", **more: object
) -> Book:
    due = None if days is None else TODAY + timedelta(days=days)
    return Book("LK-0000017", "T-1", name, "Tô Hoài", shelf, due, **more)


MAY = Child("Mây", "rabbit", stamps=12)
OTHER = book("Góc sân và khoảng trời", 3, "red")

EVERY: tuple[Screen, ...] = (
    views.Welcome(),
    views.Welcome("Thứ Bảy kể chuyện lúc 9 giờ", "", True, ("vi", "en", "tyz")),
    views.PickLanguage(("vi", "en")),
    views.PickClass(("1A", "2B"), 0, 2),
    views.PickAnimal((MAY, Child("Nam", "dog")), "2A", 0, 2, 0, True),
    views.TakeBooksOff(MAY),
    views.Hello(MAY, (), TODAY),
    views.Hello(MAY, (book(), OTHER, book("Sách muộn", -2)), TODAY),
    views.MyBooks(MAY, (book(), OTHER), TODAY, 0, 3),
    views.MyBooks(MAY, (), TODAY),
    views.MyPassport(MAY, tuple(Badge), True, 8, 1, 3),
    views.MyWay(MAY, frozenset({Ease.LARGE}), "en", True, 2, 3),
    views.Lent(MAY, (book(), OTHER), TODAY),
    views.Lent(MAY, (book(days=0),), TODAY, can_undo=False),
    views.Undone(MAY, book()),
    views.Choose(MAY, book(), TODAY),
    views.Choose(MAY, book(days=-1), TODAY),
    views.Renewed(MAY, book(days=21), TODAY),
    views.Returned((book(),), MAY, 1),
    views.Returned((book(), OTHER), MAY, 2, 10),
    views.Returned((book(shelf="no such colour"),)),
    views.Rate(book(), MAY),
    views.Rate(book()),
    views.Offer(MAY, book(days=None)),
    views.BookInfo(book(days=None, age_from=6)),
    views.BookInfo(book(days=None), "Một chú dế đi khắp nơi.", True, MAY, True),
    views.Similar(book(), (OTHER,), MAY),
    *(views.Refused(why, MAY, book(days=None)) for why in Why),
    views.Refused(Why.TOO_MANY, MAY, book(), 3),
    views.Refused(Why.FOR_OLDER, MAY, book(), 9),
    views.Refused(Why.CARD_BLOCKED),
    views.OneByOne(MAY, 5),
    views.OneCard(),
    views.UnknownCard(),
    views.UnknownBook(MAY),
    views.UnknownBook(),
    views.StillThere(MAY, 10),
    views.Goodbye(MAY, (book(), OTHER), 1, 1, TODAY),
    views.Goodbye(MAY, (), 0, 1, TODAY),
    views.TakeYourThings(card=True, books=1),
    views.TakeYourThings(card=False, books=2),
    views.PutBack(book()),
    views.OtherLabel(MAY),
    views.OtherLabel(),
    views.StaffPin(4),
    views.StaffPin(0, wrong=True),
    views.StaffPin(0, wrong=True, locked=True),
    views.StaffHealth((DeviceLine("door", False, "beam A is dark"), DeviceLine("pad", True))),
    *(
        views.StaffHealth(
            (DeviceLine("pad", True),), TagLine("04A1B2C3", "other", verdict, "LK-1", "LK-2", "hm")
        )
        for verdict in TagVerdict
    ),
    views.AskHelp(),
    views.ReaderOut(),
    views.DiskFull(),
    views.OutOfOrder("/etc/gocdoc/station.toml: give each its own pin"),
)
SHOWN = (*EVERY, *samples().values())


def text(said: tuple[Utterance, ...]) -> str:
    return " | ".join(each.text for each in said)


def test_every_kind_of_screen_is_gone_over() -> None:
    assert {type(screen) for screen in EVERY} == set(get_args(Screen))


@pytest.mark.parametrize("language", languages())
def test_every_screen_says_something_of_it_unasked_and_more_when_asked(language: str) -> None:
    words = words_for(language)
    for screen in SHOWN:
        short, full = prompt(screen, words), whole(screen, words)
        assert bool(short) != isinstance(screen, views.Welcome), screen
        assert full, screen
        assert len(full) >= len(short)
        for each in (*short, *full):
            assert each.text.strip(), screen
            assert "{" not in each.text, screen
            assert not re.fullmatch(r"[a-z_]+(\.[a-z_0-9]+)+", each.text), f"a key without words: {each.text}"


@pytest.mark.parametrize("language", languages())
def test_whoever_asks_hears_all_of_the_prompt_and_more(language: str) -> None:
    words = words_for(language)
    for screen in SHOWN:
        if isinstance(
            screen, views.StaffHealth | views.Returned
        ):  # these name each device and each shelf instead
            continue
        assert set(prompt(screen, words)) <= set(whole(screen, words)), screen


@pytest.mark.parametrize("language", languages())
def test_help_is_told_of_on_every_screen_a_child_can_stand_before(language: str) -> None:
    for screen in SHOWN:
        told = "spoken.help" in {each.key for each in whole(screen, words_for(language))}
        assert told != isinstance(screen, (*STAFF, views.AskHelp)), screen


# -- what ears alone must be told ----------------------------------------------------------------------------


def keys(said: tuple[Utterance, ...]) -> list[str]:
    return [each.key or each.text for each in said]


def test_hello_greets_by_name_and_says_what_comes_back_first() -> None:
    screen = views.Hello(MAY, (book(), OTHER), TODAY)
    assert text(prompt(screen, VI)) == (
        "Chào con! | Mây | Con có 2 cuốn ở nhà | Cuốn trả đầu tiên | Góc sân và khoảng trời | còn 3 đêm nữa"
    )
    assert keys(prompt(screen, VI))[:2] == ["hello.greeting", "Mây"]


def test_lent_says_the_title_the_day_in_words_and_the_sleeps() -> None:
    assert text(prompt(views.Lent(MAY, (book(),), TODAY), VI)) == (
        "Con mượn được 1 cuốn rồi! | Dế Mèn phiêu lưu ký | Con đọc đến | thứ Bảy | ngày 19 | "
        "tháng mười hai | còn 14 đêm nữa"
    )
    assert keys(prompt(views.Lent(MAY, (book(),), TODAY), EN))[2:] == [
        "due.until", "weekday.6", "spoken.month.12", "spoken.day.19", "due.sleeps.14",
    ]  # fmt: skip


def test_a_book_that_is_late_has_no_day_to_be_read_out() -> None:
    said = keys(prompt(views.Lent(MAY, (book(days=-3),), TODAY), VI))
    assert said == ["lent.title.1", "Dế Mèn phiêu lưu ký", "due.late"]


def test_choose_asks_and_names_both_answers_in_the_order_of_the_keys() -> None:
    said = keys(whole(views.Choose(MAY, book(), TODAY), VI))
    assert said[:2] == ["choose.title", "Dế Mèn phiêu lưu ký"]
    at = said.index("spoken.choices")
    assert said[at:] == [
        "spoken.choices", "button.return", "button.keep", "spoken.or", "button.done_short", "spoken.help",
    ]  # fmt: skip


def test_undo_is_named_only_while_it_is_there() -> None:
    assert "button.undo" in keys(whole(views.Lent(MAY, (book(),), TODAY), VI))
    assert "button.undo" not in keys(whole(views.Lent(MAY, (book(),), TODAY, can_undo=False), VI))


def test_each_book_brought_back_is_told_its_shelf() -> None:
    said = keys(whole(views.Returned((book(), OTHER), MAY, 2, 10), VI))
    assert said[2] == "returned.cheer.10"
    assert said.index("Dế Mèn phiêu lưu ký") + 1 == said.index("returned.where.green")
    assert said.index("Góc sân và khoảng trời") + 1 == said.index("returned.where.red")


@pytest.mark.parametrize("why", list(Why))
def test_a_no_says_why_and_what_to_do_at_once(why: Why) -> None:
    said = keys(prompt(views.Refused(why, MAY, book(days=None)), VI))
    assert said == [f"refused.{why}", f"refused.{why}.hint"]


def test_without_eyes_a_child_is_told_where_card_and_book_go() -> None:
    assert "trước màn hình" in text(whole(views.Welcome(), VI))
    assert "Thứ Bảy kể chuyện" in text(whole(views.Welcome("Thứ Bảy kể chuyện"), VI))
    assert "nhấc thẻ ra" in text(whole(views.Lent(MAY, (book(),), TODAY), VI))


def test_wishes_are_told_with_whether_they_are_on() -> None:
    said = keys(whole(views.MyWay(MAY, frozenset({Ease.SLOW}), "en", False), VI))
    assert said[said.index("ease.slow") + 1] == "ease.on"
    assert said[said.index("ease.large") + 1] == "ease.off"
    assert "ease.spoken" not in said  # a station without a voice cannot promise it
    assert said[said.index("ease.language") + 1] == "spoken.language.en"


def test_a_passport_that_is_not_kept_tells_no_badge() -> None:
    kept, not_kept = (whole(views.MyPassport(MAY, (Badge.AGAIN,), kept, 8), VI) for kept in (True, False))
    assert "badge.again" in keys(kept)
    assert "badge.again" not in keys(not_kept)


# -- nobody's business ---------------------------------------------------------------------------------------

SECRET = Child("Mây", "zzanimal", stamps=987_654)


def of_a_child() -> list[Screen]:
    hidden = Book("ITEM-SECRET", "TITLE-SECRET", "Sách", "Ai đó", "red", TODAY + timedelta(days=2))
    found: list[Screen] = []
    for screen in EVERY:
        values = {name: getattr(screen, name) for name in screen.__dataclass_fields__}
        values |= {"child": SECRET} if values.get("child") else {}
        values |= {"book": hidden} if values.get("book") else {}
        for several in ("books", "at_home"):
            if isinstance(values.get(several), tuple) and values[several]:
                values[several] = (hidden,)
        if "children" in values:
            values["children"] = (SECRET,)
        found.append(type(screen)(**values))
    return found


@pytest.mark.parametrize("language", languages())
def test_of_a_child_only_its_nickname_is_spoken_and_its_books_on_its_own_passport(language: str) -> None:
    for screen in of_a_child():
        said = text((*prompt(screen, words_for(language)), *whole(screen, words_for(language))))
        assert "zzanimal" not in said
        assert "SECRET" not in said
        assert ("987654" in said) == isinstance(screen, views.MyPassport), screen
        assert "987654" not in text(prompt(screen, words_for(language)))


@pytest.mark.parametrize("digits", range(9))
def test_nothing_of_a_pin_is_spoken_not_even_how_long_it_is(digits: int) -> None:
    for words in (VI, EN):
        said = whole(views.StaffPin(digits), words)
        assert said == whole(views.StaffPin(0), words)
        assert not re.search(r"\d", text(said))


def test_what_only_a_librarian_reads_is_not_read_out_to_children() -> None:
    assert "station.toml" not in text(whole(views.OutOfOrder("station.toml: broken"), VI))
    line = TagLine("04A1B2C3", "other", TagVerdict.FOREIGN, "", "", "http://example.org/evil")
    assert "example" not in text(whole(views.StaffHealth((), line), VI))
    assert "04A1B2C3" not in text(whole(views.StaffHealth((), line), VI))


def test_librarians_are_not_spoken_to_as_children() -> None:
    for screen in EVERY:
        if isinstance(screen, STAFF):
            assert not re.search(r"\b(con|nhé|mình)\b", text(whole(screen, VI)), re.IGNORECASE), screen


# -- names ---------------------------------------------------------------------------------------------------


def test_a_vietnamese_title_is_read_by_the_vietnamese_voice_on_an_english_screen() -> None:
    said = prompt(views.Rate(book()), EN)
    assert [(each.text, each.language) for each in said] == [
        ("How was the book?", ""),
        ("Dế Mèn phiêu lưu ký", "vi"),
    ]
    assert prompt(views.Rate(book("The Little Prince")), EN)[1].language == ""
    assert {each.language for each in prompt(views.Rate(book()), VI)} == {""}


@given(st.text())
def test_whatever_is_written_elsewhere_is_one_line_and_never_a_key(written: str) -> None:
    screen = views.Lent(Child(written, written), (book(written),), TODAY)
    for each in (
        *prompt(screen, VI),
        *whole(screen, EN),
        *whole(views.PickAnimal((Child(written, "cat"),)), VI),
    ):
        assert not any(unicodedata.category(letter)[0] == "C" for letter in each.text)
        if each.text == written:
            assert each.key == "" or written in {VI.say(each.key), EN.say(each.key)}


def test_a_nickname_that_is_a_key_is_only_a_name() -> None:
    said = whole(views.PickAnimal((Child("button.help", "cat"),)), VI)
    assert Utterance("", "button.help") in said


def test_a_nameless_child_and_a_nameless_book_leave_no_gap() -> None:
    for screen in (
        views.Hello(Child(" ", "cat"), (book(" "),), TODAY),
        views.StillThere(Child("", "cat"), 9),
    ):
        assert all(each.text.strip() for each in whole(screen, VI))


@pytest.mark.parametrize("key", ["button.return", "button.help", "rate.great", "ease.large"])
def test_a_focused_button_is_named_by_its_key_or_by_its_words(key: str) -> None:
    assert named(key, VI) == Utterance(key, VI.say(key)) == named(VI.say(key), VI)


def test_the_language_button_is_named_in_the_language_it_leads_to() -> None:
    assert named("button.language", VI) == Utterance("spoken.language.en", "English", "en")
    assert named("button.language", EN) == Utterance("spoken.language.vi", "Tiếng Việt", "vi")


@pytest.mark.parametrize(
    "name", ["Mây", "lent.title", "{name}", "{name.__class__}", "screen.nowhere", "[[x]]"]
)
def test_a_focused_thing_with_a_name_is_called_by_it(name: str) -> None:
    assert named(name, VI) == Utterance("", name)


# -- what can be recorded ------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", languages())
def test_everything_with_a_key_that_children_hear_is_in_the_recording_session_word_for_word(
    language: str,
) -> None:
    words = words_for(language)
    session = {each.key: each for _, sentences in recordable(words) for each in sentences}
    for screen in SHOWN:
        if isinstance(screen, STAFF):
            continue
        for each in (*prompt(screen, words), *whole(screen, words)):
            if each.key and each.key not in FOR_STAFF and each.language in {"", language}:
                assert session.get(each.key) == each, each


@pytest.mark.parametrize("language", languages())
def test_every_button_a_child_can_reach_can_be_recorded(language: str) -> None:
    words = words_for(language)
    session = {each.key for _, sentences in recordable(words) for each in sentences}
    buttons = {key for key in words.plain_keys() if key.startswith("button.") and not key.endswith(".short")}
    assert buttons - session <= FOR_STAFF


@pytest.mark.parametrize("language", languages())
def test_the_session_asks_for_each_sentence_once_and_every_group_has_some(language: str) -> None:
    groups = recordable(words_for(language))
    assert [group for group, _ in groups] == [group for group, _ in SESSION]
    found = [each.key for _, sentences in groups for each in sentences]
    assert len(found) == len(set(found))
    assert all(sentences for _, sentences in groups)
    for _, sentences in groups:
        for each in sentences:
            assert re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", each.key), "a key is a file's name"
            assert each.text != each.key
            assert "{" not in each.text


@pytest.mark.parametrize("key", sorted(COUNTED))
def test_numbers_beyond_what_anybody_records_are_said_without_a_key(key: str) -> None:
    say = Phrases(VI)
    assert say.counted(key, COUNTED[key][0]).key == f"{key}.{COUNTED[key][0]}"
    beyond = say.counted(key, 4711)
    assert beyond.key == ""
    assert "4711" in beyond.text


def test_devices_are_named_as_librarians_know_them() -> None:
    lines = tuple(DeviceLine(device, False) for device in (*DEVICES, "door-2"))
    said = prompt(views.StaffHealth(lines), VI)
    assert [each.text for each in said] == [VI.device(line.device) for line in lines]
