"""A province comes back: 1,500 stations, each with facts to tell, after the broker was killed and started.

Real uplinks (a thread each, several processes, outboxes in memory), Mosquitto, and the centre's own process.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from central.broker import LocalBroker
from central.overview import counts
from central.store import CentralStore, url_of
from tests.bench.row import Row
from tests.central.centre import Centre

STATIONS = int(os.environ.get("BENCH_STATIONS", "1500"))
PROCESS = 150  # stations in one: each has three files open, and select() takes 1,024
FACTS = 20  # that each station reports while the broker is away
AWAY_S = 5.0
BAR_S = 90.0


def measure() -> Iterator[Row]:
    """Seconds from the broker's start until the last station was told that the centre holds everything."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name:
        folder = Path(name)
        with LocalBroker(folder / "broker") as broker, contextlib.ExitStack() as stack:
            centre = Centre(folder / "centre", broker)
            centre.start()
            stack.callback(centre.stop)
            fleet = [
                _process(broker, first, min(PROCESS, STATIONS - first))
                for first in range(0, STATIONS, PROCESS)
            ]
            for each in fleet:
                stack.callback(each.kill)
            begun = time.perf_counter()
            for each in fleet:
                _wait(each, "caught up")
            first_day = time.perf_counter() - begun
            broker.kill()
            for each in fleet:
                assert each.stdin is not None
                each.stdin.write(f"{FACTS}\n")
                each.stdin.flush()
                _wait(each, "reported")
            time.sleep(AWAY_S)
            begun = time.perf_counter()
            broker.start()
            for each in fleet:
                _wait(each, "caught up")
            back = time.perf_counter() - begun
            held = _held(folder / "centre")
    if held != STATIONS * (FACTS + 1):
        raise RuntimeError(f"the centre holds {held} facts, not {STATIONS * (FACTS + 1)}")
    yield Row(
        f"{STATIONS} stations after the broker's restart: all told", "s", back, BAR_S, "the bar", "under 90 s"
    )
    yield Row("the same in facts a second", "facts/s", STATIONS * FACTS / back, None, "")
    yield Row("their first login and fact, all at once", "s", first_day, None, "")


def _process(broker: LocalBroker, first: int, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "tests.bench.fleet_members"),
            *(broker.host, str(broker.port), str(first), str(count)),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def _wait(member: subprocess.Popen[str], word: str) -> None:
    assert member.stdout is not None
    while (line := member.stdout.readline().strip()) != word:
        if not line:
            raise RuntimeError(f"a process of the fleet ended with {member.poll()}: nothing was measured")


def _held(data: Path) -> int:
    store = CentralStore(url_of(data))
    try:
        with store.reading() as connection:
            return sum(each["facts"] for each in counts(connection).values())
    finally:
        store.close()
