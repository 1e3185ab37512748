"""Counts all facts again. The counters must equal it; where they do not, something is wrong with us.

What the retention rule dropped was counted a last time then: it stands as `archived` beside the counter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, true

from central import months
from central.kinds import Cell, count_of
from central.tables import counter, daily, event
from kiosk.facts import Envelope


@dataclass(frozen=True, slots=True)
class Difference:
    """A counter that does not say what the facts say. A whole day has the hour -1; a month is its own day."""

    cell: Cell
    counted: int  # what the counter says
    facts: int  # what the facts say


def recount(connection: Connection, which: ColumnElement[bool] | None = None) -> Counter[Cell]:
    """The counters as the facts that are kept make them; of all of them, or of some."""
    totals: Counter[Cell] = Counter()
    columns = (event.c.source, event.c.type, event.c.at, event.c.data)
    facts = select(*columns).where(true() if which is None else which)
    for source, kind, at, data in connection.execute(facts.execution_options(yield_per=1000)):
        cell, amount = count_of(Envelope("", source, kind, at, "", 0, 0, 0, "", data))
        totals[cell] += amount
    return totals


def differences(connection: Connection) -> list[Difference]:
    """Every counter that is wrong; empty is what it must be."""
    right = recount(connection)
    right.update(_archive(connection))
    names = [counter.c[name] for name in Cell._fields]
    stored = {Cell(*row[:-1]): int(row[-1]) for row in connection.execute(select(*names, counter.c.n))}
    wrong = _compared(stored, right)
    by_day = select(*(daily.c[name] for name in Cell._fields if name != "hour"), daily.c.n)
    kept = {Cell(row[0], -1, *row[1:-1]): int(row[-1]) for row in connection.execute(by_day)}
    summed = months.over(connection)
    by_month = {_month(key): n for key, n in months.stored(connection).items()}
    return wrong + _compared(kept, _days(right)) + _compared(by_month, _months(right, summed))


def mend(connection: Connection) -> int:
    """Write the counters anew from the facts; answers how many were wrong."""
    wrong = differences(connection)
    if wrong:
        archived = _archive(connection)
        totals = recount(connection)
        totals.update(archived)
        connection.execute(delete(counter))
        connection.execute(delete(daily))
        if totals:
            connection.execute(
                insert(counter),
                [cell._asdict() | {"n": n, "archived": archived.get(cell, 0)} for cell, n in totals.items()],
            )
            rows = [cell._asdict() | {"n": n} for cell, n in _days(totals).items()]
            connection.execute(insert(daily), [{k: v for k, v in row.items() if k != "hour"} for row in rows])
        summed = months.over(connection)
        late = {cell: n for cell, n in totals.items() if cell.day[:7] in summed}
        months.rewrite(connection, months.sums_of(late))
    return len(wrong)


def _days(hours: Mapping[Cell, int]) -> Counter[Cell]:
    days: Counter[Cell] = Counter()
    for cell, amount in hours.items():
        days[cell._replace(hour=-1)] += amount
    return days


def _months(hours: Mapping[Cell, int], summed: set[str]) -> Counter[Cell]:
    of = {cell: amount for cell, amount in hours.items() if cell.day[:7] in summed}
    return Counter({_month(key): amount for key, amount in months.sums_of(of).items()})


def _month(key: months.Key) -> Cell:
    month, hour, station, library, kind = key
    return Cell(month, hour, station, library, kind, "")


def _archive(connection: Connection) -> dict[Cell, int]:
    names = [counter.c[name] for name in Cell._fields]
    kept = select(*names, func.sum(counter.c.archived)).where(counter.c.archived != 0).group_by(*names)
    return {Cell(*row[:-1]): int(row[-1]) for row in connection.execute(kept)}


def _compared(counted: Mapping[Cell, int], right: Mapping[Cell, int]) -> list[Difference]:
    return [
        Difference(cell, counted.get(cell, 0), right.get(cell, 0))
        for cell in sorted(counted.keys() | right.keys())
        if counted.get(cell, 0) != right.get(cell, 0)
    ]
