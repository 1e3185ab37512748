"""The pages as one application: routes, what every answer carries, what is said when something is wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse
from starlette.exceptions import HTTPException

from central.errors import DatabaseUnusable
from central.ingest import IngestStatus
from central.pages import alerts, aside, board, entrance, log, machines, messages, orders, station, usage
from central.pages.door import FormRefused, LoginNeeded, NotAllowed
from central.pages.frame import FOLDER, Frame, News
from central.store import CentralStore

_FILES = {"pages.css": "text/css", "pages.js": "text/javascript", "icon.svg": "image/svg+xml"}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self';"
        " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def local_now() -> datetime:
    """The centre's own time."""
    return datetime.now(UTC).astimezone()


def create_app(
    store: CentralStore,
    ingest: Callable[[], IngestStatus],
    now: Callable[[], datetime] = local_now,
    *,
    news: News | None = None,
    alert_trouble: Callable[[], str] = str,
    courier_trouble: Callable[[], str] = str,
    metrics_token: str = "",
) -> FastAPI:
    """The application. `now` gives the centre's local time; "today" is its calendar day.

    `news` reads and changes what stations tell; without it nothing can be sent. `alert_trouble` and
    `courier_trouble` say what keeps alerts from people, and catalogues and orders from stations.
    `metrics_token`: what Prometheus says to be let in from elsewhere; without one it is let in on this
    machine only.
    """
    app = FastAPI(title="Góc Đọc", docs_url=None, redoc_url=None, openapi_url=None)
    frame = Frame(store, ingest, now, news, alert_trouble, courier_trouble)
    _say_what_is_wrong(app, frame)

    @app.middleware("http")
    async def _guard(request: Request, proceed: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await proceed(request)
        for name, value in _HEADERS.items():
            response.headers[name] = value
        if request.url.scheme == "https":
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        response.headers.setdefault("Cache-Control", "no-cache, private")
        frame.keep_language(request, response)
        return response

    @app.get("/static/{name}")
    def _file(name: str) -> Response:
        if name not in _FILES:
            return PlainTextResponse("not found", status_code=404)
        return FileResponse(FOLDER / name, media_type=_FILES[name])

    machines.add(app, frame, metrics_token)
    for pages in (entrance, board, station, orders, messages, usage, alerts, aside, log):
        pages.add(app, frame)
    return app


def _say_what_is_wrong(app: FastAPI, frame: Frame) -> None:
    def in_words(request: Request, status: int, key: str) -> Response:
        if _is_for_a_program(request):
            return JSONResponse({"error": key}, status_code=status)
        t = frame.words(request)
        words = {"head": t(f"{key}_title"), "text": t(key)}
        return frame.page(request, "notice.html", None, status=status, **words)

    @app.exception_handler(DatabaseUnusable)
    def _unusable(request: Request, _error: Exception) -> Response:
        return PlainTextResponse(frame.words(request)("database"), status_code=503)

    @app.exception_handler(LoginNeeded)
    def _login(request: Request, _error: Exception) -> Response:
        if _is_for_a_program(request) or request.method != "GET":
            return JSONResponse({"error": "login"}, status_code=401)
        query = f"?{request.url.query}" if request.url.query else ""
        after = quote(f"{request.url.path}{query}", safe="")
        return Response(status_code=303, headers={"Location": f"/login?next={after}"})

    @app.exception_handler(NotAllowed)
    def _not_allowed(request: Request, _error: Exception) -> Response:
        return in_words(request, 403, "not_allowed")

    @app.exception_handler(FormRefused)
    def _form(request: Request, _error: Exception) -> Response:
        return in_words(request, 403, "stale_form")

    @app.exception_handler(HTTPException)
    def _other(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if status == 404:
            return in_words(request, status, "missing")
        return PlainTextResponse("", status_code=status)


def _is_for_a_program(request: Request) -> bool:
    path = request.url.path
    return path.startswith(("/api/", "/live/")) or path == "/metrics"
