"""Makes sure at the broker that a revoked station is out: it cannot come in, and it is not in.

Mosquitto reads the revocation list when it starts and when it is told to reload. It does not look at those
who are connected already, so both are done and proved from here:

- A certificate made for this purpose alone is put on the same list; once the broker refuses it, the list is
  in force.
- Then the centre logs in once under the station's own name, with a certificate it made for itself. The
  broker's `use_username_as_clientid` gives a name one connection, so the station's is closed; and with the
  list in force it does not come back.

Who had finished the TLS handshake before the list was in force may still send his login, until the broker
tires of waiting: 96 s, measured on Mosquitto 2.0.11 (one and a half times the 60 s it gives a client that has
not said its own). Guard, at the running centre, puts him out again as long as that can be.
"""

from __future__ import annotations

import socket
import ssl
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

from central.errors import BrokerTrouble
from central.identity import premises
from central.identity.authority import (
    PROBE_DAYS,
    Authority,
    Revoked,
    new_key,
    pem,
    private_pem,
    utc_now,
    write,
)
from central.identity.office import REVOCATIONS, Office

PROBE = "gocdoc-probe"
_ONE_TRY_S = 3.0
_BETWEEN_S = 0.1
_AGAIN_S = 2.0
HALF_OPEN_S = 120.0
GUARD_S = 1.0
"""Guard looks so often."""

_CONNACK = 0x20


def shut_out(
    data: Path, authority: Authority, station: str, broker: tuple[str, int], *, patience_s: float = 10.0
) -> int:
    """Revoke a station and see it out; answers how many certificates counted until now.

    Raises IdentityTrouble for a station nobody knows; BrokerTrouble when it is revoked, but the broker has
    not read the list within `patience_s` seconds.
    """
    folder = premises.folder_of(data)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".eviction-") as room:
        now = utc_now()
        probe, serial = _login(Path(room), authority, PROBE, now)
        with Office(folder, authority) as office:
            gone = office.revoke(station, [Revoked(serial, now)])
            _wait_until_in_force(office, Revoked(serial, now), station, broker, probe, patience_s)
    if not _put_out(data, authority, station, broker):
        raise BrokerTrouble(
            f"{station} is revoked, but the broker {broker[0]}:{broker[1]} refuses every certificate of"
            " this authority; check cafile and crlfile in its configuration, and its log"
        )
    return len(gone)


class Guard:
    """Puts out, again and again, whoever was revoked a moment ago and may have had the door half open."""

    def __init__(self, data: Path, authority: Authority, broker: tuple[str, int]) -> None:
        self._data = data
        self._authority = authority
        self._broker = broker

    def look(self) -> list[str]:
        """Answers who was seen to. Raises BrokerTrouble."""
        folder = premises.folder_of(self._data)
        try:
            if time.time() - (folder / REVOCATIONS).stat().st_mtime > HALF_OPEN_S:
                return []
        except OSError:
            return []
        since = utc_now() - timedelta(seconds=HALF_OPEN_S)
        with Office(folder, self._authority) as office:
            recent = [one.name for one in office.stations() if one.revoked and one.revoked >= since]
        for name in recent:
            _put_out(self._data, self._authority, name, self._broker)
        return recent


def _put_out(data: Path, authority: Authority, station: str, broker: tuple[str, int]) -> bool:
    """Take the station's place for a moment; whether the broker let the stand-in."""
    with tempfile.TemporaryDirectory(dir=premises.folder_of(data), prefix=".eviction-") as room:
        stand_in, _ = _login(Path(room), authority, station, utc_now())
        return _lets_in(broker, stand_in, station)


def _wait_until_in_force(
    office: Office,
    probe: Revoked,
    station: str,
    broker: tuple[str, int],
    login: ssl.SSLContext,
    patience_s: float,
) -> None:
    began = told = time.monotonic()
    while _lets_in(broker, login, PROBE):
        now = time.monotonic()
        if now - began > patience_s:
            raise BrokerTrouble(
                f"{station} is revoked, but the broker {broker[0]}:{broker[1]} has not read the list yet;"
                " say: sudo systemctl start gocdoc-broker, and 'central revoke' once more"
            )
        if now - told > _AGAIN_S:
            told = now
            office.publish_revocations([probe])  # whoever watches the file may have blinked
        time.sleep(_BETWEEN_S)


def _login(room: Path, authority: Authority, name: str, now: datetime) -> tuple[ssl.SSLContext, int]:
    """Log-in material that never leaves this process but for a moment: the TLS library reads files only."""
    key = new_key()
    certificate = authority.login(name, key.public_key(), now, PROBE_DAYS)
    write(room / "key", private_pem(key), 0o600)
    write(room / "crt", pem(certificate), 0o600)
    context = ssl.create_default_context(cafile=str(authority.file))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(room / "crt", room / "key")
    return context, certificate.serial_number


def _lets_in(broker: tuple[str, int], context: ssl.SSLContext, name: str) -> bool:
    """Log in with MQTT 5 and out again. Raises BrokerTrouble when nothing can be told from it."""
    try:
        plain = socket.create_connection(broker, _ONE_TRY_S)
    except OSError as error:
        raise BrokerTrouble(
            f"the list is written, but the broker {broker[0]}:{broker[1]} does not answer ({error}); it reads"
            " the list when it starts. Check --broker"
        ) from error
    with plain:
        try:
            with context.wrap_socket(plain, server_hostname=broker[0]) as wire:
                identifier = name.encode()
                # MQTT 5, 3.1: protocol name and version, clean start, keep-alive 10 s, no properties
                variable = (
                    b"\x00\x04MQTT\x05\x02\x00\x0a\x00" + len(identifier).to_bytes(2, "big") + identifier
                )
                wire.sendall(bytes((0x10, len(variable))) + variable)
                answer = wire.recv(4)
                if len(answer) == 4 and answer[0] == _CONNACK and answer[3] == 0:
                    wire.sendall(b"\xe0\x00")
                    return True
        except ssl.SSLCertVerificationError as error:
            raise BrokerTrouble(
                f"the broker {broker[0]}:{broker[1]} has no certificate of this authority under that name"
                f" ({error.verify_message}); check --broker, or give it the files of the identity folder"
            ) from error
        except TimeoutError as error:
            raise BrokerTrouble(f"the broker {broker[0]}:{broker[1]} does not answer the login") from error
        except OSError:
            return False  # TLS 1.3 tells of a refused certificate when the first answer is read
    return False
