"""What every page shares: who looks, the language, the frame around it, tables to take home."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException

from central.alerts import book
from central.announce import Change
from central.exports import FORMATS, Sheet, written
from central.ingest import IngestStatus
from central.pages.door import Door
from central.pages.words import LANGUAGES, Words
from central.people.accounts import Role
from central.people.audit import What, note
from central.people.logins import Visitor, form_token
from central.store import CentralStore
from kiosk.news import Notice

FOLDER = Path(__file__).parent
LANGUAGE = "gocdoc_language"

News = Callable[[str, Change | None], tuple[Notice, ...]]
"""The announcements of a station, "" being all of them, as a change leaves them: central.announce.news."""


class Frame:
    """The pages' common ground."""

    def __init__(
        self,
        store: CentralStore,
        ingest: Callable[[], IngestStatus],
        now: Callable[[], datetime],
        news: News | None,
        alert_trouble: Callable[[], str],
        courier_trouble: Callable[[], str],
    ) -> None:
        self.store = store
        self.ingest = ingest
        self.now = now
        self.news = news
        self.alert_trouble = alert_trouble
        self.courier_trouble = courier_trouble
        self.door = Door(store, now)
        self._pages = Environment(
            loader=FileSystemLoader(FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def words(self, request: Request) -> Words:
        """In the language asked for, or asked for before."""
        return Words(request.query_params.get("lang") or request.cookies.get(LANGUAGE, ""))

    def part(self, template: str, **values: Any) -> str:
        """A template on its own."""
        return self._pages.get_template(template).render(values)

    def page(
        self, request: Request, template: str, visitor: Visitor | None, *, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """A whole page."""
        t = self.words(request)
        waiting = 0
        if visitor is not None:
            with self.store.reading() as connection:
                waiting = book.waiting(connection)
        others = [(key, text) for key, text in request.query_params.multi_items() if key != "lang"]
        frame = {
            "t": t,
            "now": self.now(),
            "visitor": visitor,
            "waiting": waiting,
            "path": request.url.path,
            "other_address": f"{request.url.path}?{urlencode([*others, ('lang', t.other)])}",
            "token": form_token(visitor.token) if visitor is not None and visitor.token else "",
            "may_act": visitor is not None and visitor.role.may(Role.LIBRARIAN),
            "may_see_log": visitor is not None and visitor.role.may(Role.ADMIN),
        }
        return HTMLResponse(self.part(template, **(frame | values)), status_code=status)

    def live(self, request: Request, text: str) -> Response:
        """A part that a page asks for again and again: sent only when it changed."""
        tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
        if request.headers.get("If-None-Match") == tag:
            return Response(status_code=304, headers={"ETag": tag})
        return HTMLResponse(text, headers={"ETag": tag})

    def check_format(self, form: str) -> None:
        """Whether tables are written that way. Raises HTTPException 404."""
        if form not in FORMATS:
            raise HTTPException(404)

    def table(self, visitor: Visitor, sheet: Sheet, form: str) -> Response:
        """A table to take home, and a line in the log that somebody did."""
        whole = written(sheet, form)
        if visitor.name:
            with self.store.writing() as connection:
                note(connection, self.now(), visitor.name, What.EXPORTED, f"{sheet.name}.{form}")
        name = f"goc-doc-{sheet.name}-{self.now():%Y-%m-%d}.{form}"
        return Response(
            whole,
            media_type=FORMATS[form],
            headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
        )

    def keep_language(self, request: Request, response: Response) -> None:
        """Whoever chose a language has it on the next page too."""
        asked = request.query_params.get("lang", "")
        if asked in LANGUAGES and request.cookies.get(LANGUAGE) != asked:
            response.set_cookie(LANGUAGE, asked, max_age=31_536_000, path="/", httponly=True, samesite="lax")


def to(path: str, **query: str) -> RedirectResponse:
    """On to another page, by a GET. The path is one of ours."""
    return RedirectResponse(f"{path}?{urlencode(query)}" if query else path, status_code=303)
