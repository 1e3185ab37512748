"""Enrolment and renewal, from the station's side. kiosk.pairing says what is exchanged and why it is safe."""

from __future__ import annotations

import base64
import binascii
import hmac
import logging
import random
import secrets
import ssl
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk import pairing
from kiosk.link import identity
from kiosk.link.centre_door import CentreDoor, address_of
from kiosk.link.identity import AUTHORITY, FOLDER, IDENTITY, RENEW_DAYS, Identity, IdentityError
from kiosk.settings import LinkSection

log = logging.getLogger(__name__)

FIRST_LOOK_S = 300.0
"""A fleet that comes back at once must not renew at once: the first look is at random within this."""
LOOK_S = 3600.0
WORRY_DAYS = 7
"""From so many days before the end, a renewal that fails is told to staff."""

_PENDING = "enrolment.key"
_RENEWAL = "renewal.key"


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What the settings need after an enrolment."""

    host: str
    port: int
    centre: str
    authority: Path
    certificate: Path
    ends: datetime

    def settings(self) -> dict[str, str | int | bool]:
        """The keys of [link]."""
        return {
            "enabled": True,
            "host": self.host,
            "port": self.port,
            "ca": str(self.authority),
            "certificate": str(self.certificate),
            "centre": self.centre,
        }


SUPERSEDED = frozenset({"username", "password_file", "key"})
"""Keys of [link] that an enrolled station must not have: they log in another way."""


def refuse_living(data: Path, wall: datetime) -> None:
    """Raise IdentityError when this station has an identity that still counts."""
    path = data / FOLDER / IDENTITY
    if not path.exists():
        return
    try:
        kept = identity.read(path)
    except IdentityError:
        return  # nothing is lost with it
    if kept.ends > wall:
        raise IdentityError(
            f"this station is enrolled as {kept.name} until {kept.ends:%Y-%m-%d}; to replace that identity,"
            " say --again (and let the centre make a code with --again)"
        )


def enrol(data: Path, station: str, code: str, centre: str) -> Enrolled:
    """Get a certificate for `station` with the `code`. Raises IdentityError; then nothing has changed.

    `code` as pairing.typed() gives it, `centre` as HOST or HOST:PORT.
    """
    folder = data / FOLDER
    host, port = address_of(centre)
    with closing(CentreDoor(host, port, _of_whoever_it_is(), station)) as door:
        nonce = secrets.token_bytes(pairing.NONCE_BYTES)
        hello = door.ask("/enrol/hello", station=station, nonce=_base64(nonce))
        authority = _certificate(hello.get("authority", ""))
        made = pairing.shares(code, _bytes(hello.get("salt", "")), station)
        expected = pairing.centre_proof(
            made.centre_key,
            nonce=nonce,
            station=station,
            authority=authority.public_bytes(serialization.Encoding.DER),
            channel=door.certificate,
        )
        if not hmac.compare_digest(expected, _bytes(hello.get("proof", ""))):
            raise IdentityError(
                f"the code does not fit what answers at {host}:{port}; look at the code again. If it is"
                " right, somebody stands between here and the centre: stop, and tell whoever looks after the"
                " network"
            )
        _refuse_other_name(host, door.certificate)
        key = identity.pending_key(folder / _PENDING)
        request = identity.request_for(key, station)
        answer = door.ask("/enrol", station=station, secret=_base64(made.secret), request=_pem(request))
    mine = identity.certified(answer.get("certificate", ""), key, station, authority)
    broker_port = answer.get("port", "")
    if not (broker_port.isascii() and broker_port.isdigit() and 1 <= int(broker_port) <= 65535):
        raise IdentityError(
            "the centre does not say at which port its broker is; are both of the same version?"
        )
    identity.place(folder / AUTHORITY, authority.public_bytes(serialization.Encoding.PEM), 0o644)
    mine.keep(folder / IDENTITY)
    (folder / _PENDING).unlink(missing_ok=True)
    return Enrolled(
        host=answer.get("host") or host,
        port=int(broker_port),
        centre=f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        authority=folder / AUTHORITY,
        certificate=folder / IDENTITY,
        ends=mine.ends,
    )


def renew(link: LinkSection) -> Identity:
    """Get a new certificate, for a new key, on the word of the old one; in place when this returns.

    Raises IdentityError; then the old one is still there.
    """
    if link.certificate is None or link.ca is None:
        raise IdentityError("this station has no certificate; 'sudo kiosk enrol' gets it one")
    host, port = address_of(link.centre)
    old = identity.read(link.certificate)
    pending = link.certificate.with_name(_RENEWAL)
    key = identity.pending_key(pending)
    request = identity.request_for(key, old.name)
    words = pairing.renewal_words(request.public_bytes(serialization.Encoding.DER))
    try:
        authority = _certificate(link.ca.read_text(encoding="ascii"))
        context = ssl.create_default_context(cafile=str(link.ca))
    except (OSError, ValueError, ssl.SSLError) as error:
        raise IdentityError(f"{link.ca} cannot be used ({error}); 'sudo kiosk enrol --again'") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    with closing(CentreDoor(host, port, context, old.name)) as door:
        answer = door.ask(
            "/renew",
            certificate=old.certificate.public_bytes(serialization.Encoding.PEM).decode(),
            request=_pem(request),
            signature=_base64(old.key.sign(words, ec.ECDSA(hashes.SHA256()))),
        )
    new = identity.certified(answer.get("certificate", ""), key, old.name, authority)
    if new.ends <= old.ends:
        raise IdentityError("the centre's new certificate ends no later than the old one; check its clock")
    new.keep(link.certificate)
    pending.unlink(missing_ok=True)
    return new


class Renewal:
    """Looks now and then, while there is a connection, whether the certificate must be renewed, and does it.

    Belongs to the link thread. `mono` gives seconds.
    """

    def __init__(
        self,
        link: LinkSection,
        mono: float,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._link = link
        self._wall = wall
        self._on = bool(link.centre and link.certificate and link.ca)
        self._at = mono + random.random() * FIRST_LOOK_S  # noqa: S311 (jitter)

    def look(self, mono: float) -> str:
        """Renew when it is time; answers what staff must be told, mostly nothing. Never raises."""
        if not self._on or mono < self._at or self._link.certificate is None:
            return ""
        self._at = mono + LOOK_S * (0.5 + random.random())  # noqa: S311 (jitter)
        left = WORRY_DAYS
        try:
            left = identity.read(self._link.certificate).days_left(self._wall())
            if left >= RENEW_DAYS:
                return ""
            new = renew(self._link)
        except IdentityError as error:
            log.warning("the certificate was not renewed: %s", error)
            return f"this station's certificate ends in {left} days: {error}" if left <= WORRY_DAYS else ""
        log.info("the certificate is renewed until %s", f"{new.ends:%Y-%m-%d}")
        return ""


def _of_whoever_it_is() -> ssl.SSLContext:
    """TLS without trust: who is at the other end is proved by the code, before anything is told."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _refuse_other_name(host: str, certificate: bytes) -> None:
    """The broker is checked by name later, so a wrong one is told now, while the code is still good."""
    try:
        names = identity.server_names(x509.load_der_x509_certificate(certificate))
    except ValueError as error:
        raise IdentityError(
            "the centre's certificate cannot be read; are both of the same version?"
        ) from error
    if host.lower() not in {name.lower() for name in names}:
        raise IdentityError(
            f"the centre does not call itself {host}, but {', '.join(names)}: use one of these, or let it be"
            f" known as that too ('central ca rename --name {host}', with its other names)"
        )


def _certificate(pem: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem.encode("ascii"))
    except ValueError as error:
        raise IdentityError("what answers sends no authority's certificate; check --centre") from error


def _pem(request: x509.CertificateSigningRequest) -> str:
    return request.public_bytes(serialization.Encoding.PEM).decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise IdentityError("what answers does not speak as a centre does; check --centre") from error


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
