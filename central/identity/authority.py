"""The library's own certificate authority: one P-256 key in the centre's data folder.

It signs three kinds of certificates: the server's (the broker, and the place where stations enrol), the
logins of the centre's own programs, and the stations'. A login's common name is its MQTT user name, so
nothing but this authority says who is who. Stations' certificates cannot serve as a server's, nor the
other way round (extended key usage).
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from central.errors import IdentityTrouble

AUTHORITY_DAYS = 20 * 365
LOGIN_DAYS = 365
SERVER_DAYS = 365
PROBE_DAYS = 1
BACKDATED = timedelta(minutes=10)
"""A station's clock may be a little behind."""

_EXACT = x509.ReasonFlags.cessation_of_operation


@dataclass(frozen=True, slots=True)
class Revoked:
    """A certificate that counts no more."""

    serial: int
    when: datetime


class Authority:
    """The authority in `folder`. Raises IdentityTrouble when it is not there or cannot be read."""

    def __init__(self, folder: Path, passphrase: bytes | None = None) -> None:
        key_file, self.file = folder / "ca.key", folder / "ca.crt"
        try:
            key = serialization.load_pem_private_key(key_file.read_bytes(), passphrase)
            self.certificate = x509.load_pem_x509_certificate(self.file.read_bytes())
        except FileNotFoundError as error:
            raise IdentityTrouble(
                f"{error.filename} is not there; 'central ca init' makes the authority"
            ) from error
        except OSError as error:
            raise IdentityTrouble(f"{error.filename} cannot be read ({error.strerror})") from error
        except TypeError as error:  # a pass phrase is missing, or there is none to ask for
            remedy = "give it with --passphrase-file" if passphrase is None else "leave --passphrase-file out"
            wants = "wants a pass phrase" if passphrase is None else "has no pass phrase"
            raise IdentityTrouble(f"{key_file} {wants}; {remedy}") from error
        except (ValueError, UnsupportedAlgorithm) as error:
            remedy = "restore the folder from a backup"
            if passphrase is not None:
                remedy = f"check the pass phrase, or {remedy}"
            raise IdentityTrouble(f"{key_file} or {self.file} cannot be used; {remedy}") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or public_bytes(key.public_key()) != public_bytes(
            self.certificate.public_key()
        ):
            raise IdentityTrouble(f"{key_file} and {self.file} do not belong together; restore both")
        self._key = key

    @classmethod
    def create(cls, folder: Path, name: str, now: datetime, passphrase: bytes | None = None) -> Authority:
        """Make a new one. Raises IdentityTrouble where there is one already: stations trust it."""
        if (folder / "ca.key").exists() or (folder / "ca.crt").exists():
            raise IdentityTrouble(
                f"{folder} holds an authority already, which stations trust; 'central ca show' tells of it"
            )
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - BACKDATED)
            .not_valid_after(now + timedelta(days=AUTHORITY_DAYS))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )
        write(folder / "ca.key", private_pem(key, passphrase), 0o600)
        write(folder / "ca.crt", pem(builder.sign(key, hashes.SHA256())), 0o644)
        return cls(folder, passphrase)

    @property
    def der(self) -> bytes:
        """The authority's certificate."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, as people compare it."""
        return self.certificate.fingerprint(hashes.SHA256()).hex(":").upper()

    def login(
        self, name: str, key: ec.EllipticCurvePublicKey, now: datetime, days: int = LOGIN_DAYS
    ) -> x509.Certificate:
        """A certificate with which `key` logs in as `name`."""
        return self._sign(name, key, now, days, ExtendedKeyUsageOID.CLIENT_AUTH, ())

    def server(self, names: Iterable[str], key: ec.EllipticCurvePublicKey, now: datetime) -> x509.Certificate:
        """A certificate for the servers of this machine, under all its names and addresses."""
        alternatives = [_alternative(name) for name in names]
        return self._sign("centre", key, now, SERVER_DAYS, ExtendedKeyUsageOID.SERVER_AUTH, alternatives)

    def issued(self, certificate: x509.Certificate) -> bool:
        """Whether this authority signed it."""
        try:
            certificate.verify_directly_issued_by(self.certificate)
        except Exception:  # whatever is wrong with it, it is not ours
            return False
        return True

    def revocation_list(self, revoked: Iterable[Revoked], now: datetime) -> bytes:
        """The list of what counts no more, as PEM.

        It holds as long as the authority itself: with a list that ran out, TLS libraries let nobody in, and
        a centre that was down for a month would have locked out the whole fleet.
        """
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(now - BACKDATED)
            .next_update(self.certificate.not_valid_after_utc)
            .add_extension(x509.CRLNumber(int(now.timestamp() * 1000)), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
        )
        for one in revoked:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(one.serial)
                .revocation_date(one.when)
                .add_extension(x509.CRLReason(_EXACT), critical=False)
                .build()
            )
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def _sign(
        self,
        name: str,
        key: ec.EllipticCurvePublicKey,
        now: datetime,
        days: int,
        purpose: x509.ObjectIdentifier,
        alternatives: Iterable[x509.GeneralName],
    ) -> x509.Certificate:
        ends = min(now + timedelta(days=days), self.certificate.not_valid_after_utc)
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(self.certificate.subject)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - BACKDATED)
            .not_valid_after(ends)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
        )
        if listed := list(alternatives):
            builder = builder.add_extension(x509.SubjectAlternativeName(listed), critical=False)
        return builder.sign(self._key, hashes.SHA256())


def name_of(certificate: x509.Certificate) -> str:
    """The common name: who logs in with it."""
    found = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if len(found) == 1 else ""


def new_key() -> ec.EllipticCurvePrivateKey:
    """A P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


def pem(certificate: x509.Certificate) -> bytes:
    """A certificate as text."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def private_pem(key: ec.EllipticCurvePrivateKey, passphrase: bytes | None = None) -> bytes:
    """A private key as text (PKCS 8), encrypted where there is a pass phrase."""
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase is not None:
        encryption = serialization.BestAvailableEncryption(passphrase)
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


def public_bytes(key: object) -> bytes:
    """A public key as bytes that can be compared; b"" for a kind that is not used here."""
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return b""
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def write(path: Path, content: bytes, mode: int) -> None:
    """Put a file in place as a whole, on the disk, and never readable by more than `mode` allows."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    beside.unlink(missing_ok=True)
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise IdentityTrouble(f"{path} cannot be written ({error.strerror}); check the folder") from error
    finally:
        beside.unlink(missing_ok=True)


def utc_now() -> datetime:
    """The centre's clock."""
    return datetime.now(UTC)


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
