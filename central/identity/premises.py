"""What lies in the identity folder: the authority, the server's certificate, the centre's own logins.

    ca.key, ca.crt                    the authority; the key stays here
    crl.pem                           what counts no more
    server.pem                        for the broker and for enrolment
    gocdoc-ingest.pem and others      the logins of the centre's own programs, one each
    roll.db, pepper.key               codes and certificates

A .pem holds a key and its certificate: one file, so that one rename replaces both. Everything but
the authority itself is made anew a month before its end, by whoever serves.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509

from central.errors import IdentityTrouble
from central.identity.authority import Authority, new_key, pem, private_pem, write
from central.identity.office import RENEW_DAYS, REVOCATIONS, Office
from kiosk.facts import KIOSK_ID

FOLDER = "identity"
SERVER = "server"
INGEST = "gocdoc-ingest"
ANNOUNCE = "gocdoc-announce"
COURIER = "gocdoc-courier"
ALERTS = "gocdoc-alerts"
OWN_LOGINS = (INGEST, COURIER, ALERTS, ANNOUNCE)
_HERE = ("localhost", "127.0.0.1")


def folder_of(data: Path) -> Path:
    """The identity folder of a data folder."""
    return data / FOLDER


def found(data: Path, names: Iterable[str], now: datetime, passphrase: bytes | None = None) -> Authority:
    """Make an authority and all that goes with it. Raises IdentityTrouble where there is one already."""
    folder = folder_of(data)
    listed = _checked([*names, *_HERE])
    authority = Authority.create(folder, "Goc Doc", now, passphrase)
    _serve_as(folder, authority, listed, now)
    for login in OWN_LOGINS:
        _log_in_as(folder, authority, login, now)
    with Office(folder, authority, lambda: now) as office:
        office.publish_revocations()
    return authority


def rename(data: Path, authority: Authority, names: Iterable[str], now: datetime) -> None:
    """Give the servers of this machine other names."""
    _serve_as(folder_of(data), authority, _checked([*names, *_HERE]), now)


def keep_fresh(data: Path, authority: Authority, now: datetime) -> list[str]:
    """Make anew what ends within a month or is missing; answers what was."""
    folder, made = folder_of(data), []
    if _ends(folder, SERVER) <= now + timedelta(days=RENEW_DAYS):
        _serve_as(folder, authority, server_names(data), now)
        made.append(SERVER)
    for login in OWN_LOGINS:
        if _ends(folder, login) <= now + timedelta(days=RENEW_DAYS):
            _log_in_as(folder, authority, login, now)
            made.append(login)
    if not (folder / REVOCATIONS).exists():
        with Office(folder, authority, lambda: now) as office:
            office.publish_revocations()
        made.append(REVOCATIONS)
    return made


def server_names(data: Path) -> list[str]:
    """Under which names and addresses the servers of this machine are known."""
    try:
        certificate = x509.load_pem_x509_certificate(certificate_file(data, SERVER).read_bytes())
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound):
        return list(_HERE)
    return [str(name.value) for name in names if isinstance(name, x509.DNSName | x509.IPAddress)]


def log_in_elsewhere(authority: Authority, name: str, folder: Path, now: datetime) -> datetime:
    """Make a login for one of the centre's programs on another machine; answers until when it counts."""
    if not name.startswith("gocdoc-") or name in OWN_LOGINS or not KIOSK_ID.fullmatch(name):
        raise IdentityTrouble(
            f"{name[:60]!r} cannot be a login of the centre: it begins with 'gocdoc-', has a-z, 0-9 and '-',"
            f" and is not {' or '.join(OWN_LOGINS)}"
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write(folder / "ca.crt", pem(authority.certificate), 0o644)
    _log_in_as(folder, authority, name, now)
    return _ends(folder, name)


def certificate_file(data: Path, name: str) -> Path:
    """Of the server or of one of the centre's own logins; the key is in it too."""
    return folder_of(data) / f"{name}.pem"


def names_of_this_machine() -> list[str]:
    """What other machines may call this one, as far as it knows itself."""
    name = socket.gethostname()
    names = [name] if "." in name else [name, f"{name}.local"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # RFC 5737; nothing is sent, the way out is looked up
            names.append(str(probe.getsockname()[0]))
        except OSError:
            pass  # no network: the name must do
    return names


def _ends(folder: Path, name: str) -> datetime:
    try:
        return x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes()).not_valid_after_utc
    except (OSError, ValueError):
        return datetime.min.replace(tzinfo=UTC)


def _serve_as(folder: Path, authority: Authority, names: Sequence[str], now: datetime) -> None:
    key = new_key()
    write(
        folder / f"{SERVER}.pem",
        private_pem(key) + pem(authority.server(names, key.public_key(), now)),
        0o600,
    )


def _log_in_as(folder: Path, authority: Authority, name: str, now: datetime) -> None:
    key = new_key()
    write(folder / f"{name}.pem", private_pem(key) + pem(authority.login(name, key.public_key(), now)), 0o600)


def _checked(names: Sequence[str]) -> list[str]:
    kept: list[str] = []
    for name in names:
        try:
            kept.append(str(ip_address(name)))
        except ValueError:
            if not name.isascii() or not name.replace("-", "").replace(".", "").isalnum():
                raise IdentityTrouble(
                    f"{name[:60]!r} is no name or address of a machine; for instance thu-vien.local or"
                    " 192.168.1.10"
                ) from None
            kept.append(name.lower())
    return list(dict.fromkeys(kept))
