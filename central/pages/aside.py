"""What the centre took in and does not count: shown as text, never run."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request, Response
from sqlalchemy import Connection, Row, select

from central.exports import Sheet
from central.pages.frame import Frame
from central.tables import deadletter, quarantine

MOST = 100
_BEGINNING = 160  # characters of a payload


def add(app: FastAPI, frame: Frame) -> None:
    """The routes."""

    @app.get("/aside")
    def _page(request: Request) -> Response:
        visitor = frame.door.visitor(request)
        with frame.store.reading() as connection:
            letters, contradictions = _letters(connection, MOST), _contradictions(connection, MOST)
        return frame.page(
            request,
            "aside.html",
            visitor,
            letters=letters,
            contradictions=contradictions,
            beginning=beginning,
        )

    @app.get("/export/aside.{form}")
    def _export(request: Request, form: str) -> Response:
        visitor = frame.door.visitor(request)
        frame.check_format(form)
        t = frame.words(request)
        heads = [t(key) for key in ("when", "from_where", "reason", "times", "beginning")]
        with frame.store.reading() as connection:
            rows = [
                [one.received, one.topic, one.reason, int(one.times), beginning(one.payload)]
                for one in _letters(connection, 10_000)
            ]
            rows += [
                [
                    one.received,
                    f"{one.source} {one.epoch} {one.seq}",
                    one.reason,
                    1,
                    str(one.event)[:_BEGINNING],
                ]
                for one in _contradictions(connection, 10_000)
            ]
        return frame.table(visitor, Sheet("aside", heads, rows), form)


def beginning(payload: bytes) -> str:
    """How a message begins, as text whatever it is: what cannot be seen is replaced by dots."""
    text = bytes(payload[: 4 * _BEGINNING]).decode(errors="replace")[:_BEGINNING]
    return "".join(c if c.isprintable() else "·" for c in text)


def _letters(connection: Connection, most: int) -> list[Row[Any]]:
    return list(connection.execute(select(deadletter).order_by(deadletter.c.n.desc()).limit(most)))


def _contradictions(connection: Connection, most: int) -> list[Row[Any]]:
    return list(connection.execute(select(quarantine).order_by(quarantine.c.n.desc()).limit(most)))
