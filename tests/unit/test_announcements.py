"""Announcements: what may be told, from when until when, and what a hostile list does (nothing)."""

from __future__ import annotations

import json
import queue
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from kiosk.__main__ import app
from kiosk.clock import StationClock
from kiosk.desk import Desk
from kiosk.engine import Engine
from kiosk.errors import StationError
from kiosk.events import NewsCame, Tag, TagKind, TagsOnPad
from kiosk.link.messages import parse_announcements
from kiosk.model import Announcement, ClockQuality, Now, Policy, Rules
from kiosk.news import LONGEST_TEXT, MOST, NewsError, Notice, moment, notice, parse_news, to_json
from kiosk.ports import StoreError
from kiosk.screens import Hello
from kiosk.store import StationStore, noticeboard
from tests.unit.desk_driver import MAI, library
from tests.unit.reading_corner import HANOI, MORNING, at, filled_corner, lend, open_corner

HOUR = timedelta(hours=1)
STORY = Announcement("a1", "Chiều thứ Sáu có giờ kể chuyện.", MORNING, MORNING + HOUR, "vi", "books")
LATER = Announcement("b2", "Cô thủ thư vắng.", MORNING + 2 * HOUR, MORNING + 3 * HOUR)


def entry(**changed: object) -> dict[str, object]:
    """A good announcement as the centre sends it, with something changed."""
    return {
        "id": "a1", "text": "Giờ kể chuyện", "begins": "2026-11-20T09:00:00+07:00",
        "ends": "2026-11-20T11:00:00+07:00", "language": "", "picture": "",
    } | changed  # fmt: skip


# --- what may be told -----------------------------------------------------------------------------------


def test_markup_is_text_like_any_other() -> None:
    told = notice("a", "[b]Xin chào[/b] <script>", begins=MORNING, ends=MORNING + HOUR)
    assert told.text == "[b]Xin chào[/b] <script>"


def test_white_space_and_decomposed_accents_are_put_right() -> None:
    told = notice("a", "  Giờ kể\n\nchuye\u0323\u0302n ", begins=MORNING, ends=MORNING + HOUR)
    assert told.text == "Giờ kể chuyện"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"text": "x" * 5000}, "has 5000 letters, and at most 240 fit on the screen; shorten it"),
        ({"text": " \n"}, "without words tells nothing"),
        ({"text": "x\x1b[31m"}, "invisible character U\\+001B"),
        ({"text": "x\u202ey"}, "invisible character U\\+202E"),
        ({"text": "x\ud800"}, "invisible character U\\+D800"),
        ({"begins": MORNING + HOUR, "ends": MORNING}, "ends 2026-11-20T09:30\\+07:00, before it begins"),
        ({"ends": MORNING}, "before it begins"),
        ({"ends": datetime(2026, 11, 21)}, "names no time zone"),  # noqa: DTZ001 - the mistake itself
        ({"ends": datetime(9999, 12, 31, tzinfo=UTC)}, "not between 2000 and 2100"),
        ({"picture": "../secret"}, "not a picture's name"),
        ({"language": "Tiếng Việt"}, "not a language code"),
        ({"name": ""}, "the name '' must be"),
    ],
)
def test_what_cannot_be_shown_is_refused_with_a_sentence(changed: dict[str, object], said: str) -> None:
    parts = {"name": "a", "text": "Xin chào", "begins": MORNING, "ends": MORNING + HOUR} | changed
    with pytest.raises(NewsError, match=said):
        notice(**parts)  # type: ignore[arg-type]


def test_the_longest_text_is_taken() -> None:
    assert len(notice("a", "ế" * LONGEST_TEXT, begins=MORNING, ends=MORNING + HOUR).text) == LONGEST_TEXT


def test_a_moment_is_an_hour_of_this_place_or_a_whole_day() -> None:
    assert moment("2026-11-30T16:00", HANOI) == datetime(2026, 11, 30, 16, tzinfo=HANOI)
    assert moment("2026-11-30T16:00Z", HANOI) == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert moment("2026-11-30", HANOI) == datetime(2026, 11, 30, tzinfo=HANOI)
    assert moment("2026-11-30", HANOI, end=True) == datetime(2026, 12, 1, tzinfo=HANOI)
    for wrong in ("tomorrow", "", "30/11/2026", "2026-02-30", "9999-12-31"):
        with pytest.raises(NewsError, match="is not a moment; write 2026-11-30T16:00"):
            moment(wrong, HANOI, end=True)


# --- the message ------------------------------------------------------------------------------------------


def test_a_list_goes_out_and_comes_in_as_it_was() -> None:
    told = (
        Notice("a", "Xin chào", MORNING, MORNING + HOUR, "vi", "bell"),
        Notice("b", "Hello", MORNING, MORNING + HOUR, "en"),
    )
    assert parse_news(to_json(told)) == told
    assert parse_announcements(to_json(told[:1])) == (
        Announcement("a", "Xin chào", MORNING, MORNING + HOUR, "vi", "bell"),
    )


