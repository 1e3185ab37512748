"""Alerts: what is told, once, when it lasts; by mail to a real server, by MQTT through a real broker."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from central.__main__ import app
from central.alerts import book, mail, wire
from central.alerts.book import Alert
from central.alerts.patience import CALM, Watch, step
from central.alerts.rules import HOLD, Key, Kind, findings
from central.alerts.settings import FILE, AlertSettings, Mail, read_alert_settings
from central.alerts.watch import AlertWatch
from central.broker import LocalBroker
from central.errors import BrokerTrouble, SettingsWrong
from central.ingest import BrokerAddress
from central.overview import Alarm, Fault, Station, Stream
from central.pages.words import Words
from kiosk.facts import CheckedOut, DeviceFault, DeviceRecovered
from tests.central.board import NOW, Board
from tests.central.mail_server import MailServer
from tests.central.wire import Listener

MINUTE = timedelta(minutes=1)
PAD = Key("kiosk-1", Kind.READER, "pad")


def station(**more: object) -> Station:
    whole: dict[str, object] = {
        "id": "kiosk-1", "connected": True, "since": utc(-10), "last_seen": utc(0), "version": "1",
        "clock": "ntp", "behind": 0, "oldest_unsent": None, "quarantined": 0, "deadletters": 0, "epoch": "e1",
    }  # fmt: skip
    return Station(**(whole | more))  # type: ignore[arg-type]


def utc(minutes: float) -> str:
    return (NOW + minutes * MINUTE).astimezone(UTC).isoformat(timespec="milliseconds")


def found(*stations: Station, broker: bool = True) -> set[Key]:
    return set(findings(stations, NOW, broker=broker))


# --- what is wrong ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "kinds"),
    [
        ({}, set()),
        ({"connected": False, "since": utc(-23 * 60)}, set()),
        ({"connected": False, "since": utc(-25 * 60)}, {Kind.AWAY}),
        ({"connected": False, "since": utc(-70 * 60), "away_h": 72}, set()),
        ({"behind": 3}, {Kind.STANDSTILL}),
        ({"behind": 3, "connected": False}, set()),
        ({"faults": (Fault("pad", "", utc(0)),)}, {Kind.READER}),
        ({"faults": (Fault("board.disk", "", utc(0)),)}, {Kind.DISK}),
        ({"faults": (Fault("board.power", "", utc(0)),)}, {Kind.POWER}),
        ({"faults": (Fault("board.heat", "", utc(0)), Fault("lamp", "", utc(0)))}, {Kind.HEAT, Kind.DEVICE}),
        ({"clock": "free"}, {Kind.CLOCK}),
        ({"faults": (Fault("board.clock", "", utc(0)),)}, {Kind.CLOCK}),
        ({"streams": (Stream("e1", 5, 5, 0, True, (), 0),)}, {Kind.CLONE}),
        ({"streams": (Stream("e0", 5, 5, 0, True, (), 0),)}, set()),  # it has begun anew since
        ({"alarms": (Alarm("two_live", "", utc(-60), utc(-1), 2),)}, {Kind.CLONE}),
        ({"alarms": (Alarm("two_live", "", utc(-9999), utc(-9999), 2),)}, set()),
    ],
)  # fmt: skip
def test_each_trouble_of_a_station_is_found(more: dict[str, object], kinds: set[Kind]) -> None:
    assert {key.kind for key in found(station(**more))} == kinds


def test_without_the_broker_only_that_is_told() -> None:
    assert found(station(behind=3, clock="free"), broker=False) == {Key("", Kind.BROKER)}


def test_a_watermark_that_moves_is_another_finding_each_time() -> None:
    there, later = (station(behind=3, streams=(Stream("e1", upto, 9, 0, False, (), 0),)) for upto in (4, 5))
    assert found(there) != found(later)
    assert found(there) == found(there)


# --- patience -----------------------------------------------------------------------------------------


def test_a_fault_is_told_when_it_lasts_and_its_end_when_that_lasts() -> None:
    watched: list[Watch] = []
    told: list[tuple[int, str]] = []
    for minute in range(30):
        broken = 3 <= minute < 12
        before = {one.key: one for one in watched}
        watched = step(watched, {PAD: "no answer"} if broken else {}, NOW + minute * MINUTE)
        for one in watched:
            if one.raised is not None and (PAD not in before or before[PAD].raised is None):
                told.append((minute, "raised"))
            if one.ended is not None:
                told.append((minute, "ended"))
        watched = [one for one in watched if one.ended is None]
    assert told == [(5, "raised"), (17, "ended")]


def test_a_plug_that_is_pushed_back_at_once_is_no_news_and_a_loose_one_is_one_alert() -> None:
    watched: list[Watch] = []
    raised = 0
    for second in range(0, 3600, 10):
        flickers = {PAD: ""} if second % 60 < 20 else {}
        before = {one.key for one in watched if one.raised}
        watched = step(watched, flickers, NOW + timedelta(seconds=second))
        raised += len({one.key for one in watched if one.raised} - before)
        watched = [one for one in watched if one.ended is None]
    assert raised == 1
    assert step([], {PAD: ""}, NOW)[0].raised is None


@settings(max_examples=60)
@given(st.lists(st.booleans(), max_size=120), st.sampled_from(list(Kind)))
def test_nothing_is_told_before_its_time_nor_ended_while_it_was_just_seen(
    course: list[bool], kind: Kind
) -> None:
    key, watched, last = Key("kiosk-1", kind), [], NOW
    for number, wrong in enumerate(course):
        now = NOW + number * MINUTE
        last = now if wrong else last
        watched = step(watched, {key: ""} if wrong else {}, now)
        assert len(watched) <= 1
        for one in watched:
            assert one.raised is None or one.raised - one.first >= HOLD[kind]
            assert one.ended is None or now - last >= CALM
        watched = [one for one in watched if one.ended is None]


# --- the book and the watch ---------------------------------------------------------------------------


class Desk:
    """The watch over a board, with a teller that the test can break."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.told: list[tuple[str, bool]] = []
        self.broken = False
        self.watch = AlertWatch(
            board.store, lambda: board.status.connected, {"test": self._tell}, lambda: board.now
        )

    def after(self, minutes: float) -> list[tuple[str, bool]]:
        """What people were told in so many minutes."""
        self.told.clear()
        for _ in range(int(minutes)):
            self.board.now += MINUTE
            self.watch.look()
        return list(self.told)

    def _tell(self, alerts: Sequence[Alert], _now: datetime) -> None:
        if self.broken:
            raise mail.NotSent("the mail server is away")
        self.told += [(one.kind.value, one.open) for one in alerts]


