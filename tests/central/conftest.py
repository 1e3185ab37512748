"""A real Mosquitto, a real station store behind a real uplink, and the centre's own process."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from central.broker import LocalBroker, find_mosquitto
from central.down import courier
from central.down.courier import Courier
from central.errors import MosquittoMissing
from central.ingest import BrokerAddress
from central.people import logins, passwords
from central.store import CentralStore, url_of
from tests.central.board import Board
from tests.central.centre import Centre
from tests.central.corner import Corner
from tests.central.postgres import LocalPostgres, PostgresMissing, empty
from tests.central.room import Room

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


@pytest.fixture(scope="session")
def postgres() -> Iterator[LocalPostgres]:
    """A PostgreSQL server; a missing one is named, and is a failure where everything must be there."""
    try:
        server = LocalPostgres()
    except PostgresMissing as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))
    with server:
        yield server


@pytest.fixture(scope="session")
def kept_store(postgres: LocalPostgres) -> Iterator[CentralStore]:
    """One database in it, for all tests that empty it first."""
    store = CentralStore(postgres.url(postgres.create()))
    yield store
    store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CentralStore]:
    """An empty database of the centre, with no process around it; once in each kind."""
    if request.param == "postgresql":
        kept: CentralStore = request.getfixturevalue("kept_store")
        empty(kept)
        yield kept
        return
    folder = tmp_path / "centre"
    folder.mkdir()
    store = CentralStore(url_of(folder))
    yield store
    store.close()


@pytest.fixture
def empty_store(store: CentralStore) -> Callable[[], AbstractContextManager[CentralStore]]:
    """For tests that need many, one after the other: each is empty."""

    @contextmanager
    def make() -> Iterator[CentralStore]:
        empty(store)
        yield store

    return make


@pytest.fixture
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scrypt at a cost that tests can pay; test_logins.py looks at the real one."""
    monkeypatch.setattr(passwords, "COST", passwords.Cost(4, 1, 1))
    monkeypatch.setattr(logins, "_nobodys", lambda: passwords.hashed("nobody's password"))


@pytest.fixture(scope="session")
def kept_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CentralStore]:
    """One SQLite database, for all tests that empty it first: quicker than one of its own."""
    store = CentralStore(url_of(tmp_path_factory.mktemp("centre")))
    yield store
    store.close()


@pytest.fixture
def board(kept_sqlite: CentralStore, cheap_passwords: None) -> Board:
    """The pages over an empty SQLite database."""
    empty(kept_sqlite)
    return Board(kept_sqlite)


@pytest.fixture
def board_of_each(store: CentralStore, cheap_passwords: None) -> Board:
    """The pages over an empty database; once in each kind."""
    return Board(store)


@pytest.fixture
def plain_store(tmp_path: Path) -> Iterator[CentralStore]:
    """The centre's SQLite database in the folder a `central` command is given."""
    (tmp_path / "centre").mkdir()
    store = CentralStore(url_of(tmp_path / "centre"))
    yield store
    store.close()


@pytest.fixture
def make_room(tmp_path: Path) -> Iterator[Callable[..., Room]]:
    made: list[Room] = []

    def make(broker: Any, name: str = "kiosk-1", **more: Any) -> Room:
        made.append(Room(tmp_path / f"{name}-{more.pop('folder', '')}", broker, name, **more))
        return made[-1]

    yield make
    for room in made:
        room.close()


@pytest.fixture
def make_courier(
    plain_store: CentralStore, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Courier]]:
    monkeypatch.setattr(courier, "LOOK_S", 0.1)
    made: list[Courier] = []

    def make(broker: LocalBroker, **login: Any) -> Courier:
        made.append(Courier(plain_store, BrokerAddress(broker.host, broker.port, **login)))
        made[-1].start()
        return made[-1]

    yield make
    for one in made:
        one.stop()
