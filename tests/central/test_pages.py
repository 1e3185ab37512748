"""The board and the pages of single stations, in two languages; nothing a station says becomes markup."""

from __future__ import annotations

import re
import time
from datetime import UTC, timedelta
from pathlib import Path

import pytest

import central.pages
from central import commands
from central.ingest import IngestStatus
from central.pages.words import _WORDS, LANGUAGES, Words
from central.people.accounts import Role
from central.store import CentralStore, url_of
from kiosk.commands import Answer
from kiosk.facts import CheckedOut, DeviceFault, DeviceRecovered, DoorCrossed, HelpCalled, Renewed, Returned
from kiosk.news import notice
from tests.central.board import HOSTILE, NOW, Board, words_of

PATHS = ["/", "/stations/kiosk-1", "/usage", "/messages", "/alerts", "/aside", "/log", "/me"]


def rows_of_board(page: str) -> dict[str, str]:
    rows = page.split('<tr role="row"')[2:]
    return {re.findall(r'href="/stations/([^"]+)"', row)[0]: words_of(row) for row in rows}


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
        "Từ chối": "0",
        "Gọi giúp": "1",
    }


def test_connected_caught_up_and_healthy_are_three_separate_facts(board: Board) -> None:
    board.birth("far-away", minutes_ago=4320)
    board.gone("far-away", minutes_ago=4320)
    board.birth("behind", next_seq=16, oldest_unsent=(NOW - timedelta(minutes=9)).isoformat())
    board.birth("broken", minutes_ago=60)
    board.say("broken", DeviceFault("pad", "no answer"), minutes_ago=23)
    board.plan("far-away", 168)
    board.birth("behind", next_seq=16, oldest_unsent=(NOW - timedelta(minutes=9)).isoformat())
    rows = rows_of_board(board.text("/?lang=en"))
    assert "Away as planned" in rows["far-away"]
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


@pytest.mark.parametrize(
    ("hours", "away_h", "words"),
    [
        (23, 24, "Not connected"),
        (25, 24, "Away too long"),
        (25, 72, "Away as planned"),
        (73, 72, "Away too long"),
    ],
)
def test_being_away_is_judged_by_the_stations_own_plan(
    board: Board, hours: int, away_h: int, words: str
) -> None:
    board.birth("kiosk-1", minutes_ago=hours * 60)
    board.gone("kiosk-1", minutes_ago=hours * 60)
    board.plan("kiosk-1", away_h)
    assert words in rows_of_board(board.text("/?lang=en"))["kiosk-1"]
    assert ("to look at" in board.text("/?lang=en")) == (words == "Away too long")


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
    board.say(
        "kiosk-1",
        DeviceFault(HOSTILE, HOSTILE),
        CheckedOut(HOSTILE, HOSTILE, HOSTILE, HOSTILE),
        library=HOSTILE,
    )
    board.take(f"gocdoc/1/{HOSTILE}/evt/loan", HOSTILE.encode())
    board.take("gocdoc/1/kiosk-1/evt/loan", HOSTILE.encode())
    board.status = IngestStatus(connected=True, trouble=HOSTILE)
    board.alert_trouble = board.courier_trouble = HOSTILE
    board.told[""] = (notice("n1", HOSTILE, begins=NOW, ends=NOW + timedelta(hours=1)),)
    board.at_work(Role.ADMIN, HOSTILE)
    board.plan("kiosk-1", 24, HOSTILE)
    for path in [
        *PATHS,
        *(f"/usage?by={by}&station={HOSTILE}" for by in ("day", "title")),
        "/usage?by=title",
    ]:
        page = board.text(f"{path}{'&' if '?' in path else '?'}lang={lang}")
        assert "<script>alert" not in page
        assert page.count("<script") == 1  # our own
        assert not re.search(r"<[a-z]+[^>]*\son\w+=", page)
    for path, least in (("/", 4), ("/stations/kiosk-1", 5), ("/aside", 2), ("/alerts", 1), ("/messages", 1)):
        assert board.text(path).count("&lt;script&gt;alert") >= least, "shown, not hidden"
    for live in ("/live/board", "/live/stations/kiosk-1", "/live/alerts"):
        assert "<script" not in board.text(live)