@pytest.fixture
def desk(board: Board) -> Desk:
    return Desk(board)


def test_people_are_told_once_of_a_fault_and_once_of_its_end(board_of_each: Board) -> None:
    board = board_of_each
    desk = Desk(board)
    board.birth("kiosk-1")
    board.say("kiosk-1", DeviceFault("pad", "no answer"))
    assert desk.after(1) == []
    assert desk.after(5) == [("reader", True)]
    assert desk.after(60) == []
    board.say("kiosk-1", DeviceRecovered("pad"))
    assert desk.after(4) == []
    assert desk.after(5) == [("reader", False)]
    assert desk.after(20) == []


def test_a_connected_station_whose_watermark_stands_still_for_an_hour_is_told(desk: Desk) -> None:
    board = desk.board
    board.birth("kiosk-1", next_seq=30)
    for _ in range(8):  # it comes slowly, but it comes
        board.say("kiosk-1", CheckedOut("LK-1", "T-1", "6-8", "2026-12-05"))
        assert desk.after(50) == []
    assert desk.after(20) == [("standstill", True)]


def test_a_station_on_the_road_is_told_only_when_it_is_late(desk: Desk) -> None:
    desk.board.birth("van")
    desk.board.gone("van")
    desk.board.plan("van", 1)
    assert desk.after(55) == []
    assert desk.after(10) == [("away", True)]


