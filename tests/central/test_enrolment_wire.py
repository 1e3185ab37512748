"""Who gets nothing at the centre's door, and who learns nothing between the centre and a station."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from central.identity import premises
from central.identity.authority import name_of, new_key, utc_now
from central.identity.office import Reason, TurnedAway
from kiosk import pairing
from kiosk.link import identity
from kiosk.link.enrolment import enrol
from kiosk.link.identity import IdentityError
from tests.central.enrolling import ask, request_of, secret_of
from tests.central.secured import Secured


@pytest.fixture(autouse=True)
def _quick_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes are stretched less, to save time; test_shipped_broker has them in full."""
    monkeypatch.setattr(pairing, "_SCRYPT_N", 16)


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[Secured]:
    secured = Secured(tmp_path)
    secured.open_door()
    yield secured
    secured.close()


@pytest.fixture
def code(secured: Secured) -> str:
    """An open code for kiosk-1."""
    with secured.office() as office:
        return office.open_code("kiosk-1")


# --- the request ---------------------------------------------------------------------------------------


def test_the_name_is_the_codes_whatever_the_request_says(secured: Secured, code: str) -> None:
    key = new_key()
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "gocdoc-ingest")])
    )
    for extension in (
        x509.BasicConstraints(ca=True, path_length=None),
        x509.SubjectAlternativeName([x509.DNSName("localhost")]),
        x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH]),
    ):
        builder = builder.add_extension(extension, critical=True)
    asked = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    with secured.office() as office:
        made = x509.load_pem_x509_certificate(office.enrol("kiosk-1", secret_of(secured, code), asked))
    assert name_of(made) == "kiosk-1"
    assert not made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert list(made.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
        x509.ExtendedKeyUsageOID.CLIENT_AUTH
    ]
    with pytest.raises(x509.ExtensionNotFound):
        made.extensions.get_extension_for_class(x509.SubjectAlternativeName)


def foreign_keys() -> dict[str, Callable[[], bytes]]:
    def tampered() -> bytes:
        der = bytearray(identity.request_for(new_key(), "kiosk-1").public_bytes(serialization.Encoding.DER))
        der[-1] ^= 1
        return (
            b"-----BEGIN CERTIFICATE REQUEST-----\n"
            + base64.encodebytes(der)
            + (b"-----END CERTIFICATE REQUEST-----\n")
        )

    return {
        "tampered": tampered,
        "rsa": lambda: request_of(rsa.generate_private_key(65537, 1024 * 2)),
        "p-384": lambda: request_of(ec.generate_private_key(ec.SECP384R1())),
        "not a request": lambda: b"not a request",
        "nothing": lambda: b"",
    }


@pytest.mark.parametrize("kind", foreign_keys())
def test_a_request_that_is_not_as_it_must_be_gets_nothing_and_uses_nothing_up(
    secured: Secured, code: str, kind: str
) -> None:
    secret = secret_of(secured, code)
    with secured.office() as office:
        with pytest.raises(TurnedAway) as away:
            office.enrol("kiosk-1", secret, foreign_keys()[kind]())
        assert away.value.reason is Reason.BAD_REQUEST
        office.enrol("kiosk-1", secret, request_of(new_key()))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(["/enrol", "/enrol/hello", "/renew"]),
    body=st.one_of(
        st.binary(max_size=300),
        st.just(b"[" * 10_000),
        st.dictionaries(
            st.sampled_from(["station", "nonce", "secret", "request", "certificate", "signature", "x"]),
            st.one_of(st.none(), st.integers(), st.text(max_size=40), st.lists(st.text(max_size=3))),
        ).map(lambda asked: json.dumps(asked).encode()),
    ),
)
def test_whatever_is_sent_to_the_door_it_answers_no_and_goes_on(
    secured: Secured, path: str, body: bytes
) -> None:
    status, answer = ask(secured, path, body)
    assert status in {400, 403, 404}
    assert answer["refused"] in set(Reason)


def test_the_door_reads_no_more_than_a_request_can_have(secured: Secured) -> None:
    assert ask(secured, "/enrol", b"x" * (pairing.LARGEST_BODY + 1)) == (400, {"refused": "bad-request"})


def test_the_door_shows_nothing_else(secured: Secured) -> None:
    for path in ("/", "/docs", "/openapi.json", "/api/stations", "/healthz"):
        assert ask(secured, path, b"")[0] == 404


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_the_door_speaks_nothing_older_than_tls_1_2(secured: Secured) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    wire = http.client.HTTPSConnection("localhost", secured.door_port, context=context, timeout=5)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        wire.connect()
    wire.close()


