"""Counts all facts again. The counters must equal it; where they do not, something is wrong with us."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from central.kinds import Cell, count_of
from central.tables import counter, event
from kiosk.facts import Envelope


@dataclass(frozen=True, slots=True)
class Difference:
    """A counter that does not say what the facts say."""

    cell: Cell
    counted: int  # what the counter says
    facts: int  # what the facts say


def recount(connection: Connection) -> Counter[Cell]:
    """The counters as the facts make them."""
    totals: Counter[Cell] = Counter()
    rows = connection.execution_options(yield_per=1000).execute(select(event))
    for row in rows:
        fact = Envelope(
            id=row.id,
            kiosk=row.source,
            type=row.type,
            time=row.time,
            epoch=row.epoch,
            seq=row.seq,
            boot=row.boot,
            mono=row.mono,
            clock=row.clock,
            data=row.data,
        )
        cell, amount = count_of(fact)
        totals[cell] += amount
    return totals


def differences(connection: Connection) -> list[Difference]:
    """Every counter that is wrong; empty is what it must be."""
    right = recount(connection)
    stored = {
        Cell(row.day, row.hour, row.station, row.kind, row.ageband): int(row.n)
        for row in connection.execute(select(counter))
    }
    return [
        Difference(cell, stored.get(cell, 0), right.get(cell, 0))
        for cell in sorted(stored.keys() | right.keys())
        if stored.get(cell, 0) != right.get(cell, 0)
    ]


def mend(connection: Connection) -> int:
    """Write the counters anew from the facts; answers how many were wrong."""
    wrong = differences(connection)
    if wrong:
        totals = recount(connection)
        connection.execute(delete(counter))
        if totals:
            connection.execute(insert(counter), [cell._asdict() | {"n": n} for cell, n in totals.items()])
    return len(wrong)
