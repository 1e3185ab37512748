"""The months of the facts: partitions of `event` in PostgreSQL, made ahead; in SQLite a column."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, text

from central.tables import event

AHEAD = 2
"""Months made ahead of the one that is being filled."""


def month_of(moment: datetime) -> int:
    """The month a fact that arrives at this moment is filed under: 202611."""
    return moment.year * 100 + moment.month


def later(month: int, by: int) -> int:
    """The month so many months on; back where `by` is negative."""
    count = month // 100 * 12 + month % 100 - 1 + by
    return count // 12 * 100 + count % 12 + 1


def partitioned(connection: Connection) -> bool:
    """Whether each month is a table of its own here."""
    return connection.dialect.name == "postgresql"


def made(connection: Connection) -> set[int]:
    """The months there is room for; without partitions, those that hold facts."""
    if not partitioned(connection):
        return set(connection.scalars(select(event.c.filed).distinct()))
    names = connection.scalars(
        text(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = 'event'::regclass"
        )
    )
    return {int(name.removeprefix("event_")) for name in names}


def make(connection: Connection, month: int) -> None:
    """Make room for a month, if there is none yet. Two ingests may do so at once."""
    if partitioned(connection):
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('gocdoc.partitions'))"))
        # A partition is one month, and months are whole numbers: none lies between 202612 and 202701.
        connection.execute(
            text(
                f"CREATE TABLE IF NOT EXISTS event_{month} PARTITION OF event"
                f" FOR VALUES FROM ({month}) TO ({month + 1})"
            )
        )


def make_ahead(connection: Connection, month: int) -> set[int]:
    """Make room for a month and those after it; answers with every month there is room for."""
    if not partitioned(connection):
        return {later(month, step) for step in range(AHEAD + 1)}
    there = made(connection)
    for step in range(AHEAD + 1):
        wanted = later(month, step)
        if wanted not in there:
            make(connection, wanted)
            there.add(wanted)
    return there
