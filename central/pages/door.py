"""Who comes in: the cookie, the role, the token of a form. Nothing is shown or done before this agreed."""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import parse_qsl

from fastapi import Request, Response

from central.people import accounts, logins
from central.people.accounts import Role
from central.people.logins import Visitor, form_token
from central.store import CentralStore

SESSION, FORM = "gocdoc_session", "gocdoc_form"
LONGEST_FORM = 65_536  # bytes
MOST_FIELDS = 30
_OWN_NAMES = {"localhost", "127.0.0.1", "[::1]"}


class LoginNeeded(Exception):
    """Nobody is logged in."""


class NotAllowed(Exception):
    """This role may not do that."""


class FormRefused(Exception):
    """A form that is not ours, or of a login that is over."""


Fields = Mapping[str, str]


async def read_form(request: Request) -> Fields:
    """The fields of a form, as browsers send one. Raises FormRefused."""
    if request.headers.get("Content-Type", "").partition(";")[0] != "application/x-www-form-urlencoded":
        raise FormRefused
    whole = b""
    async for part in request.stream():
        whole += part
        if len(whole) > LONGEST_FORM:
            raise FormRefused
    try:
        return dict(parse_qsl(whole.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError as error:  # also of bytes that are no UTF-8
        raise FormRefused from error


class Door:
    """Lets in whoever may come in."""

    def __init__(self, store: CentralStore, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def visitor(self, request: Request, wanted: Role = Role.VIEWER, *, acts: bool = True) -> Visitor:
        """Who asks. Raises LoginNeeded or NotAllowed.

        `acts`: a person asked, not a page that renews itself.
        """
        found = self._logged_in(request, acts=acts) or self._at_this_machine(request)
        if found is None:
            raise LoginNeeded
        if not found.role.may(wanted):
            raise NotAllowed
        return found

    def acting(self, request: Request, fields: Fields, wanted: Role) -> Visitor:
        """Who sends a form. Raises LoginNeeded, NotAllowed, FormRefused."""
        visitor = self.visitor(request, wanted)
        self.check_form(request, fields, visitor.token)
        return visitor

    def check_form(self, request: Request, fields: Fields, cookie: str) -> None:
        """Whether a form came from our own page to this browser. Raises FormRefused."""
        from_ours = request.headers.get("Sec-Fetch-Site", "same-origin") in {"same-origin", "none"}
        given = fields.get("token", "").encode()
        if not cookie or not from_ours or not hmac.compare_digest(given, form_token(cookie).encode()):
            raise FormRefused

    def form_cookie(self, request: Request, response: Response | None = None) -> str:
        """The cookie behind the form of somebody who is not logged in yet."""
        found = request.cookies.get(FORM, "")
        if not found and response is not None:
            found = secrets.token_urlsafe(24)
            self._set(request, response, FORM, found)
        return found

    def let_in(self, request: Request, response: Response, token: str) -> None:
        """The browser carries this session from now on."""
        self._set(request, response, SESSION, token)

    def let_out(self, response: Response) -> None:
        """The browser forgets its session."""
        response.delete_cookie(SESSION, path="/")

    def anybody(self) -> bool:
        """Whether there is any account."""
        with self._store.reading() as connection:
            return accounts.are_there_any(connection)

    def _set(self, request: Request, response: Response, name: str, value: str) -> None:
        # Without Max-Age it ends with the browser; the database ends it earlier.
        secure = request.url.scheme == "https"
        response.set_cookie(name, value, path="/", httponly=True, samesite="strict", secure=secure)

    def _logged_in(self, request: Request, *, acts: bool) -> Visitor | None:
        token = request.cookies.get(SESSION, "")
        return logins.visitor_of(self._store, token, self._now(), acts=acts) if token else None

    def _at_this_machine(self, request: Request) -> Visitor | None:
        """Before there is any account, whoever sits at the centre's own machine may look, no more."""
        if not is_local(request) or self.anybody():
            return None
        return Visitor("", Role.VIEWER)


def is_local(request: Request) -> bool:
    """Whether this was asked on the centre's own machine, under its own name.

    The name matters: another site's page may have its own name point to this machine (DNS rebinding).
    """
    host = request.headers.get("Host", "")
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    try:
        return (
            name in _OWN_NAMES
            and ipaddress.ip_address(request.client.host if request.client else "").is_loopback
        )
    except ValueError:
        return False
