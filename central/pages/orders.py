"""What a librarian has one station do, and what it answered."""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from central import commands
from central.pages.entrance import Form
from central.pages.frame import Frame, to
from central.pages.words import Words
from central.people.accounts import Role
from central.people.audit import What, note
from kiosk.commands import LONGEST_TEXT
from kiosk.facts import KIOSK_ID

ORDERS: dict[str, tuple[str, dict[str, Any]]] = {
    "identify": ("identify", {}),
    "diagnose": ("diagnose", {}),
    "sync": ("sync", {}),
    "restart_screen": ("restart_screen", {}),
    "out_of_order": ("out_of_order", {"on": True}),
    "in_order": ("out_of_order", {"on": False}),
}
"""The buttons of a station's page: the command behind each, and its arguments."""
SHOWN = 10


def add(app: FastAPI, frame: Frame) -> None:
    """The routes."""

    @app.post("/stations/{name}/order")
    def _order(request: Request, name: str, fields: Form) -> Response:
        visitor = frame.door.acting(request, fields, Role.LIBRARIAN)
        asked = fields.get("do", "")
        if asked not in ORDERS or not KIOSK_ID.fullmatch(name):
            raise HTTPException(404)
        command, args = ORDERS[asked]
        if asked == "out_of_order":
            args = args | {"text": " ".join(fields.get("text", "").split())[:LONGEST_TEXT]}
        try:
            with frame.store.writing() as connection:
                commands.send(connection, name, command, args, by=visitor.name, now=frame.now())
                note(connection, frame.now(), visitor.name, What.ORDERED, name, asked)
        except commands.NotSent:  # a text with signs that nobody can see
            return to(f"/stations/{name}", said="order_refused")
        return to(f"/stations/{name}", said="ordered")

    @app.get("/live/stations/{name}/orders")
    def _live(request: Request, name: str) -> Response:
        frame.door.visitor(request, acts=False)
        return frame.live(request, listed(frame, frame.words(request), name))


def listed(frame: Frame, t: Words, name: str) -> str:
    """The newest commands of a station, each with its answer."""
    with frame.store.reading() as connection:
        found = commands.of_station(connection, name, SHOWN)
    lines = [(one, _key(one), _data(one)) for one in found]
    return frame.part("orders.html", t=t, now=frame.now(), orders=lines, trouble=frame.courier_trouble())


def _key(one: commands.Sent) -> str:
    if one.name == "out_of_order" and one.args.get("on") is False:
        return "in_order"
    return one.name


def _data(one: commands.Sent) -> list[tuple[str, str]]:
    """What a station told about itself, a line each: it is text from outside."""
    return [
        (str(key)[:60], value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for key, value in list(one.data.items())[:60]
    ]