# --- somebody on the wire --------------------------------------------------------------------------------


@contextmanager
def impostor(
    folder: Path, answer: Callable[[str, bytes], tuple[int, bytes]]
) -> Iterator[tuple[int, list[tuple[str, bytes]]]]:
    """A server with an authority of its own, which sees what it is sent and answers as it likes."""
    folder.mkdir()
    premises.found(folder, ["localhost"], utc_now())
    heard: list[tuple[str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append((self.path, body))
            status, content = answer(self.path, body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(premises.certificate_file(folder, premises.SERVER))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server.server_address[1], heard
    server.shutdown()
    server.server_close()
    thread.join()


def test_who_stands_between_and_passes_everything_on_learns_no_secret_and_is_found_out(
    secured: Secured, code: str, tmp_path: Path
) -> None:
    def pass_on(path: str, body: bytes) -> tuple[int, bytes]:
        status, answer = ask(secured, path, body)
        return status, json.dumps(answer).encode()

    with impostor(tmp_path / "impostor", pass_on) as (port, heard):
        with pytest.raises(IdentityError, match="somebody stands between here and the centre"):
            enrol(tmp_path / "s", "kiosk-1", code, f"localhost:{port}")
        assert [path for path, _ in heard] == ["/enrol/hello"]
        assert set(json.loads(heard[0][1])) == {"station", "nonce"}
    assert not (tmp_path / "s").exists()
    enrol(tmp_path / "s", "kiosk-1", code, f"localhost:{secured.door_port}")


def test_who_puts_his_own_authority_in_is_found_out(secured: Secured, code: str, tmp_path: Path) -> None:
    def swap(path: str, body: bytes) -> tuple[int, bytes]:
        _, answer = ask(secured, path, body)
        answer["authority"] = (premises.folder_of(tmp_path / "impostor") / "ca.crt").read_text()
        return 200, json.dumps(answer).encode()

    with impostor(tmp_path / "impostor", swap) as (port, heard):
        with pytest.raises(IdentityError, match="the code does not fit"):
            enrol(tmp_path / "s", "kiosk-1", code, f"localhost:{port}")
        assert len(heard) == 1


def test_a_proof_is_good_for_one_nonce_one_station_one_authority_and_one_connection() -> None:
    whole: dict[str, Any] = {"nonce": b"n" * 16, "station": "k", "authority": b"a", "channel": b"c"}
    proof = pairing.centre_proof(b"key", **whole)
    for part, other in {"nonce": b"m" * 16, "station": "j", "authority": b"b", "channel": b"d"}.items():
        assert pairing.centre_proof(b"key", **whole | {part: other}) != proof
    moved = pairing.centre_proof(b"key", **whole | {"authority": b"ac", "channel": b""})
    assert moved != pairing.centre_proof(b"key", **whole | {"authority": b"a", "channel": b"c"})


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"", "does not answer as a centre does"),
        (b"<html>", "does not answer as a centre does"),
        (b"[" * 9000, "does not answer as a centre does"),
        (b'{"salt": 1}', "does not answer as a centre does"),
        (b"{}", "sends no authority's certificate"),
        (b'{"refused": "\\u001b[2Jowned"}', "gives a reason this station does not know"),
        (b"x" * 20_000, "answers with more than a centre has to say"),
    ],
)
def test_whatever_answers_is_refused_in_the_stations_own_words(
    tmp_path: Path, answer: bytes, words: str
) -> None:
    with impostor(tmp_path / "impostor", lambda *_: (200, answer)) as (port, _):
        with pytest.raises(IdentityError, match=words) as error:
            enrol(tmp_path / "s", "kiosk-1", "0123456789", f"localhost:{port}")
        assert "owned" not in str(error.value)


def test_a_centre_reached_by_a_name_it_does_not_have_is_refused_while_the_code_is_still_good(
    secured: Secured, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *more, **m: real(host.replace("other", "localhost"), *more, **m)
    )
    with pytest.raises(IdentityError, match=r"does not call itself other, but localhost, 127\.0\.0\.1"):
        enrol(tmp_path / "s", "kiosk-1", code, f"other:{secured.door_port}")
    enrol(tmp_path / "s", "kiosk-1", code, f"127.0.0.1:{secured.door_port}")


def test_nobody_at_the_centres_address_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(IdentityError, match="no centre enrols at localhost:1"):
        enrol(tmp_path / "s", "kiosk-1", "0123456789", "localhost:1")
