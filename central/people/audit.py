"""The log of what people did: who, when, what, about what. Written in the transaction of the deed itself."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from central.people.tables import audit

LONGEST = 500
"""Characters of a detail that are kept."""


class What(StrEnum):
    """Deeds; the pages have words for each."""

    LOGGED_IN = "logged_in"
    LOGGED_OUT = "logged_out"
    REFUSED = "refused"  # a wrong name or password
    ACCOUNT_MADE = "account_made"
    ACCOUNT_REMOVED = "account_removed"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 (a deed, not a password)
    ANNOUNCED = "announced"
    TAKEN_DOWN = "taken_down"
    ACKNOWLEDGED = "acknowledged"
    PLANNED = "planned"
    ORDERED = "ordered"
    EXPORTED = "exported"


def utc(moment: datetime) -> str:
    """A moment as these tables hold it; such texts sort as the moments do."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def note(
    connection: Connection, now: datetime, who: str, what: What, about: str = "", detail: str = ""
) -> None:
    """Write down a deed."""
    connection.execute(
        insert(audit).values(
            at=utc(now), who=who, what=what.value, about=about[:LONGEST], detail=_plain(detail[:LONGEST])
        )
    )


def entries(connection: Connection, most: int = 200, about: str | None = None) -> list[Row[Any]]:
    """The newest deeds, of one station or account where `about` names it."""
    chosen = select(audit).order_by(audit.c.n.desc()).limit(most)
    if about is not None:
        chosen = chosen.where(audit.c.about == about)
    return list(connection.execute(chosen))


def _plain(text: str) -> str:
    """Text that any database holds: no NUL, no half characters."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()
