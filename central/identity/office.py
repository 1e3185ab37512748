"""The office: opens codes, lets stations in, renews them, shuts them out; why it is safe: kiosk.pairing."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from central.errors import IdentityTrouble
from central.identity.authority import Authority, Revoked, name_of, pem, public_bytes, utc_now, write
from central.identity.roll import Issued, OpenCode, Roll, pepper_of
from kiosk import pairing
from kiosk.facts import KIOSK_ID

REVOCATIONS = "crl.pem"
RENEW_DAYS = 30
"""Before its end a certificate may be renewed for so long."""

MOST_LIVING = 8
"""Keys of one station that count at once; a station renews once a year, with one new key until it has it."""

_TAKEN = {"all", "cat", "srv", "centre"}
"""Words that stand in topics where a station's name does."""


class Reason(StrEnum):
    """Why a station was turned away: the word on the wire."""

    NO_CODE = "no-code"
    WRONG_CODE = "wrong-code"
    LOCKED = "locked"
    USED = "used"
    BAD_REQUEST = "bad-request"
    UNKNOWN = "unknown"
    ENDED = "ended"
    REVOKED = "revoked"
    TOO_MANY = "too-many"


class TurnedAway(Exception):
    """The station gets nothing, and this reason."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True, repr=False)
class Greeting:
    """How the centre proves itself to a station that has a code."""

    salt: bytes
    proof: bytes


class Office:
    """Works on the identity folder; made anew for every request and command, for files are its memory."""

    def __init__(self, folder: Path, authority: Authority, now: Callable[[], datetime] = utc_now) -> None:
        self._folder = folder
        self.authority = authority
        self._now = now
        self._roll = Roll(folder)

    def close(self) -> None:
        """Release the roll."""
        self._roll.close()

    def __enter__(self) -> Office:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- codes -----------------------------------------------------------------------------------

    def open_code(self, station: str, *, again: bool = False) -> str:
        """A one-time code for a station. Raises IdentityTrouble for a name that cannot be one.

        A station that has a living certificate gets one only `again`: what uses that certificate, perhaps
        another station by the same name, is shut out when the code is used.
        """
        if not KIOSK_ID.fullmatch(station) or station in _TAKEN or station.startswith("gocdoc-"):
            raise IdentityTrouble(
                f"{station[:60]!r} cannot be a station's name: it has a-z, 0-9 and '-', at most 40, and is"
                " not 'all', 'cat', 'srv', 'centre' nor begins with 'gocdoc-'"
            )
        now = self._now()
        living = self._living(station, now)
        if living and not again:
            raise IdentityTrouble(
                f"{station} has a certificate until {living[0].ends:%Y-%m-%d}; with --again it gets a new"
                " one, and the old one counts no more from then on"
            )
        code, salt = pairing.new_code(), secrets.token_bytes(16)
        made = pairing.shares(code, salt, station)
        with self._roll.writing():
            self._roll.put_code(
                OpenCode(
                    *(station, salt, made.centre_key, self._kept(made.secret)),
                    now + timedelta(seconds=pairing.LIFETIME_S),
                    pairing.TRIES,
                )
            )
        return code

    def greet(self, station: str, nonce: bytes, channel: bytes) -> Greeting:
        """Prove to a station that the centre knows its code. Raises TurnedAway.

        `channel` is the certificate (DER) of the server it has reached.
        """
        code = self._usable(station)
        proof = pairing.centre_proof(
            code.centre_key, nonce=nonce, station=station, authority=self.authority.der, channel=channel
        )
        return Greeting(code.salt, proof)

    def enrol(self, station: str, secret: bytes, request: bytes) -> bytes:
        """The certificate (PEM) of a station that knows its code. Raises TurnedAway.

        The name in it is the one the code was made for; of the request (PEM) only the key is taken. Who lost
        the answer may ask again, with the same key.
        """
        with self._roll.writing():
            code = self._usable(station)
            right = hmac.compare_digest(code.secret, self._kept(secret))
            if not right:
                self._roll.wrong_secret(station)
        if not right:
            raise TurnedAway(Reason.WRONG_CODE if code.tries > 1 else Reason.LOCKED)
        key = _key_of(request)
        with self._roll.writing():
            code = self._usable(station)
            if code.certificate is not None:
                if code.key == public_bytes(key):
                    return code.certificate
                raise TurnedAway(Reason.USED)
            now = self._now()
            shut_out = self._roll.revoke(station, now)
            certificate = self._issue(station, key, now)
            self._roll.used(station, public_bytes(key), certificate)
        if shut_out:
            self.publish_revocations()
        return certificate

    def renew(self, current: bytes, request: bytes, signature: bytes) -> bytes:
        """A certificate (PEM) for the key of `request`, on the word of the `current` one. TurnedAway."""
        try:
            certificate = x509.load_pem_x509_certificate(current)
        except ValueError as error:
            raise TurnedAway(Reason.BAD_REQUEST) from error
        key = _key_of(request)
        old_key = certificate.public_key()
        if not self.authority.issued(certificate) or not isinstance(old_key, ec.EllipticCurvePublicKey):
            raise TurnedAway(Reason.UNKNOWN)
        try:
            old_key.verify(signature, pairing.renewal_words(_der(request)), ec.ECDSA(hashes.SHA256()))
        except InvalidSignature as error:
            raise TurnedAway(Reason.BAD_REQUEST) from error
        with self._roll.writing():
            known = self._roll.by_serial(certificate.serial_number)
            now = self._now()
            if known is None or known.name != name_of(certificate):
                raise TurnedAway(Reason.UNKNOWN)
            if known.revoked is not None:
                raise TurnedAway(Reason.REVOKED)
            if known.ends <= now:
                raise TurnedAway(Reason.ENDED)
            keys = {one.key for one in self._living(known.name, now)} | {public_bytes(key)}
            if len(keys) > MOST_LIVING:
                raise TurnedAway(Reason.TOO_MANY)
            return self._issue(known.name, key, now)

    # --- shutting out ----------------------------------------------------------------------------

    def revoke(self, station: str, more: Iterable[Revoked] = ()) -> list[Issued]:
        """Nothing this station was given counts any more, once the broker has read the new list.

        `more` is put on that list too. Raises IdentityTrouble for a station nobody knows.
        """
        with self._roll.writing():
            self._roll.drop_code(station)
            gone = self._roll.revoke(station, self._now())
            known = self._roll.of(station)
        if not known:
            raise IdentityTrouble(f"{station[:60]!r} was never enrolled; 'central ca show' lists who was")
        self.publish_revocations(more)
        return gone

    def publish_revocations(self, more: Iterable[Revoked] = ()) -> None:
        """Write the revocation list, which the broker then has to read."""
        with self._roll.writing():  # two that publish: the later list holds what the earlier one held
            listed = [Revoked(one.serial, one.revoked) for one in self._roll.revoked() if one.revoked]
            write(
                self._folder / REVOCATIONS,
                self.authority.revocation_list([*listed, *more], self._now()),
                0o644,
            )

    def stations(self) -> list[Issued]:
        """The newest certificate of every station."""
        newest: dict[str, Issued] = {}
        for one in self._roll.all():
            newest.setdefault(one.name, one)
        return list(newest.values())

    # --- inside ----------------------------------------------------------------------------------

    def _usable(self, station: str) -> OpenCode:
        code = self._roll.code_of(station)
        if code is None or code.ends <= self._now():
            raise TurnedAway(Reason.NO_CODE)
        if code.tries < 1:
            raise TurnedAway(Reason.LOCKED)
        return code

    def _living(self, station: str, now: datetime) -> list[Issued]:
        return [one for one in self._roll.of(station) if one.revoked is None and one.ends > now]

    def _issue(self, station: str, key: ec.EllipticCurvePublicKey, now: datetime) -> bytes:
        made = self.authority.login(station, key, now)
        self._roll.add(Issued(made.serial_number, station, public_bytes(key), now, made.not_valid_after_utc))
        return pem(made)

    def _kept(self, secret: bytes) -> bytes:
        return hmac.digest(pepper_of(self._folder), secret, "sha256")


def _key_of(request: bytes) -> ec.EllipticCurvePublicKey:
    """The key of a request, whose owner has signed it."""
    asked = _read(request)
    try:
        key = asked.public_key()
        whole = asked.is_signature_valid
    except Exception as error:  # a key of a kind nobody knows, a curve that is none
        raise TurnedAway(Reason.BAD_REQUEST) from error
    if not whole or not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise TurnedAway(Reason.BAD_REQUEST)
    return key


def _der(request: bytes) -> bytes:
    return _read(request).public_bytes(serialization.Encoding.DER)


def _read(request: bytes) -> x509.CertificateSigningRequest:
    try:
        return x509.load_pem_x509_csr(request)
    except ValueError as error:
        raise TurnedAway(Reason.BAD_REQUEST) from error
