"""Announcements from the centre to the stations, through a real Mosquitto with the shipped access rules."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from central.__main__ import app
from central.broker import LocalBroker
from kiosk.facts import topic_news
from kiosk.news import MOST, Notice, to_json
from tests.central.corner import HANOI, Corner, loans
from tests.central.wire import Listener

pytestmark = pytest.mark.broker

INGEST, STATION, OTHER = (
    ("gocdoc-ingest", "of the centre"),
    ("kiosk-1", "of the station"),
    ("kiosk-2", "of the other"),
)
NOW = datetime.now(HANOI)


@pytest.fixture
def announce(guarded_broker: LocalBroker, tmp_path: Path) -> Callable[..., Result]:
    """`central announce` with a login, the ingest's unless another is named."""

    def announce(*words: str, login: tuple[str, str] = INGEST) -> Result:
        password = tmp_path / f"password-{login[0]}"
        password.write_text(f"{login[1]}\n")
        arguments = ["announce", *words, "--broker", guarded_broker.address, "--username", login[0]]
        return CliRunner().invoke(app, [*arguments, "--password-file", str(password)])

    return announce


@pytest.fixture
def corner(guarded_broker: LocalBroker, make_corner: Callable[..., Corner], tmp_path: Path) -> Corner:
    """A station that is logged in under its own name."""
    password = tmp_path / "station-password"
    password.write_text(f"{STATION[1]}\n")
    corner = make_corner(guarded_broker, STATION[0], username=STATION[0], password_file=password)
    corner.uplink.start()
    return corner


def texts(corner: Corner, source: str) -> list[str] | None:
    """What the newest list of a source says; None when none came."""
    lists = [one.announcements for one in corner.news if one.source == source]
    return [one.text for one in lists[-1]] if lists else None


def told(number: int, ends: datetime) -> Notice:
    return Notice(f"n{number}", f"Tin {number}", NOW - timedelta(days=2), ends)


def test_news_for_all_and_for_one_reach_the_station_and_are_added_up(
    announce: Callable[..., Result], corner: Corner
) -> None:
    assert announce("Giờ kể chuyện lúc 4 giờ", "--until", "2099-11-30T16:00").exit_code == 0
    assert announce("Hôm nay đóng cửa sớm", "--until", "2099-01-01", "--station", "kiosk-1").exit_code == 0
    corner.until(lambda: texts(corner, "own") == ["Hôm nay đóng cửa sớm"], what="news for this station")
    corner.until(lambda: texts(corner, "all") == ["Giờ kể chuyện lúc 4 giờ"], what="news for all")
    assert (
        announce("Có sách mới", "--until", "2099-01-01", "--language", "vi", "--picture", "books").exit_code
        == 0
    )
    corner.until(lambda: texts(corner, "all") == ["Giờ kể chuyện lúc 4 giờ", "Có sách mới"], what="one more")
    newest = [one for one in corner.news if one.source == "all"][-1].announcements[-1]
    assert (newest.language, newest.picture) == ("vi", "books")


def test_news_of_another_station_is_not_heard(announce: Callable[..., Result], corner: Corner) -> None:
    announce("Không phải ở đây", "--until", "2099-01-01", "--station", "kiosk-2")
    announce("Ở khắp nơi", "--until", "2099-01-01")
    corner.until(lambda: texts(corner, "all") is not None, what="news for all")
    assert texts(corner, "own") is None


def test_a_station_that_comes_later_finds_what_was_announced(
    announce: Callable[..., Result], guarded_broker: LocalBroker, make_corner: Any, tmp_path: Path
) -> None:
    announce("Giờ kể chuyện", "--until", "2099-01-01")
    password = tmp_path / "p"
    password.write_text(OTHER[1])
    late = make_corner(guarded_broker, OTHER[0], username=OTHER[0], password_file=password)
    late.uplink.start()
    late.until(lambda: texts(late, "all") == ["Giờ kể chuyện"], what="what the broker kept")


def test_clearing_takes_one_or_all_down_and_the_stations_hear_it(
    announce: Callable[..., Result], corner: Corner
) -> None:
    for text in ("Một", "Hai", "Ba"):
        announce(text, "--until", "2099-01-01")
    listed = announce("list").output.splitlines()
    assert listed[0] == "Announced everywhere:"
    assert [line.strip() for line in listed[2::2]] == ["Một", "Hai", "Ba"]
    name = listed[3].split()[0]
    assert announce("clear", "--id", name).exit_code == 0
    corner.until(lambda: texts(corner, "all") == ["Một", "Ba"], what="one less")
    assert announce("clear").output == "Nothing is announced.\n"
    corner.until(lambda: texts(corner, "all") == [], what="an empty list")
    assert announce("list").output == "Nothing is announced.\n"
    run = announce("clear", "--id", name)
    assert run.exit_code == 1
    assert f"there is no announcement {name!r}" in run.stderr


