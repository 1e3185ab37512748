"""Accounts: a name, a role, a password. They are made on the centre's own terminal, never on a page."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, delete, func, insert, select, update

from central.errors import CentreError
from central.people import passwords
from central.people.audit import What, note, utc
from central.people.tables import login, person

LONGEST_NAME = 40


class AccountRefused(CentreError, ValueError):
    """An account cannot be made or found; says why."""


class Role(StrEnum):
    """What somebody may do. Each may do what the one before may."""

    VIEWER = "viewer"  # look, and take tables home
    LIBRARIAN = "librarian"  # tell the stations something, acknowledge, plan
    ADMIN = "admin"  # see who did what

    def may(self, wanted: Role) -> bool:
        """Whether this role includes the other."""
        order = list(Role)
        return order.index(self) >= order.index(wanted)


@dataclass(frozen=True, slots=True)
class Account:
    """One person who may log in."""

    name: str
    role: Role
    made: str


def key_of(name: str) -> str:
    """Under what a name is looked up: the same in capitals, and however its accents are written."""
    return unicodedata.normalize("NFC", " ".join(name.split())).casefold()


def add(connection: Connection, name: str, role: Role, password: str, now: datetime) -> None:
    """Make an account. Raises AccountRefused, PasswordRefused."""
    shown = unicodedata.normalize("NFC", " ".join(name.split()))
    if not 2 <= len(shown) <= LONGEST_NAME or not shown.isprintable():
        raise AccountRefused(f"{shown[:60]!r} is no name for an account; use 2 to {LONGEST_NAME} letters")
    key = key_of(shown)
    if connection.scalar(select(person.c.key).where(person.c.key == key)) is not None:
        raise AccountRefused(f"there is an account {shown!r} already; 'central people password' changes it")
    kept = passwords.hashed(passwords.checked(password, shown))
    connection.execute(
        insert(person).values(key=key, name=shown, role=role.value, password=kept, made=utc(now))
    )
    note(connection, now, "", What.ACCOUNT_MADE, shown, role.value)


def change_password(connection: Connection, name: str, password: str, now: datetime, who: str = "") -> None:
    """Give an account another password and end its logins. Raises AccountRefused, PasswordRefused."""
    account = _existing(connection, name)
    kept = passwords.hashed(passwords.checked(password, account.name))
    key = key_of(name)
    connection.execute(update(person).where(person.c.key == key).values(password=kept))
    connection.execute(delete(login).where(login.c.person == key))
    note(connection, now, who, What.PASSWORD_CHANGED, account.name)


def remove(connection: Connection, name: str, now: datetime) -> None:
    """Take an account away and end its logins. What it did stays in the log. Raises AccountRefused."""
    account = _existing(connection, name)
    connection.execute(delete(person).where(person.c.key == key_of(name)))
    connection.execute(delete(login).where(login.c.person == key_of(name)))
    note(connection, now, "", What.ACCOUNT_REMOVED, account.name)


def accounts(connection: Connection) -> list[Account]:
    """Everybody who may log in."""
    rows = connection.execute(select(person).order_by(person.c.key))
    return [Account(row.name, Role(row.role), row.made) for row in rows]


def are_there_any(connection: Connection) -> bool:
    """Whether anybody may log in yet."""
    return bool(connection.scalar(select(func.count()).select_from(person)))


def _existing(connection: Connection, name: str) -> Account:
    row = connection.execute(select(person).where(person.c.key == key_of(name))).one_or_none()
    if row is None:
        raise AccountRefused(f"there is no account {name[:60]!r}; 'central people list' names them")
    return Account(row.name, Role(row.role), row.made)
