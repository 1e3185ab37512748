"""A short afternoon through real processes: the screen, the station and the centre must agree."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.demo import afternoon
from kiosk.demo import afternoon_staff as staff
from kiosk.demo import afternoon_troubles as troubles
from kiosk.demo import afternoon_visits as visits
from kiosk.demo import afternoon_ways as ways
from kiosk.demo.afternoon_day import Day
from kiosk.demo.glass import NotSeen

pytestmark = [pytest.mark.broker, pytest.mark.display]


def short(day: Day) -> None:
    """One scene of every kind that crosses process borders; ./run --headless plays them all."""
    young, *others = day.cast.children()
    first, second, third, fourth = others[:4]
    troubles.changes_the_language(day)
    troubles.calls_for_help(day)
    staff.looks_at_the_devices(day)
    staff.scans_codes(day)
    ways.asks_what_a_book_is(day)
    ways.comes_without_a_card(day)
    one, two = visits.borrows_two_and_is_done(day, first)
    visits.too_young_and_undone(day, young)
    visits.a_card_that_is_not_good(day, "blocked")
    visits.brings_books_of_others(day, second, one, two)
    troubles.the_broker_dies(day)
    three = visits.card_and_book_together(day, third)
    visits.comes_again(day, third, back=(three,))
    troubles.the_broker_is_back(day)
    troubles.the_reader_breaks(day, fourth)
    saved = troubles.the_plug_is_pulled(day, first)
    visits.comes_again(day, first, keep=(saved,))
    troubles.looks_in_and_turns_back(day)


def test_a_short_afternoon_agrees_on_the_screen_at_the_station_and_at_the_centre(
    tmp_path: Path, mosquitto: str
) -> None:
    log: list[str] = []
    reckoning = afternoon.run(tmp_path, log.append, short)
    assert reckoning.disagreements == (), "\n".join([*log, reckoning.table()])
    told = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert told["agreed"] is True
    assert told["loans"] == 8
    assert told["returns"] == 4
    assert told["renewals"] == 1
    assert told["refusals"] == 2
    assert told["undone"] == 1
    assert told["visits_in"] == told["visits_out"] == 10
    assert told["missing"] == told["duplicates"] == told["outbox_left"] == 0
    for name in told["screens"]:
        assert (tmp_path / "screens" / name).read_bytes().startswith(b"\x89PNG")


def test_an_afternoon_that_cannot_go_on_ends_with_status_1_and_says_where(
    tmp_path: Path, mosquitto: str
) -> None:
    def waits_for_nobody(day: Day) -> None:
        day.hands.glass.slowness = 0.02
        day.hands.sees("Goodbye")

    with pytest.raises(NotSeen, match=r"Goodbye.* did not come within .*seen: \d+ Welcome"):
        afternoon.run(tmp_path, lambda line: None, waits_for_nobody)
    assert json.loads((tmp_path / "summary.json").read_text())["agreed"] is False


def test_an_unknown_option_is_refused_in_words() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kiosk.demo.afternoon", "--speed", "9"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "--speed" in done.stderr
    assert "Traceback" not in done.stderr
