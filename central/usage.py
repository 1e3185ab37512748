"""What the reading corners were used for: by day, hour, month, station, library, age, title, reason.

Ages are told with care: with few children in a band everybody in the village would know who is meant. What
is below SMALL is not told, and neither is one more number where the total would give it away
(security-privacy.md, section 3).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select, union_all

from central import kinds, months
from central.overview import Figures, figures_of
from central.tables import counter, daily, event, monthly
from kiosk.facts import CheckedOut, Refused, Renewed, Returned, Undone, type_of

SMALL = 5
LONGEST_DAYS = 1_100  # three years on one page
MOST_ROWS = 100
"""Titles on one page; an export holds MOST_EXPORTED."""
MOST_EXPORTED = 10_000

_KINDS = {
    type_of(CheckedOut): kinds.LOAN,
    type_of(Undone): kinds.UNDONE,
    type_of(Returned): kinds.RETURN,
    type_of(Renewed): kinds.RENEWAL,
    type_of(Refused): kinds.REFUSAL,
}


class By(StrEnum):
    """What a table of uses has a row for."""

    DAY = "day"
    HOUR = "hour"
    MONTH = "month"
    STATION = "station"
    LIBRARY = "library"
    AGE = "age"
    TITLE = "title"
    REASON = "reason"


class Measure(StrEnum):
    """What is counted."""

    VISITS = "visits"
    LOANS = "loans"
    RETURNS = "returns"
    RENEWALS = "renewals"
    REFUSALS = "refusals"


_CIRCULATION = (Measure.LOANS, Measure.RETURNS, Measure.RENEWALS, Measure.REFUSALS)
MEASURES: Mapping[By, tuple[Measure, ...]] = {
    **{by: tuple(Measure) for by in By},
    By.LIBRARY: _CIRCULATION,  # a door belongs to no library's books
    By.AGE: _CIRCULATION,  # and knows no age
    By.TITLE: _CIRCULATION,
    By.REASON: (Measure.REFUSALS,),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Which uses: of these days, the station's own; of one station or library where it is named."""

    first: date
    last: date
    station: str = ""
    library: str = ""

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table. None: too few to be told."""

    key: str
    cells: tuple[int | None, ...]  # in the order of MEASURES


@dataclass(frozen=True, slots=True)
class Usage:
    """A table of uses and its totals. `more`: there are rows that are not shown."""

    by: By
    rows: tuple[Row, ...]
    total: tuple[int, ...]
    more: bool = False

    @property
    def hidden(self) -> bool:
        """Whether something is not told."""
        return any(None in row.cells for row in self.rows)


def usage(connection: Connection, scope: Scope, by: By, most: int = MOST_ROWS) -> Usage:
    """Count the uses."""
    sums = (
        _from_facts(connection, scope, by) if by in {By.TITLE, By.REASON} else _counted(connection, scope, by)
    )
    measures = MEASURES[by]
    cells = {key: _cells(figures_of(of), measures) for key, of in sums.items()}
    whole: dict[str, int] = {}
    for of in sums.values():
        for kind, n in of.items():
            whole[kind] = whole.get(kind, 0) + n
    if by is By.DAY:
        blank = (0,) * len(measures)
        for number in range(scope.days):
            cells.setdefault((scope.first + timedelta(days=number)).isoformat(), blank)
    if by is By.HOUR and cells:
        for hour in range(int(min(cells)), int(max(cells))):
            cells.setdefault(f"{hour:02d}", (0,) * len(measures))
    keys = sorted((key for key in cells if any(cells[key]) or by in {By.DAY, By.HOUR}), key=_in_order)
    told: Mapping[str, Sequence[int | None]] = cells
    if by is By.AGE:
        told = suppressed({key: cells[key] for key in keys})
    if by in {By.TITLE, By.REASON, By.STATION, By.LIBRARY}:
        keys.sort(key=lambda key: (cells[key][0], sum(cells[key])), reverse=True)
    rows = tuple(Row(key, tuple(told[key])) for key in keys[:most])
    return Usage(by, rows, _cells(figures_of(whole), measures), len(keys) > most)


def suppressed(cells: Mapping[str, Sequence[int]]) -> dict[str, list[int | None]]:
    """Leave out numbers of 1 to SMALL - 1, and where that is one of a column, the next smallest beside it.

    One left out alone could be worked out from the total.
    """
    told: dict[str, list[int | None]] = {key: list(row) for key, row in cells.items()}
    for column in range(len(next(iter(cells.values()), ()))):
        small = {key for key, row in cells.items() if 0 < row[column] < SMALL}
        others = sorted(
            cells.keys() - small, key=lambda key: (not cells[key][column], cells[key][column], key)
        )
        if len(small) == 1 and others:
            small.add(others[0])
        for key in small:
            told[key][column] = None
    return told


def libraries(connection: Connection) -> list[str]:
    """Whose books were ever lent."""
    return [
        name
        for name in connection.scalars(select(daily.c.library).distinct().order_by(daily.c.library))
        if name
    ]


def _cells(figures: Figures, measures: Sequence[Measure]) -> tuple[int, ...]:
    return tuple(
        max(0, figures.visits_in if one is Measure.VISITS else getattr(figures, one.value))
        for one in measures
    )


def _in_order(key: str) -> tuple[int, str]:
    """Ages by their first year, everything else by its name."""
    band = re.fullmatch(r"(\d{1,2})(?:-\d{1,2}|\+)", key)
    return (int(band[1]) if band else 0, key)


def _by_hour(connection: Connection, scope: Scope) -> dict[str, dict[str, int]]:
    """Of whole months that are over what was summed, of the other days hour by hour."""
    whole, days = months.split(scope.first, scope.last, months.over(connection))
    parts = []
    for table, which in (
        (monthly, monthly.c.month.in_(whole) if whole else None),
        (counter, or_(*(counter.c.day.between(*each) for each in days)) if days else None),
    ):
        if which is None:
            continue
        part = select(table.c.hour, table.c.kind, table.c.n).where(which)
        if scope.station:
            part = part.where(table.c.station == scope.station)
        if scope.library:
            part = part.where(table.c.library == scope.library)
        parts.append(part)
    if not parts:
        return {}
    of = union_all(*parts).subquery()
    chosen = select(of.c.hour.label("key"), of.c.kind, func.sum(of.c.n).label("n"))
    return _by_key(connection, chosen.group_by(of.c.hour, of.c.kind), "{:02d}")


def _counted(connection: Connection, scope: Scope, by: By) -> dict[str, dict[str, int]]:
    if by is By.HOUR:
        return _by_hour(connection, scope)
    key: ColumnElement[Any] = {
        By.MONTH: func.substr(daily.c.day, 1, 7),
        By.STATION: daily.c.station,
        By.LIBRARY: daily.c.library,
        By.AGE: daily.c.ageband,
    }.get(by, daily.c.day)
    chosen = (
        select(key.label("key"), daily.c.kind, func.sum(daily.c.n).label("n"))
        .where(daily.c.day.between(scope.first.isoformat(), scope.last.isoformat()))
        .group_by(key, daily.c.kind)
    )
    if scope.station:
        chosen = chosen.where(daily.c.station == scope.station)
    if scope.library:
        chosen = chosen.where(daily.c.library == scope.library)
    return _by_key(connection, chosen, "{}")


def _from_facts(connection: Connection, scope: Scope, by: By) -> dict[str, dict[str, int]]:
    """Titles and reasons are in the facts only: counted as long as these are kept."""
    key = event.c.data["title" if by is By.TITLE else "reason"].as_string()
    types = list(_KINDS) if by is By.TITLE else [type_of(Refused)]
    before = scope.first - timedelta(
        days=31
    )  # a clock that ran ahead; nothing arrives long before it happened
    chosen = (
        select(key.label("key"), event.c.type.label("kind"), func.count().label("n"))
        .where(
            event.c.filed >= before.year * 100 + before.month,
            event.c.type.in_(types),
            func.substr(event.c.at, 1, 10).between(scope.first.isoformat(), scope.last.isoformat()),
        )
        .group_by(key, event.c.type)
    )
    if scope.station:
        chosen = chosen.where(event.c.source == scope.station)
    if scope.library:
        chosen = chosen.where(event.c.data["library"].as_string() == scope.library)
    return _by_key(connection, chosen, "{}")


def _by_key(connection: Connection, chosen: Select[Any], form: str) -> dict[str, dict[str, int]]:
    sums: dict[str, dict[str, int]] = {}
    for row in connection.execute(chosen):
        of = sums.setdefault(form.format("" if row.key is None else row.key)[:200], {})
        kind = _KINDS.get(row.kind, row.kind)
        of[kind] = of.get(kind, 0) + int(row.n)
    return sums
