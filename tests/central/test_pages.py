"""The board: three separate facts a station, in two languages, and nothing a station says becomes markup."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import central.pages
from central.delivery import Delivery
from central.ingest import IngestStatus
from central.ledger import Ledger
from central.pages.app import create_app
from central.pages.words import _WORDS, LANGUAGES, Words
from central.store import CentralStore
from kiosk.facts import (
    CheckedOut,
    DeviceFault,
    DoorCrossed,
    Fact,
    HelpCalled,
    Renewed,
    Returned,
    envelope,
    topic_events,
    topic_state,
)

HANOI = timezone(timedelta(hours=7))
NOW = datetime(2026, 11, 21, 15, 0, tzinfo=HANOI)
HOSTILE = "<script>alert('1')</script>&\"'"


class Board:
    """The pages over a database the test fills."""

    def __init__(self, store: CentralStore) -> None:
        self.status = IngestStatus(connected=True)
        self._store = store
        self._seq: dict[str, int] = {}
        self.client = TestClient(create_app(store, lambda: self.status, lambda: NOW))

    def say(self, station: str, *facts: Fact, minutes_ago: int = 0, clock: str = "ntp") -> None:
        at = NOW - timedelta(minutes=minutes_ago)
        for fact in facts:
            seq = self._seq[station] = self._seq.get(station, 0) + 1
            event = envelope(fact, kiosk=station, epoch="e1", seq=seq, boot=1, mono=seq, clock=clock, wall=at)
            self._take(Delivery(topic_events(station, fact.cls), event.to_json()), at)

    def birth(self, station: str, *, minutes_ago: int = 0, **more: object) -> None:
        state: dict[str, object] = {"online": True, "session": "s1", "epoch": "e1", "version": "0.1.0"}
        state |= {"next_seq": self._seq.get(station, 0) + 1} | more
        at = NOW - timedelta(minutes=minutes_ago)
        self._take(Delivery(topic_state(station), json.dumps(state).encode()), at)

    def gone(self, station: str, *, minutes_ago: int = 0) -> None:
        state = json.dumps({"online": False, "session": "s1"}).encode()
        self._take(Delivery(topic_state(station), state), NOW - timedelta(minutes=minutes_ago))

    def skip(self, station: str, numbers: int) -> None:
        self._seq[station] = self._seq.get(station, 0) + numbers

    def text(self, path: str = "/") -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200
        return answer.text

    def _take(self, delivery: Delivery, at: datetime) -> None:
        Ledger(self._store, lambda: at.astimezone(UTC)).take([delivery])


@pytest.fixture
def board(store: CentralStore) -> Board:
    return Board(store)


def words_of(markup: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", f"<{markup}"))


def test_an_empty_board_says_what_will_appear(board: Board) -> None:
    assert "Chưa có trạm nào báo về" in board.text()
    assert "No station has reported yet" in board.text("/?lang=en")


def test_todays_figures_are_shown_by_station_and_in_sum(board: Board) -> None:
    loan = CheckedOut("LK-1", "T-1", "6-8", "2026-12-05")
    board.birth("kiosk-1")
    board.say(
        "kiosk-1", loan, loan, Returned("LK-1", "T-1", "6-8"), Renewed("LK-2", "T-1", "6-8", "2026-12-05")
    )
    board.say("kiosk-2", loan, DoorCrossed("in", "door", 3), DoorCrossed("out", "door"), HelpCalled("Lent"))
    board.say("kiosk-2", loan, minutes_ago=24 * 60)  # yesterday
    found = board.client.get("/api/stations").json()
    assert found["today"] == "2026-11-21"
    assert {one["id"]: one["today"] for one in found["stations"]} == {
        "kiosk-1": {
            "loans": 2, "returns": 1, "renewals": 1, "refusals": 0, "undone": 0,
            "visits_in": 0, "visits_out": 0, "help_calls": 0,
        },
        "kiosk-2": {
            "loans": 1, "returns": 0, "renewals": 0, "refusals": 0, "undone": 0,
            "visits_in": 3, "visits_out": 1, "help_calls": 1,
        },
    }  # fmt: skip
    tiles = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", board.text()))
    assert tiles == {
        "Mượn": "3",
        "Trả": "1",
        "Gia hạn": "1",
        "Lượt vào": "3",
        "Lượt ra": "1",
        "Gọi giúp": "1",
    }


def test_connected_caught_up_and_healthy_are_three_separate_facts(board: Board) -> None:
    board.birth("far-away", minutes_ago=4320)
    board.gone("far-away", minutes_ago=4320)
    board.birth("behind", next_seq=16, oldest_unsent=(NOW - timedelta(minutes=9)).isoformat())
    board.birth("broken", minutes_ago=60)
    board.say("broken", DeviceFault("pad", "no answer"), minutes_ago=23)
    rows = {words_of(row).split()[0]: words_of(row) for row in board.text("/?lang=en").split("<th role")[11:]}
    assert "Not connected" in rows["far-away"]
    assert "Heard 3 days ago" in rows["far-away"]
    assert "All received" in rows["far-away"]
    assert "No fault reported" in rows["far-away"]
    assert "Connected" in rows["behind"]
    assert "15 facts not here yet" in rows["behind"]
    assert "oldest 9 min ago" in rows["behind"]
    assert "No fault reported" in rows["behind"]
    assert "All received" in rows["broken"]
    assert "Pad not working" in rows["broken"]
    assert "no answer" in rows["broken"]


def test_a_station_whose_clock_runs_free_says_so_until_it_is_set(board: Board) -> None:
    board.birth("kiosk-1")
    board.say("kiosk-1", HelpCalled("Lent"), clock="free")
    board.birth("kiosk-1")  # says nothing of the clock, and takes nothing back
    assert "Clock not synchronised" in board.text("/?lang=en")
    board.say("kiosk-1", HelpCalled("Lent"), clock="ntp")
    assert "Clock not synchronised" not in board.text("/?lang=en")


def test_a_gap_is_named(board: Board) -> None:
    board.birth("kiosk-1")
    board.skip("kiosk-1", 2)
    board.say("kiosk-1", HelpCalled("Lent"), HelpCalled("Lent"))
    assert "Thiếu số 1–2" in board.text()
    assert "2 facts not here yet" in board.text("/?lang=en")


def test_stations_to_look_at_come_first(board: Board) -> None:
    board.birth("aaa")
    board.birth("zzz")
    board.say("zzz", DeviceFault("pad", "no answer"))
    page = board.text()
    assert page.index("zzz") < page.index("aaa")
    assert "1 cần xem" in page


def test_without_the_broker_nobody_is_called_disconnected(board: Board) -> None:
    board.birth("kiosk-1")
    board.status = IngestStatus(connected=False, trouble="no connection to the broker example:1883")
    assert board.client.get("/api/stations").json()["stations"][0]["connected"] is None
    page = board.text("/?lang=en")
    assert "Not known" in page
    assert "Not connected" not in page
    assert "no connection to the broker example:1883" in page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_a_station_says_becomes_markup(board: Board, lang: str) -> None:
    board.birth("kiosk-1", version=HOSTILE, clock=HOSTILE[:8], oldest_unsent=HOSTILE, next_seq=9)
    board.say("kiosk-1", DeviceFault(HOSTILE, HOSTILE))
    board.status = IngestStatus(connected=True, trouble=HOSTILE)
    page = board.text(f"/?lang={lang}")
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert") == 5
    assert page.count("<script") == 1  # our own
    board.text(f"/board?lang={lang}")


def test_a_wrong_language_is_vietnamese(board: Board) -> None:
    for lang in ("fr", "", HOSTILE):
        answer = board.client.get("/", params={"lang": lang})
        assert '<html lang="vi">' in answer.text


def test_both_languages_say_everything() -> None:
    assert set(_WORDS["vi"]) == set(_WORDS["en"])
    for key, vietnamese in _WORDS["vi"].items():
        assert re.findall(r"{\w+}", vietnamese) == re.findall(r"{\w+}", _WORDS["en"][key]), key


@pytest.mark.parametrize(
    ("ago", "vietnamese", "english"),
    [
        (timedelta(seconds=-300), "vừa xong", "just now"),
        (timedelta(seconds=59), "vừa xong", "just now"),
        (timedelta(minutes=1), "1 phút trước", "1 min ago"),
        (timedelta(hours=47), "47 giờ trước", "47 h ago"),
        (timedelta(days=1200), "1.200 ngày trước", "1,200 days ago"),
    ],
)
def test_how_long_ago_is_said_in_words(ago: timedelta, vietnamese: str, english: str) -> None:
    moment = (NOW - ago).astimezone(UTC).isoformat()
    assert Words("vi").ago(moment, NOW) == vietnamese
    assert Words("en").ago(moment, NOW) == english


@pytest.mark.parametrize("path", ["/", "/board", "/api/stations", "/healthz", "/static/board.js", "/nothing"])
def test_every_answer_carries_the_security_headers(board: Board, path: str) -> None:
    headers = board.client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_the_page_brings_everything_itself_and_stays_small(board: Board) -> None:
    for number in range(60):
        board.birth(f"kiosk-{number}")
    page = board.text()
    wanted = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert not re.search(r'(?:src|href)="(?!/)', page), "nothing comes from elsewhere"
    assert "style=" not in page
    assert not re.search(r"\son\w+=", page)
    assert len(page.encode()) + sum(len(board.client.get(path).content) for path in set(wanted)) < 100_000


def test_only_the_pages_own_files_are_given_out(board: Board) -> None:
    for name in ("app.py", "page.html", "..%2f..%2fstore.py", "%2e%2e/app.py", "board.css/../app.py"):
        assert board.client.get(f"/static/{name}").status_code == 404
    for file in Path(central.pages.__file__).parent.glob("board.*s*"):
        assert board.client.get(f"/static/{file.name}").status_code == 200


def test_an_unchanged_board_is_not_sent_again(board: Board) -> None:
    board.birth("kiosk-1")
    first = board.client.get("/board")
    again = board.client.get("/board", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    board.say("kiosk-1", HelpCalled("Lent"))
    changed = board.client.get("/board", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_a_database_that_cannot_be_read_is_said_in_words(board: Board, store: CentralStore) -> None:
    board.birth("kiosk-1")
    store.close()
    Path(store.name).write_bytes(b"this is not a database" * 200)
    for suffix in ("-wal", "-shm"):
        Path(store.name + suffix).unlink(missing_ok=True)
    answer = board.client.get("/?lang=en")
    assert answer.status_code == 503
    assert answer.text == "The centre's database cannot be read just now."
    assert board.client.get("/healthz").status_code == 503
