"""What the centre has on record of one station, as its own command tells."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


class CentreSilent(RuntimeError):
    """`central counts` did not answer; the message carries what it said."""


@dataclass(frozen=True, slots=True)
class CentralBooks:
    """The figures of one station at the centre; see central.overview."""

    loans: int = 0
    returns: int = 0
    renewals: int = 0
    refusals: int = 0
    undone: int = 0
    visits_in: int = 0
    visits_out: int = 0
    help_calls: int = 0
    facts: int = 0
    upto: int = 0
    missing: int = 0  # sequence numbers the centre does not hold
    duplicates: int = 0
    redelivered: int = 0
    quarantined: int = 0
    deadletters: int = 0


def read_centre(data: Path, station: str) -> CentralBooks:
    """Ask `central counts` for one station. Raises CentreSilent."""
    done = subprocess.run(
        [sys.executable, "-m", "central", "counts", "--data", str(data), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CentreSilent(f"central counts ended with {done.returncode}: {done.stderr[-2000:]}")
    found = json.loads(done.stdout).get(station)
    if found is None:
        return CentralBooks()
    gaps = sum(last - first + 1 for first, last in found["missing"])
    wanted = {name: int(found[name]) for name in CentralBooks.__dataclass_fields__ if name != "missing"}
    return CentralBooks(**wanted, missing=gaps)


def counters_are_right(data: Path) -> bool:
    """Whether the centre's counters equal its facts, counted again by `central recount`."""
    done = subprocess.run(
        [sys.executable, "-m", "central", "recount", "--data", str(data)], capture_output=True, check=False
    )
    return done.returncode == 0
