"""Uses by day, hour, age, title and reason; tables to take home, in which nothing is ever a formula."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Mapping
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.exports import Sheet, as_csv, as_xlsx, harmless
from central.people.accounts import Role
from central.usage import SMALL, suppressed
from kiosk.facts import CheckedOut, DeviceFault, DoorCrossed, Fact, Refused, Renewed, Returned, Undone
from tests.central.board import Board, rows_of

FORMULAS = ["=1+1", "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", "  =1+1", "＝1+1", "\n=1"]


def loans(count: int, ageband: str = "6-8", title: str = "T-1") -> list[Fact]:
    return [CheckedOut("LK-1", title, ageband, "2026-12-05")] * count


def read_csv(whole: bytes) -> list[list[str]]:
    assert whole.startswith(b"\xef\xbb\xbf"), "Excel knows UTF-8 by this"
    return list(csv.reader(io.StringIO(whole.decode("utf-8-sig"), newline="")))


def read_xlsx(whole: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(whole)) as book:
        return book.read("xl/worksheets/sheet1.xml").decode() + book.read("xl/sharedStrings.xml").decode()


# --- what is never run --------------------------------------------------------------------------------


@pytest.mark.parametrize("text", FORMULAS)
def test_a_cell_that_a_spreadsheet_would_run_is_neutralised_in_csv_and_text_in_xlsx(text: str) -> None:
    sheet = Sheet("t", ["Tên"], [[text], [5], [-7], [None]])
    rows = read_csv(as_csv(sheet))
    assert rows[1] == [f"'{text}"]
    assert rows[2:4] == [["5"], ["-7"]], "numbers stay numbers"
    whole = read_xlsx(as_xlsx(sheet))
    assert "<f>" not in whole
    assert 't="s"' in whole


@given(st.text(max_size=60))
def test_no_text_ever_begins_a_formula_and_none_is_lost(text: str) -> None:
    cell = str(harmless(text))
    assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cell.removeprefix("'").endswith(text.replace("\0", "").removeprefix("'"))


@given(
    st.lists(
        st.lists(
            st.one_of(st.text(max_size=40), st.integers(-(2**53), 2**53), st.none()), min_size=2, max_size=2
        ),
        max_size=6,
    )
)
def test_any_cells_make_a_table_that_can_be_opened(rows: list[list[str | int | None]]) -> None:
    sheet = Sheet("t", ["một", "hai"], rows)
    assert len(read_csv(as_csv(sheet))) == len(rows) + 1
    with zipfile.ZipFile(io.BytesIO(as_xlsx(sheet))) as book:
        assert book.testzip() is None


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("table", ["stations", "usage", "alerts", "aside", "log"])
def test_every_table_can_be_taken_home_in_both_forms_and_that_is_written_down(
    board: Board, table: str, form: str
) -> None:
    board.birth("kiosk-1")
    board.say("kiosk-1", *loans(2), DeviceFault("=HYPERLINK(0)", "@x"))
    board.take("gocdoc/1/=cmd/evt/loan", b"=1+1")
    board.at_work(Role.ADMIN)
    answer = board.client.get(f"/export/{table}.{form}?by=title")
    assert answer.status_code == 200
    assert f'filename="goc-doc-{table}' in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"
    if form == "csv":
        for row in read_csv(answer.content):
            assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)
    else:
        assert "<f>" not in read_xlsx(answer.content)
    assert f"{table}" in board.text("/log")
    assert "Tải bảng" in board.text("/log")
    assert board.client.get(f"/export/{table}.exe").status_code == 404


def test_a_title_that_is_a_formula_is_shown_and_exported_as_text(board: Board) -> None:
    board.say("kiosk-1", *loans(2, title='=HYPERLINK("http://x")'))
    board.at_work()
    assert "=HYPERLINK(&#34;http://x&#34;)" in board.text("/usage?by=title")
    rows = read_csv(board.client.get("/export/usage.csv?by=title").content)
    assert rows[1][:2] == ['\'=HYPERLINK("http://x")', "2"]


# --- what was used ------------------------------------------------------------------------------------


def test_uses_are_counted_by_day_hour_month_station_library_title_and_reason(board_of_each: Board) -> None:
    board = board_of_each
    board.say("kiosk-1", *loans(3), Returned("LK-1", "T-2", "6-8"), library="MC-01")
    board.say("kiosk-1", *loans(1), Undone("LK-1", "T-1", "6-8"), DoorCrossed("in", "door", 7))
    board.say(
        "kiosk-2", *loans(2, title="T-2"), Renewed("LK-1", "T-1", "6-8", "2026-12-05"), minutes_ago=24 * 60
    )
    board.say(
        "kiosk-2", Refused("too_many", "6-8", "LK-1", "T-1"), Refused("broken_rule", "6-8"), minutes_ago=120
    )
    board.say("kiosk-2", *loans(9), minutes_ago=60 * 24 * 60)  # two months ago
    lang = "&lang=en"
    days = rows_of(board.text(f"/usage?by=day{lang}"))
    assert days["Saturday, 21/11/2026"] == ["7", "3", "1", "–", "2"]
    assert days["Friday, 20/11/2026"] == ["–", "2", "–", "1", "–"]
    assert days["In all"] == ["7", "5", "1", "1", "2"]
    assert rows_of(board.text(f"/usage?by=hour{lang}"))["15:00–15:59"] == ["7", "5", "1", "1", "–"]
    assert rows_of(board.text(f"/usage?by=month&from=2026-01-01&to=2026-12-31{lang}"))["09/2026"][1] == "9"
    assert rows_of(board.text(f"/usage?by=station{lang}"))["kiosk-2"][:2] == ["–", "2"]
    assert rows_of(board.text(f"/usage?by=library{lang}"))["MC-01"] == ["3", "1", "–", "–"]
    assert rows_of(board.text(f"/usage?by=title{lang}")) == {
        "T-1": ["3", "–", "1", "1"],
        "T-2": ["2", "1", "–", "–"],
        "(not said)": ["–", "–", "–", "1"],
        "In all": ["5", "1", "1", "2"],
    }
    reasons = rows_of(board.text(f"/usage?by=reason{lang}"))
    assert reasons == {"Enough books at home": ["1"], "broken_rule": ["1"], "In all": ["2"]}
    only = rows_of(board.text(f"/usage?by=title&station=kiosk-1&library=MC-01&from=2026-11-21{lang}"))
    assert only["In all"] == ["3", "1", "–", "–"] or only["In all"] == ["3", "1", "0", "0"]


def test_days_are_drawn_and_each_column_says_its_number(board: Board) -> None:
    board.say("kiosk-1", *loans(4))
    board.say("kiosk-1", *loans(2), minutes_ago=24 * 60)
    page = board.text("/usage?from=2026-11-19&to=2026-11-21&lang=en")
    assert "<title>21/11: 4</title>" in page
    assert "<title>20/11: 2</title>" in page
    heights = {
        label: float(high) for high, label in re.findall(r'height="([\d.]+)" rx="2"><title>(\d\d/11): ', page)
    }
    assert heights["21/11"] == pytest.approx(2 * heights["20/11"])
    assert 'aria-label="Loans: at most 4 (21/11)"' in page


@pytest.mark.parametrize(
    "query",
    [
        "from=x",
        "from=2026-11-22&to=2026-11-21",
        "from=1900-01-01",
        "to=9999-12-31",
        "by=hour&from=9999-12-01&to=9999-12-31",
        "by=month&from=0001-01-01&to=0001-01-31",
        "from=';--",
    ],
)
def test_days_that_are_none_are_said_in_words_and_the_last_thirty_are_shown(board: Board, query: str) -> None:
    board.say("kiosk-1", *loans(3))
    answer = board.client.get(f"/usage?{query}")
    assert answer.status_code == 400
    assert "Ngày chưa đúng" in answer.text
    assert rows_of(answer.text)["Tổng cộng"][1] == "3"
    assert board.client.get(f"/export/usage.csv?{query}&by=nothing").status_code == 200


def test_days_without_anything_are_told_in_words(board: Board) -> None:
    assert "Những ngày này chưa có gì được ghi nhận" in board.text("/usage")


# --- ages ---------------------------------------------------------------------------------------------


def test_few_children_of_an_age_are_not_told_on_the_page_or_in_the_table(board: Board) -> None:
    board.say(
        "kiosk-1", *loans(20, "6-8"), *loans(3, "12-15"), *loans(9, "9-11"), Returned("LK-1", "T-1", "9-11")
    )
    ages = rows_of(board.text("/usage?by=age&lang=en"))
    assert list(ages) == ["6-8 years", "9-11 years", "12-15 years", "In all"], "by years, not by letters"
    assert ages["6-8 years"][0] == "20"
    assert ages["12-15 years"][0] == "below 5"
    assert ages["9-11 years"][0] == "below 5", "else the total would give the other away"
    assert "Numbers below 5 are not told" in board.text("/usage?by=age&lang=en")
    rows = read_csv(board.client.get("/export/usage.csv?by=age&lang=en").content)
    assert [row[1] for row in rows] == ["Loans", "20", "below 5", "below 5", "32"]


@given(
    st.dictionaries(
        st.sampled_from(["3-5", "6-8", "9-11", "12-15", "16+", "unknown"]),
        st.tuples(st.integers(0, 12), st.integers(0, 12)),
        min_size=1,
    )
)
def test_no_number_below_five_can_be_read_or_worked_out_from_the_total(
    cells: Mapping[str, tuple[int, int]],
) -> None:
    told = suppressed(cells)
    for column in range(2):
        shown = {key: row[column] for key, row in told.items()}
        assert all(n is None or n == 0 or n >= SMALL for n in shown.values())
        assert all(n is None or n == cells[key][column] for key, n in shown.items())
        left_out = [key for key, n in shown.items() if n is None]
        assert len(left_out) != 1 or len(cells) == 1


def test_long_tables_are_cut_on_the_page_and_whole_in_the_file(board: Board) -> None:
    board.say("kiosk-1", *[fact for n in range(130) for fact in loans(1, title=f"T-{n:03d}")])
    page = rows_of(board.text("/usage?by=title&lang=en"))
    assert len(page) == 101
    assert page["In all"][0] == "130"
    assert len(read_csv(board.client.get("/export/usage.csv?by=title").content)) == 132


def test_the_board_taken_home_says_what_the_page_says(board: Board) -> None:
    board.birth("kiosk-1")
    board.say("kiosk-1", *loans(2), DeviceFault("pad", "no answer"))
    board.birth("kiosk-2", minutes_ago=60)
    board.gone("kiosk-2", minutes_ago=int(timedelta(minutes=60).total_seconds() // 60))
    rows = read_csv(board.client.get("/export/stations.csv?lang=en").content)
    assert rows[1][0:5] == ["kiosk-1", "", "Connected", "All received", "Pad not working"]
    assert rows[1][6] == "2"
    assert rows[2][2] == "Not connected"
