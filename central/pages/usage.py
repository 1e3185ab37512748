"""What the corners were used for: filters, plots, one table, and the table to take home."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from fastapi import FastAPI, Request, Response
from markupsafe import Markup
from sqlalchemy import select

from central.exports import Cell, Sheet
from central.pages.chart import bar, columns
from central.pages.frame import Frame
from central.pages.station import spoken
from central.pages.words import Words
from central.tables import station
from central.usage import (
    LONGEST_DAYS,
    MEASURES,
    MOST_EXPORTED,
    MOST_ROWS,
    By,
    Measure,
    Row,
    Scope,
    Usage,
    libraries,
    usage,
)

_DRAWN_AS_COLUMNS = {By.DAY, By.HOUR, By.MONTH}
EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)
"""Days that may be asked for: reckoning a month further never leaves the calendar."""


def add(app: FastAPI, frame: Frame) -> None:
    """The routes."""

    @app.get("/usage")
    def _page(request: Request) -> Response:
        visitor = frame.door.visitor(request)
        t, now = frame.words(request), frame.now()
        scope, by, wrong = _asked(request, now)
        with frame.store.reading() as connection:
            found = usage(connection, scope, by)
            names = list(connection.scalars(select(station.c.id).order_by(station.c.id)))
            owners = libraries(connection)
        measures = MEASURES[by]
        most = [max([0, *(row.cells[i] or 0 for row in found.rows)]) for i in range(len(measures))]
        today = now.date()
        return frame.page(
            request, "usage.html", visitor, status=400 if wrong else 200, wrong=wrong, scope=scope, by=by,
            every_by=list(By), found=found, names=names, owners=owners, measures=measures,
            charts=_charts(t, found) if by in _DRAWN_AS_COLUMNS and any(found.total) else [],
            lines=[(_name(t, by, row.key), row.cells) for row in _in_order(found)],
            bars=lambda i, n: bar(n, most[i]) if by not in _DRAWN_AS_COLUMNS else Markup(""),
            most_rows=MOST_ROWS, from_facts=by in {By.TITLE, By.REASON},
            quick=[
                ("quick_7", today - timedelta(days=6), By.DAY),
                ("quick_30", today - timedelta(days=29), By.DAY),
                ("quick_year", date(today.year, 1, 1), By.MONTH),
            ],
            today=today, label_of=label_of,
        )  # fmt: skip

    @app.get("/export/usage.{form}")
    def _export(request: Request, form: str) -> Response:
        visitor = frame.door.visitor(request)
        frame.check_format(form)
        t = frame.words(request)
        scope, by, _ = _asked(request, frame.now())
        with frame.store.reading() as connection:
            found = usage(connection, scope, by, MOST_EXPORTED)
        return frame.table(visitor, _sheet(t, found), form)


def _sheet(t: Words, found: Usage) -> Sheet:
    rows: list[list[Cell]] = []
    for row in found.rows:
        name = row.key if found.by is By.DAY else _name(t, found.by, row.key)
        rows.append([name, *(t("few") if cell is None else cell for cell in row.cells)])
    rows.append([t("sum"), *found.total])
    heads = [t(label_of(found.by)), *(t(measure.value) for measure in MEASURES[found.by])]
    return Sheet(f"usage-{found.by.value}", heads, rows)


def label_of(by: By) -> str:
    """The words' key of a way to look at it."""
    return "by_hour_of_day" if by is By.HOUR else f"by_{by.value}"


def _asked(request: Request, now: datetime) -> tuple[Scope, By, bool]:
    """What the address asks for, and whether its days had to be left aside."""
    query = request.query_params
    today, wrong = now.date(), False
    first, last = today - timedelta(days=29), today
    try:
        asked_first = date.fromisoformat(query["from"]) if query.get("from") else first
        asked_last = date.fromisoformat(query["to"]) if query.get("to") else last
        sane = asked_first >= EARLIEST and asked_last <= LATEST
        if sane and 1 <= (asked_last - asked_first).days + 1 <= LONGEST_DAYS:
            first, last = asked_first, asked_last
        else:
            wrong = True
    except ValueError:
        wrong = True
    by = By(query["by"]) if query.get("by") in set(By) else By.DAY
    return Scope(first, last, query.get("station", "")[:40], query.get("library", "")[:64]), by, wrong


def _charts(t: Words, found: Usage) -> list[tuple[str, int, Markup]]:
    drawn = []
    for i, measure in enumerate(MEASURES[found.by]):
        if measure in {Measure.VISITS, Measure.LOANS, Measure.RETURNS, Measure.REFUSALS}:
            points = [(_short(t, found.by, row.key), row.cells[i] or 0) for row in found.rows]
            drawn.append((measure.value, found.total[i], columns(points, spoken(t, measure, points))))
    return drawn


def _in_order(found: Usage) -> list[Row]:
    rows = list(found.rows)
    if found.by is By.DAY:  # the newest first, and days without anything only where it is short
        rows = [row for row in reversed(rows) if len(rows) <= 31 or any(row.cells)]
    return rows


def _name(t: Words, by: By, key: str) -> str:
    match by:
        case By.DAY:
            return t.day(date.fromisoformat(key))
        case By.HOUR:
            return f"{int(key)}:00–{int(key)}:59"
        case By.MONTH:
            return f"{key[5:7]}/{key[:4]}"
        case By.AGE:
            return t("years", band=key) if key[:1].isdigit() else t("no_name")
        case By.REASON:
            return t.reason(key)
    return key or t("no_name")


def _short(t: Words, by: By, key: str) -> str:
    if by is By.DAY:
        return t.short_day(key)
    return f"{int(key)}:00" if by is By.HOUR else f"{key[5:7]}/{key[:4]}"
