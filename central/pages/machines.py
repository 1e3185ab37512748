"""What programs ask: the stations as JSON, whether the centre is well, its figures for Prometheus."""

from __future__ import annotations

import hmac
from dataclasses import asdict
from datetime import datetime
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from central import metrics
from central.alerts import book
from central.overview import Station, stations, totals
from central.pages.door import LoginNeeded, is_local
from central.pages.frame import Frame


def add(app: FastAPI, frame: Frame, metrics_token: str) -> None:
    """The routes."""

    @app.get("/healthz")
    def _healthz() -> Response:
        with frame.store.reading() as connection:
            connection.exec_driver_sql("SELECT 1")
        return JSONResponse({"ok": True, "broker": frame.ingest().connected})

    @app.get("/metrics")
    def _metrics(request: Request) -> Response:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
        if not (hmac.compare_digest(given, metrics_token.encode()) if metrics_token else is_local(request)):
            raise LoginNeeded
        now = frame.now()
        with frame.store.reading() as connection:
            text = metrics.exposition(
                stations(connection, now.date().isoformat()),
                totals(connection),
                broker=frame.ingest().connected,
                alerts=book.open_by_kind(connection),
            )
        return Response(text, media_type=metrics.CONTENT_TYPE)

    @app.get("/api/stations")
    def _stations(request: Request) -> Response:
        frame.door.visitor(request, acts=False)
        now, status = frame.now(), frame.ingest()
        with frame.store.reading() as connection:
            found = stations(connection, now.date().isoformat())
        return JSONResponse(
            {
                "today": now.date().isoformat(),
                "broker": asdict(status),
                "stations": [_as_json(one, now, known=status.connected) for one in found],
            }
        )


def _as_json(station: Station, now: datetime, *, known: bool) -> dict[str, Any]:
    whole = asdict(station) | {"needs_attention": station.needs_attention(now)}
    if not known:
        whole["connected"] = None  # without the broker nobody can tell
    return whole
