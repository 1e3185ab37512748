"""The pages: the board of stations, the same as JSON, and whether the centre is well."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from central.errors import DatabaseUnusable
from central.ingest import IngestStatus
from central.overview import Station, stations, total
from central.pages.words import Words
from central.store import CentralStore

_FOLDER = Path(__file__).parent
_FILES = {"board.css": "text/css", "board.js": "text/javascript", "icon.svg": "image/svg+xml"}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def _now() -> datetime:
    return datetime.now(UTC).astimezone()


def create_app(
    store: CentralStore, ingest: Callable[[], IngestStatus], now: Callable[[], datetime] = _now
) -> FastAPI:
    """The application. `now` gives the centre's local time; "today" is its calendar day."""
    app = FastAPI(title="Góc Đọc", docs_url=None, redoc_url=None, openapi_url=None)
    pages = Environment(
        loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )

    @app.middleware("http")
    async def _guard(request: Request, proceed: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await proceed(request)
        for name, value in _HEADERS.items():
            response.headers[name] = value
        response.headers.setdefault("Cache-Control", "no-cache")
        return response

    @app.exception_handler(DatabaseUnusable)
    async def _unusable(request: Request, _error: DatabaseUnusable) -> Response:
        words = Words(request.query_params.get("lang", ""))
        return PlainTextResponse(words("database"), status_code=503)

    def _render(template: str, lang: str) -> str:
        words, moment, status = Words(lang), now(), ingest()
        with store.reading() as connection:
            found = stations(connection, moment.date().isoformat())
        return pages.get_template(template).render(
            t=words,
            now=moment,
            ingest=status,
            stations=sorted(found, key=lambda one: not needs_attention(one)),
            total=total([one.today for one in found]),
            attention=sum(1 for one in found if needs_attention(one)),
            connected=sum(1 for one in found if one.connected),
            needs_attention=needs_attention,
        )

    @app.get("/")
    def _page(lang: str = "vi") -> Response:
        return HTMLResponse(_render("page.html", lang))

    @app.get("/board")
    def _board(request: Request, lang: str = "vi") -> Response:
        text = _render("board.html", lang)
        tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
        if request.headers.get("If-None-Match") == tag:
            return Response(status_code=304, headers={"ETag": tag})
        return HTMLResponse(text, headers={"ETag": tag})

    @app.get("/api/stations")
    def _stations() -> Response:
        moment, status = now(), ingest()
        with store.reading() as connection:
            found = stations(connection, moment.date().isoformat())
        return JSONResponse(
            {
                "today": moment.date().isoformat(),
                "broker": asdict(status),
                "stations": [_as_json(one, known=status.connected) for one in found],
            }
        )

    @app.get("/healthz")
    def _healthz() -> Response:
        with store.reading() as connection:
            connection.exec_driver_sql("SELECT 1")
        return JSONResponse({"ok": True, "broker": ingest().connected})

    @app.get("/static/{name}")
    def _file(name: str) -> Response:
        if name not in _FILES:
            return PlainTextResponse("not found", status_code=404)
        return FileResponse(_FOLDER / name, media_type=_FILES[name])

    return app


def needs_attention(station: Station) -> bool:
    """Whether a librarian should look. Being away is no fault: a book van is on the road for days."""
    gaps = any(one.missing for one in station.streams)
    return bool(station.faults or station.quarantined or station.deadletters or station.forked or gaps)


def _as_json(station: Station, *, known: bool) -> dict[str, Any]:
    whole = asdict(station) | {"needs_attention": needs_attention(station)}
    if not known:
        whole["connected"] = None  # without the broker nobody can tell
    return whole
