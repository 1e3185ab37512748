"""What the stations tell children on their welcome screens: read, sent, taken down."""

from __future__ import annotations

from datetime import timedelta

from fastapi import FastAPI, Request, Response
from sqlalchemy import select

from central import announce
from central.errors import BrokerTrouble, CentreError
from central.pages.door import Fields
from central.pages.entrance import Form
from central.pages.frame import Frame, News, to
from central.people.accounts import Role
from central.people.audit import What, note
from central.people.logins import Visitor
from central.people.tables import plan
from central.tables import station
from kiosk.facts import KIOSK_ID
from kiosk.news import LONGEST_TEXT, Notice

HOURS = (2, 12, 72, 168)
_REST_OF_TODAY = 12


def add(app: FastAPI, frame: Frame) -> None:
    """The routes."""

    def shown(name: str) -> tuple[tuple[Notice, ...], str]:
        if frame.news is None or not frame.ingest().connected:
            return (), "message_unsent"
        try:
            return frame.news(name, None), ""
        except CentreError:
            return (), "message_unsent"

    def page(
        request: Request,
        visitor: Visitor,
        to_whom: str,
        *,
        said: str = "",
        trouble: str = "",
        detail: str = "",
        typed: str = "",
        status: int = 200,
    ) -> Response:
        with frame.store.reading() as connection:
            names = connection.execute(
                select(station.c.id, plan.c.place)
                .join_from(station, plan, plan.c.station == station.c.id, isouter=True)
                .order_by(station.c.id)
            ).all()
        told, silent = shown(to_whom)
        return frame.page(
            request, "messages.html", visitor, status=status, names=names, to_whom=to_whom, told=told,
            said=said if said in {"sent", "taken_down"} else "", trouble=trouble or silent, detail=detail,
            typed=typed, hours=HOURS, longest=LONGEST_TEXT,
        )  # fmt: skip

    @app.get("/messages")
    def _page(request: Request, station: str = "", said: str = "") -> Response:
        visitor = frame.door.visitor(request)
        return page(request, visitor, _known(station), said=said)

    @app.post("/messages")
    def _send(request: Request, fields: Form) -> Response:
        visitor = frame.door.acting(request, fields, Role.LIBRARIAN)
        to_whom, text, now = _known(fields.get("station", "")), fields.get("text", ""), frame.now()
        trouble = detail = ""
        if not text.strip():
            trouble = "message_empty"
        else:
            try:
                one = announce.made(
                    text, until=_until(fields, frame), begins="", language="", picture="", wall=now
                )
                _news(frame)(to_whom, announce.added(one, now))
            except BrokerTrouble as error:
                trouble, detail = "message_unsent", str(error)
            except CentreError as error:
                trouble, detail = "message_refused", str(error)
        if trouble:
            return page(
                request,
                visitor,
                to_whom,
                trouble=trouble,
                detail=detail,
                typed=text[: 2 * LONGEST_TEXT],
                status=400,
            )
        with frame.store.writing() as connection:
            note(connection, now, visitor.name, What.ANNOUNCED, to_whom or "*", one.text)
        return to("/messages", station=to_whom, said="sent")

    @app.post("/messages/down")
    def _down(request: Request, fields: Form) -> Response:
        visitor = frame.door.acting(request, fields, Role.LIBRARIAN)
        to_whom, name = _known(fields.get("station", "")), fields.get("id", "")
        try:
            _news(frame)(to_whom, announce.without(name or "?"))
        except announce.NotAnnounced:
            pass  # somebody else took it down
        except CentreError as error:
            return page(request, visitor, to_whom, trouble="message_unsent", detail=str(error), status=400)
        with frame.store.writing() as connection:
            note(connection, frame.now(), visitor.name, What.TAKEN_DOWN, to_whom or "*", name)
        return to("/messages", station=to_whom, said="taken_down")


def _known(name: str) -> str:
    """A station's name, or "" for all of them."""
    return name if KIOSK_ID.fullmatch(name) else ""


def _until(fields: Fields, frame: Frame) -> str:
    chosen = fields.get("hours", "")
    hours = int(chosen) if chosen in {str(one) for one in HOURS} else _REST_OF_TODAY
    now = frame.now()
    if hours == _REST_OF_TODAY:
        return now.date().isoformat()
    return (now + timedelta(hours=hours)).isoformat(timespec="seconds")


def _news(frame: Frame) -> News:
    if frame.news is None:
        raise BrokerTrouble("these pages were started without a broker; use 'central serve'")
    return frame.news
