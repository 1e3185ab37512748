"""The `central` command under a librarian's mistakes: one sentence with the remedy, status 1."""

from __future__ import annotations

import json
import socket
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from central.__main__ import app
from central.broker import LocalBroker, find_mosquitto
from central.errors import BrokerTrouble, MosquittoMissing
from central.ingest import BrokerAddress, Ingest
from central.ledger import Ledger
from central.store import CentralStore, url_of
from tests.central.centre import Centre
from tests.central.corner import Corner, loans


def central(*arguments: object) -> Result:
    return CliRunner().invoke(app, list(map(str, arguments)))


def sentence(run: Result) -> str:
    assert run.exit_code == 1, run.output
    assert isinstance(run.exception, SystemExit), "anything else is a traceback to the librarian"
    said = [line for line in run.stderr.splitlines() if line.startswith("central: ")]
    assert len(said) == 1, run.stderr
    return said[0]


def make_database(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    CentralStore(url_of(folder)).close()
    return folder / "central.db"


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = sentence(central("serve", "--data", tmp_path, "--port", port))
    assert f"127.0.0.1:{port}" in said
    assert "--port" in said


def test_an_address_of_another_machine_is_refused(tmp_path: Path) -> None:
    assert "--host" in sentence(
        central("serve", "--data", tmp_path, "--port", 0, "--host", "no.such.host.invalid")
    )


def test_an_address_that_is_not_ours_is_told_apart_from_a_port_in_use(tmp_path: Path) -> None:
    said = sentence(central("serve", "--data", tmp_path, "--port", 0, "--host", "192.0.2.1"))
    assert "192.0.2.1" in said
    assert "--host" in said
    assert "stop the program" not in said


def test_a_missing_password_file_is_named(tmp_path: Path) -> None:
    store = CentralStore(url_of(tmp_path))
    ingest = Ingest(
        Ledger(store), BrokerAddress("localhost", username="x", password_file=tmp_path / "secret")
    )
    ingest.start()
    try:
        deadline = time.monotonic() + 5
        while not ingest.status.trouble and time.monotonic() < deadline:
            time.sleep(0.01)
        assert str(tmp_path / "secret") in ingest.status.trouble
        assert "--password-file" in ingest.status.trouble
    finally:
        ingest.stop()
        store.close()


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    database = make_database(tmp_path)
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = database.read_bytes()
    for command in (("serve", "--port", 0), ("counts",), ("recount",)):
        said = sentence(central(command[0], "--data", tmp_path, *command[1:]))
        assert "newer version" in said
        assert "9999" in said
    assert database.read_bytes() == before


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "central.db").write_bytes(b"a letter to the library, not a database" * 100)
    assert "backup" in sentence(central("serve", "--data", tmp_path, "--port", 0))


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "--data" in sentence(central("serve", "--data", tmp_path / "file" / "below", "--port", 0))


def test_counting_where_nothing_is_names_the_folder(tmp_path: Path) -> None:
    for command in ("counts", "recount"):
        assert str(tmp_path) in sentence(central(command, "--data", tmp_path))


@pytest.mark.parametrize("address", ["broker", "broker:", ":1883", "broker:zero", "broker:70000"])
def test_a_broker_without_a_port_is_explained(tmp_path: Path, address: str) -> None:
    run = central("serve", "--data", tmp_path, "--broker", address)
    assert run.exit_code == 2
    assert "HOST:PORT" in run.stderr


def test_counts_and_recount_of_an_empty_centre(tmp_path: Path) -> None:
    make_database(tmp_path)
    assert central("counts", "--data", tmp_path).stdout == "No station has reported anything yet.\n"
    assert json.loads(central("counts", "--data", tmp_path, "--json").stdout) == {}
    assert central("recount", "--data", tmp_path).stdout == "Every counter is right.\n"


@pytest.mark.broker
def test_the_pages_are_there_while_the_broker_is_not(
    broker: LocalBroker, tmp_path: Path, make_corner: Callable[..., Corner]
) -> None:
    broker.stop()
    centre = Centre(tmp_path / "centre", broker)
    centre.start(connected=False)
    try:
        said = sentence(central("serve", "--data", centre.data, "--port", 0))
        assert "another 'central serve'" in said
        corner = make_corner(broker)
        corner.until(lambda: bool(centre.get("/api/stations")["broker"]["trouble"]), what="words on the page")
        assert broker.address in centre.get("/api/stations")["broker"]["trouble"]
        corner.report(*loans(3))
        corner.uplink.start()
        corner.until(
            lambda: "nothing listens" in corner.uplink.status.last_error, what="words at the station"
        )
        broker.start()  # and everything finds together by itself
        corner.until_drained()
    finally:
        centre.stop()
    printed = json.loads(central("counts", "--data", centre.data, "--json").stdout)
    assert printed["kiosk-1"]["loans"] == printed["kiosk-1"]["facts"] == printed["kiosk-1"]["upto"] == 3
    assert "loans        3" in central("counts", "--data", centre.data).stdout
    with sqlite3.connect(centre.data / "central.db") as connection:
        connection.execute("UPDATE counter SET n = 8")
    connection.close()
    wrong = central("recount", "--data", centre.data)
    assert "the facts say 3" in wrong.stdout
    assert "--mend" in sentence(wrong)
    assert "1 counters were wrong" in central("recount", "--data", centre.data, "--mend").stdout
    assert central("recount", "--data", centre.data).exit_code == 0


def test_a_missing_mosquitto_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(MosquittoMissing, match="apt install mosquitto"):
        find_mosquitto("mosquitto-of-another-name")


@pytest.mark.broker
def test_a_broker_that_cannot_listen_says_why(broker: LocalBroker, tmp_path: Path) -> None:
    with pytest.raises(BrokerTrouble, match=str(broker.port)):
        LocalBroker(tmp_path / "second", port=broker.port).start(timeout=2)
