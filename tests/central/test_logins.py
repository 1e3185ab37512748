"""Who comes in: passwords, sessions, patience with guesses, the token of every form, roles, the log."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from typer.testing import CliRunner

from central.__main__ import app
from central.people import accounts, logins, passwords
from central.people.accounts import AccountRefused, Role
from central.people.audit import entries
from central.people.passwords import Cost, PasswordRefused
from central.people.tables import login, person
from central.store import CentralStore
from tests.central.board import HOSTILE, NOW, PASSWORD, Board, token_in

pytestmark = pytest.mark.usefixtures("cheap_passwords")
PAGES = [
    "/",
    "/stations/kiosk-1",
    "/usage",
    "/messages",
    "/alerts",
    "/aside",
    "/log",
    "/me",
    "/export/stations.csv",
]


def deeds(store: CentralStore) -> list[tuple[str, str, str]]:
    with store.reading() as connection:
        return [(one.who, one.what, one.about) for one in entries(connection)]


# --- passwords ---------------------------------------------------------------------------------------


@given(st.text(min_size=1, max_size=40))
def test_a_password_matches_itself_and_nothing_else(password: str) -> None:
    kept = passwords.hashed(password, Cost(2, 1, 1))
    assert passwords.matches(password, kept)
    assert not passwords.matches(f"{password}x", kept)
    assert password not in kept or len(password) < 4


def test_accents_may_be_typed_either_way_and_two_hashes_of_one_password_differ() -> None:
    composed, apart = "gi\u1edd k\u1ec3 chuy\u1ec7n", "gio\u031b\u0300 ke\u0302\u0309 chuye\u0323\u0302n"
    assert passwords.matches(apart, passwords.hashed(composed))
    assert passwords.hashed(composed) != passwords.hashed(composed)


def test_the_real_cost_is_scrypt_of_16_mebibytes() -> None:
    kept = passwords.hashed("dế mèn", Cost(14, 8, 5))
    assert kept.startswith("scrypt$14$8$5$")
    assert passwords.matches("dế mèn", kept)


@pytest.mark.parametrize(
    "password", ["", "short", "aaaaaaaaaaaaaaa", "hoa hoa hoa hoa"[:9], "Hoa2026123456", "x" * 201]
)
def test_a_password_that_anybody_would_guess_is_refused(store: CentralStore, password: str) -> None:
    with store.writing() as connection, pytest.raises(PasswordRefused):
        accounts.add(connection, "hoa", Role.ADMIN, password, NOW)


@pytest.mark.parametrize("name", ["", "x", "a" * 41, "a\nb\x00c"])
def test_a_name_that_is_none_is_refused_and_hostile_ones_are_only_text(
    store: CentralStore, name: str
) -> None:
    with store.writing() as connection, pytest.raises((AccountRefused, PasswordRefused)):
        accounts.add(connection, name, Role.ADMIN, PASSWORD, NOW)
    with store.writing() as connection:
        accounts.add(connection, "'; DROP TABLE person;--", Role.ADMIN, PASSWORD, NOW)
        assert len(accounts.accounts(connection)) == 1


def test_one_account_a_name_however_it_is_written(store: CentralStore) -> None:
    with store.writing() as connection:
        accounts.add(connection, "Cô Hoa", Role.LIBRARIAN, PASSWORD, NOW)
        with pytest.raises(AccountRefused, match="already"):
            accounts.add(connection, "CÔ  HOA", Role.ADMIN, PASSWORD, NOW)


# --- coming in ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_shown_before_somebody_is_logged_in(board: Board, path: str) -> None:
    board.birth("kiosk-1")
    board.employ()
    answer = board.client.get(path)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/login?next=%2F")
    assert "kiosk-1" not in answer.text
    for live in ("/live/board", "/live/stations/kiosk-1", "/live/alerts", "/api/stations"):
        assert board.client.get(live).status_code == 401


def test_the_right_password_leads_to_the_page_that_was_asked_for(board: Board) -> None:
    board.employ("Cô Hoa")
    page = board.client.get("/login?next=/usage%3Fby%3Dage").text
    fields = {"token": token_in(page), "name": "cô hoa", "password": PASSWORD, "next": "/usage?by=age"}
    answer = board.client.post("/login", data=fields)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/usage?by=age")
    assert "Cô Hoa" in board.text("/usage?by=age")


@pytest.mark.parametrize(
    "after", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1", "\t/x", ""]
)
def test_after_logging_in_nobody_is_led_elsewhere(board: Board, after: str) -> None:
    board.employ()
    token = token_in(board.client.get("/login").text)
    answer = board.client.post(
        "/login", data={"token": token, "name": "hoa", "password": PASSWORD, "next": after}
    )
    assert answer.headers["Location"] == "/"


def test_logging_in_works_with_each_kind_of_database(board_of_each: Board) -> None:
    board = board_of_each
    board.employ()
    assert [board.log_in(password="wrong").status_code for _ in range(5)] == [403, 403, 403, 429, 429]
    board.now += timedelta(seconds=3)
    assert board.log_in().status_code == 303
    board.text("/")


def test_the_cookie_is_for_our_pages_only_and_is_not_what_the_database_holds(board: Board) -> None:
    board.employ()
    cookie = board.log_in().headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie
    value = board.client.cookies["gocdoc_session"]
    with board.store.reading() as connection:
        assert value not in str(connection.execute(select(login)).all())
        assert PASSWORD not in str(connection.execute(select(person)).all())
    behind_tls = board.browser("localhost")
    behind_tls.base_url = "https://localhost"
    assert "Secure" in board.log_in(client=behind_tls).headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("name", "password"), [("hoa", "wrong"), ("nobody", PASSWORD), (HOSTILE, HOSTILE), ("", "")]
)
def test_a_wrong_name_or_password_is_answered_alike_and_written_down(
    board: Board, name: str, password: str
) -> None:
    board.employ()
    answer = board.log_in(name, password)
    assert answer.status_code == 403
    assert "Tên hoặc mật khẩu chưa đúng" in answer.text
    assert "<script>alert" not in answer.text
    assert ("", "refused", "hoa" if name == "hoa" else "?") in deeds(board.store)
    assert "gocdoc_session" not in board.client.cookies


def test_guesses_grow_slower_and_the_right_password_waits_too(board: Board) -> None:
    board.employ()
    waits = []
    for _ in range(8):
        answer = board.log_in(password="wrong")
        while answer.status_code == 429 and "Retry-After" in answer.headers:
            waits.append(int(answer.headers["Retry-After"]))
            assert board.log_in().status_code == 429, "the right password is not let in during a pause either"
            board.now += timedelta(seconds=waits[-1])
            break
    assert waits == sorted(waits)
    assert waits[:3] == [2, 4, 8]
    assert board.log_in().status_code == 303
    board.client.cookies.clear()
    assert board.log_in(password="wrong").status_code == 403, "the patience begins anew"


@given(st.integers(0, 10_000), st.integers(1, 20))
def test_the_pause_never_shrinks_and_never_locks_anybody_out_for_good(failures: int, free: int) -> None:
    assert 0 <= logins.pause_s(failures, free) <= logins.pause_s(failures + 1, free) <= logins.LONGEST_PAUSE_S
    assert logins.pause_s(free - 1, free) == 0


def test_one_address_that_tries_many_names_is_slowed_down_and_others_are_not(board: Board) -> None:
    board.employ()
    attacker = board.browser(peer="127.0.0.9")
    answers = [board.log_in(f"name {n}", "wrong", attacker).status_code for n in range(14)]
    assert answers[0] == 403
    assert answers[-1] == 429
    assert board.log_in().status_code == 303


def test_the_addresses_of_one_household_are_one(board: Board) -> None:
    board.employ()
    answers = [board.log_in(f"n {n}", "wrong", board.browser(peer=f"2001:db8::{n + 1:x}")) for n in range(14)]
    assert answers[-1].status_code == 429
    elsewhere = board.browser(peer="2001:db8:0:1::1")
    assert board.log_in("someone", "wrong", elsewhere).status_code == 403


# --- staying and leaving ------------------------------------------------------------------------------


def test_a_session_ends_an_hour_after_the_last_thing_a_person_did(board: Board) -> None:
    board.at_work()
    for _ in range(3):
        board.now += timedelta(minutes=50)
        board.text("/usage")
    for _ in range(8):
        board.now += timedelta(minutes=8)
        answer = board.client.get("/live/board")  # the page renews itself: nobody is doing anything
    assert answer.status_code == 401


def test_a_session_ends_after_twelve_hours_in_any_case(board: Board) -> None:
    board.at_work()
    for _ in range(14):
        board.now += timedelta(minutes=55)
        answer = board.client.get("/")
        if answer.status_code == 303:
            break
    assert answer.status_code == 303
    assert board.now - NOW > timedelta(hours=11)


def test_logging_out_ends_the_session_on_the_server(board: Board) -> None:
    board.at_work()
    token = board.client.cookies["gocdoc_session"]
    assert board.send("/logout").status_code == 303
    board.client.cookies.set("gocdoc_session", token)
    assert board.client.get("/").status_code == 303
    assert ("hoa", "logged_out", "hoa") in deeds(board.store)


def test_a_new_password_ends_every_session_and_needs_the_old_one(board: Board) -> None:
    board.at_work()
    elsewhere = board.browser()
    board.log_in(client=elsewhere)
    fresh = "kính vạn hoa tập một"
    assert "chưa đúng" in board.send("/me", password="wrong", fresh=fresh).text
    assert "từ 10 đến 200" in board.send("/me", password=PASSWORD, fresh="short").text
    assert board.send("/me", password=PASSWORD, fresh=fresh).status_code == 303
    assert elsewhere.get("/").status_code == 303
    assert board.log_in(password=PASSWORD).status_code == 403
    assert board.log_in(password=fresh).status_code == 303
    assert ("hoa", "password_changed", "hoa") in deeds(board.store)


# --- forms --------------------------------------------------------------------------------------------

FORMS = [
    "/logout",
    "/me",
    "/messages",
    "/messages/down",
    "/alerts",
    "/stations/kiosk-1/plan",
    "/stations/kiosk-1/order",
]


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("token", ["", "x" * 32, "ế"])
def test_a_form_without_our_token_does_nothing(board: Board, path: str, token: str) -> None:
    board.birth("kiosk-1")
    board.at_work()
    before = deeds(board.store)
    fields = {"token": token, "text": "Tin giả", "station": "", "away": "1", "place": "X", "n": "1"}
    answer = board.client.post(path, data=fields)
    assert answer.status_code == 403
    assert "Biểu mẫu đã cũ" in answer.text
    assert deeds(board.store) == before
    assert board.told == {}


def test_a_form_of_another_site_or_of_another_login_does_nothing(board: Board) -> None:
    board.at_work()
    mine = token_in(board.text("/me"))
    other = board.browser()
    board.employ("minh")
    board.log_in("minh", client=other)
    assert other.post("/messages", data={"token": mine, "text": "Chào"}).status_code == 403
    cross = {"Sec-Fetch-Site": "cross-site"}
    assert (
        board.client.post("/messages", data={"token": mine, "text": "Chào"}, headers=cross).status_code == 403
    )
    assert board.told == {}
    # Nor is anybody logged in by another site's form.
    assert board.browser().post("/login", data={"name": "hoa", "password": PASSWORD}).status_code == 403


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"x" * 70_000, "application/x-www-form-urlencoded"),
        (b"&".join(b"a%d=1" % n for n in range(100)), "application/x-www-form-urlencoded"),
        (b"token=%FF%FE\xff", "application/x-www-form-urlencoded"),
        (b'{"token": "x"}', "application/json"),
        (b"", "multipart/form-data; boundary=x"),
    ],
)
def test_what_is_no_form_is_refused_in_words(board: Board, body: bytes, kind: str) -> None:
    board.at_work()
    answer = board.client.post("/messages", content=body, headers={"Content-Type": kind})
    assert answer.status_code == 403
    assert "Biểu mẫu đã cũ" in answer.text


def test_every_form_that_changes_something_carries_a_token(board: Board) -> None:
    board.birth("kiosk-1")
    board.at_work(Role.ADMIN)
    board.send("/messages", station="", text="Chào các con", hours="2")
    for path in ("/", "/stations/kiosk-1", "/usage", "/messages", "/alerts", "/aside", "/log", "/me"):
        for form in re.findall(r'<form[^>]*method="post".*?</form>', board.text(path), re.S):
            assert 'name="token" value="' in form, f"{path}: {form}"


# --- roles --------------------------------------------------------------------------------------------


def test_a_viewer_looks_and_changes_nothing(board: Board) -> None:
    board.birth("kiosk-1")
    board.at_work(Role.VIEWER)
    assert 'action="/stations/kiosk-1/plan"' not in board.text("/stations/kiosk-1")
    for path in ("/messages", "/messages/down", "/alerts", "/stations/kiosk-1/plan"):
        answer = board.send(path, text="Chào", hours="2", away="1", n="1")
        assert answer.status_code == 403
        assert "không dành cho tài khoản" in answer.text
    assert board.told == {}


@pytest.mark.parametrize(("role", "status"), [(Role.VIEWER, 403), (Role.LIBRARIAN, 403), (Role.ADMIN, 200)])
def test_only_an_administrator_sees_who_did_what(board: Board, role: Role, status: int) -> None:
    board.at_work(role)
    assert board.client.get("/log").status_code == status
    assert board.client.get("/export/log.csv").status_code == status
    assert ('href="/log"' in board.text("/")) == (status == 200)


def test_the_log_says_who_did_what_and_when(board: Board) -> None:
    board.birth("kiosk-1")
    board.at_work(Role.ADMIN, "Cô Hoa")
    board.send("/messages", station="kiosk-1", text=f"Chào {HOSTILE}", hours="2")
    board.send("/stations/kiosk-1/plan", place="Thư viện xã", away="72")
    board.client.get("/export/usage.csv")
    page = board.text("/log")
    for words in (
        "Gửi lời nhắn",
        "Đổi kế hoạch",
        "Tải bảng",
        "Đăng nhập",
        "Tạo tài khoản",
        "21/11/2026 15:00",
    ):
        assert words in page
    assert "<script>alert" not in page


# --- before the first account -------------------------------------------------------------------------


def test_before_the_first_account_only_the_own_machine_may_look(board: Board) -> None:
    board.birth("kiosk-1")
    assert "Chưa có tài khoản nào" in board.text("/")
    assert "kiosk-1" in board.text("/")
    assert board.client.get("/log").status_code == 403
    for host, peer in (
        ("localhost", "192.0.2.7"),
        ("evil.example", "127.0.0.1"),
        ("localhost.evil.example", "127.0.0.1"),
    ):
        stranger = board.browser(host, peer)
        answer = stranger.get("/")
        assert answer.status_code == 303, (host, peer)
        assert "central people add" in stranger.get("/login").text
    for path in ("/messages", "/alerts", "/stations/kiosk-1/plan"):
        assert board.client.post(path, data={"token": "", "text": "Chào"}).status_code == 403
    assert board.told == {}
    board.employ()
    assert board.client.get("/").status_code == 303


# --- the terminal -------------------------------------------------------------------------------------


def test_accounts_are_made_changed_listed_and_removed_on_the_terminal(tmp_path) -> None:  # type: ignore[no-untyped-def]
    def people(*words: str, typed: str = ""):  # type: ignore[no-untyped-def]
        return CliRunner().invoke(app, ["people", *words, "--data", str(tmp_path / "centre")], input=typed)

    assert "Nobody may log in yet" in people("list").output
    made = people("add", "Cô Hoa", "--role", "admin", typed=f"{PASSWORD}\n")
    assert made.output == "Cô Hoa may log in as admin.\n"
    assert "Cô Hoa" in people("list").output
    again = people("add", "cô hoa", typed=f"{PASSWORD}\n")
    assert again.exit_code == 1
    assert "already" in again.stderr
    assert "10 to 200 characters" in people("add", "minh", typed="short\n").stderr
    assert people("add", "minh", "--role", "king", typed=f"{PASSWORD}\n").exit_code == 2
    assert "has a new password" in people("password", "cô hoa", typed="một mật khẩu khác\n").output
    assert "may not log in any more" in people("remove", "CÔ HOA").output
    assert "there is no account 'Cô Hoa'" in people("remove", "Cô Hoa").stderr