def test_an_empty_message_takes_everything_down() -> None:
    assert parse_news(b"") == parse_news(b"[]") == ()


def test_fields_of_later_versions_are_ignored() -> None:
    (told,) = parse_news(json.dumps([entry(colour="red", nested={"a": [1]})]).encode())
    assert told.text == "Giờ kể chuyện"


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (b"x" * 70_000, "70000 bytes; at most 65536"),
        (b"\xff\xfe", "is not JSON"),
        (b"[" * 60_000, "is not JSON"),
        (b"{}", "must be a JSON list, not dict"),
        (json.dumps([entry(id=f"n{n}") for n in range(MOST + 1)]).encode(), "21 announcements in one list"),
        (json.dumps([entry(), entry()]).encode(), "announcement 2: the id 'a1' is there twice"),
        (json.dumps([entry(), 7]).encode(), "announcement 2: must be a JSON object, not int"),
        (json.dumps([entry(text=["x"])]).encode(), "announcement 1: 'text' must be text, not list"),
        (json.dumps([entry(ends="")]).encode(), "announcement 1: has no end"),
        (json.dumps([entry(ends=1_800_000_000)]).encode(), "'ends' must be text, not int"),
        (json.dumps([entry(ends="soon")]).encode(), "'ends' must be a moment in RFC 3339, not 'soon'"),
        (json.dumps([entry(begins="2026-11-20T09:00:00")]).encode(), "names no time zone"),
        (json.dumps([entry(text="y" * 241)]).encode(), "announcement 1: the announcement has 241 letters"),
        (json.dumps([entry(id="../x")]).encode(), "announcement 1: the name '../x' must be"),
    ],
)
def test_a_hostile_list_is_refused_whole_and_by_its_place(message: bytes, said: str) -> None:
    with pytest.raises(NewsError, match=said):
        parse_news(message)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
ODD_ENTRIES = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            key: JSON | st.just(value)
            for key, value in entry().items()
        },
    ),
    max_size=4,
)  # fmt: skip


@given(st.binary(max_size=60) | (JSON | ODD_ENTRIES).map(lambda value: json.dumps(value).encode()))
def test_whatever_comes_is_a_list_that_can_be_shown_or_an_error_in_words(message: bytes) -> None:
    try:
        told = parse_news(message)
    except NewsError:
        return
    for one in told:
        assert one.text
        assert one.text.isprintable()
        assert one.begins < one.ends


# --- kept in the store ------------------------------------------------------------------------------------


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "station.db"


@pytest.fixture
def store(path: Path) -> Iterator[StationStore]:
    with filled_corner(path) as store:
        yield store


def put(store: StationStore, *told: Announcement, source: str = "station") -> None:
    with store.begin(at()) as work:
        work.put_announcements(told, source=source)
        work.commit()


def shown(store: StationStore, minutes: float) -> tuple[Announcement, ...]:
    with store.begin(at(minutes)) as work:
        return work.announcements(at(minutes))


def test_an_announcement_is_there_from_its_begin_and_gone_by_itself_at_its_end(store: StationStore) -> None:
    put(store, STORY, LATER)
    assert shown(store, -1) == ()
    assert shown(store, 0) == (STORY,)
    assert shown(store, 59.9) == (STORY,)
    assert shown(store, 60) == ()
    assert shown(store, 130) == (LATER,)
    assert shown(store, 180) == ()


def test_what_ends_soonest_comes_first(store: StationStore) -> None:
    long = replace(LATER, id="a0", begins=MORNING)
    put(store, long, STORY)
    assert shown(store, 5) == (STORY, long)


def test_a_new_list_replaces_the_old_one_of_its_source_only(store: StationStore) -> None:
    mine, theirs = replace(STORY, text="Ở đây"), replace(STORY, text="Ở mọi nơi", language="")
    put(store, mine)
    put(store, theirs, source="all")
    put(store, source="own")
    assert {one.text for one in shown(store, 5)} == {"Ở đây", "Ở mọi nơi"}
    put(store, source="all")
    assert shown(store, 5) == (mine,)


def test_announcements_outlive_a_restart_and_are_told_in_the_zone_of_the_clock(path: Path) -> None:
    with filled_corner(path) as store:
        put(store, STORY)
    with open_corner(path) as store, store.begin(at()) as work:
        wall = (MORNING + timedelta(minutes=1)).astimezone(UTC)
        (told,) = work.announcements(Now(wall, 0, 1, ClockQuality.NTP))
        assert told == STORY
        assert told.ends.tzinfo is UTC


# --- the command ------------------------------------------------------------------------------------------


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    filled_corner(tmp_path / "data" / "station.db").close()
    file = tmp_path / "station.toml"
    file.write_text(f"[station]\nid = 'goc-doc-1'\ndata = '{tmp_path / 'data'}'\n", encoding="utf-8")
    return file


def announce(settings: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["announce", *words, "--settings", str(settings)])