def test_who_asks_something_of_a_station_is_told_when_nothing_can_be_sent(board: Board) -> None:
    board.birth("kiosk-1")
    assert "cannot be sent now" not in board.text("/stations/kiosk-1?lang=en")
    board.courier_trouble = "the broker at 127.0.0.1:1883 refuses the login 'courier'"
    page = board.text("/stations/kiosk-1?lang=en")
    assert "Lists, rules and requests cannot be sent now" in page
    assert "refuses the login" in page
    assert "Chưa gửi được danh mục" in board.text("/live/stations/kiosk-1/orders?lang=vi")


def test_a_device_name_that_is_sql_is_kept_shown_and_not_run(board_of_each: Board) -> None:
    board, name = board_of_each, "x'; DROP TABLE event;--"
    board.birth("kiosk-1")
    board.say("kiosk-1", DeviceFault(name, "=1+1"))
    board.take("gocdoc/1/y'; DELETE FROM station;--/state", b"{}")
    assert name.replace("'", "&#39;") in board.text("/")
    aside = board.text("/aside")
    assert "y&#39;; DELETE FROM station;--" in aside
    assert "không phải trạm nào" in aside
    board.say("kiosk-1", HelpCalled("Lent"))
    assert board.client.get("/api/stations").json()["stations"][0]["today"]["help_calls"] == 1


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


@pytest.mark.parametrize(
    "path", [*PATHS, "/live/board", "/api/stations", "/healthz", "/static/pages.js", "/nothing", "/login"]
)
def test_every_answer_carries_the_security_headers(board: Board, path: str) -> None:
    headers = board.client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_eighty_stations_come_in_under_100_ms_and_under_100_kb(board: Board) -> None:
    loans = [CheckedOut("LK-1", "T-1", "6-8", "2026-12-05")] * 30
    for number in range(80):
        board.birth(f"truong-tieu-hoc-so-{number}")
        board.say(
            f"truong-tieu-hoc-so-{number}",
            *loans,
            DeviceFault("door", "beam 2 is dark"),
            DoorCrossed("in", "door"),
        )
    board.at_work()
    page = board.text()
    times = []
    for _ in range(5):
        began = time.perf_counter()
        board.text()
        times.append(time.perf_counter() - began)
    assert min(times) < 0.1
    wanted = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert len(page.encode()) + sum(len(board.client.get(path).content) for path in set(wanted)) < 100_000


def test_the_pages_bring_everything_themselves_and_stay_small(board: Board) -> None:
    board.birth("kiosk-1")
    board.say("kiosk-1", *[CheckedOut("LK-1", f"T-{n}", "6-8", "2026-12-05") for n in range(300)])
    board.at_work(Role.ADMIN)
    for path in [
        *PATHS,
        *(f"/usage?by={by}" for by in ("day", "hour", "title", "age")),
        "/usage?from=2024-01-01&to=2026-11-21",
    ]:
        page = board.text(path)
        assert not re.search(r'(?:src|href)="(?![/#])', page), "nothing comes from elsewhere"
        assert "style=" not in page
        assert not re.search(r"\son\w+=", page)
        assert len(page.encode()) < 100_000, path


def test_only_the_pages_own_files_are_given_out(board: Board) -> None:
    for name in ("app.py", "page.html", "..%2f..%2fstore.py", "%2e%2e/app.py", "pages.css/../app.py"):
        assert board.client.get(f"/static/{name}").status_code == 404
    for file in Path(central.pages.__file__).parent.glob("pages.*s*"):
        assert board.client.get(f"/static/{file.name}").status_code == 200


