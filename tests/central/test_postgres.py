"""What only a server of databases can do wrong: several writers, an old schema, a server that goes away."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, text

from central import recount
from central.delivery import Delivery
from central.errors import DatabaseUnusable
from central.leader import CHECK_S, Leader
from central.ledger import Ledger
from central.overview import counts
from central.settings import FILE
from central.store import CentralStore, DataLock, postgresql_url, url_of
from central.watermarks import Acknowledgement
from tests.central.postgres import LocalPostgres, empty
from tests.central.said import LOAN, birth, made, sent


@pytest.fixture
def database(postgres: LocalPostgres) -> str:
    """The name of a database without anything in it."""
    return postgres.create()


def test_two_that_open_an_empty_database_at_once_make_one_schema(
    postgres: LocalPostgres, database: str
) -> None:
    opened: list[CentralStore] = []
    both = [
        threading.Thread(target=lambda: opened.append(CentralStore(postgres.url(database)))) for _ in range(2)
    ]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert len({store.generation for store in opened}) == 1
    assert len(opened) == 2
    for store in opened:
        store.close()


def test_several_writers_with_overlapping_batches_count_each_fact_once(kept_store: CentralStore) -> None:
    empty(kept_store)
    stations = [f"kiosk-{number}" for number in range(4)]
    messages = [sent(made(LOAN, seq, kiosk=kiosk)) for seq in range(1, 101) for kiosk in stations]
    failures: list[BaseException] = []
    answers: dict[str, int] = {}

    def write(part: list[Delivery]) -> None:
        ledger = Ledger(kept_store)
        try:
            for at in range(0, len(part), 16):
                for answer in ledger.take(part[at : at + 16]):
                    answers[answer.station] = max(answers.get(answer.station, 0), answer.upto)
        except BaseException as error:
            failures.append(error)

    # Each fact comes to two of three writers, and the last one has them in the opposite order.
    parts = [messages[: len(messages) * 2 // 3], messages[len(messages) // 3 :], messages[::-1]]
    writers = [threading.Thread(target=write, args=(part,)) for part in parts]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    assert failures == []
    with kept_store.reading() as connection:
        assert recount.differences(connection) == []
        found = counts(connection)
    for name in stations:
        assert (found[name]["facts"], found[name]["upto"], found[name]["missing"]) == (100, 100, [])
        assert (found[name]["duplicates"], found[name]["quarantined"]) == (0, 0)
    assert answers == dict.fromkeys(stations, 100)


def test_one_of_several_leads_and_another_follows_when_it_is_gone(kept_store: CentralStore) -> None:
    hours = [0.0]
    one, two = Leader(kept_store, lambda: hours[0]), Leader(kept_store, lambda: hours[0])
    try:
        assert (one.leads(), two.leads()) == (True, False)
        hours[0] += CHECK_S
        assert (one.leads(), two.leads()) == (True, False), "who leads goes on leading"
        one.resign()
        hours[0] += CHECK_S
        assert (two.leads(), one.leads()) == (True, False)
    finally:
        one.resign()
        two.resign()


def test_a_leader_whose_session_the_server_ended_leads_no_longer(kept_store: CentralStore) -> None:
    hours = [0.0]
    one, two = Leader(kept_store, lambda: hours[0]), Leader(kept_store, lambda: hours[0])
    try:
        assert one.leads()
        with kept_store.writing() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks"
                    " WHERE locktype = 'advisory' AND pid != pg_backend_pid()"
                )
            )
        limit = time.monotonic() + 10
        while not two.leads():  # the server ends a session in its own time
            assert time.monotonic() < limit
            hours[0] += CHECK_S
        hours[0] += CHECK_S
        assert (two.leads(), one.leads()) == (True, False)
    finally:
        one.resign()
        two.resign()


def test_alone_on_its_database_an_ingest_always_leads(tmp_path: Path) -> None:
    store = CentralStore(url_of(tmp_path))
    leader = Leader(store)
    assert leader.leads()
    leader.resign()
    assert leader.leads()
    store.close()


def test_after_the_server_ended_every_connection_the_next_batch_is_taken(kept_store: CentralStore) -> None:
    empty(kept_store)
    ledger = Ledger(kept_store)
    ledger.take([sent(made(LOAN, 1))])
    with kept_store.writing() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid != pg_backend_pid()"
            )
        )
    [answer] = ledger.take([sent(made(LOAN, 2))])
    assert answer.upto == 2


def test_a_server_that_is_not_there_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(f'database = "postgresql:///gocdoc?host={tmp_path}"')
    with pytest.raises(DatabaseUnusable, match=r"check that the database server runs, and central\.toml"):
        CentralStore(url_of(tmp_path))


@pytest.mark.parametrize("words", ["mysql://localhost/x", "sqlite:///x.db", "no database", ""])
def test_what_is_no_postgresql_is_refused_with_what_may_be_said(words: str) -> None:
    with pytest.raises(DatabaseUnusable, match="postgresql:///gocdoc"):
        postgresql_url(words)


def test_the_folders_file_names_the_database(postgres: LocalPostgres, database: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(f'database = "{postgres.words(database)}"')
    store = CentralStore(url_of(tmp_path))
    try:
        assert store.shared
        Ledger(store).take([sent(made(LOAN, 1))])
    finally:
        store.close()
    assert not (tmp_path / "central.db").exists()


def test_a_second_writer_of_an_sqlite_folder_is_refused_and_told_what_to_do(tmp_path: Path) -> None:
    lock = DataLock(tmp_path)
    try:
        with pytest.raises(Exception, match=r"SQLite lets in one writer.*need PostgreSQL"):
            DataLock(tmp_path)
    finally:
        lock.release()


def _first_schema(engine: Engine) -> None:
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", "central:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")


_OLD = """
INSERT INTO event (source, epoch, seq, id, type, cls, time, received, boot, mono, clock, data) VALUES
 ('kiosk-1', 'e1', 1, 'a', 'gocdoc.item.checked_out.v1', 'loan', '2026-09-30T23:30:00.000+07:00',
  '2026-09-30T16:30:01.000+00:00', 1, 1, 'ntp', '{"ageband": "6-8", "library": "MC-01"}'),
 ('kiosk-1', 'e1', 2, 'b', 'gocdoc.item.checked_out.v1', 'loan', '2026-10-01T08:00:00.000+07:00',
  '2026-10-01T01:00:01.000+00:00', 1, 2, 'free', '{"ageband": "6-8"}'),
 ('kiosk-1', 'e1', 5, 'c', 'gocdoc.item.checked_out.v1', 'loan', '2026-10-01T09:00:00.000+07:00',
  '2026-10-01T02:00:01.000+00:00', 1, 3, 'ntp', '{"ageband": "6-8"}')
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_database_of_the_first_version_keeps_its_facts_gaps_and_counts(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url: Any = url_of(tmp_path)
    if kind == "postgresql":
        url = request.getfixturevalue("postgres").url(request.getfixturevalue("database"))
    engine = create_engine(url)
    _first_schema(engine)
    with engine.begin() as connection:
        connection.execute(text(_OLD.replace(":3", "\\:3").replace(":0", "\\:0")))
        connection.execute(
            text(
                "INSERT INTO stream (source, epoch, upto, max_seq, redelivered, forked)"
                " VALUES ('kiosk-1', 'e1', 2, 7, 0, false)"
            )
        )
        connection.execute(
            text(
                "INSERT INTO deadletter (n, source, epoch, seq, topic, digest, size, payload, reason,"
                " received, times) VALUES (1, 'kiosk-1', 'e1', 7, 't', 'd', 0, '', 'r', '2026', 1)"
            )
        )
        connection.execute(text("INSERT INTO counter VALUES ('2026-09-30', 23, 'kiosk-1', 'loan', '6-8', 9)"))
    engine.dispose()
    store = CentralStore(url)
    try:
        with store.reading() as connection:
            assert recount.differences(connection) == []
            found = counts(connection)["kiosk-1"]
        assert (found["facts"], found["loans"], found["upto"]) == (3, 3, 2)
        assert found["missing"] == [[3, 4], [6, 6]]
        [answer] = Ledger(store).take([sent(made(LOAN, seq)) for seq in (3, 4, 6)])
        assert answer.upto == 7
    finally:
        store.close()


def test_a_retained_birth_is_no_news_of_the_moment_but_tells_of_a_restored_database(
    store: CentralStore,
) -> None:

    wall = datetime(2026, 11, 21, 5, tzinfo=UTC)
    [answer] = Ledger(store, lambda: wall).take([replace(birth(10, acked=9), old=True)])
    assert isinstance(answer, Acknowledgement)
    assert answer.generation != store.generation