def test_what_could_not_be_told_is_told_later_and_the_page_says_so(desk: Desk) -> None:
    desk.board.birth("kiosk-1")
    desk.board.say("kiosk-1", DeviceFault("pad", "no answer"))
    desk.broken = True
    assert desk.after(5) == []
    assert "the mail server is away" in desk.watch.trouble
    desk.board.alert_trouble = desk.watch.trouble
    assert "the mail server is away" in desk.board.text("/alerts")
    desk.broken = False
    assert desk.after(1) == [("reader", True)]
    assert desk.watch.trouble == ""


def test_one_way_that_fails_does_not_make_the_other_tell_twice(board: Board) -> None:
    heard: list[str] = []

    def refuse(alerts: Sequence[Alert], now: datetime) -> None:
        raise mail.NotSent("away")

    tellers = {"good": lambda alerts, now: heard.extend(one.kind.value for one in alerts), "bad": refuse}
    watch = AlertWatch(board.store, lambda: False, tellers, lambda: board.now)
    for _ in range(6):
        watch.look()
        board.now += MINUTE
    assert heard == ["broker"]


def test_a_librarian_takes_notice_and_the_others_see_who(desk: Desk) -> None:
    board = desk.board
    board.birth("kiosk-1")
    board.say("kiosk-1", DeviceFault("pad", "no answer"))
    assert "Mọi việc đều ổn" in board.text("/alerts")
    desk.after(5)
    board.at_work(name="Cô Hoa")
    assert "<b>1</b>" in board.text("/")
    with board.store.reading() as connection:
        [alert] = book.alerts(connection)
    page = board.text("/alerts")
    assert "kiosk-1: tấm đọc không hoạt động" in page.lower()
    assert "Kiểm tra dây của tấm đọc" in page
    for number in ("x", "99", "-1", "9" * 30, str(alert.n)):
        assert board.send("/alerts", n=number).status_code == 303
    assert "Cô Hoa đã nhận lúc 15:05" in board.text("/alerts")
    assert "<b>1</b>" not in board.text("/")
    board.say("kiosk-1", DeviceRecovered("pad"))
    desk.after(10)
    assert "Đã qua" in board.text("/alerts")


# --- by mail ------------------------------------------------------------------------------------------


def an_alert(
    kind: Kind = Kind.READER, detail: str = "no answer", *, ended: str | None = None, name: str = "kiosk-1"
) -> Alert:
    return Alert(1, name, kind, "pad", detail, utc(-5), utc(0), ended, None, "")


@pytest.fixture
def post() -> MailServer:  # type: ignore[misc]
    with MailServer() as server:
        yield server


def settings_for(post: MailServer, **more: object) -> AlertSettings:
    whole = {
        "server": post.address,
        "security": "none",
        "sender": "goc-doc@thuvien.example",
        "to": ("a@b.example", "c@d.example"),
    }
    return AlertSettings(mail=Mail(**(whole | more)), pages="https://centre.example/")  # type: ignore[arg-type]


def test_a_letter_reaches_everybody_in_words_and_says_what_to_do(post: MailServer) -> None:
    tell = mail.mailer(settings_for(post))
    assert tell is not None
    tell([an_alert(), an_alert(Kind.AWAY, ended=utc(0))], NOW)
    [letter] = post.letters
    assert post.receivers == ["a@b.example", "c@d.example"]
    assert letter["Subject"] == "[Góc Đọc] kiosk-1: tấm đọc không hoạt động và 1 việc nữa"
    assert letter["Auto-Submitted"] == "auto-generated"
    text = letter.get_content()
    assert "Kiểm tra dây của tấm đọc" in text
    assert "Những việc đã ổn:" in text
    assert "https://centre.example/" in text


def test_nothing_a_station_says_becomes_a_header_of_the_letter(post: MailServer) -> None:
    tell = mail.mailer(settings_for(post))
    assert tell is not None
    hostile = "x\r\nBcc: everybody@example.org\r\n\r\n.\r\nMAIL FROM:<x>"
    alert = Alert(1, "kiosk-1", Kind.DEVICE, hostile, hostile, utc(0), utc(0), None, None, "")
    tell([alert], NOW)
    [letter] = post.letters
    assert letter["Bcc"] is None
    assert post.receivers == ["a@b.example", "c@d.example"]
    assert "Bcc: everybody" in letter.get_content()


