"""What the tests of enrolment and renewal share: requests, secrets, and somebody who asks the door."""

from __future__ import annotations

import http.client
import json
import ssl
from typing import Any

from cryptography.hazmat.primitives import serialization

from kiosk import pairing
from kiosk.link import identity
from tests.central.secured import Secured


def request_of(key: Any, name: str = "kiosk-1") -> bytes:
    return identity.request_for(key, name).public_bytes(serialization.Encoding.PEM)


def secret_of(secured: Secured, code: str, station: str = "kiosk-1") -> bytes:
    """What a station that knows the code would send."""
    with secured.office() as office:
        salt = office.greet(station, b"n" * 16, b"").salt
    return pairing.shares(code, salt, station).secret


def ask(secured: Secured, path: str, body: bytes | dict[str, Any]) -> tuple[int, Any]:
    """Somebody on the network asks the door."""
    context = ssl.create_default_context(cafile=str(secured.authority.file))
    wire = http.client.HTTPSConnection("localhost", secured.door_port, context=context, timeout=10)
    try:
        wire.request("POST", path, body if isinstance(body, bytes) else json.dumps(body))
        answer = wire.getresponse()
        content = answer.read()
        return answer.status, json.loads(content) if content.startswith(b"{") else content
    finally:
        wire.close()
