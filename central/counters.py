"""The counters, by hour, day and month, changed in the transaction that changes the facts, and only there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import Connection

from central import months
from central.kinds import Cell
from central.sql import upsert
from central.tables import counter, daily


def add(connection: Connection, amounts: Mapping[Cell, int]) -> None:
    """Raise the counters; an amount below zero takes back what was counted under another hour."""
    changed = {cell: amount for cell, amount in amounts.items() if amount}
    if not changed:
        return
    days: Counter[tuple[str, str, str, str, str]] = Counter()
    for cell, amount in changed.items():
        days[_day(cell)] += amount
    upsert(
        connection,
        counter,
        [cell._asdict() | {"n": amount} for cell, amount in sorted(changed.items())],
        lambda new: {"n": counter.c.n + new.n},
    )
    _add_days(connection, days)
    months.add_late(connection, changed)


def archive(connection: Connection, amounts: Mapping[Cell, int]) -> None:
    """Note that the facts behind these amounts are dropped: what was counted of them stands for ever."""
    upsert(
        connection,
        counter,
        [cell._asdict() | {"n": amount, "archived": amount} for cell, amount in sorted(amounts.items())],
        lambda new: {"archived": counter.c.archived + new.archived},
    )


def _day(cell: Cell) -> tuple[str, str, str, str, str]:
    return cell.day, cell.station, cell.library, cell.kind, cell.ageband


def _add_days(connection: Connection, days: Mapping[tuple[str, str, str, str, str], int]) -> None:
    names = ("day", "station", "library", "kind", "ageband")
    upsert(
        connection,
        daily,
        [dict(zip(names, day, strict=True)) | {"n": amount} for day, amount in sorted(days.items())],
        lambda new: {"n": daily.c.n + new.n},
    )
