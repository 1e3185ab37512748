"""One station: its three facts, its day, its troubles, what was sent to it, how long it may be away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import FastAPI, Request, Response
from sqlalchemy import Connection, insert, select, update
from starlette.exceptions import HTTPException

from central.alerts import book
from central.overview import Station, stations
from central.pages import orders
from central.pages.chart import columns
from central.pages.entrance import Form
from central.pages.frame import Frame, to
from central.pages.words import Words
from central.people.accounts import Role
from central.people.audit import What, entries, note
from central.people.tables import plan
from central.tables import event
from central.usage import MEASURES, By, Measure, Scope, Usage, usage
from kiosk.commands import LONGEST_TEXT
from kiosk.facts import KIOSK_ID, ClockSynced, DeviceFault, DeviceRecovered, StationStarted, type_of

AWAY_CHOICES = (1, 12, 24, 72, 168, 720)
LONGEST_PLACE = 80
_DRAWN = (Measure.VISITS, Measure.LOANS)
_TROUBLES = {
    type_of(DeviceFault): "broke",
    type_of(DeviceRecovered): "recovered",
    type_of(StationStarted): "started",
    type_of(ClockSynced): "clock_set",
}
_SAID = {"saved", "ordered", "order_refused"}
_SENT = {
    What.ANNOUNCED.value,
    What.TAKEN_DOWN.value,
    What.PLANNED.value,
    What.ACKNOWLEDGED.value,
    What.ORDERED.value,
}


def add(app: FastAPI, frame: Frame) -> None:
    """The routes."""

    def facts(t: Words, name: str) -> str:
        now = frame.now()
        with frame.store.reading() as connection:
            one = _station(connection, name, frame)
        return frame.part("facts.html", t=t, now=now, ingest=frame.ingest(), s=one)

    @app.get("/stations/{name}")
    def _page(request: Request, name: str, said: str = "") -> Response:
        visitor = frame.door.visitor(request)
        t, now = frame.words(request), frame.now()
        today = now.date()
        with frame.store.reading() as connection:
            one = _station(connection, name, frame)
            hours = usage(connection, Scope(today, today, name), By.HOUR)
            weeks = usage(connection, Scope(today - timedelta(days=13), today, name), By.DAY)
            troubles = _troubles(connection, name)
            deeds = [row for row in entries(connection, 30, name) if row.what in _SENT]
            alerts = [alert for alert in book.alerts(connection, 20, name) if alert.open]
        return frame.page(
            request, "station.html", visitor, s=one, facts=facts(t, name), troubles=troubles, deeds=deeds,
            orders=orders.listed(frame, t, name), every_order=list(orders.ORDERS), longest=LONGEST_TEXT,
            alerts=alerts, said=said if said in _SAID else "", choices=sorted({*AWAY_CHOICES, one.away_h}),
            charts=[(one.value, _course(t, weeks, one)) for one in _DRAWN],
            hours=[(one.value, _hours(t, hours, one)) for one in _DRAWN],
        )  # fmt: skip

    @app.get("/live/stations/{name}")
    def _live(request: Request, name: str) -> Response:
        frame.door.visitor(request, acts=False)
        return frame.live(request, facts(frame.words(request), name))

    @app.post("/stations/{name}/plan")
    def _plan(request: Request, name: str, fields: Form) -> Response:
        visitor = frame.door.acting(request, fields, Role.LIBRARIAN)
        place = "".join(c for c in " ".join(fields.get("place", "").split()) if c.isprintable())[
            :LONGEST_PLACE
        ]
        hours = fields.get("away", "")
        with frame.store.writing() as connection:
            one = _station(connection, name, frame)
            away = (
                int(hours) if hours in {str(choice) for choice in (*AWAY_CHOICES, one.away_h)} else one.away_h
            )
            values = {"place": place, "away_h": away}
            if not connection.execute(update(plan).where(plan.c.station == name).values(values)).rowcount:
                connection.execute(insert(plan).values(station=name, **values))
            note(connection, frame.now(), visitor.name, What.PLANNED, name, f"{away} h; {place}")
        return to(f"/stations/{name}", said="saved")


def _station(connection: Connection, name: str, frame: Frame) -> Station:
    """A station that is known. Raises HTTPException 404."""
    now = frame.now()
    found = stations(connection, now.date().isoformat()) if KIOSK_ID.fullmatch(name) else []
    for one in found:
        if one.id == name:
            return one
    raise HTTPException(404)


def _troubles(connection: Connection, name: str) -> list[tuple[Any, str]]:
    rows = connection.execute(
        select(event.c.at, event.c.type, event.c.data)
        .where(event.c.source == name, event.c.type.in_(_TROUBLES))
        .order_by(event.c.at.desc())
        .limit(12)
    )
    return [(row, _TROUBLES[row.type]) for row in rows]


def _course(t: Words, found: Usage, measure: Measure) -> Any:
    column = MEASURES[found.by].index(measure)
    points = [(t.short_day(row.key), row.cells[column] or 0) for row in found.rows]
    return columns(points, spoken(t, measure, points))


def _hours(t: Words, found: Usage, measure: Measure) -> Any:
    column = MEASURES[found.by].index(measure)
    by_hour = {row.key: row.cells[column] or 0 for row in found.rows}
    first = min([7, *(int(key) for key, n in by_hour.items() if n)])
    last = max([18, *(int(key) for key, n in by_hour.items() if n)])
    points = [(f"{hour}:00", by_hour.get(f"{hour:02d}", 0)) for hour in range(first, last + 1)]
    return columns(points, spoken(t, measure, points))


def spoken(t: Words, measure: Measure, points: list[tuple[str, int]]) -> str:
    """A plot in one sentence, for whoever hears the page."""
    where, most = max(points, key=lambda point: point[1], default=("", 0))
    return t("chart", what=t(measure.value), most=t.number(most), where=where)
