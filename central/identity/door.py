"""The door: where stations enrol and renew, over HTTPS, with the authority's server certificate.

It is not the pages' server: it listens to the whole network, offers three questions and nothing else, and
its answers are words of a fixed list. kiosk.pairing says what is asked and why.
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from central.errors import CentreError, IdentityTrouble
from central.identity import premises
from central.identity.authority import Authority, pem, utc_now
from central.identity.eviction import GUARD_S, Guard
from central.identity.office import Office, Reason, TurnedAway
from kiosk.pairing import LARGEST_BODY, NONCE_BYTES

log = logging.getLogger(__name__)

LOOK_S = 6 * 3600.0
"""Certificates that are about to end are looked for so often."""

_AT_ONCE = 64
_HEADERS_S = 5
_STATUS = {Reason.BAD_REQUEST: 400, Reason.NO_CODE: 404, Reason.LOCKED: 429, Reason.TOO_MANY: 429}


def create_door(data: Path, authority: Authority, broker_port: int, channel: Callable[[], bytes]) -> FastAPI:
    """The three questions.

    `broker_port`: where enrolled stations find the broker, on this machine. `channel`: the certificate (DER)
    the door is served with.
    """
    app = FastAPI(title="Góc Đọc", docs_url=None, redoc_url=None, openapi_url=None)
    folder = premises.folder_of(data)

    async def _asked(
        request: Request, answer: Callable[[Office, dict[str, Any]], dict[str, str]]
    ) -> Response:
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > LARGEST_BODY:
                return _turned_away(Reason.BAD_REQUEST)
        try:
            asked = json.loads(body)
        except (ValueError, RecursionError):
            return _turned_away(Reason.BAD_REQUEST)
        if not isinstance(asked, dict):
            return _turned_away(Reason.BAD_REQUEST)

        def work() -> dict[str, str]:
            with Office(folder, authority) as office:
                return answer(office, asked)

        try:
            return JSONResponse(await run_in_threadpool(work))
        except TurnedAway as away:
            return _turned_away(away.reason)
        except IdentityTrouble:
            log.exception("a station cannot be answered")
            return JSONResponse({"refused": "trouble"}, status_code=503)

    @app.middleware("http")
    async def _guard(request: Request, proceed: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await proceed(request)
        response.headers["Cache-Control"] = "no-store"
        return response

    @app.post("/enrol/hello")
    async def _hello(request: Request) -> Response:
        def answer(office: Office, asked: dict[str, Any]) -> dict[str, str]:
            nonce = _bytes(asked, "nonce")
            if len(nonce) != NONCE_BYTES:
                raise TurnedAway(Reason.BAD_REQUEST)
            greeting = office.greet(_text(asked, "station"), nonce, channel())
            return {
                "salt": _base64(greeting.salt),
                "proof": _base64(greeting.proof),
                "authority": pem(authority.certificate).decode(),
            }

        return await _asked(request, answer)

    @app.post("/enrol")
    async def _enrol(request: Request) -> Response:
        def answer(office: Office, asked: dict[str, Any]) -> dict[str, str]:
            station = _text(asked, "station")
            try:
                made = office.enrol(station, _bytes(asked, "secret"), _text(asked, "request").encode())
            except TurnedAway as away:
                log.warning("an enrolment as %r was turned away: %s", station[:40], away.reason)
                raise
            log.info("%s is enrolled", station)
            return {"certificate": made.decode(), "port": str(broker_port)}

        return await _asked(request, answer)

    @app.post("/renew")
    async def _renew(request: Request) -> Response:
        def answer(office: Office, asked: dict[str, Any]) -> dict[str, str]:
            made = office.renew(
                _text(asked, "certificate").encode(),
                _text(asked, "request").encode(),
                _bytes(asked, "signature"),
            )
            return {"certificate": made.decode()}

        return await _asked(request, answer)

    return app


class Door:
    """The door's server, in a thread of its own, from `open` to `close`.

    `guarded`: the `broker` takes certificates; who was revoked is kept out of it.
    """

    def __init__(
        self,
        data: Path,
        authority: Authority,
        broker: tuple[str, int],
        listening: socket.socket,
        *,
        guarded: bool = True,
    ) -> None:
        self._data = data
        self._authority = authority
        self._certificate = premises.certificate_file(data, premises.SERVER)
        self._channel = _der(self._certificate)
        config = uvicorn.Config(
            create_door(data, authority, broker[1], lambda: self._channel),
            log_level="warning",
            access_log=False,
            server_header=False,
            limit_concurrency=_AT_ONCE,
            timeout_keep_alive=_HEADERS_S,
            timeout_graceful_shutdown=2,
            ssl_certfile=str(self._certificate),
        )
        config.load()
        assert config.ssl is not None  # noqa: S101 (load() made it)
        self._context: ssl.SSLContext = config.ssl
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._server = uvicorn.Server(config)
        self._closing = threading.Event()
        self._guard = Guard(data, authority, broker)
        self._threads = [
            threading.Thread(
                target=self._server.run, kwargs={"sockets": [listening]}, name="door", daemon=True
            ),
            threading.Thread(target=self._keep_fresh, name="certificates", daemon=True),
        ]
        if guarded:
            self._threads.append(threading.Thread(target=self._keep_out, name="guard", daemon=True))

    def open(self) -> None:
        """Begin to serve."""
        for thread in self._threads:
            thread.start()

    def close(self, timeout: float = 5.0) -> None:
        """Finish what was begun, and end."""
        self._closing.set()
        self._server.should_exit = True
        for thread in self._threads:
            thread.join(timeout)

    def look(self) -> None:
        """Make anew what is about to end, and use it."""
        made = premises.keep_fresh(self._data, self._authority, utc_now())
        if premises.SERVER in made:
            self._context.load_cert_chain(self._certificate)
            self._channel = _der(self._certificate)
        for name in made:
            log.info("the certificate %s was made anew", name)

    def _keep_fresh(self) -> None:
        while not self._closing.wait(LOOK_S):
            try:
                self.look()
            except Exception:  # the door stays open; the next look may succeed
                log.exception("certificates could not be made anew")

    def _keep_out(self) -> None:
        while not self._closing.wait(GUARD_S):
            try:
                self._guard.look()
            except CentreError as error:
                log.debug("the guard looks again: %s", error)
            except Exception:
                log.exception("the guard stumbled and looks again")


def _der(certificate: Path) -> bytes:
    found = x509.load_pem_x509_certificate(certificate.read_bytes())
    return found.public_bytes(serialization.Encoding.DER)


def _turned_away(reason: Reason) -> Response:
    return JSONResponse({"refused": reason.value}, status_code=_STATUS.get(reason, 403))


def _text(asked: dict[str, Any], key: str) -> str:
    value = asked.get(key)
    if not isinstance(value, str) or not value.isascii():
        raise TurnedAway(Reason.BAD_REQUEST)
    return value


def _bytes(asked: dict[str, Any], key: str) -> bytes:
    try:
        return base64.b64decode(_text(asked, key), validate=True)
    except (binascii.Error, ValueError) as error:
        raise TurnedAway(Reason.BAD_REQUEST) from error


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
