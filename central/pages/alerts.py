"""What librarians are told: what is open, what is over, and who looks into it."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response

from central.alerts import book
from central.exports import Sheet
from central.pages.entrance import Form
from central.pages.frame import Frame, to
from central.people.accounts import Role


def add(app: FastAPI, frame: Frame) -> None:
    """The routes."""

    def listed(request: Request) -> str:
        with frame.store.reading() as connection:
            found = book.alerts(connection, 100)
        return frame.part(
            "alerts_list.html",
            t=frame.words(request),
            now=frame.now(),
            found=[one for one in found if one.open],
            past=[one for one in found if not one.open][:40],
            trouble=frame.alert_trouble(),
        )

    @app.get("/alerts")
    def _page(request: Request) -> Response:
        visitor = frame.door.visitor(request)
        return frame.page(request, "alerts.html", visitor, listed=listed(request))

    @app.get("/live/alerts")
    def _live(request: Request) -> Response:
        frame.door.visitor(request, acts=False)
        return frame.live(request, listed(request))

    @app.post("/alerts")
    def _acknowledge(request: Request, fields: Form) -> Response:
        visitor = frame.door.acting(request, fields, Role.LIBRARIAN)
        number = fields.get("n", "")
        if number.isascii() and number.isdigit() and len(number) < 18:
            with frame.store.writing() as connection:
                book.acknowledge(connection, int(number), visitor.name, frame.now())
        return to("/alerts")

    @app.get("/export/alerts.{form}")
    def _export(request: Request, form: str) -> Response:
        visitor = frame.door.visitor(request)
        frame.check_format(form)
        t = frame.words(request)
        with frame.store.reading() as connection:
            found = book.alerts(connection, 10_000)
        heads = [t(key) for key in ("station", "what", "device", "detail", "from", "to_day", "who")]
        rows = [
            [one.station, t.alert(one), one.about, one.detail, one.first, one.ended or "", one.by]
            for one in found
        ]
        return frame.table(visitor, Sheet("alerts", heads, rows), form)