def refusal(settings: Path, *words: str) -> str:
    run = announce(settings, *words)
    assert run.exit_code == 1
    assert isinstance(run.exception, StationError), "anything else is a traceback to the librarian"
    return str(run.exception)


def test_an_announcement_is_made_listed_and_taken_down_while_the_station_runs(settings: Path) -> None:
    with open_corner(settings.parent / "data" / "station.db") as running:
        made = announce(settings, "Chiều nay kể chuyện", "--until", "2099-11-30T16:00", "--picture", "bell")
        assert made.exit_code == 0, made.output
        name = made.output.split(":")[0]
        now = Now(datetime.now(HANOI), 0, 2, ClockQuality.NTP)
        with running.begin(now) as work:
            (told,) = work.announcements(now)
        assert (told.id, told.text, told.picture) == (name, "Chiều nay kể chuyện", "bell")
        lend(running, 1)  # its own writing goes on
        listed = announce(settings, "list").output
        assert "Chiều nay kể chuyện" in listed
        assert name in listed
        assert "1 announcement taken down" in announce(settings, "clear", "--id", name).output
        assert announce(settings, "list").output == "Nothing is announced.\n"


def test_clearing_takes_down_what_was_made_here_and_leaves_the_centre_its_own(settings: Path) -> None:
    path = settings.parent / "data" / "station.db"
    with open_corner(path) as store:
        put(store, STORY, LATER)
        put(store, STORY, source="all")
    assert "2 announcements taken down" in announce(settings, "clear").output
    assert [one.source for one in noticeboard.posted(path, MORNING)] == ["all"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("Xin chào",), "until when? An announcement without an end stays for ever: --until"),
        (("x" * 5000, "--until", "2099-01-01"), "the announcement has 5000 letters, and at most 240"),
        (("Xin chào", "--until", "2099-01-01", "--from", "2099-02-01"), "before it begins"),
        (("Xin chào", "--until", "2001-01-01"), "before it begins"),
        (("Xin chào", "--until", "2001-01-03", "--from", "2001-01-01"), "2001-01-03 is over already"),
        (("Xin chào", "--until", "mai"), "'mai' is not a moment; write"),
        (
            ("Xin chào", "--until", "2099-01-01", "--picture", "ghost"),
            "the screen has no picture 'ghost'; it has",
        ),
        (("clear", "--id", "nobody"), "there is no announcement 'nobody' made here"),
    ],
)
def test_what_cannot_be_announced_is_said_in_a_sentence(
    settings: Path, words: tuple[str, ...], said: str
) -> None:
    assert said in refusal(settings, *words)
    assert announce(settings, "list").output == "Nothing is announced.\n"


def test_the_words_list_and_clear_can_be_announced_too(settings: Path) -> None:
    assert announce(settings, "list", "--until", "2099-01-01").exit_code == 0
    assert "    list\n" in announce(settings, "list").output


def test_a_board_that_is_full_takes_no_more_until_something_is_over(settings: Path) -> None:
    path = settings.parent / "data" / "station.db"
    for number in range(noticeboard.MOST):
        noticeboard.post(path, replace(STORY, id=f"n{number}"), MORNING)
    with pytest.raises(StoreError, match="20 announcements stand there already"):
        noticeboard.post(path, STORY, MORNING)
    noticeboard.post(path, LATER, MORNING + HOUR)
    assert [one.announcement.id for one in noticeboard.posted(path, MORNING)] == ["b2"]


def test_a_station_that_never_ran_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"station\.db: there is no database yet"):
        noticeboard.posted(tmp_path / "station.db", MORNING)


# --- from the centre to the desk ----------------------------------------------------------------------------


def test_news_is_stored_by_the_desk_thread_and_disturbs_nobody() -> None:
    store = library()
    screens: queue.SimpleQueue[object] = queue.SimpleQueue()
    engine = Engine(
        desk=Desk(store=store, rules=Rules(default=Policy(3, 14, 1))),
        store=store,
        clock=StationClock(1),
        present=screens.put,
    )
    engine.first()
    engine.start()
    try:
        engine.post(TagsOnPad(frozenset()))
        engine.post(TagsOnPad(frozenset({Tag(MAI, TagKind.CLASSIC)})))
        engine.post(NewsCame((STORY,), "all"))
        engine.post(NewsCame((LATER,), "own"))
    finally:
        engine.stop()
    assert store.news == {"all": (STORY,), "own": (LATER,)}
    kinds = [type(screens.get().screen) for _ in range(screens.qsize())]  # type: ignore[attr-defined]
    assert kinds == [Hello], "a child who has begun goes on as if nothing had come"


def test_news_that_cannot_be_kept_stops_nobody() -> None:
    store = library()
    store.broken = StoreError("the disk refuses")
    engine = Engine(
        desk=Desk(store=store, rules=Rules(default=Policy(3, 14, 1))),
        store=store,
        clock=StationClock(1),
        present=lambda shown: None,
    )
    engine.first()
    engine.start()
    engine.post(NewsCame((STORY,), "all"))
    engine.stop()
    assert store.news == {}