def test_what_is_over_leaves_the_list_when_something_is_added_and_a_full_list_takes_no_more(
    announce: Callable[..., Result], guarded_broker: LocalBroker
) -> None:
    topic = topic_news("all")
    with Listener(guarded_broker, topic, login=INGEST) as centre:
        over = [told(number, NOW - timedelta(days=1)) for number in range(MOST)]
        centre.say(topic, to_json(over), retain=True)
        assert announce("Tin mới", "--until", "2099-01-01").output.count("\n") == 3
        full = [told(number, NOW + timedelta(days=1)) for number in range(MOST)]
        centre.say(topic, to_json(full), retain=True)
        run = announce("Một tin nữa", "--until", "2099-01-01")
    assert run.exit_code == 1
    assert "20 announcements stand there already" in run.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("Xin chào",), "until when? An announcement without an end"),
        (("x" * 5000, "--until", "2099-01-01"), "the announcement has 5000 letters, and at most 240"),
        (("Xin chào", "--until", "2099-01-01", "--from", "2099-02-01"), "before it begins"),
        (("Xin chào", "--until", "2001-01-02", "--from", "2001-01-01"), "2001-01-02 is over already"),
        (("Xin chào", "--until", "2099-01-01", "--station", "Kiosk/#"), "'Kiosk/#' is not a station's name"),
        (("Xin chào", "--until", "2099-01-01", "--station", "all"), "'all' is not a station's name"),
    ],
)
def test_what_cannot_be_announced_is_said_in_a_sentence(
    announce: Callable[..., Result], words: tuple[str, ...], said: str
) -> None:
    run = announce(*words)
    assert run.exit_code == 1
    assert isinstance(run.exception, SystemExit)
    assert said in run.stderr
    assert announce("list").output == "Nothing is announced.\n"


def test_a_station_can_neither_announce_nor_read_what_is_for_another(
    announce: Callable[..., Result], guarded_broker: LocalBroker
) -> None:
    announce("Của trạm khác", "--until", "2099-01-01", "--station", OTHER[0])
    for station in ("kiosk-1", "kiosk-2"):
        run = announce("Tin giả", "--until", "2099-01-01", "--station", station, login=STATION)
        assert run.exit_code == 1
        assert f"does not let this login write {topic_news(station)}" in run.stderr
    run = announce("Tin giả", "--until", "2099-01-01", login=STATION)
    assert "does not let this login write gocdoc/1/all/news" in run.stderr
    with Listener(guarded_broker, "gocdoc/1/#", login=STATION) as spy:
        announce("Cho mọi người", "--until", "2099-01-01")
        spy.until(lambda: bool(spy.on(topic_news("all"))))
        assert spy.on(topic_news(OTHER[0])) == []
    assert "Tin giả" not in announce("list").output


def test_a_broker_that_is_not_there_or_a_wrong_password_is_named(
    announce: Callable[..., Result], guarded_broker: LocalBroker
) -> None:
    run = announce("list", login=("gocdoc-ingest", "wrong"))
    assert "refuses the login of 'gocdoc-ingest'" in run.stderr
    guarded_broker.stop()
    run = announce("list")
    assert run.exit_code == 1
    assert f"no connection to the broker {guarded_broker.address}" in run.stderr


def test_a_hostile_list_is_ignored_and_facts_go_on(
    announce: Callable[..., Result], corner: Corner, guarded_broker: LocalBroker
) -> None:
    announce("Giờ kể chuyện", "--until", "2099-01-01")
    corner.until(lambda: texts(corner, "all") == ["Giờ kể chuyện"], what="the good list")
    topic = topic_news("all")
    with Listener(guarded_broker, f"gocdoc/1/{corner.name}/evt/#", login=INGEST) as centre:
        for hostile in (b"[" * 50_000, b"x" * 100_000, b"[{}]", b'{"id": 1}', b"\xff"):
            centre.say(topic, hostile, retain=True)
        centre.say("gocdoc/1/srv/ingest/state", json.dumps({"online": True, "session": "s"}), retain=True)
        corner.report(*loans(3))
        centre.until(lambda: len(centre.heard) >= 3)
    corner.tend()
    assert texts(corner, "all") == ["Giờ kể chuyện"]
    assert len([one for one in corner.news if one.source == "all"]) == 1
    assert corner.uplink.status.connected
    # The centre's next list stands in place of what nobody could read.
    announce("Có sách mới", "--until", "2099-01-01")
    corner.until(lambda: texts(corner, "all") == ["Có sách mới"], what="the next list")
