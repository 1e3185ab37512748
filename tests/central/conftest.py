"""A real Mosquitto, a real station store behind a real uplink, and the centre's own process."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from central.broker import LocalBroker, find_mosquitto
from central.errors import MosquittoMissing
from central.store import CentralStore, url_of
from tests.central.centre import Centre
from tests.central.corner import Corner

ACL = Path(__file__).parents[2] / "deploy" / "broker" / "gocdoc.acl"


@pytest.fixture(scope="session")
def mosquitto() -> str:
    """The program; a missing one is named, and is a failure where everything must be there."""
    try:
        return find_mosquitto()
    except MosquittoMissing as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture
def broker(mosquitto: str, tmp_path: Path) -> Iterator[LocalBroker]:
    with LocalBroker(tmp_path / "broker") as broker:
        yield broker


@pytest.fixture
def guarded_broker(mosquitto: str, tmp_path: Path) -> Iterator[LocalBroker]:
    """With the logins and the access rules that are shipped."""
    logins = {"gocdoc-ingest": "of the centre", "kiosk-1": "of the station", "kiosk-2": "of the other"}
    with LocalBroker(tmp_path / "broker", logins=logins, acl=ACL) as broker:
        yield broker


@pytest.fixture
def centre(broker: LocalBroker, tmp_path: Path) -> Iterator[Centre]:
    """A `central serve` process that is up and connected."""
    centre = Centre(tmp_path / "centre", broker)
    centre.start()
    yield centre
    centre.kill()


@pytest.fixture
def make_corner(tmp_path: Path) -> Iterator[Callable[..., Corner]]:
    made: list[Corner] = []

    def make(broker: LocalBroker, name: str = "kiosk-1", **link: object) -> Corner:
        corner = Corner(tmp_path / name, broker, name, **link)
        made.append(corner)
        return corner

    yield make
    for corner in made:
        corner.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CentralStore]:
    """An empty database of the centre, with no process around it."""
    folder = tmp_path / "centre"
    folder.mkdir()
    store = CentralStore(url_of(folder))
    yield store
    store.close()
