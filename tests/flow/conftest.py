"""A whole reading corner for tests: real processes, real window, real broker."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from central.broker import find_mosquitto
from central.errors import MosquittoMissing
from hardware.simulated.bench_client import Bench
from kiosk.demo.stage import Stage
from tests.flow.commands import ITEMS, PATRONS, TITLES


@pytest.fixture(scope="session")
def mosquitto() -> str:
    """The broker's program; a missing one fails under CI=true and is named and skipped otherwise."""
    try:
        return find_mosquitto()
    except MosquittoMissing as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture
def stage(tmp_path: Path, mosquitto: str) -> Iterator[Stage]:
    """Broker, centre, wires and station, running, with the demonstration library."""
    with Stage(tmp_path / "stage") as ready:
        ready.load_library()
        ready.start()
        yield ready


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "station.toml"
    path.write_text('[station]\nid = "thu"\ndata = "data"\n[link]\nenabled = false\n', encoding="utf-8")
    (tmp_path / "data").mkdir()
    for name, text in (("titles", TITLES), ("items", ITEMS), ("patrons", PATRONS)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def wired(settings: Path, tmp_path: Path) -> Iterator[Bench]:
    socket = tmp_path / "w"
    wires = subprocess.Popen([sys.executable, "-m", "hardware.simulated.wires", "--socket", str(socket)])
    settings.write_text(settings.read_text() + f'[pad]\nwires = "{socket}"\n')
    try:
        for _ in range(200):
            if socket.exists() or wires.poll() is not None:
                break
            try:
                wires.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
        bench = Bench(socket)
        yield bench
        bench.close()
    finally:
        wires.terminate()
        wires.wait(5)
