"""Old facts are dropped by the month; what was counted of them stands, and their numbers stay taken."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, inspect, select, update

from central import partitions, recount
from central.errors import SettingsWrong
from central.ledger import Ledger
from central.overview import counts
from central.replay import replay
from central.retention import drop_old
from central.settings import Settings, read_settings
from central.store import CentralStore
from central.tables import counter, daily, event
from central.upkeep import Upkeep
from tests.central.said import LOAN, NOON, made, sent


def ledger_in(store: CentralStore, year: int, month: int) -> Ledger:
    """A ledger that believes it is noon on the 15th of a month."""
    return Ledger(store, lambda: datetime(year, month, 15, 12, tzinfo=UTC))


def kept(store: CentralStore) -> int:
    with store.reading() as connection:
        assert recount.differences(connection) == []
        return int(connection.scalar(select(func.count()).select_from(event)) or 0)


@pytest.fixture
def three_months(store: CentralStore) -> CentralStore:
    """Facts 1 to 3 of September, 4 of October, 5 and 6 of November."""
    for month, seqs in ((9, (1, 2, 3)), (10, (4,)), (11, (5, 6))):
        ledger_in(store, 2026, month).take([sent(made(LOAN, seq)) for seq in seqs])
    return store


def test_months_older_than_the_setting_are_dropped_and_counters_stand(three_months: CentralStore) -> None:
    assert drop_old(three_months, 202611, 1) == 3
    assert kept(three_months) == 3
    with three_months.reading() as connection:
        found = counts(connection)["kiosk-1"]
    assert (found["loans"], found["facts"], found["upto"], found["missing"]) == (6, 3, 6, [])


def test_a_dropped_fact_that_comes_again_is_recognised_by_its_number(three_months: CentralStore) -> None:
    drop_old(three_months, 202611, 1)
    [answer] = ledger_in(three_months, 2026, 11).take([sent(made(LOAN, seq)) for seq in (1, 2, 3, 4)])
    assert answer.upto == 6
    assert kept(three_months) == 3
    with three_months.reading() as connection:
        found = counts(connection)["kiosk-1"]
    # Of 1 to 3 no id is kept to compare with; number 4 is here, and this is another fact under it.
    assert (found["loans"], found["redelivered"], found["quarantined"]) == (6, 3, 1)


def test_dropped_facts_are_never_asked_for_again(three_months: CentralStore) -> None:
    drop_old(three_months, 202611, 1)
    assert replay(three_months, "kiosk-1") == 0
    assert kept(three_months) == 3


def test_a_number_dropped_above_an_open_gap_stays_held(store: CentralStore) -> None:
    ledger_in(store, 2026, 9).take([sent(made(LOAN, seq)) for seq in (1, 3, 4)])
    drop_old(store, 202611, 1)
    assert replay(store, "kiosk-1") == 1
    late = ledger_in(store, 2026, 11)
    [answer] = late.take([sent(made(LOAN, 3))])
    assert (answer.upto, answer.missing) == (1, ((2, 2),))
    [answer] = late.take([sent(made(LOAN, 2))])
    assert answer.upto == 4
    with store.reading() as connection:
        assert counts(connection)["kiosk-1"]["loans"] == 4


def test_zero_keeps_everything(three_months: CentralStore) -> None:
    assert drop_old(three_months, 202712, 0) == 0
    assert kept(three_months) == 6


def test_wrong_counters_are_mended_with_what_was_dropped(three_months: CentralStore) -> None:
    drop_old(three_months, 202611, 0)
    drop_old(three_months, 202611, 1)
    with three_months.writing() as connection:
        connection.execute(update(counter).values(n=77))
        connection.execute(update(daily).values(n=78))
    with three_months.writing() as connection:
        assert recount.mend(connection) == 2
    kept(three_months)
    with three_months.reading() as connection:
        assert counts(connection)["kiosk-1"]["loans"] == 6


def test_a_fact_is_recognised_across_the_months(store: CentralStore) -> None:
    fact = made(LOAN, 1, at=NOON)
    other = made(LOAN, 2, at=NOON)
    ledger_in(store, 2026, 11).take([sent(fact)])
    later = ledger_in(store, 2027, 3)
    later.take([sent(fact), sent(other)])

    ledger_in(store, 2027, 4).take([sent(replace(other, seq=3))])
    with store.reading() as connection:
        found = counts(connection)["kiosk-1"]
    assert (found["loans"], found["redelivered"], found["quarantined"]) == (2, 1, 1)


def test_a_fact_of_an_unset_clock_is_looked_for_in_every_month(store: CentralStore) -> None:
    """Its own time is no hint of when it first came: it may lie in the future."""

    ahead = made(LOAN, 1, at=NOON.replace(year=2030), clock="free")
    ledger_in(store, 2026, 11).take([sent(ahead)])
    ledger_in(store, 2027, 4).take([sent(replace(ahead, seq=2))])
    with store.reading() as connection:
        found = counts(connection)["kiosk-1"]
    assert (found["facts"], found["quarantined"]) == (1, 1)


def test_months_are_tables_of_their_own_in_postgresql_and_made_ahead(store: CentralStore) -> None:
    if not store.shared:
        pytest.skip("SQLite has no partitions: a month is a column there")
    Upkeep(store, 0, lambda: datetime(2031, 11, 30, tzinfo=UTC)).once()
    with store.reading() as connection:
        assert {203111, 203112, 203201} <= partitions.made(connection)
        assert 203202 not in partitions.made(connection)
    ledger_in(store, 2031, 12).take([sent(made(LOAN, 1))])
    with store.reading() as connection:
        names = inspect(connection).get_table_names()
        assert "event_203112" in names
        assert connection.exec_driver_sql("SELECT count(*) FROM event_203112").scalar() == 1
    Upkeep(store, 6, lambda: datetime(2032, 9, 1, tzinfo=UTC)).once()
    with store.reading() as connection:
        assert "event_203112" not in inspect(connection).get_table_names()
    assert kept(store) == 0


@pytest.mark.parametrize(
    ("month", "by", "wanted"),
    [(202611, 2, 202701), (202612, 1, 202701), (202701, -1, 202612), (202611, -36, 202311)],
)
def test_months_are_counted_across_years(month: int, by: int, wanted: int) -> None:
    assert partitions.later(month, by) == wanted


def test_without_a_file_nothing_is_dropped_and_the_database_is_in_the_folder(tmp_path: Path) -> None:
    assert read_settings(tmp_path) == Settings(database="", keep_facts_months=0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("keep_months = 3", "there is no setting 'keep_months'; there are database, keep_facts_months"),
        ("keep_facts_months = -1", "keep_facts_months = '-1' cannot be; say a whole number of months"),
        ("keep_facts_months = true", "keep_facts_months = 'True' cannot be"),
        ("database = 7", "database = '7' cannot be; say postgresql:///gocdoc"),
        ("database = ", "is not TOML"),
        ("\x00", "is not TOML"),
    ],
)
def test_settings_that_cannot_be_are_named_with_what_may_be(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "central.toml").write_text(text)
    with pytest.raises(SettingsWrong, match=r"central\.toml") as refused:
        read_settings(tmp_path)
    assert words in str(refused.value)
