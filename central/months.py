"""Months that are over, with the hours of all their days summed: a year by hour of the day is asked of these.

A month is summed up once, by the upkeep. What is counted in it later (a station that was away, a time that
was corrected) is added in the transaction that counts it, so the sums are right at any moment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from sqlalchemy import Connection, delete, func, insert, literal, select, text

from central.kinds import Cell
from central.sql import upsert
from central.tables import counter, month_over, monthly

Key = tuple[str, int, str, str, str]
"""Month, hour, station, library, kind."""


def due(connection: Connection, month: str) -> list[str]:
    """The months before `month` ("2026-11") in which something was counted and that are not summed up yet."""
    summed = over(connection)
    return [one for one in _counted_before(connection, month) if one not in summed]


def sum_up(connection: Connection, month: str) -> None:
    """Sum a month up, unless another centre was quicker."""
    if connection.dialect.name == "postgresql":
        # Nobody counts meanwhile; whoever comes after sees the month in `month_over`.
        connection.execute(text("LOCK TABLE counter IN SHARE ROW EXCLUSIVE MODE"))
    if month in over(connection):
        return
    by = (counter.c.hour, counter.c.station, counter.c.library, counter.c.kind)
    connection.execute(
        insert(monthly).from_select(
            ["month", "hour", "station", "library", "kind", "n"],
            select(literal(month), *by, func.sum(counter.c.n))
            .where(counter.c.day.between(f"{month}-01", f"{month}-31"))
            .group_by(*by),
        )
    )
    connection.execute(insert(month_over), [{"month": month}])


def over(connection: Connection) -> set[str]:
    """The months that are summed up."""
    return set(connection.scalars(select(month_over.c.month)))


def add_late(connection: Connection, changed: Mapping[Cell, int]) -> None:
    """Add what was counted just now in months that were summed up before. After the counters were changed:
    whoever sums a month up keeps them from being changed until it is done.
    """
    months = {cell.day[:7] for cell in changed}
    summed = set(connection.scalars(select(month_over.c.month).where(month_over.c.month.in_(months))))
    if not summed:
        return
    sums = sums_of({cell: n for cell, n in changed.items() if cell.day[:7] in summed})
    upsert(connection, monthly, _rows(sums), lambda new: {"n": monthly.c.n + new.n})


def sums_of(cells: Mapping[Cell, int]) -> Counter[Key]:
    """What cells come to by month and hour."""
    sums: Counter[Key] = Counter()
    for cell, amount in cells.items():
        sums[cell.day[:7], cell.hour, cell.station, cell.library, cell.kind] += amount
    return sums


def stored(connection: Connection) -> dict[Key, int]:
    """What the sums say."""
    names = ("month", "hour", "station", "library", "kind", "n")
    rows = connection.execute(select(*(monthly.c[name] for name in names)))
    return {(row[0], row[1], row[2], row[3], row[4]): int(row[5]) for row in rows}


def rewrite(connection: Connection, sums: Mapping[Key, int]) -> None:
    """Put these in the place of all sums."""
    connection.execute(delete(monthly))
    if sums:
        connection.execute(insert(monthly), _rows(sums))


def split(first: date, last: date, summed: Iterable[str]) -> tuple[list[str], list[tuple[str, str]]]:
    """Days as whole months that are summed up, and the days that are left: the first and last of each run."""
    months: list[str] = []
    days: list[tuple[str, str]] = []
    known = set(summed)
    day = first
    while day <= last:
        following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        end = min(last, following - timedelta(days=1))
        month = day.isoformat()[:7]
        if month in known and day.day == 1 and end + timedelta(days=1) == following:
            months.append(month)
        elif days and date.fromisoformat(days[-1][1]) + timedelta(days=1) == day:
            days[-1] = (days[-1][0], end.isoformat())
        else:
            days.append((day.isoformat(), end.isoformat()))
        day = following
    return months, days


def _counted_before(connection: Connection, month: str) -> Iterator[str]:
    """Every month with a counter, from one to the next by the key: there may be millions of counters."""
    first = ""
    while True:
        day = connection.scalar(select(func.min(counter.c.day)).where(counter.c.day >= first))
        if day is None or day[:7] >= month:
            return
        yield day[:7]
        first = f"{day[:7]}-99"


def _rows(sums: Mapping[Key, int]) -> list[dict[str, object]]:
    names = ("month", "hour", "station", "library", "kind")
    return [dict(zip(names, key, strict=True)) | {"n": n} for key, n in sorted(sums.items())]
