"""The board: every station with its three separate facts, and today's figures."""

from __future__ import annotations

from datetime import datetime

from fastapi import FastAPI, Request, Response

from central.exports import Cell, Sheet
from central.ingest import IngestStatus
from central.overview import Station, stations, total
from central.pages.frame import Frame
from central.pages.words import Words


def add(app: FastAPI, frame: Frame) -> None:
    """The routes."""

    def board(t: Words) -> str:
        now, status = frame.now(), frame.ingest()
        with frame.store.reading() as connection:
            found = stations(connection, now.date().isoformat())
        found.sort(key=lambda one: not one.needs_attention(now))
        return frame.part(
            "board.html",
            t=t,
            now=now,
            ingest=status,
            stations=found,
            total=total([one.today for one in found]),
            attention=sum(1 for one in found if one.needs_attention(now)),
            connected=sum(1 for one in found if one.connected),
        )

    @app.get("/")
    def _page(request: Request) -> Response:
        visitor = frame.door.visitor(request)
        return frame.page(request, "stations.html", visitor, board=board(frame.words(request)))

    @app.get("/live/board")
    def _board(request: Request) -> Response:
        frame.door.visitor(request, acts=False)
        return frame.live(request, board(frame.words(request)))

    @app.get("/export/stations.{form}")
    def _export(request: Request, form: str) -> Response:
        visitor = frame.door.visitor(request)
        frame.check_format(form)
        now = frame.now()
        with frame.store.reading() as connection:
            found = stations(connection, now.date().isoformat())
        return frame.table(visitor, _sheet(found, frame.words(request), now, frame.ingest()), form)


def _sheet(found: list[Station], t: Words, now: datetime, status: IngestStatus) -> Sheet:
    heads = [
        "station",
        "place",
        "connection",
        "data",
        "health",
        "visits",
        "loans",
        "returns",
        "renewals",
        "help_calls",
    ]
    rows: list[list[Cell]] = []
    for one in found:
        connection = "unknown" if not status.connected else "connected" if one.connected else "disconnected"
        troubles = [t("fault", device=t.device(fault.device)) for fault in one.faults]
        rows.append(
            [
                one.id,
                one.place,
                t(connection),
                t("behind", n=one.behind) if one.behind else t("complete"),
                "; ".join(troubles) or t("healthy"),
                one.today.visits_in,
                one.today.loans,
                one.today.returns,
                one.today.renewals,
                one.today.help_calls,
            ]
        )
    return Sheet("stations", [t(head) for head in heads], rows)
