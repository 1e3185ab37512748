"""Restored and cloned cards, a restored database: what the failure table says must come of each."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select
from typer.testing import CliRunner

from central import recount
from central.__main__ import app
from central.delivery import Delivery
from central.errors import NoSuchStation
from central.ledger import Ledger
from central.overview import counts, stations
from central.replay import replay, restored
from central.store import CentralStore, url_of
from central.tables import event, stream
from kiosk.facts import Returned, topic_events
from tests.central.said import LOAN, birth, made, sent


def kinds(store: CentralStore, station: str = "kiosk-1") -> set[str]:
    """The alarms of a station."""
    with store.reading() as connection:
        [found] = [one for one in stations(connection, "2026-11-21") if one.id == station]
    return {one.kind for one in found.alarms}


def facts_up_to(last: int, boot: int = 1, first: int = 1) -> list:
    return [sent(made(LOAN, seq, boot=boot)) for seq in range(first, last + 1)]


class Hours:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


def test_row_15_a_restored_card_is_told_to_take_a_new_epoch_and_an_alarm_stays(store: CentralStore) -> None:
    hours = Hours()
    ledger = Ledger(store, hours)
    ledger.take([birth(1, boot=1), *facts_up_to(9)])
    hours.pass_(hours=1)
    [answer] = ledger.take([birth(5, session="s2", boot=2)])
    assert json.loads(answer.to_json())["verdict"] == "fork"
    assert kinds(store) == {"fork"}
    [fresh] = ledger.take([birth(1, epoch="e2", session="s3", boot=1)])
    assert not fresh.forked
    assert kinds(store) == {"fork"}, "a person must still look into it"


def test_row_15_what_a_restored_card_reports_anew_is_in_quarantine_and_lost_nowhere(
    store: CentralStore,
) -> None:
    ledger = Ledger(store)
    ledger.take(facts_up_to(9))
    again = [made(Returned("LK-1", "T-1", "6-8"), seq, boot=2) for seq in (5, 6)]
    [answer] = ledger.take([sent(fact) for fact in again])
    assert answer.upto == 9
    with store.reading() as connection:
        found = counts(connection)["kiosk-1"]
        assert recount.differences(connection) == []
    assert (found["loans"], found["returns"], found["quarantined"]) == (9, 0, 2)
    assert "contradiction" in kinds(store)


def test_a_number_whose_only_holder_is_in_quarantine_is_not_given_to_a_third(store: CentralStore) -> None:
    ledger = Ledger(store)
    one = made(LOAN, 1)
    ledger.take([sent(one), sent(made(LOAN, 3))])

    ledger.take([sent(replace(one, seq=2))])
    [answer] = ledger.take([sent(made(LOAN, 2))])
    assert answer.upto == 3
    with store.reading() as connection:
        assert counts(connection)["kiosk-1"]["quarantined"] == 2


def test_a_message_that_can_be_read_after_all_takes_its_number_from_the_dead_letter(
    store: CentralStore,
) -> None:
    ledger = Ledger(store)
    fact = made(LOAN, 1)
    broken = json.dumps(json.loads(fact.to_json()) | {"time": "?"}).encode()
    ledger.take([Delivery(topic_events("kiosk-1", "loan"), broken)])
    for _ in range(2):
        ledger.take([sent(fact)])
    with store.reading() as connection:
        found = counts(connection)["kiosk-1"]
    assert (found["loans"], found["deadletters"], found["redelivered"]) == (1, 0, 1)


def test_starts_that_alternate_in_one_numbering_raise_an_alarm(store: CentralStore) -> None:
    ledger = Ledger(store)
    ledger.take([sent(made(LOAN, 1, boot=3)), sent(made(LOAN, 2, boot=4))])
    assert kinds(store) == set()
    ledger.take([sent(made(LOAN, 3, boot=3))])
    assert kinds(store) == {"boots"}
    with store.reading() as connection:
        [station] = stations(connection, "2026-11-21")
    assert "starts 3 and 4 alternate" in station.alarms[0].detail
    assert station.quarantined == 0, "nothing contradicts: every fact is counted"


def test_starts_that_only_come_out_of_order_raise_none(store: CentralStore) -> None:
    ledger = Ledger(store)
    for seq, boot in ((5, 3), (1, 1), (4, 2), (6, 3), (2, 1), (3, 2)):
        ledger.take([sent(made(LOAN, seq, boot=boot))])
    assert kinds(store) == set()


def test_a_start_that_falls_back_between_births_raises_an_alarm(store: CentralStore) -> None:
    ledger = Ledger(store)
    ledger.take([birth(10, boot=7)])
    [answer] = ledger.take([birth(12, session="s2", boot=6)])
    assert answer.forked
    assert kinds(store) == {"boots"}


def test_a_numbering_that_falls_back_between_births_is_a_fork_although_no_fact_came(
    store: CentralStore,
) -> None:
    ledger = Ledger(store)
    ledger.take([birth(10, boot=7)])
    [answer] = ledger.take([birth(4, session="s2", boot=8)])
    assert answer.forked
    assert kinds(store) == {"fork"}


def test_two_stations_under_one_name_that_take_turns_raise_an_alarm(store: CentralStore) -> None:
    ledger = Ledger(store)
    ledger.take([birth(1, epoch="e1", session="a1")])
    ledger.take([birth(1, epoch="e2", session="b1")])
    assert kinds(store) == set(), "a card that was replaced is no second station"
    ledger.take([birth(1, epoch="e1", session="a2")])
    assert kinds(store) == {"two_live"}


def test_sessions_that_follow_each_other_within_seconds_raise_an_alarm(store: CentralStore) -> None:
    hours = Hours()
    ledger = Ledger(store, hours)
    for number in range(5):
        ledger.take([birth(1, session=f"s{number}")])
        hours.pass_(seconds=10)
    assert kinds(store) == set()
    ledger.take([birth(1, session="s5")])
    assert kinds(store) == {"two_live"}


def test_a_link_that_comes_and_goes_over_hours_raises_none(store: CentralStore) -> None:
    hours = Hours()
    ledger = Ledger(store, hours)
    for number in range(20):
        ledger.take([birth(1, session=f"s{number}")] * 2)  # a birth is said anew within a session
        hours.pass_(minutes=2)
    assert kinds(store) == set()


def test_row_17_a_restored_database_notices_by_what_a_station_was_told(store: CentralStore) -> None:
    ledger = Ledger(store)
    ledger.take([birth(1), *facts_up_to(4)])
    [answer] = ledger.take([birth(10, session="s2", acked=9)])
    assert answer.generation != store.generation
    assert answer.upto == 4, "the station sends again from 5"
    assert kinds(store) == {"restored"}
    everybody = ledger.said_anew()
    assert {one.generation for one in everybody} == {answer.generation}
    assert ledger.said_anew() == []
    [same] = ledger.take([birth(10, session="s2", acked=9)])
    assert same.generation == answer.generation, "one backup is one event, however often a birth is said"
    ledger.take(facts_up_to(9, first=5))
    [later] = ledger.take([birth(20, session="s3", acked=15)])
    assert later.generation != answer.generation, "restored a second time"


def test_row_17_an_honest_station_changes_no_generation(store: CentralStore) -> None:
    ledger = Ledger(store)
    ledger.take([birth(1), *facts_up_to(4)])
    [answer] = ledger.take([birth(9, session="s2", acked=4)])
    assert answer.generation == store.generation
    assert ledger.said_anew() == []


def test_a_person_may_say_that_the_database_was_restored(store: CentralStore) -> None:
    ledger = Ledger(store)
    ledger.take([birth(1), *facts_up_to(4)])
    fresh = restored(store)
    assert [(one.generation, one.upto) for one in ledger.said_anew()] == [(fresh, 4)]


def test_a_replay_asks_for_exactly_what_is_missing_and_counts_nothing_twice(store: CentralStore) -> None:
    ledger = Ledger(store)
    messages = facts_up_to(20)
    ledger.take(messages)
    with store.writing() as connection:  # a disk that lost a page
        connection.execute(delete(event).where(event.c.seq.in_([7, 8, 12])))
        recount.mend(connection)
    assert replay(store, "kiosk-1", 10) == 1
    assert replay(store, "kiosk-1") == 3
    [told] = ledger.said_anew()
    assert (told.upto, told.missing) == (6, ((7, 8), (12, 12)))
    [answer] = ledger.take(messages[6:])
    assert (answer.upto, answer.missing) == (20, ())
    with store.reading() as connection:
        found = counts(connection)["kiosk-1"]
        assert recount.differences(connection) == []
    assert (found["loans"], found["redelivered"]) == (20, 11)


def test_a_replay_finds_a_lost_end_and_nothing_where_nothing_is_lost(store: CentralStore) -> None:
    ledger = Ledger(store)
    ledger.take(facts_up_to(6))
    assert replay(store, "kiosk-1") == 0
    with store.writing() as connection:
        connection.execute(delete(event).where(event.c.seq > 4))
    assert replay(store, "kiosk-1") == 2
    with store.reading() as connection:
        assert connection.execute(select(stream.c.upto, stream.c.max_seq)).one() == (4, 6)


def test_a_replay_of_nobody_names_who_is_there(store: CentralStore) -> None:
    Ledger(store).take(facts_up_to(1))
    with pytest.raises(NoSuchStation, match="'kiosk-9' has reported nothing here; there are kiosk-1"):
        replay(store, "kiosk-9")


def test_both_are_asked_for_on_the_command_line(tmp_path: Path) -> None:
    store = CentralStore(url_of(tmp_path))
    Ledger(store).take(facts_up_to(6))
    with store.writing() as connection:
        connection.execute(delete(event).where(event.c.seq == 3))
    store.close()
    words = CliRunner()
    data = ["--data", str(tmp_path)]
    later = words.invoke(app, ["replay", "kiosk-1", "--from", "4", *data])
    assert "Nothing is missing from number 4 on" in later.output
    asked = words.invoke(app, ["replay", "kiosk-1", *data])
    assert "1 facts are missing; kiosk-1 is asked for them" in asked.output
    assert "The stations are told" in words.invoke(app, ["restored", *data]).output
    unknown = words.invoke(app, ["replay", "kiosk-9", *data])
    assert unknown.exit_code == 1
