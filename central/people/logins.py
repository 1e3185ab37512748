"""Logging in: guesses that grow slower, sessions that end, and the token that every form carries.

The cookie holds 32 random bytes; the database holds their SHA-256. A session ends an hour after the last
thing a person did (a page that renews itself is nobody doing anything), and in any case after twelve.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import math
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Connection, delete, insert, select, update

from central.errors import CentreError
from central.people import passwords
from central.people.accounts import Role, key_of
from central.people.audit import What, note, utc
from central.people.tables import attempt, login, person
from central.sql import upsert
from central.store import CentralStore

IDLE = timedelta(hours=1)
LONGEST = timedelta(hours=12)
FORGOTTEN = timedelta(days=1)  # wrong attempts of yesterday are nobody's fault today
SEEN_EVERY = timedelta(minutes=1)  # a click is not a write each
FREE_FOR_NAME, FREE_FOR_ADDRESS = 4, 12  # a whole library may stand behind one address
LONGEST_PAUSE_S = 900


class LoginRefused(CentreError, PermissionError):
    """Not let in: a wrong name or password, or too many attempts; `wait_s` until the next may be made."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"not let in; the next attempt may be made in {wait_s} s")
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks at a page. Without a token nobody is logged in: see Door._at_this_machine."""

    name: str
    role: Role
    token: str = ""


def pause_s(failures: int, free: int) -> int:
    """How long nobody may try again after so many wrong attempts: 2, 4, 8 s ... a quarter of an hour."""
    return 0 if failures < free else int(min(LONGEST_PAUSE_S, 2.0 ** min(30, failures - free + 1)))


def form_token(cookie: str) -> str:
    """What forms of this cookie carry: another site can send the cookie along, but cannot read this."""
    return hmac.new(cookie.encode(), b"form", hashlib.sha256).hexdigest()[:32]


def log_in(store: CentralStore, name: str, password: str, address: str, now: datetime) -> str:
    """The token of a new session. Raises LoginRefused.

    An attempt is counted before the password is looked at, so that many at once are no way around it.
    """
    # A name nobody has is counted too, by its digest: it may be a password typed into the wrong field.
    name_key = f"name:{hashlib.sha256(key_of(name).encode(errors='replace')).hexdigest()}"
    address_key = f"address:{_network(address)}"
    with store.writing() as connection:
        store.lock(connection, ["(logins)"])
        connection.execute(delete(attempt).where(attempt.c.last < utc(now - FORGOTTEN)))
        wait = max(_wait(connection, one, now) for one in (name_key, address_key))
        if not wait:
            _count(connection, name_key, FREE_FOR_NAME, now)
            _count(connection, address_key, FREE_FOR_ADDRESS, now)
        known = connection.execute(select(person).where(person.c.key == key_of(name))).one_or_none()
    if wait:
        raise LoginRefused(wait)
    right = passwords.matches(password[: passwords.LONGEST], known.password if known else _nobodys())
    token = secrets.token_urlsafe(32)
    with store.writing() as connection:
        if known is None or not right:
            note(connection, now, "", What.REFUSED, known.name if known else "?", address)
            wait = max(_wait(connection, one, now) for one in (name_key, address_key))
        else:
            connection.execute(delete(attempt).where(attempt.c.key == name_key))
            connection.execute(
                update(attempt)
                .where(attempt.c.key == address_key)
                .values(failures=attempt.c.failures - 1, until="")
            )
            connection.execute(delete(login).where(login.c.began < utc(now - LONGEST)))
            values = {"token": _digest(token), "person": known.key, "began": utc(now), "seen": utc(now)}
            connection.execute(insert(login).values(**values))
            note(connection, now, known.name, What.LOGGED_IN, known.name, address)
    if known is None or not right:
        raise LoginRefused(wait)
    return token


def visitor_of(store: CentralStore, token: str, now: datetime, *, acts: bool) -> Visitor | None:
    """Whose session this is; None when it is nobody's, or over. `acts`: a person did something."""
    mine = login.c.token == _digest(token)
    with store.reading() as connection:
        row = connection.execute(
            select(person.c.name, person.c.role, login.c.began, login.c.seen)
            .join_from(login, person, login.c.person == person.c.key)
            .where(mine)
        ).one_or_none()
    if row is None or row.began < utc(now - LONGEST) or row.seen < utc(now - IDLE):
        return None
    if acts and row.seen < utc(now - SEEN_EVERY):
        with store.writing() as connection:
            connection.execute(update(login).where(mine).values(seen=utc(now)))
    return Visitor(row.name, Role(row.role), token)


def log_out(store: CentralStore, visitor: Visitor, now: datetime) -> None:
    """End this session."""
    with store.writing() as connection:
        connection.execute(delete(login).where(login.c.token == _digest(visitor.token)))
        note(connection, now, visitor.name, What.LOGGED_OUT, visitor.name)


def _wait(connection: Connection, key: str, now: datetime) -> int:
    until = connection.scalar(select(attempt.c.until).where(attempt.c.key == key))
    if not until:
        return 0
    return max(0, math.ceil((datetime.fromisoformat(until) - now).total_seconds()))


def _count(connection: Connection, key: str, free: int, now: datetime) -> None:
    failures = 1 + (connection.scalar(select(attempt.c.failures).where(attempt.c.key == key)) or 0)
    pause = pause_s(failures, free)
    until = utc(now + timedelta(seconds=pause)) if pause else ""
    row = {"key": key, "failures": failures, "last": utc(now), "until": until}
    upsert(
        connection, attempt, [row], lambda new: {name: new[name] for name in ("failures", "last", "until")}
    )


def _network(address: str) -> str:
    """Whose address this is: of IPv6 a household has 2**64."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:60]
    return str(ipaddress.ip_network(f"{found}/64", strict=False)) if found.version == 6 else address


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


@cache
def _nobodys() -> str:
    """A password nobody knows: an unknown name takes as long as a known one."""
    return passwords.hashed(secrets.token_hex(16))
