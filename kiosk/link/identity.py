"""Who this station is: one file with its private key and its certificate, and whose word that is.

Both stand in one file, so that a renewal is one rename: there is never a key beside the certificate of
another. The key was made here and leaves only into the TLS library.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kiosk.errors import StationError

FOLDER = "identity"
IDENTITY = "station.pem"
AUTHORITY = "centre.crt"
RENEW_DAYS = 30
"""A certificate is renewed from so many days before its end."""


class IdentityError(StationError, RuntimeError):
    """This station's key or certificate cannot be made, read or renewed; the message says what to do."""


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """A key and the certificate for it."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def name(self) -> str:
        """Whom the certificate names."""
        return name_of(self.certificate)

    @property
    def ends(self) -> datetime:
        """Until when it counts."""
        return self.certificate.not_valid_after_utc

    def days_left(self, wall: datetime) -> int:
        """Whole days until its end; negative when it has ended."""
        return (self.ends - wall).days

    def keep(self, path: Path) -> None:
        """Put it in place, in one step. Raises IdentityError."""
        place(path, private_pem(self.key) + self.certificate.public_bytes(serialization.Encoding.PEM), 0o600)


def read(path: Path) -> Identity:
    """The identity in a file. Raises IdentityError."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise IdentityError(
            f"{path} cannot be read ({error.strerror}); 'sudo kiosk enrol' makes it"
        ) from error
    try:
        key = serialization.load_pem_private_key(content, None)
        certificate = x509.load_pem_x509_certificate(content)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise IdentityError(
            f"{path} is broken; let the station be enrolled again: 'sudo kiosk enrol'"
        ) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or certificate.public_key() != key.public_key():
        raise IdentityError(f"{path}: key and certificate do not belong together; 'sudo kiosk enrol --again'")
    return Identity(key, certificate)


def told(path: Path, wall: datetime) -> tuple[bool, str]:
    """Whether a certificate is well, and its state in words, for the doctor and the librarian's page."""
    try:
        identity = read(path)
    except IdentityError as error:
        return False, str(error)
    days = identity.days_left(wall)
    if identity.ends <= wall:
        return False, ended(identity)
    if days < RENEW_DAYS:
        words = f"{identity.name}'s certificate has {days} days left and should have been renewed by itself"
        return False, f"{words}; check that the centre can be reached: [link] centre"
    return True, f"{identity.name}'s certificate is good for {days} days, until {identity.ends:%Y-%m-%d}"


def ended(identity: Identity) -> str:
    """That it counts no more, and what to do."""
    return (
        f"this station's certificate ended on {identity.ends:%Y-%m-%d}; if the clock is right, ask the centre"
        f" for a code ('central enrol {identity.name}') and say 'sudo kiosk enrol' here"
    )


def pending_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """The key a certificate is asked for; kept, so that an answer lost on its way can be asked for again."""
    try:
        kept = serialization.load_pem_private_key(path.read_bytes(), None)
        if isinstance(kept, ec.EllipticCurvePrivateKey):
            return kept
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        pass  # there is none, or a power cut left half of one
    key = ec.generate_private_key(ec.SECP256R1())
    place(path, private_pem(key), 0o600)
    return key


def request_for(key: ec.EllipticCurvePrivateKey, name: str) -> x509.CertificateSigningRequest:
    """The request for a certificate, signed by the key itself."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())


def certified(pem: str, key: ec.EllipticCurvePrivateKey, name: str, authority: x509.Certificate) -> Identity:
    """The identity an answer of the centre makes. Raises IdentityError when it is not what was asked for."""
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode("ascii"))
        certificate.verify_directly_issued_by(authority)
    except Exception as error:  # whatever is wrong with it, it cannot be used
        raise IdentityError("the centre's answer is no certificate of its authority; try again") from error
    if name_of(certificate) != name or certificate.public_key() != key.public_key():
        raise IdentityError(f"the centre's certificate is not for {name} and its key; try again")
    return Identity(key, certificate)


def name_of(certificate: x509.Certificate) -> str:
    """The common name of a certificate."""
    found = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if len(found) == 1 else ""


def server_names(certificate: x509.Certificate) -> list[str]:
    """Under which names and addresses a server may be reached."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    return [str(name.value) for name in names if isinstance(name, x509.DNSName | x509.IPAddress)]


def private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The key as text, in the clear: whoever takes the card has it, and the centre can revoke it."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def place(path: Path, content: bytes, mode: int) -> None:
    """Write a file as a whole or not at all, on the disk, never readable by more than `mode` allows.

    Raises IdentityError.
    """
    beside = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside.unlink(missing_ok=True)
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # the rename too
        finally:
            os.close(folder)
    except OSError as error:
        raise IdentityError(
            f"{path} cannot be written ({error.strerror}); check the disk and the folder's owner"
        ) from error