def test_an_unchanged_board_is_not_sent_again(board: Board) -> None:
    board.birth("kiosk-1")
    first = board.client.get("/live/board")
    again = board.client.get("/live/board", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    board.say("kiosk-1", HelpCalled("Lent"))
    changed = board.client.get("/live/board", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_a_database_that_cannot_be_read_is_said_in_words(tmp_path: Path) -> None:
    store = CentralStore(url_of(tmp_path))
    board = Board(store)
    board.birth("kiosk-1")
    store.close()
    Path(store.name).write_bytes(b"this is not a database" * 200)
    for suffix in ("-wal", "-shm"):
        Path(store.name + suffix).unlink(missing_ok=True)
    answer = board.client.get("/?lang=en")
    assert answer.status_code == 503
    assert answer.text == "The centre's database cannot be read just now."
    assert board.client.get("/healthz").status_code == 503


# --- one station --------------------------------------------------------------------------------------


def test_a_stations_page_tells_its_day_its_troubles_and_what_was_sent_to_it(board: Board) -> None:
    board.birth("kiosk-1", minutes_ago=300)
    board.say("kiosk-1", DeviceFault("door", "beam 2 is dark"), minutes_ago=60)
    board.say("kiosk-1", DeviceRecovered("door"), minutes_ago=50)
    board.say("kiosk-1", *[CheckedOut("LK-1", "T-1", "6-8", "2026-12-05")] * 3, DoorCrossed("in", "door", 4))
    board.say("kiosk-2", *[CheckedOut("LK-1", "T-1", "6-8", "2026-12-05")] * 9)
    board.at_work(name="Cô Hoa")
    board.send("/messages", station="kiosk-1", text="Chiều nay kể chuyện", hours="2")
    page = board.text("/stations/kiosk-1?lang=en")
    assert dict(re.findall(r"<dt>([^<]+)</dt><dd>(\d+)</dd>", page))["Loans"] == "3"
    assert "<title>15:00: 3</title>" in page
    assert "<title>21/11: 4</title>" in page
    said = words_of(page)
    assert "Door sensor : Stopped working beam 2 is dark" in said
    assert "Door sensor : Works again" in said
    assert "Cô Hoa : Sent a message Chiều nay kể chuyện" in said
    assert board.client.get("/stations/kiosk-9").status_code == 404
    assert board.client.get("/stations/x'--").status_code == 404
    assert "There is no such page" in board.client.get("/stations/kiosk-9").text


def test_a_station_gets_a_place_and_a_plan(board: Board) -> None:
    board.birth("kiosk-1")
    board.at_work()
    answer = board.send("/stations/kiosk-1/plan", place="  Thư viện xã\u0000 Mường Phăng ", away="168")
    assert answer.headers["Location"] == "/stations/kiosk-1?said=saved"
    page = board.text("/stations/kiosk-1?said=saved")
    assert "Thư viện xã Mường Phăng" in page
    assert '<option value="168" selected>' in page
    assert "Đã lưu" in page
    board.send("/stations/kiosk-1/plan", place="Thư viện xã", away="-5")
    assert '<option value="168" selected>' in board.text("/stations/kiosk-1")
    assert "Thư viện xã" in rows_of_board(board.text())["kiosk-1"]


# --- messages -----------------------------------------------------------------------------------------


def test_a_message_is_sent_shown_and_taken_down(board: Board) -> None:
    board.birth("kiosk-1")
    board.at_work()
    assert board.send("/messages", station="", text="Giờ kể chuyện", hours="12").status_code == 303
    [told] = board.told[""]
    assert (told.text, told.ends.isoformat()) == ("Giờ kể chuyện", "2026-11-22T00:00:00+07:00")
    assert "Giờ kể chuyện" in board.text("/messages")
    board.send("/messages", station="kiosk-1", text="Hôm nay đóng cửa sớm", hours="2")
    assert board.told["kiosk-1"][0].ends == NOW + timedelta(hours=2)
    board.send("/messages/down", station="", id=told.id)
    board.send("/messages/down", station="", id=told.id)  # somebody else was quicker
    assert board.told[""] == ()
    assert "Chưa có lời nhắn nào" in board.text("/messages")


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "Hãy viết lời nhắn"), ("  \n", "Hãy viết lời nhắn"), ("x" * 300, "không gửi được")],
)
def test_a_message_that_cannot_be_sent_is_said_in_words_and_not_lost(
    board: Board, text: str, words: str
) -> None:
    board.at_work()
    answer = board.send("/messages", station="", text=text, hours="2")
    assert answer.status_code == 400
    assert words in answer.text
    assert text.strip() in answer.text
    assert board.told == {}


