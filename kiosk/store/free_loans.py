"""Loans that were made while the clock ran free: which they are, and how their days are put right.

Which they are is told by the station's own facts: each says by which clock it was written and how long after
the start. So nothing has to be kept of a loan for the case that the clock was wrong.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select, update

from kiosk.facts import CheckedOut, Renewed, Returned, Undone, type_of
from kiosk.model import ClockQuality, Loan
from kiosk.store.tables import LoanRow, OutboxRow
from kiosk.store.transaction import StationTransaction

_SLICE = 500
_BACKWARDS = (
    select(OutboxRow.seq, OutboxRow.mono, OutboxRow.wall, OutboxRow.payload)
    .where(OutboxRow.seq < bindparam("before"))
    .order_by(OutboxRow.seq.desc())
    .limit(_SLICE)
)
_AHEAD = select(LoanRow.item_id).where(LoanRow.lent_on > bindparam("today"))
_SET = update(LoanRow).where(LoanRow.item_id == bindparam("of")).values(
    lent_on=bindparam("day"), due=bindparam("until")
)  # fmt: skip
_LENT, _KEPT = type_of(CheckedOut), type_of(Renewed)
_OVER = {type_of(Returned), type_of(Undone)}


@dataclass(frozen=True, slots=True)
class FreeLoan:
    """`due_mono`: ms after the start at which the due day was last given; `lent_mono`: at which it was lent,
    None where that was before this start."""

    item_id: str
    due_mono: int
    lent_mono: int | None


@dataclass(frozen=True, slots=True)
class FreeTime:
    """What was written by a free clock since a start. `wall`, `mono`: of the newest such fact, in ms."""

    wall: int
    mono: int
    loans: tuple[FreeLoan, ...]


def free_time(work: StationTransaction, boot: int) -> FreeTime | None:
    """What the free clock of this start wrote; None when it wrote nothing."""
    newest: tuple[int, int] | None = None
    found: dict[str, FreeLoan] = {}
    settled: set[str] = set()  # nothing older matters of these items
    for mono, wall, fact in _of_this_start(work, boot):
        free = fact["clock"] == ClockQuality.FREE
        if free and newest is None:
            newest = (wall, mono)
        kind, item = fact["type"], fact["data"].get("item", "")
        if item in settled or kind not in {_LENT, _KEPT, *_OVER}:
            continue
        if item not in found:
            if kind in _OVER or not free:
                settled.add(item)
            else:
                found[item] = FreeLoan(item, mono, mono if kind == _LENT else None)
        elif kind == _LENT and free:
            found[item] = replace(found[item], lent_mono=mono)
        if kind == _LENT:
            settled.add(item)
    return None if newest is None else FreeTime(*newest, tuple(reversed(found.values())))


def lent_in_the_future(work: StationTransaction, today: date) -> tuple[str, ...]:
    """Items whose loan began on a day that has not come: by a free clock of an earlier start."""
    return tuple(work.run(_AHEAD, {"today": today}, "looking for loans of a wrong clock").scalars())


def set_days(work: StationTransaction, loan: Loan) -> None:
    """Put right when a loan began and when it is due."""
    work.run(_SET, {"of": loan.item_id, "day": loan.lent_on, "until": loan.due}, "putting a due date right")


def _of_this_start(work: StationTransaction, boot: int) -> Iterator[tuple[int, int, dict[str, Any]]]:
    before = work.next_seq
    while rows := work.run(_BACKWARDS, {"before": before}, "reading this start's facts").all():
        for seq, mono, wall, payload in rows:
            fact = json.loads(payload)
            if fact["boot"] != boot:
                return
            before = seq
            yield mono, wall, fact
