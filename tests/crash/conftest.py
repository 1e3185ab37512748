"""The broker, the database server, the centre, and a station's card to begin with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.central.conftest import broker, centre, kept_store, make_corner, mosquitto, postgres
from tests.crash.station import prepare

__all__ = ["broker", "centre", "kept_store", "make_corner", "mosquitto", "postgres"]


@pytest.fixture(scope="session")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A station that was just set up."""
    folder = tmp_path_factory.mktemp("card")
    prepare(folder, 0)
    return folder
