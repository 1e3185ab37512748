"""Every way of not being connected is said in words, with the setting to look at; and stopping is quick."""

from __future__ import annotations

import contextlib
import logging
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk.events import Event
from kiosk.link.uplink import LinkStatus, Uplink
from kiosk.ports import StoreError
from kiosk.settings import LinkSection


@dataclass(frozen=True)
class State:
    epoch: str = "e1"
    next_seq: int = 4
    acked: int = 1
    boot: int = 1
    oldest_unsent: str | None = None


class Outbox:
    """Three facts, one of them held by the centre."""

    def state(self) -> State:
        return State()

    def pending(self, after: int, limit: int) -> Sequence[object]:
        return []

    def close(self) -> None:
        pass


MakeUplink = Callable[..., Uplink]


@pytest.fixture
def make_uplink() -> Iterator[MakeUplink]:
    made: list[Uplink] = []

    def make(*, outbox: Callable[[], Outbox] = Outbox, **link: object) -> Uplink:
        section = LinkSection.model_validate({"host": "127.0.0.1"} | link)
        posted: list[Event] = []
        uplink = Uplink(kiosk="kiosk-1", link=section, outbox=outbox, post=posted.append, version="1")  # type: ignore[arg-type]
        made.append(uplink)
        uplink.start()
        return uplink

    yield make
    for uplink in made:
        began = time.monotonic()
        uplink.stop()
        assert time.monotonic() - began < 2.0


def words(uplink: Uplink) -> str:
    limit = time.monotonic() + 10
    while not uplink.status.last_error:
        assert time.monotonic() < limit
        time.sleep(0.01)
    return uplink.status.last_error


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def server(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """Something that listens and is no MQTT broker."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        stopping = threading.Event()

        def serve() -> None:
            while not stopping.is_set():
                with contextlib.suppress(OSError):
                    peer, _ = listening.accept()
                    with peer:
                        answer(peer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        stopping.set()
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def test_nothing_listens(make_uplink: MakeUplink, free_port: int, caplog: pytest.LogCaptureFixture) -> None:
    uplink = make_uplink(port=free_port)
    assert words(uplink) == (
        f"nothing listens at 127.0.0.1:{free_port}; start the broker, or correct [link] host and port"
    )
    assert uplink.status == LinkStatus(backlog=2, last_error=words(uplink))
    limit = time.monotonic() + 2
    while time.monotonic() < limit and len(caplog.records) < 2:
        time.sleep(0.05)  # several tries happen in this time
    assert [record.message for record in caplog.records] == [words(uplink)]
    assert caplog.records[0].levelno == logging.WARNING
    assert not caplog.records[0].exc_info


def test_a_name_that_does_not_resolve(make_uplink: MakeUplink) -> None:
    said = words(make_uplink(host="no-such-broker.invalid"))
    assert "'no-such-broker.invalid' cannot be resolved" in said
    assert "[link] host" in said


def test_a_server_that_is_no_broker(make_uplink: MakeUplink) -> None:
    with server(lambda peer: peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        assert f"127.0.0.1:{port}" in words(make_uplink(port=port))


def test_a_server_that_hangs_up(make_uplink: MakeUplink) -> None:
    with server(lambda peer: None) as port:
        assert f"127.0.0.1:{port} was lost" in words(make_uplink(port=port))


def test_a_password_file_that_is_missing(make_uplink: MakeUplink, tmp_path: Path) -> None:
    said = words(make_uplink(username="kiosk-1", password_file=tmp_path / "none"))
    assert str(tmp_path / "none") in said
    assert "[link]" in said


def test_a_ca_file_that_is_missing(make_uplink: MakeUplink, tmp_path: Path) -> None:
    said = words(make_uplink(ca=tmp_path / "none.crt"))
    assert str(tmp_path / "none.crt") in said
    assert "[link]" in said


def test_a_ca_file_that_is_no_certificate(make_uplink: MakeUplink, tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_text("not a certificate")
    assert "[link] ca" in words(make_uplink(ca=tmp_path / "ca.crt"))


def test_a_certificate_without_its_key(make_uplink: MakeUplink, certificate: Path) -> None:
    said = words(make_uplink(ca=certificate, certificate=certificate))
    assert str(certificate) in said
    assert "[link] certificate and key" in said


def test_tls_with_a_server_that_speaks_none(make_uplink: MakeUplink, certificate: Path) -> None:
    with server(lambda peer: peer.sendall(b"\x20\x02\x00\x00" * 8)) as port:
        said = words(make_uplink(port=port, ca=certificate))
    assert f"127.0.0.1:{port}" in said
    assert "TLS" in said or "lost" in said


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate authority nobody uses."""
    made = tmp_path / "ca.crt"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-keyout", str(tmp_path / "ca.key"), "-out", str(made), "-subj", "/CN=test", "-days", "2"],
        check=True, capture_output=True,
    )  # fmt: skip
    return made


def test_an_outbox_that_cannot_be_read(make_uplink: MakeUplink) -> None:
    def broken() -> Outbox:
        raise StoreError("station.db: cannot be read; restore a backup")

    assert "station.db: cannot be read" in words(make_uplink(outbox=broken))


def test_a_link_that_is_switched_off_does_nothing(make_uplink: MakeUplink) -> None:
    uplink = make_uplink(enabled=False)
    uplink.nudge()
    assert uplink.status == LinkStatus()


def test_nudges_never_block_however_many(make_uplink: MakeUplink, free_port: int) -> None:
    uplink = make_uplink(port=free_port)
    began = time.monotonic()
    for _ in range(20_000):
        uplink.nudge()
    assert time.monotonic() - began < 5
    uplink.stop()
    uplink.nudge()  # and after the end it is nothing


def test_it_stops_at_once_while_a_silent_server_keeps_it_waiting(make_uplink: MakeUplink) -> None:
    release = threading.Event()
    with server(lambda peer: release.wait(10) and None) as port:
        uplink = make_uplink(port=port)
        time.sleep(0.2)  # into the login
        began = time.monotonic()
        uplink.stop()
        assert time.monotonic() - began < 1.0
        assert not [thread for thread in threading.enumerate() if thread.name == "link"]
        release.set()
