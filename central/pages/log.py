"""Accounts, and who did what: for administrators."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response

from central.exports import Sheet
from central.pages.frame import Frame
from central.people.accounts import Role, accounts
from central.people.audit import entries


def add(app: FastAPI, frame: Frame) -> None:
    """The routes."""

    @app.get("/log")
    def _page(request: Request) -> Response:
        visitor = frame.door.visitor(request, Role.ADMIN)
        with frame.store.reading() as connection:
            people, deeds = accounts(connection), entries(connection, 100)
        return frame.page(request, "log.html", visitor, people=people, deeds=deeds)

    @app.get("/export/log.{form}")
    def _export(request: Request, form: str) -> Response:
        visitor = frame.door.visitor(request, Role.ADMIN)
        frame.check_format(form)
        t = frame.words(request)
        with frame.store.reading() as connection:
            found = entries(connection, 100_000)
        heads = [t(key) for key in ("when", "who", "what", "about", "detail")]
        rows = [[one.at, one.who, t.deed(one.what), one.about, one.detail] for one in found]
        return frame.table(visitor, Sheet("log", heads, rows), form)
