"""The broker's configuration as it is shipped, on real Mosquitto over TLS: by password, by certificate."""

from __future__ import annotations

import getpass
import json
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from central.broker import find_mosquitto
from tests.central.corner import Corner, loans
from tests.central.wire import Address, Listener

pytestmark = pytest.mark.broker

SHIPPED = Path(__file__).parents[2] / "deploy" / "broker"
INGEST = ("gocdoc-ingest", "of the centre")
LIMITS = {
    "max_queued_messages 100000",
    "max_inflight_messages 200",
    "set_tcp_nodelay true",
    "persistent_client_expiration 30d",
    "autosave_interval 60",
    "message_size_limit 131072",
    "allow_anonymous false",
    "per_listener_settings false",
}


class Authority:
    """A private certificate authority in a folder."""

    def __init__(self, folder: Path, name: str = "Test CA") -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.certificate = folder / "ca.crt"
        self._openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", "ca.key", "-out", "ca.crt", "-subj", f"/CN={name}", "-days", "2",
        )  # fmt: skip

    def issue(self, name: str, file: str) -> tuple[Path, Path]:
        """A certificate and its key."""
        self._openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", f"{file}.key", "-out", f"{file}.csr", "-subj", f"/CN={name}",
        )  # fmt: skip
        (self.folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        self._openssl(
            "x509", "-req", "-in", f"{file}.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
            "-out", f"{file}.crt", "-days", "2", "-extfile", "names",
        )  # fmt: skip
        return self.folder / f"{file}.crt", self.folder / f"{file}.key"

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)


class ShippedBroker:
    """Mosquitto on gocdoc.conf, with only its paths and ports changed."""

    host = "localhost"

    def __init__(self, folder: Path, authority: Authority, *, by_certificate: bool) -> None:
        folder.mkdir()
        authority.issue("localhost", "broker")
        self.port, self.inner_port = _free_port(), _free_port()
        passwords = folder / "passwords"
        passwords.write_text(f"{INGEST[0]}:{INGEST[1]}\nkiosk-1:of the station\n")
        subprocess.run([find_mosquitto("mosquitto_passwd"), "-U", str(passwords)], check=True)
        text = (SHIPPED / "gocdoc.conf").read_text()
        for shipped, here in {
            "/etc/mosquitto/certs": str(authority.folder),
            "/etc/mosquitto/gocdoc.acl": str(SHIPPED / "gocdoc.acl"),
            "/etc/mosquitto/gocdoc.passwords": str(passwords),
            "listener 1883 ": f"listener {self.inner_port} ",
            "listener 8883": f"listener {self.port}",
        }.items():
            assert shipped in text
            text = text.replace(shipped, here)
        if by_certificate:
            for line in ("require_certificate true", "use_identity_as_username true"):
                assert f"#{line}" in text
                text = text.replace(f"#{line}", line)
        configuration = folder / "mosquitto.conf"
        configuration.write_text(f"{text}\nuser {getpass.getuser()}\nlog_dest none\n")
        self._process = subprocess.Popen([find_mosquitto(), "-c", str(configuration)])
        limit = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                assert self._process.poll() is None, "mosquitto refuses the shipped configuration"
                assert time.monotonic() < limit
                time.sleep(0.02)
            else:
                return

    def listener(self, *topics: str) -> Listener:
        """The ingest's own way in: on this machine, by password."""
        return Listener(Address("127.0.0.1", self.inner_port), *topics, login=INGEST)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "certs")


@pytest.fixture
def start(mosquitto: str, tmp_path: Path, authority: Authority) -> Iterator[Callable[[bool], ShippedBroker]]:
    started: list[ShippedBroker] = []

    def start(by_certificate: bool) -> ShippedBroker:
        started.append(ShippedBroker(tmp_path / "broker", authority, by_certificate=by_certificate))
        return started[-1]

    yield start
    for broker in started:
        broker.stop()


def drain(corner: Corner, broker: ShippedBroker, facts: int) -> None:
    """Take facts in as an ingest would, and answer."""
    with broker.listener(f"gocdoc/1/{corner.name}/evt/#") as ingest:
        ingest.say("gocdoc/1/srv/ingest/state", json.dumps({"online": True, "session": "s"}), retain=True)
        corner.report(*loans(facts))
        corner.uplink.start()

        def answered() -> bool:
            upto = max((json.loads(payload)["seq"] for _, payload, _ in ingest.heard), default=0)
            if upto > answered.last:  # type: ignore[attr-defined]
                answered.last = upto  # type: ignore[attr-defined]
                answer = {"gen": "g", "epoch": corner.epoch, "upto": upto}
                ingest.say(f"gocdoc/1/{corner.name}/ack", json.dumps(answer), retain=True)
            return not corner.outbox_left

        answered.last = 0  # type: ignore[attr-defined]
        corner.until(answered, what="facts over TLS")


def test_the_limits_are_those_the_design_names() -> None:
    lines = set((SHIPPED / "gocdoc.conf").read_text().splitlines())
    assert lines >= LIMITS


def test_no_listener_of_the_local_configuration_is_open_to_others() -> None:
    lines = (SHIPPED / "local.conf").read_text().splitlines()
    assert [line for line in lines if line.startswith("listener")] == ["listener 1883 127.0.0.1"]


def test_by_password_over_tls(
    start: Callable[[bool], ShippedBroker], authority: Authority, make_corner: Any, tmp_path: Path
) -> None:
    broker = start(False)
    password = tmp_path / "password"
    password.write_text("of the station\n")
    corner = make_corner(broker, username="kiosk-1", password_file=password, ca=authority.certificate)
    drain(corner, broker, 300)


def test_by_certificate(
    start: Callable[[bool], ShippedBroker], authority: Authority, make_corner: Any
) -> None:
    broker = start(True)
    certificate, key = authority.issue("kiosk-1", "kiosk-1")
    corner = make_corner(broker, ca=authority.certificate, certificate=certificate, key=key)
    drain(corner, broker, 300)


def test_what_is_not_ours_is_refused_in_words(
    start: Callable[[bool], ShippedBroker], authority: Authority, make_corner: Any, tmp_path: Path
) -> None:
    broker = start(True)
    stranger = Authority(tmp_path / "stranger", "Another CA")
    foreign, foreign_key = stranger.issue("kiosk-1", "kiosk-1")
    cases = {
        "without-certificate": ({"ca": authority.certificate}, "[link]"),
        "foreign-certificate": (
            {"ca": authority.certificate, "certificate": foreign, "key": foreign_key},
            "",
        ),
        "foreign-broker": ({"ca": stranger.certificate}, "is not trusted"),
        "without-tls": ({}, "[link]"),
    }
    for name, (link, words) in cases.items():
        corner = make_corner(broker, name, **link)
        corner.report(*loans(1))
        corner.uplink.start()
        corner.until(lambda corner=corner: bool(corner.uplink.status.last_error), what=name)
        said = corner.uplink.status.last_error
        assert f"localhost:{broker.port}" in said
        assert words in said
        assert not corner.uplink.status.connected
        assert corner.outbox_left == 1
        corner.uplink.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
