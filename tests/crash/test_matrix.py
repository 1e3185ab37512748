"""Station, broker and centre are killed at any moment, again and again: every fact is held and counted once.

Each run is a reading corner of real processes: the station's own store and link, Mosquitto, the whole of
`central serve` on SQLite or PostgreSQL. Everything is drawn from the run's seed. GOCDOC_CRASH_RUNS=600 makes
a long day of it; GOCDOC_CRASH_SEED=... repeats the run that failed.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.demo.station_books import read_station
from tests.central.postgres import LocalPostgres
from tests.crash import house
from tests.crash.centre import read_books
from tests.crash.house import House, Outcome, one_run
from tests.crash.station import prepare

pytestmark = pytest.mark.broker

RUNS = int(os.environ.get("GOCDOC_CRASH_RUNS", "64"))
SEED = int(os.environ.get("GOCDOC_CRASH_SEED", "20261124"))
ONLY = "GOCDOC_CRASH_SEED" in os.environ
AT_ONCE = max(2, min(8, 2 * (os.cpu_count() or 2)))
POSTGRES_EVERY = 6
SERVER_RUNS = 1 if ONLY else max(4, RUNS // 16)  # each with a server of its own


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Stations that were just set up, with facts that wait."""
    made = {}
    for backlog in house.BACKLOGS:
        made[backlog] = tmp_path_factory.mktemp(f"station-{backlog}")
        prepare(made[backlog], backlog)
    return made


@pytest.fixture(scope="module")
def settled(mosquitto: str, templates: dict[int, Path], tmp_path_factory: pytest.TempPathFactory) -> House:
    """A corner that lent some books, and where everything has arrived."""
    with House(tmp_path_factory.mktemp("settled"), templates[0], rate=300.0) as corner:
        corner.start()
        corner.until(lambda: len(corner.shown) > 100, "a beginning")
        corner.settle()
        for database in (corner.duty.database, corner.seat.data / "central.db"):
            with closing(sqlite3.connect(database)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return corner


def test_whatever_is_killed_every_fact_is_held_and_counted_once(
    mosquitto: str,
    postgres: LocalPostgres,
    templates: dict[int, Path],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    def run(number: int) -> Outcome:
        shared = (SEED + number) % POSTGRES_EVERY == 0  # of the seed, so that a repeated run is the same
        folder = tmp_path / f"run-{number}"
        folder.mkdir()
        database = postgres.words(postgres.create()) if shared else ""
        return one_run(SEED + number, folder, templates, database=database)

    with ThreadPoolExecutor(AT_ONCE) as corners:
        outcomes = list(corners.map(run, range(1 if ONLY else RUNS)))
    kills: Counter[str] = sum((one.kills for one in outcomes), Counter())
    facts, twice = (sum(getattr(one, what) for one in outcomes) for what in ("facts", "redelivered"))
    figures = {
        "runs": len(outcomes),
        "kills": kills.total(),
        "by target": dict(sorted(kills.items())),
        "facts": facts,
        "shown": sum(one.shown for one in outcomes),
        "recognised as sent before": twice,
        "seconds": round(sum(one.seconds for one in outcomes), 1),
    }
    record_property("crash matrix", str(figures))
    wrong = [f"GOCDOC_CRASH_SEED={one.seed}: {'; '.join(one.wrong)}" for one in outcomes if one.wrong]
    assert not wrong, "\n".join([f"{len(wrong)} of {len(outcomes)} runs went wrong:", *wrong, str(figures)])
    if not ONLY:
        assert facts > 100 * len(outcomes), f"hardly anything was reported: {figures}"
        assert twice, f"nothing ever came twice: {figures}"


@pytest.mark.parametrize("number", range(SERVER_RUNS))
def test_the_database_server_is_killed_too(
    mosquitto: str, templates: dict[int, Path], tmp_path: Path, number: int
) -> None:
    """PostgreSQL as in service, each commit on the disk; kill -9 of it at any moment, and of all the rest."""
    with LocalPostgres(durable=True) as server:
        database = server.words(server.create())
        outcome = one_run(SEED + number, tmp_path, templates, database=database, server=server)
    assert not outcome.wrong, f"GOCDOC_CRASH_SEED={outcome.seed}: {'; '.join(outcome.wrong)}; {outcome.kills}"
    assert outcome.facts > 20, outcome


@pytest.mark.parametrize(
    ("where", "harm", "seen"),
    [
        ("centre", "DELETE FROM event WHERE seq = 7", "missing: 1"),
        ("station", "DELETE FROM outbox WHERE seq = 7", "phantom: 1"),
        ("centre", "UPDATE counter SET n = n + 1", "wrong_counters"),
        ("centre", "UPDATE stream SET upto = upto - 1", "short of the station's last number: 1"),
        ("station", "UPDATE outbox SET confirmed_at = NULL WHERE seq = 7", "outbox left: 1"),
        ("station", "DELETE FROM loans", "loans without their fact, or facts without their loan"),
        ("station", "DELETE FROM outbox WHERE seq > 40", "shown as done and lost"),
    ],
)
def test_what_the_matrix_looks_for_it_would_see(settled: House, where: str, harm: str, seen: str) -> None:
    database = settled.duty.database if where == "station" else settled.seat.data / "central.db"
    whole = database.with_name("whole")
    shutil.copy(database, whole)
    try:
        with closing(sqlite3.connect(database)) as connection:
            assert connection.execute(harm).rowcount > 0
            connection.commit()
        assert [one for one in settled.wrongs() if seen in one]
    finally:
        shutil.copy(whole, database)
    assert settled.wrongs() == []


def test_a_fact_that_is_stored_twice_would_be_seen(settled: House) -> None:
    """SQLite would not keep it; in PostgreSQL the key holds within a month only."""
    here, there = read_station(settled.duty.database), read_books(settled.seat.data)
    twice = replace(there, ids=there.ids + Counter([here.facts[6]["id"]]))
    assert settled.wrongs_of(here, there) == []
    assert settled.wrongs_of(here, twice) == ["stored twice: 1"]
