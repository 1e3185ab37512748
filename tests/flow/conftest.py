"""A whole reading corner for tests: real processes, real window, real broker."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from central.broker import find_mosquitto
from central.errors import MosquittoMissing
from kiosk.demo.stage import Stage


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
