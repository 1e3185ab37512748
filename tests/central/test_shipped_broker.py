"""The broker's configuration as it is shipped, on real Mosquitto: a certificate of ours, or nothing."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from central.__main__ import app
from central.identity import premises
from central.identity.authority import Authority, utc_now
from central.identity.eviction import Guard, shut_out
from kiosk.link import enrolment, identity
from kiosk.link.enrolment import renew
from kiosk.settings import LinkSection
from tests.central.centre import Centre
from tests.central.corner import loans
from tests.central.secured import SHIPPED, Secured, Wire, free_port

pytestmark = pytest.mark.broker

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
EVERY_LISTENER = {
    "cafile /etc/mosquitto/certs/ca.crt",
    "certfile /etc/mosquitto/certs/server.pem",
    "keyfile /etc/mosquitto/certs/server.pem",
    "crlfile /etc/mosquitto/certs/crl.pem",
    "tls_version tlsv1.2",
    "require_certificate true",
    "use_identity_as_username true",
    "use_username_as_clientid true",
}
# MQTT 5 CONNECT with a clean start and the name "x"
CONNECT = bytes.fromhex("100e00044d5154540502003c00000178")


@pytest.fixture
def secured(mosquitto: str, tmp_path: Path) -> Iterator[Secured]:
    secured = Secured(tmp_path / "secured")
    secured.start_broker()
    yield secured
    secured.close()


@pytest.fixture
def centre(secured: Secured) -> Iterator[Centre]:
    """`central serve`, logged in with its own certificate."""
    secured.door_port = free_port()
    door = f"127.0.0.1:{secured.door_port}"
    centre = Centre(secured.data, secured, "--by-certificate", "--enrol", door)  # type: ignore[arg-type]
    centre.start()
    yield centre
    centre.kill()


def login(secured: Secured, name: str) -> Path:
    """A certificate of ours."""
    file: Path = secured.made(name).file
    return file


def refused(secured: Secured, certificate: Path | None) -> bool:
    """Whether a client with this certificate never gets an answer to its login."""
    context = ssl.create_default_context(cafile=str(secured.authority.file))
    if certificate is not None:
        context.load_cert_chain(certificate)
    try:
        with (
            socket.create_connection(("127.0.0.1", secured.port), 5) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as wire,
        ):
            wire.sendall(CONNECT)
            return wire.recv(4) == b""
    except (ssl.SSLError, ConnectionError):
        return True


# --- what is shipped ---------------------------------------------------------------------------------


def test_the_limits_are_those_the_design_names() -> None:
    lines = set((SHIPPED / "gocdoc.conf").read_text().splitlines())
    assert lines >= LIMITS


def test_every_listener_that_is_shipped_wants_a_certificate() -> None:
    text = (SHIPPED / "gocdoc.conf").read_text()
    listeners = re.split(r"^listener ", text, flags=re.MULTILINE)[1:]
    assert [one.splitlines()[0] for one in listeners] == ["8883"]
    for one in listeners:
        assert set(one.splitlines()) >= EVERY_LISTENER
    assert not re.search(r"^(port|password_file|allow_anonymous true)\b", text, re.MULTILINE)


def test_no_listener_of_the_local_configuration_is_open_to_others() -> None:
    lines = (SHIPPED / "local.conf").read_text().splitlines()
    assert [line for line in lines if line.startswith("listener")] == ["listener 1883 127.0.0.1"]


# --- who gets in -------------------------------------------------------------------------------------


def test_an_enrolled_stations_facts_reach_the_ingest_over_tls_and_are_counted(
    secured: Secured, centre: Centre, make_corner: Any
) -> None:
    # The door is the one 'central serve' opens.
    corner = make_corner(secured, **secured.link(secured.enrol("kiosk-1")))
    corner.report(*loans(300))
    corner.uplink.start()
    corner.until_drained()
    assert centre.counts()["loans"] == 300
    assert centre.wrong_counters() == []


def test_it_speaks_tls_1_3_and_nothing_older_than_1_2(secured: Secured) -> None:
    context = ssl.create_default_context(cafile=str(secured.authority.file))
    with (
        socket.create_connection(("127.0.0.1", secured.port), 5) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as wire,
    ):
        assert wire.version() == "TLSv1.3"
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection(("127.0.0.1", secured.port), 5) as plain,
        pytest.raises((ssl.SSLError, ConnectionError)),
    ):
        context.wrap_socket(plain, server_hostname="localhost")


def test_plaintext_is_refused(secured: Secured) -> None:
    with socket.create_connection(("127.0.0.1", secured.port), 5) as wire:
        wire.settimeout(5)
        wire.sendall(CONNECT)
        try:
            answer = wire.recv(100)
        except ConnectionError:
            answer = b""
    assert answer[:1] != b"\x20", "that is an MQTT answer"


def test_without_a_certificate_nobody_gets_in(secured: Secured) -> None:
    assert not refused(secured, login(secured, "kiosk-1")), "with one it is otherwise"
    assert refused(secured, None)


def test_certificates_of_another_authority_with_the_same_names_are_refused(
    secured: Secured, tmp_path: Path
) -> None:
    stranger = premises.found(tmp_path / "stranger", ["localhost"], utc_now())
    for name in ("kiosk-1", "gocdoc-ingest"):
        assert refused(secured, secured.made(name, authority=stranger).file)


def test_a_certificate_that_has_ended_is_refused(secured: Secured) -> None:
    assert refused(secured, secured.made("kiosk-1", ended=True).file)


def test_the_servers_own_certificate_is_no_login(secured: Secured) -> None:
    assert refused(secured, premises.certificate_file(secured.data, premises.SERVER))


# --- who may say and hear what -----------------------------------------------------------------------


def test_what_a_station_says_under_anothers_name_is_refused_and_reaches_nobody(secured: Secured) -> None:
    with (
        Wire(secured, premises.certificate_file(secured.data, premises.INGEST)) as ingest,
        Wire(secured, login(secured, "kiosk-1")) as one,
    ):
        ingest.listen("gocdoc/1/+/evt/#", "gocdoc/1/+/state", "gocdoc/1/+/res/#")
        for topic in ("evt/loan", "state", "res/sync", "health"):
            assert one.say(f"gocdoc/1/kiosk-2/{topic}").getName() == "Not authorized", topic
        for topic in (
            "gocdoc/1/kiosk-1/ack", "gocdoc/1/kiosk-2/ack", "gocdoc/1/kiosk-2/cmd/restart",
            "gocdoc/1/kiosk-1/cmd/restart", "gocdoc/1/all/news", "gocdoc/1/cat/snapshot",
            "gocdoc/1/kiosk-1/policy", "gocdoc/1/srv/ingest/state", "$SYS/x", "anything",
        ):  # fmt: skip
            assert one.say(topic, retain=True).getName() == "Not authorized", topic
        assert not one.say("gocdoc/1/kiosk-1/evt/loan", b"mine").is_failure
        ingest.until(lambda: bool(ingest.heard))
        assert ingest.heard == [("gocdoc/1/kiosk-1/evt/loan", b"mine")]


def test_what_is_meant_for_others_reaches_no_station_however_it_subscribes(secured: Secured) -> None:
    with (
        Wire(secured, premises.certificate_file(secured.data, premises.INGEST)) as ingest,
        Wire(secured, login(secured, "kiosk-2")) as other,
        Wire(secured, login(secured, "kiosk-1")) as one,
    ):
        one.listen(
            "#", "gocdoc/1/+/ack", "gocdoc/1/kiosk-2/ack", "gocdoc/1/kiosk-2/cmd/#", "gocdoc/1/+/evt/#"
        )
        one.listen("$share/ingest/gocdoc/1/+/evt/#")
        other.listen("gocdoc/1/kiosk-2/ack", "gocdoc/1/kiosk-2/cmd/#")
        ingest.say("gocdoc/1/kiosk-2/ack", b"theirs", retain=True)
        ingest.say("gocdoc/1/kiosk-2/cmd/message", b"theirs")
        other.say("gocdoc/1/kiosk-2/evt/loan", b"theirs")
        ingest.say("gocdoc/1/kiosk-1/ack", b"mine")
        other.until(lambda: len(other.heard) == 2)
        one.until(lambda: ("gocdoc/1/kiosk-1/ack", b"mine") in one.heard)
        assert {payload for _, payload in one.heard} == {b"mine"}


def test_news_reaches_a_station_over_tls_and_only_the_centre_writes_it(
    secured: Secured, make_corner: Any
) -> None:
    secured.open_door()
    told = ["announce", "Chiều nay có giờ kể chuyện", "--until", "2099-01-01",
            "--broker", f"localhost:{secured.port}", "--by-certificate", str(secured.data)]  # fmt: skip
    run = CliRunner().invoke(app, told)
    assert run.exit_code == 0, run.output
    corner = make_corner(secured, **secured.link(secured.enrol("kiosk-1")))
    corner.uplink.start()
    corner.until(lambda: bool(corner.news), what="news over TLS")
    assert [one.text for one in corner.news[0].announcements] == ["Chiều nay có giờ kể chuyện"]


def test_two_that_log_in_with_one_identity_cannot_both_be_there(secured: Secured) -> None:
    certificate = login(secured, "kiosk-1")
    with (
        Wire(secured, certificate, "one name") as first,
        Wire(secured, certificate, "another name") as second,
    ):
        first.until(lambda: bool(first.over))
        assert second.ready
        assert not second.over


def test_the_centres_programs_are_there_side_by_side_and_each_may_do_its_own_work(secured: Secured) -> None:
    work = {
        premises.INGEST: ["gocdoc/1/kiosk-1/ack", "gocdoc/1/srv/ingest/state"],
        premises.COURIER: ["gocdoc/1/kiosk-1/cmd/sync", "gocdoc/1/kiosk-1/policy", "gocdoc/1/cat/all/head"],
        premises.ALERTS: ["gocdoc/1/srv/alerts"],
        premises.ANNOUNCE: ["gocdoc/1/all/news", "gocdoc/1/kiosk-1/news"],
    }
    assert set(work) == set(premises.OWN_LOGINS)
    with ExitStack() as stack:
        wires = {
            name: stack.enter_context(Wire(secured, premises.certificate_file(secured.data, name)))
            for name in work
        }
        for name, topics in work.items():
            for topic in topics:
                assert not wires[name].say(topic).is_failure, f"{name} {topic}"
        for name in (premises.COURIER, premises.ALERTS, premises.ANNOUNCE):
            assert wires[name].say("gocdoc/1/kiosk-1/ack").is_failure, "a watermark is the ingest's word"
            assert wires[name].say("gocdoc/1/kiosk-1/evt/loan").is_failure
        assert [wire.over for wire in wires.values()] == ["", "", "", ""]


def test_every_program_of_a_running_centre_has_a_login_of_its_own(secured: Secured, centre: Centre) -> None:
    # Each is put out by somebody else under its own name, and no other one by that.
    with Wire(secured, premises.certificate_file(secured.data, premises.COURIER)) as courier:
        courier.until(lambda: bool(courier.over))  # the centre's own courier is back
    assert centre.get("/healthz")["broker"]


# --- shutting out --------------------------------------------------------------------------------------


def test_a_revoked_station_is_put_out_at_once_and_does_not_come_back_while_others_stay(
    secured: Secured, make_corner: Any
) -> None:
    secured.open_door()
    gone, stays = (
        make_corner(secured, name, **secured.link(secured.enrol(name))) for name in ("kiosk-1", "kiosk-2")
    )
    for corner in (gone, stays):
        corner.uplink.start()
    gone.until(lambda: gone.uplink.status.connected, what="a connection")
    stays.until(lambda: stays.uplink.status.connected, what="a connection")
    run = secured.command("revoke", "kiosk-1", "--broker", f"localhost:{secured.port}")
    assert run.exit_code == 0, run.output
    assert "is shut out" in run.output
    gone.until(lambda: not gone.uplink.status.connected, 2.0, what="the connection closed")
    gone.until(lambda: "was it revoked" in gone.uplink.status.last_error, 20.0, what="it was told why")
    assert not gone.uplink.status.connected
    certificate = secured.folder / "kiosk-1" / "identity" / "station.pem"
    assert refused(secured, certificate)
    stays.tend()
    assert stays.uplink.status.connected
    assert stays.link_changes == gone.link_changes == []


def test_a_tls_session_kept_from_before_does_not_bring_a_revoked_station_back(secured: Secured) -> None:
    secured.open_door()
    certificate = secured.enrol("kiosk-1").certificate
    context = ssl.create_default_context(cafile=str(secured.authority.file))
    context.load_cert_chain(certificate)

    def log_in(session: ssl.SSLSession | None) -> tuple[bytes, ssl.SSLSession | None]:
        with (
            socket.create_connection(("127.0.0.1", secured.port), 5) as plain,
            context.wrap_socket(plain, server_hostname="localhost", session=session) as wire,
        ):
            wire.sendall(CONNECT)
            return wire.recv(4), wire.session

    answer, session = log_in(None)
    assert answer[:1] == b"\x20"
    shut_out(secured.data, secured.authority, "kiosk-1", ("localhost", secured.port))
    try:
        answer, _ = log_in(session)
    except (ssl.SSLError, ConnectionError):
        answer = b""
    assert answer == b""


def test_who_had_the_door_half_open_when_he_was_revoked_does_not_stay(secured: Secured) -> None:
    secured.open_door(guarded=True)
    context = ssl.create_default_context(cafile=str(secured.authority.file))
    context.load_cert_chain(secured.enrol("kiosk-1").certificate)
    with (
        socket.create_connection(("127.0.0.1", secured.port), 5) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as wire,
    ):
        wire.do_handshake()
        shut_out(secured.data, secured.authority, "kiosk-1", ("localhost", secured.port))
        wire.settimeout(10)
        try:
            wire.sendall(CONNECT)
            while wire.recv(100):
                pass  # he is in, for a moment
        except (ssl.SSLError, ConnectionError):
            pass  # out


def test_the_guard_leaves_those_alone_who_may_be_there(secured: Secured) -> None:
    secured.open_door()
    secured.enrol("kiosk-1")
    secured.enrol("kiosk-2")
    guard = Guard(secured.data, secured.authority, ("localhost", secured.port))
    assert guard.look() == []
    shut_out(secured.data, secured.authority, "kiosk-1", ("localhost", secured.port))
    assert guard.look() == ["kiosk-1"]
    with Wire(secured, secured.enrol("kiosk-1").certificate) as back:
        assert guard.look() == []
        assert not back.over


def test_a_broker_that_does_not_read_the_list_is_found_out(secured: Secured) -> None:
    secured.open_door()
    secured.enrol("kiosk-1")
    secured.watched = False
    with pytest.raises(Exception, match="has not read the list yet; say: sudo systemctl start gocdoc-broker"):
        shut_out(secured.data, secured.authority, "kiosk-1", ("localhost", secured.port), patience_s=0.5)
    secured.watched = True
    shut_out(secured.data, secured.authority, "kiosk-1", ("localhost", secured.port))
    assert refused(secured, secured.folder / "kiosk-1" / "identity" / "station.pem")


def test_a_broker_that_is_not_there_is_named_and_the_list_is_written_all_the_same(secured: Secured) -> None:
    secured.open_door()
    secured.enrol("kiosk-1")
    run = secured.command("revoke", "kiosk-1", "--broker", "localhost:1")
    assert run.exit_code == 1
    assert "the list is written, but the broker localhost:1 does not answer" in run.stderr
    assert "revoked" in secured.command("ca", "show").output


def test_a_shut_out_station_can_be_enrolled_again(secured: Secured, make_corner: Any) -> None:
    secured.open_door()
    secured.enrol("kiosk-1")
    shut_out(secured.data, secured.authority, "kiosk-1", ("localhost", secured.port))
    corner = make_corner(secured, **secured.link(secured.enrol("kiosk-1")))
    corner.uplink.start()
    corner.until(lambda: corner.uplink.status.connected, what="a connection with the new certificate")


# --- renewal -------------------------------------------------------------------------------------------


def test_a_certificate_near_its_end_is_renewed_by_the_link_itself_and_the_new_one_gets_in(
    secured: Secured, make_corner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    secured.open_door()
    monkeypatch.setattr(enrolment, "FIRST_LOOK_S", 0.2)
    with monkeypatch.context() as short:
        short.setattr(Authority.login, "__defaults__", (20,))
        link = secured.link(secured.enrol("kiosk-1"))
    path = secured.folder / "kiosk-1" / "identity" / "station.pem"
    old = identity.read(path)
    assert old.days_left(utc_now()) < 21
    corner = make_corner(secured, **link)
    corner.uplink.start()

    def renewed() -> bool:
        corner.uplink.nudge()  # it looks when it wakes
        return identity.read(path).ends > old.ends + timedelta(days=300)

    corner.until(renewed, what="a renewal")
    corner.until(lambda: corner.uplink.status.connected, what="a connection that was not disturbed")
    corner.uplink.stop()
    assert not refused(secured, path)
    again = LinkSection.model_validate(link)
    with Wire(secured, again.certificate) as wire:
        assert not wire.say("gocdoc/1/kiosk-1/evt/loan").is_failure


def test_a_renewal_that_fails_leaves_the_old_identity_and_is_told_when_the_end_is_near(
    secured: Secured, make_corner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    secured.open_door()
    monkeypatch.setattr(enrolment, "FIRST_LOOK_S", 0.2)
    monkeypatch.setattr(Authority.login, "__defaults__", (5,))
    link = secured.link(secured.enrol("kiosk-1")) | {"centre": "localhost:1"}
    before = (secured.folder / "kiosk-1" / "identity" / "station.pem").read_bytes()
    corner = make_corner(secured, **link)
    corner.uplink.start()

    def worried() -> bool:
        corner.uplink.nudge()
        return "ends in 4 days" in corner.uplink.status.last_error

    corner.until(worried, what="the worry")
    assert "no centre enrols at localhost:1" in corner.uplink.status.last_error
    assert corner.uplink.status.connected
    assert (secured.folder / "kiosk-1" / "identity" / "station.pem").read_bytes() == before


def test_renewed_stations_are_revoked_with_all_they_have(secured: Secured) -> None:
    secured.open_door()
    link = LinkSection.model_validate(secured.link(secured.enrol("kiosk-1")))
    old = secured.folder / "old.pem"
    old.write_bytes(link.certificate.read_bytes())  # type: ignore[union-attr]
    with pytest.MonkeyPatch.context() as longer:
        longer.setattr(Authority.login, "__defaults__", (400,))
        renew(link)
    assert shut_out(secured.data, secured.authority, "kiosk-1", ("localhost", secured.port)) == 2
    assert refused(secured, old)
    assert refused(secured, link.certificate)


# --- in words --------------------------------------------------------------------------------------------


def test_what_is_not_ours_is_refused_in_words(secured: Secured, make_corner: Any, tmp_path: Path) -> None:
    stranger = premises.found(tmp_path / "stranger", ["localhost"], utc_now())
    ca = secured.authority.file
    cases: dict[str, tuple[dict[str, object], str]] = {
        "without-certificate": ({"ca": ca}, "'sudo kiosk enrol' gets one"),
        "foreign-certificate": (
            {"ca": ca, "certificate": secured.made("kiosk-1", authority=stranger).file},
            "does not accept this station's certificate",
        ),
        "ended": (
            {"ca": ca, "certificate": secured.made("kiosk-1", ended=True).file},
            "this station's certificate ended on",
        ),
        "foreign-broker": ({"ca": stranger.file}, "is not trusted"),
        "without-tls": ({}, "[link]"),
    }
    for name, (link, words) in cases.items():
        corner = make_corner(secured, name, **link)
        corner.report(*loans(1))
        corner.uplink.start()
        corner.until(lambda corner=corner: bool(corner.uplink.status.last_error), what=name)
        said = corner.uplink.status.last_error
        assert f"localhost:{secured.port}" in said
        assert words in said
        assert not corner.uplink.status.connected
        assert corner.outbox_left == 1
        corner.uplink.stop()
