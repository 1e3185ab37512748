"""The reckoning of an afternoon finds every kind of disagreement."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.demo.central_books import CentralBooks
from kiosk.demo.ledger import Contradiction, Ledger
from kiosk.demo.reckoning import reckon
from kiosk.demo.station_books import StationBooks


def event(seq: int, name: str, **data: str) -> dict[str, object]:
    return {"seq": seq, "type": f"gocdoc.{name}.v1", "data": data}


@pytest.fixture
def ledger() -> Ledger:
    book = Ledger()
    book.lent("A", "bong")
    book.lent("B", "bong")
    book.undid("B")
    book.refused("too_many")
    book.crossed("in")
    return book


STATION = StationBooks(
    facts=(
        event(1, "item.checked_out", item="A"),
        event(2, "item.checked_out", item="B"),
        event(3, "item.undone", item="B"),
        event(4, "item.refused", reason="too_many"),
        event(5, "visit.counted", direction="in"),
    ),
    last_seq=5,
    unconfirmed=0,
    loans={"A": "bong"},
    sound=True,
    epoch="e",
)
CENTRE = CentralBooks(loans=1, undone=1, refusals=1, visits_in=1, facts=5, upto=5)


def test_an_afternoon_that_agrees_three_times_over_agrees(ledger: Ledger) -> None:
    found = reckon(ledger, STATION, CENTRE, recounted=True)
    assert found.agreed
    assert found.summary["loans"] == 1
    assert "<- differs" not in found.table()


@pytest.mark.parametrize(
    ("station", "centre", "words"),
    [
        (STATION, replace(CENTRE, loans=2), "loans: 1 on the screen"),
        (STATION, replace(CENTRE, visits_in=0), "visits in"),
        (STATION, replace(CENTRE, upto=4), "watermark is 4"),
        (STATION, replace(CENTRE, duplicates=1), "1 duplicates"),
        (STATION, replace(CENTRE, missing=2), "2 missing"),
        (STATION, replace(CENTRE, quarantined=1), "1 quarantined"),
        (replace(STATION, loans={}), CENTRE, "by the screen bong has it, by the station's database nobody"),
        (replace(STATION, loans={"A": "bong", "C": "cun"}), CENTRE, "C: by the screen nobody has it"),
        (replace(STATION, facts=STATION.facts[1:]), CENTRE, "without a gap"),
        (replace(STATION, unconfirmed=1), CENTRE, "1 facts were not confirmed"),
        (replace(STATION, sound=False), CENTRE, "integrity check"),
    ],
)
def test_any_difference_is_named(
    ledger: Ledger, station: StationBooks, centre: CentralBooks, words: str
) -> None:
    found = reckon(ledger, station, centre, recounted=True)
    assert not found.agreed
    assert any(words in line for line in found.disagreements), found.disagreements


def test_a_refusal_for_another_reason_is_a_difference(ledger: Ledger) -> None:
    other = (*STATION.facts[:3], event(4, "item.refused", reason="for_older"), STATION.facts[4])
    found = reckon(ledger, replace(STATION, facts=other), CENTRE, recounted=True)
    assert any(line.startswith("refusals:") for line in found.disagreements)


def test_counters_that_differ_from_their_facts_are_a_difference(ledger: Ledger) -> None:
    assert not reckon(ledger, STATION, CENTRE, recounted=False).agreed


def test_a_screen_that_contradicts_itself_is_caught_at_once(ledger: Ledger) -> None:
    with pytest.raises(Contradiction, match="A was lent to cun while bong has it"):
        ledger.lent("A", "cun")
    with pytest.raises(Contradiction, match="Z came back and nobody had it"):
        ledger.returned("Z")
    with pytest.raises(Contradiction, match="Z was renewed"):
        ledger.kept("Z")
