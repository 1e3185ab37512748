"""Station, broker and centre are killed at any moment, again and again: every fact is held and counted once.

Each run is a reading corner of real processes: the station's own store and link, Mosquitto, the whole of
`central serve` on SQLite or PostgreSQL. Everything is drawn from the run's seed. GOCDOC_CRASH_RUNS=600 makes
a long day of it; GOCDOC_CRASH_SEED=... repeats the run that failed.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.central.postgres import LocalPostgres
from tests.crash import house
from tests.crash.house import House, Outcome, one_run
from tests.crash.station import prepare

pytestmark = pytest.mark.broker

RUNS = int(os.environ.get("GOCDOC_CRASH_RUNS", "64"))
SEED = int(os.environ.get("GOCDOC_CRASH_SEED", "20261124"))
ONLY = "GOCDOC_CRASH_SEED" in os.environ
AT_ONCE = max(2, min(8, 2 * (os.cpu_count() or 2)))
POSTGRES_EVERY = 6


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Stations that were just set up, with facts that wait."""
    made = {}
    for backlog in house.BACKLOGS:
        made[backlog] = tmp_path_factory.mktemp(f"station-{backlog}")
        prepare(made[backlog], backlog)
    return made


def test_whatever_is_killed_every_fact_is_held_and_counted_once(
    mosquitto: str,
    postgres: LocalPostgres,
    templates: dict[int, Path],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    def run(number: int) -> Outcome:
        shared = number % POSTGRES_EVERY == 0
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
    assert facts > 100 * len(outcomes), f"hardly anything was reported: {figures}"
    if not ONLY:
        assert twice, f"nothing ever came twice: {figures}"


def test_a_station_that_takes_sent_for_delivered_loses_facts_and_this_matrix_sees_it(
    mosquitto: str, templates: dict[int, Path], tmp_path: Path
) -> None:
    with House(tmp_path, templates[0], rate=300.0) as corner:
        corner.duty = replace(corner.duty, gullible=True)
        corner.start()
        corner.until(lambda: len(corner.shown) > 100, "a beginning")
        corner.kill_centre()  # while it is away facts are written, and taken for delivered
        before = len(corner.shown)
        corner.until(lambda: len(corner.shown) > before + 100, "more acts")
        corner.settle()
        found = corner.wrongs()
    assert any(one.startswith("missing: ") for one in found), found