def test_without_the_broker_a_message_is_not_sent_and_that_is_said(board: Board) -> None:
    board.at_work()
    board.status = IngestStatus(connected=False)
    answer = board.send("/messages", station="", text="Chào các con", hours="2")
    assert "trung tâm không nối được" in answer.text
    assert "Chào các con" in answer.text


# --- programs -----------------------------------------------------------------------------------------


def test_prometheus_is_let_in_by_its_token_and_reads_every_station(board: Board) -> None:
    board.birth("kiosk-1", next_seq=3)
    board.say("kiosk-1", CheckedOut("LK-1", "T-1", "6-8", "2026-12-05"))
    board.say("kiosk-2", DeviceFault("pad", "no answer"))
    assert board.client.get("/metrics").status_code == 401
    assert board.client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    answer = board.client.get("/metrics", headers={"Authorization": "Bearer of prometheus"})
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = answer.text.splitlines()
    for line in (
        "gocdoc_broker_connected 1",
        'gocdoc_station_connected{station="kiosk-1"} 1',
        'gocdoc_station_behind{station="kiosk-1"} 1',
        'gocdoc_station_faults{station="kiosk-2"} 1',
        'gocdoc_loans{station="kiosk-1"} 1',
    ):
        assert line in lines
    for line in lines:
        assert re.fullmatch(r'# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"]*"\})? -?\d+', line), line


def test_healthz_needs_no_login_and_tells_nothing_of_a_station(board: Board) -> None:
    board.birth("kiosk-1")
    board.employ()
    assert board.browser("anywhere", "192.0.2.7").get("/healthz").json() == {"ok": True, "broker": True}


# --- what a station is asked for ----------------------------------------------------------------------


def test_a_librarian_has_a_station_do_something_and_reads_its_answer(board_of_each: Board) -> None:
    board = board_of_each
    board.birth("kiosk-1")
    board.at_work(name="Cô Hoa")
    assert board.send("/stations/kiosk-1/order", do="identify").headers["Location"].endswith("said=ordered")
    board.now += timedelta(seconds=1)
    board.send("/stations/kiosk-1/order", do="out_of_order", text="Mình được sửa <b>nhé</b>")
    page = board.text("/stations/kiosk-1")
    assert "đang đợi trạm" in page
    with board.store.writing() as connection:
        newest, first = commands.of_station(connection, "kiosk-1")
        assert (first.name, first.by, newest.args) == (
            "identify",
            "Cô Hoa",
            {"on": True, "text": "Mình được sửa <b>nhé</b>"},
        )
        commands.answered(connection, "kiosk-1", Answer(first.id, "identify", "done"), NOW)
        told = Answer(newest.id, "out_of_order", "failed", HOSTILE, {HOSTILE: HOSTILE})
        commands.answered(connection, "kiosk-1", told, NOW)
    live = board.text("/live/stations/kiosk-1/orders")
    assert "đã xong" in live
    assert "trạm làm không được" in live
    assert "<script>" not in live
    assert "Nhờ trạm làm" in words_of(board.text("/stations/kiosk-1"))


def test_what_no_button_says_is_not_sent(board: Board) -> None:
    board.birth("kiosk-1")
    board.at_work()
    assert board.send("/stations/kiosk-1/order", do="format_card").status_code == 404
    assert board.send("/stations/all/order", do="identify").headers["Location"].endswith("said=order_refused")
    assert board.send("/stations/x'--/order", do="identify").status_code == 404
    with board.store.reading() as connection:
        assert commands.of_station(connection, "all") == commands.of_station(connection, "kiosk-1") == []
