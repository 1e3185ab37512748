"""The power goes at any moment: what a child was told is there, and nothing is there in halves.

The station is the real one, in a process of its own; its disk is what SQLite asked of it, replayed. Many more
cuts: POWER_CUTS=20000 python -m pytest tests/power
"""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.power.cuts import cut
from tests.power.recording_vfs import NoSharedSqlite, Op, shared_sqlite

ROOT = Path(__file__).parents[2]
CUTS = int(os.environ.get("POWER_CUTS", "1200"))
VISITS = 120
MOST_SYNCS = 1.3  # a loan
SUFFIXES = ("station.db", "station.db-wal", "station.db-journal")


@pytest.fixture(scope="module")
def memory() -> Iterator[Path]:
    """A folder in memory, where there is one: what is synced here need not survive anything."""
    try:
        shared_sqlite()
    except NoSharedSqlite as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))
    shm = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shm if os.access(shm, os.W_OK) else None) as name:
        yield Path(name)


def recorded(memory: Path, visits: int, synchronous: str = "FULL", before: Sequence[str] = ()) -> list[Op]:
    name = f"{synchronous}-{visits}"
    file = memory / f"{name}.recording"
    subprocess.run(
        [
            *(*before, sys.executable, "-m", "tests.power.recorded_station"),
            *(str(memory / name), str(file)),
            *("--visits", str(visits), "--synchronous", synchronous),
        ],
        cwd=ROOT,
        check=True,
        timeout=120,
    )
    return pickle.loads(file.read_bytes())  # noqa: S301 - our own process wrote it


@pytest.fixture(scope="module")
def station(memory: Path) -> list[Op]:
    """The station as it is shipped."""
    return recorded(memory, VISITS)


def test_whenever_the_power_goes_nothing_a_child_was_told_is_lost_and_nothing_is_half_there(
    memory: Path, station: list[Op]
) -> None:
    folder = memory / "cuts"
    folder.mkdir()
    found = cut(station, folder, times=CUTS, seed=CUTS)
    assert found.cuts == CUTS >= 1000
    assert (found.losing, found.corrupt, found.without_fact) == (0, 0, 0), str(found)
    assert found.wrong == []


def test_the_power_may_go_while_the_database_is_first_made(memory: Path, station: list[Op]) -> None:
    """Until it is in WAL mode SQLite works with a journal that must be taken back first."""
    folder = memory / "first"
    folder.mkdir()
    first = next(moment for moment, op in enumerate(station) if op[0] == "booted")
    assert any(op[0] == "delete" and op[1].endswith("-journal") for op in station[:first])
    in_journal = next(moment for moment, op in enumerate(station) if op[0] == "open" and "-wal" in op[1])
    found = cut(station[: in_journal + 2], folder, times=200, seed=3)
    assert (found.losing, found.corrupt, found.wrong) == (0, 0, []), str(found)


def test_a_loan_costs_hardly_more_than_one_sync(station: list[Op]) -> None:
    loans, syncs, laid = 0, 0, False
    spent = 0
    for op in station:
        match op:
            case ("laid down", _):
                laid, spent = True, 0
            case ("sync", *_):
                spent += 1
            case ("told", "lent", _) if laid:
                loans, syncs, laid = loans + 1, syncs + spent, False
    assert loans > 50
    assert 1.0 <= syncs / loans <= MOST_SYNCS


def test_the_recording_holds_all_that_a_station_does_to_its_disk(station: list[Op]) -> None:
    """Checkpoints, tidying up and restarts are in it; else their moments would never be cut."""
    told = [op[1] for op in station if op[0] == "told"]
    assert {"lent", "returned", "renewed", "undone"} <= set(told)
    assert sum(op[0] == "booted" for op in station) == 4
    changed = {(op[0], Path(op[1]).suffix) for op in station if op[0] in {"write", "sync", "truncate"}}
    assert {("write", ".db"), ("sync", ".db"), ("write", ".db-wal"), ("truncate", ".db-wal")} <= changed


@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF"])
def test_the_simulation_sees_the_loss_where_syncs_are_left_out(memory: Path, synchronous: str) -> None:
    """Without this a simulation that is blind would pass above."""
    ops = recorded(memory, 60, synchronous)
    folder = memory / f"cuts-{synchronous}"
    folder.mkdir()
    found = cut(ops, folder, times=80, seed=7)
    if synchronous == "NORMAL":  # SQLite's promise for WAL: durable or not, never broken
        assert found.losing > 20, str(found)
        assert (found.corrupt, found.without_fact, found.wrong) == (0, 0, []), str(found)
    else:
        assert found.corrupt > 20, str(found)
        assert found.losing > 0, str(found)


def test_the_kernel_saw_every_sync_that_the_recording_holds(memory: Path) -> None:
    """The recording stands before SQLite's own VFS; this is the other side of it."""
    tracer, trace = shutil.which("strace"), memory / "trace"
    if tracer is None:
        pytest.skip("strace is not installed: sudo apt install strace")
    traced = [tracer, "-f", "-y", "-e", "trace=fsync,fdatasync", "-o", str(trace)]
    if subprocess.run([*traced, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine does not let a process trace its own children")
    ops = recorded(memory, 8, before=traced)
    lines = trace.read_text(encoding="utf-8", errors="replace").splitlines()
    seen = sum(f"{suffix}>)" in line for line in lines for suffix in SUFFIXES)
    assert seen == sum(op[0] == "sync" for op in ops) > 40