def test_a_mail_server_that_refuses_or_is_away_is_named(post: MailServer) -> None:
    settings = settings_for(post)
    tell = mail.mailer(settings)
    assert tell is not None
    post.refusing = True
    with pytest.raises(mail.NotSent, match="no letters today"):
        tell([an_alert()], NOW)
    post.shutdown()
    post.server_close()
    with pytest.raises(mail.NotSent, match="did not take the letter"):
        tell([an_alert()], NOW)


def test_every_kind_of_alert_has_words_and_advice_in_both_languages() -> None:
    for language in ("vi", "en"):
        t = Words(language)
        for kind in Kind:
            assert t.alert(an_alert(kind))
            assert t(f"advice_{kind.value}")


def test_the_settings_file_says_who_is_told(tmp_path: Path) -> None:
    assert read_alert_settings(tmp_path) == AlertSettings()
    (tmp_path / FILE).write_text(
        'language = "en"\n[mail]\nserver = "localhost:25"\nsecurity = "none"\n'
        'sender = "goc-doc@thuvien.example"\nto = ["thu-thu@thuvien.example"]\n'
    )
    found = read_alert_settings(tmp_path)
    assert found.mail is not None
    assert found.mail.to == ("thu-thu@thuvien.example",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("language = 'fr'", "language"),
        ("wrong = 1", "wrong"),
        ("= x", "not TOML"),
        ("[mail]\nserver = 'localhost'\nsender = 'a@b.example'\nto = ['a@b.example']", "HOST:PORT"),
        ("[mail]\nserver = 'a:25'\nsender = 'nobody'\nto = ['a@b.example']", "not a mail address"),
        ("[mail]\nserver = 'a:25'\nsender = 'a@b.example'\nto = ['x\\n@y']", "mail.to"),
        ("[mail]\nserver = 'a:25'\nsender = 'a@b.example'\nto = []", "mail.to"),
        (
            "[mail]\nserver = 'a:25'\nsender = 'a@b.example'\nto = ['a@b.example']\n"
            "security = 'none'\nusername = 'x'",
            "not sent without encryption",
        ),
    ],
)
def test_a_wrong_settings_file_is_named_with_the_key(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(SettingsWrong, match=FILE) as caught:
        read_alert_settings(tmp_path)
    assert said in str(caught.value)


# --- by MQTT ------------------------------------------------------------------------------------------


@pytest.mark.broker
def test_alerts_are_said_on_their_topic(broker: LocalBroker) -> None:
    with Listener(broker, wire.TOPIC) as heard:
        wire.publish(BrokerAddress(broker.host, broker.port), [an_alert(), an_alert(Kind.AWAY, ended=utc(1))])
        heard.until(lambda: len(heard.heard) == 2)
    first, second = (json.loads(payload) for payload in heard.on("gocdoc/1/srv/alerts"))
    assert (first["station"], first["kind"], first["about"], first["state"]) == (
        "kiosk-1",
        "reader",
        "pad",
        "raised",
    )
    assert second["state"] == "ended"


@pytest.mark.broker
def test_a_broker_that_does_not_let_it_say_so_is_named(guarded_broker: LocalBroker, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("of the station")
    login = BrokerAddress(
        guarded_broker.host, guarded_broker.port, username="kiosk-1", password_file=password
    )
    with pytest.raises(BrokerTrouble, match="does not let this login write"):
        wire.publish(login, [an_alert()])
    password.write_text("wrong")
    with pytest.raises(BrokerTrouble, match="refuses the login"):
        wire.publish(login, [an_alert()])
    guarded_broker.stop()
    with pytest.raises(BrokerTrouble, match="no connection"):
        wire.publish(login, [an_alert()])


def test_a_centre_with_a_wrong_settings_file_says_so_and_does_not_start(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("[mail]\nserver = 'nowhere'\n")
    run = CliRunner().invoke(app, ["serve", "--data", str(tmp_path), "--port", "0"])
    assert run.exit_code == 1
    assert f"{FILE}: mail." in run.stderr
