"""Logging in and out, and one's own password."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response

from central.pages.door import Fields, FormRefused, LoginNeeded, read_form
from central.pages.frame import Frame, to
from central.people import accounts, logins
from central.people.accounts import Role
from central.people.logins import LoginRefused, form_token
from central.people.passwords import PasswordRefused

Form = Annotated[Fields, Depends(read_form)]


def add(app: FastAPI, frame: Frame) -> None:
    """The routes."""
    door = frame.door

    def login_page(
        request: Request, *, wrong: str = "", name: str = "", after: str = "/", status: int = 200
    ) -> Response:
        # The cookie first: the form's token is made from it.
        baker = Response()
        cookie = door.form_cookie(request, baker)
        response = frame.page(
            request, "login.html", None, status=status, wrong=wrong, typed=name, after=after,
            anybody=door.anybody(), form_token=form_token(cookie),
        )  # fmt: skip
        for header in baker.headers.getlist("set-cookie"):
            response.headers.append("set-cookie", header)
        return response

    @app.get("/login")
    def _login(request: Request, next: str = "/") -> Response:  # noqa: A002 (the name in the address)
        return login_page(request, after=_ours(next))

    @app.post("/login")
    def _log_in(request: Request, fields: Form) -> Response:
        t = frame.words(request)
        name, after = fields.get("name", ""), _ours(fields.get("next", "/"))
        door.check_form(request, fields, door.form_cookie(request))
        address = request.client.host if request.client else "?"
        try:
            token = logins.log_in(frame.store, name, fields.get("password", ""), address, frame.now())
        except LoginRefused as refused:
            wrong = t("login_wait", n=t.number(refused.wait_s)) if refused.wait_s else t("login_wrong")
            status = 429 if refused.wait_s else 403
            answer = login_page(request, wrong=wrong, name=name[:80], after=after, status=status)
            if refused.wait_s:
                answer.headers["Retry-After"] = str(refused.wait_s)
            return answer
        answer = to(after)
        door.let_in(request, answer, token)
        return answer

    @app.post("/logout")
    def _log_out(request: Request, fields: Form) -> Response:
        try:
            visitor = door.acting(request, fields, Role.VIEWER)
        except LoginNeeded:
            return to("/login")
        logins.log_out(frame.store, visitor, frame.now())
        answer = to("/login")
        door.let_out(answer)
        return answer

    @app.get("/me")
    def _me(request: Request) -> Response:
        visitor = door.visitor(request)
        if not visitor.token:
            raise LoginNeeded
        return frame.page(request, "me.html", visitor, wrong="")

    @app.post("/me")
    def _change(request: Request, fields: Form) -> Response:
        visitor = door.acting(request, fields, Role.VIEWER)
        if not visitor.token:
            raise FormRefused
        t, now = frame.words(request), frame.now()
        address = request.client.host if request.client else "?"
        try:
            # The same patience as at the door: who found a screen open must not guess here either.
            logins.log_in(frame.store, visitor.name, fields.get("password", ""), address, now)
            with frame.store.writing() as connection:
                fresh = fields.get("fresh", "")
                accounts.change_password(connection, visitor.name, fresh, now, visitor.name)
        except LoginRefused as refused:
            wrong = t("login_wait", n=t.number(refused.wait_s)) if refused.wait_s else t("login_wrong")
            return frame.page(request, "me.html", visitor, status=403, wrong=wrong)
        except PasswordRefused:
            return frame.page(request, "me.html", visitor, status=400, wrong=t("password_refused"))
        return to("/login")


def _ours(path: str) -> str:
    """A path of these pages; never another site, however it is written."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if plain and "\\" not in path and path != "/login" else "/"
