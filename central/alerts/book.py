"""The book of alerts: what is watched, what was told and is still to tell, who took notice."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from central.alerts.patience import Watch, step
from central.alerts.rules import Key, Kind
from central.people.audit import What, note, utc
from central.people.tables import alert

KEPT = timedelta(days=400)
"""How long the page can still show what is over."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One line of the book: people were, or are now to be, told of it."""

    n: int
    station: str
    kind: Kind
    about: str
    detail: str
    first: str
    raised: str
    ended: str | None
    acknowledged: str | None
    by: str

    @property
    def open(self) -> bool:
        """Whether it is still so."""
        return self.ended is None


def look(connection: Connection, found: Mapping[Key, str], now: datetime) -> None:
    """Compare the book with what is wrong now, and note what is to be told."""
    rows = {
        Key(row.station, Kind(row.kind), row.about): row
        for row in connection.execute(select(alert).where(alert.c.ended.is_(None)))
    }
    before = {key: _watch(key, row) for key, row in rows.items()}
    after = {one.key: one for one in step(before.values(), found, now)}
    for key, row in rows.items():
        if key not in after:
            connection.execute(delete(alert).where(alert.c.n == row.n))
        elif after[key] != before[key]:
            values = _row(after[key])
            if after[key].raised != before[key].raised or after[key].ended is not None:
                values["owed"] = True
            connection.execute(update(alert).where(alert.c.n == row.n).values(values))
    for key, one in after.items():
        if key not in rows:
            values = _row(one) | {"station": key.station, "kind": key.kind.value, "about": key.about}
            connection.execute(insert(alert).values(values | {"owed": one.raised is not None}))
    connection.execute(delete(alert).where(alert.c.ended < utc(now - KEPT)))


def owed(connection: Connection) -> list[Alert]:
    """What people are still to be told, the oldest first."""
    return [_read(row) for row in connection.execute(select(alert).where(alert.c.owed).order_by(alert.c.n))]


def told(connection: Connection, alerts: Collection[Alert]) -> None:
    """People were told this; what has changed since is still owed."""
    for one in alerts:
        same = alert.c.ended.is_(None) if one.ended is None else alert.c.ended == one.ended
        connection.execute(update(alert).where(alert.c.n == one.n, same).values(owed=False))


def alerts(connection: Connection, most: int = 200, station: str | None = None) -> list[Alert]:
    """What people were told, open ones first, then the newest."""
    chosen = select(alert).where(alert.c.raised.is_not(None))
    if station is not None:
        chosen = chosen.where(alert.c.station == station)
    chosen = chosen.order_by(alert.c.ended.is_not(None), alert.c.raised.desc(), alert.c.n.desc()).limit(most)
    return [_read(row) for row in connection.execute(chosen)]


def open_by_kind(connection: Connection) -> dict[str, int]:
    """How many alerts are open."""
    rows = connection.execute(
        select(alert.c.kind, func.count().label("n"))
        .where(alert.c.raised.is_not(None), alert.c.ended.is_(None))
        .group_by(alert.c.kind)
    )
    return {row.kind: int(row.n) for row in rows}


def waiting(connection: Connection) -> int:
    """How many open alerts nobody has acknowledged."""
    return int(
        connection.scalar(
            select(func.count())
            .select_from(alert)
            .where(alert.c.raised.is_not(None), alert.c.ended.is_(None), alert.c.acknowledged.is_(None))
        )
        or 0
    )


def acknowledge(connection: Connection, n: int, who: str, now: datetime) -> bool:
    """Somebody has seen it and looks into it; False when there is nothing of that number to acknowledge."""
    mine = (alert.c.n == n, alert.c.raised.is_not(None), alert.c.acknowledged.is_(None))
    row = connection.execute(select(alert).where(*mine)).one_or_none()
    if row is None:
        return False
    connection.execute(update(alert).where(*mine).values(acknowledged=utc(now), by=who))
    note(connection, now, who, What.ACKNOWLEDGED, row.station, " ".join(filter(None, (row.kind, row.about))))
    return True


def _watch(key: Key, row: Any) -> Watch:
    first, raised, absent = (
        None if text is None else datetime.fromisoformat(text) for text in (row.first, row.raised, row.absent)
    )
    assert first is not None  # noqa: S101 (the column says so)
    return Watch(key, row.detail, first, raised, absent)


def _row(one: Watch) -> dict[str, Any]:
    moments = {"first": one.first, "raised": one.raised, "absent": one.absent, "ended": one.ended}
    return {name: None if moment is None else utc(moment) for name, moment in moments.items()} | {
        "detail": one.detail[:500]
    }


def _read(row: Any) -> Alert:
    return Alert(
        row.n, row.station, Kind(row.kind), row.about, row.detail, row.first, row.raised, row.ended,
        row.acknowledged, row.by,
    )  # fmt: skip
