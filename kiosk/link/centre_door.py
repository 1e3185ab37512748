"""The centre's door, where stations enrol and renew: HTTPS, small JSON both ways, one connection."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from typing import Any

from kiosk.link.identity import IdentityError
from kiosk.pairing import LARGEST_BODY, LIFETIME_S, PORT, TRIES

TIMEOUT_S = 10.0
"""For every single step: connecting, the TLS handshake, an answer."""

_WORDS = {
    "no-code": "the centre has no open code for {station}; ask for one there ('central enrol {station}'); it"
    f" is good for {LIFETIME_S // 60} minutes",
    "wrong-code": "the code is wrong; look at it again",
    "locked": f"the code was wrong {TRIES} times and is locked; ask the centre for a new one",
    "used": "the code was used already; ask the centre for a new one, and tell it if it was not you",
    "unknown": "the centre does not know this station's certificate; it must be enrolled again",
    "ended": "this station's certificate has ended; it must be enrolled again",
    "revoked": "the centre has revoked this station's certificate; it must be enrolled again",
    "too-many": "the centre has given out too many certificates as {station}; tell whoever looks after it",
    "bad-request": "the centre does not understand this station; are both of the same version?",
    "trouble": "the centre cannot work on this now; its log says why",
}


class TurnedAway(IdentityError):
    """The centre said no."""

    def __init__(self, reason: str, station: str) -> None:
        words = _WORDS.get(reason, "the centre says no and gives a reason this station does not know")
        super().__init__(words.format(station=station))
        self.reason = reason


def address_of(text: str) -> tuple[str, int]:
    """HOST or HOST:PORT. Raises IdentityError."""
    text = text.strip()
    if text.startswith("["):  # an IPv6 address
        host, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":") or str(PORT)
    elif text.count(":") > 1:
        host, port = text, str(PORT)
    else:
        host, colon, port = text.partition(":")
        port = port if colon else str(PORT)
    if not host or any(letter.isspace() or letter == "/" for letter in host):
        raise IdentityError(f"{text[:60]!r} is no address of a centre, for instance thu-vien.local:{PORT}")
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise IdentityError(f"{text[:60]!r}: the port must be a number from 1 to 65535, for instance {PORT}")
    return host, int(port)


class CentreDoor:
    """One connection for every question; when it breaks, it is over. Raises IdentityError throughout."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext, station: str) -> None:
        self._where = f"{host}:{port}"
        self._station = station
        self._wire = http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=context)
        try:
            self._wire.connect()
        except (OSError, ValueError, http.client.HTTPException) as error:
            self._wire.close()
            raise IdentityError(self._in_words(error)) from error
        # A second connection could end elsewhere: there is none.
        self._wire.auto_open = 0
        wire = self._wire.sock
        self.certificate = (
            wire.getpeercert(binary_form=True) if isinstance(wire, ssl.SSLSocket) else b""
        ) or b""
        """The certificate of whoever is at the other end, as DER."""

    def close(self) -> None:
        """End it."""
        self._wire.close()

    def ask(self, path: str, **asked: str) -> dict[str, str]:
        """Ask, and read the answer, whose values are all text. Raises TurnedAway when the centre says no."""
        try:
            self._wire.request("POST", path, json.dumps(asked), {"Content-Type": "application/json"})
            answer = self._wire.getresponse()
            content = answer.read(LARGEST_BODY + 1)
        except (OSError, http.client.HTTPException) as error:
            raise IdentityError(f"{self._where} broke off ({_said(error)}); try again") from error
        if len(content) > LARGEST_BODY:
            raise IdentityError(f"{self._where} answers with more than a centre has to say; is it one?")
        try:
            told: Any = json.loads(content)
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict) or not all(isinstance(value, str) for value in told.values()):
            raise IdentityError(f"{self._where} does not answer as a centre does; check --centre")
        if answer.status != http.client.OK or "refused" in told:
            raise TurnedAway(told.get("refused", ""), self._station)
        return told

    def _in_words(self, error: Exception) -> str:
        if isinstance(error, socket.gaierror):
            return f"the centre's name in {self._where} cannot be resolved; check it, and the network"
        if isinstance(error, ConnectionRefusedError):
            return f"no centre enrols at {self._where}; is 'central serve' running there, with an authority?"
        if isinstance(error, ssl.SSLCertVerificationError):
            return (
                f"whoever answers at {self._where} is not this station's centre ({error.verify_message});"
                " check [link] centre, and this station's clock"
            )
        if isinstance(error, ssl.SSLError):
            return f"what answers at {self._where} does not speak TLS as a centre does; check the port"
        if isinstance(error, TimeoutError):
            return f"{self._where} does not answer; check the network and the centre's address"
        return f"no connection to {self._where}: {_said(error)}"


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__
