"""Cuts the power of a recorded station, many times, and looks with the real store at what is left."""

from __future__ import annotations

import bisect
import json
import random
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

from kiosk.ports import StoreError
from kiosk.store import open_store
from tests.power.disk import Disk
from tests.power.recorded_station import KIOSK, MORNING
from tests.power.recording_vfs import Op

_TOLD = {
    "lent": "gocdoc.item.checked_out.v1",
    "returned": "gocdoc.item.returned.v1",
    "renewed": "gocdoc.item.renewed.v1",
    "undone": "gocdoc.item.undone.v1",
}
_COMES = {"gocdoc.item.checked_out.v1", "gocdoc.item.renewed.v1"}
_GOES = {"gocdoc.item.returned.v1", "gocdoc.item.undone.v1"}
TIDY = timedelta(days=365)  # by so much later the store is opened again: whenever the power is back


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact as the station committed it, and how the loans stood with it."""

    id: str
    type: str
    item: str
    due: str


@dataclass(slots=True)
class History:
    """What one whole recording says happened; `facts[n - 1]` has the number n."""

    facts: list[Fact] = field(default_factory=list)
    loans: list[dict[str, str]] = field(default_factory=lambda: [{}])  # item -> due, after fact n
    told: list[tuple[int, int]] = field(default_factory=list)  # (moment, the number of the fact told)
    committed: list[tuple[int, int]] = field(default_factory=list)
    booted: list[tuple[int, int]] = field(default_factory=list)
    filled: int = 0
    epoch: str = ""

    @classmethod
    def of(cls, ops: list[Op]) -> History:
        """Read a recording."""
        made = cls()
        for moment, op in enumerate(ops):
            match op:
                case ("committed", facts):
                    for seq, event_id, kind, data in facts:
                        assert seq == len(made.facts) + 1, "the recording itself has a gap"
                        made._add(Fact(event_id, kind, data.get("item", ""), data.get("due", "")))
                    made.committed.append((moment, len(made.facts)))
                case ("booted", boot, epoch):
                    made.booted.append((moment, boot))
                    made.epoch = epoch
                case ("filled",):
                    made.filled = made.filled or moment
        made._read_what_was_told(ops)
        return made

    def _add(self, fact: Fact) -> None:
        loans = dict(self.loans[-1])
        if fact.type in _COMES:
            loans[fact.item] = fact.due
        elif fact.type in _GOES:
            loans.pop(fact.item, None)
        self.facts.append(fact)
        self.loans.append(loans)

    def _read_what_was_told(self, ops: list[Op]) -> None:
        """A screen that says "lent" tells of the newest such fact of that book; one that is shown again tells
        nothing new."""
        numbers: dict[tuple[str, str], list[int]] = {}
        for number, fact in enumerate(self.facts, 1):
            numbers.setdefault((fact.type, fact.item), []).append(number)
        # A screen is shown before the recorder has looked into the outbox: its fact is at most in the very
        # next look.
        looks = [moment for moment, _ in self.committed]
        for moment, op in enumerate(ops):
            if op[0] != "told" or op[1] not in _TOLD:
                continue
            seen = self.committed[min(bisect.bisect_left(looks, moment), len(looks) - 1)][1]
            known = numbers.get((_TOLD[op[1]], op[2]), [])
            at = bisect.bisect_right(known, seen)
            assert at, f"a child was told that {op[2]} is {op[1]}, and no fact says so"
            self.told.append((moment, known[at - 1]))


def newest(pairs: list[tuple[int, int]], moment: int) -> int:
    """The highest number said up to a moment."""
    return max((number for at, number in pairs if at < moment), default=0)


@dataclass(slots=True)
class Found:
    """What came of many cuts."""

    cuts: int = 0
    corrupt: int = 0
    losing: int = 0  # cuts after which something that a child was told is not there
    most_lost: int = 0
    without_fact: int = 0  # cuts after which loans and facts disagree
    wrong: list[str] = field(default_factory=list)  # everything else that must not be

    def __str__(self) -> str:
        return (
            f"{self.cuts} cuts: {self.corrupt} corrupt, {self.losing} lost what was told (at most"
            f" {self.most_lost} facts), {self.without_fact} with a loan and no fact, {len(self.wrong)} else"
        )


def cut(ops: list[Op], folder: Path, *, times: int, seed: int) -> Found:
    """Cut the power at so many moments of a recording, and look each time."""
    chance = random.Random(seed)
    history = History.of(ops)
    disk, found = Disk(), Found()
    moments = sorted(chance.randrange(1, len(ops) + 1) for _ in range(times))
    done = 0
    for number, moment in enumerate(moments):
        for op in ops[done:moment]:
            disk.take(op)
        done = moment
        left = folder / f"cut-{number}"
        left.mkdir()
        disk.after_the_cut(left, chance)
        _look(left / "station.db", history, moment, found)
        shutil.rmtree(left)
    return found


def _look(path: Path, history: History, moment: int, found: Found) -> None:
    found.cuts += 1
    told = newest(history.told, moment)
    boot = newest(history.booted, moment)
    try:
        with open_store(path, kiosk=KIOSK, wall=(MORNING + TIDY).astimezone(UTC)) as store:
            if store.boot not in {boot + 1, boot + 2}:
                found.wrong.append(f"at {moment}: start {store.boot} after start {boot}")
            if boot and store.epoch != history.epoch:
                found.wrong.append(f"at {moment}: another epoch")
            acked = store.acked
        with closing(sqlite3.connect(path)) as database:
            [(health,)] = database.execute("PRAGMA integrity_check(1)").fetchall()
            if health != "ok":
                found.corrupt += 1
                return
            rows = database.execute("SELECT seq, event_id, payload FROM outbox ORDER BY seq").fetchall()
            loans = dict(database.execute("SELECT item_id, due FROM loans").fetchall())
            last = database.execute("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'").fetchone()
            books = database.execute("SELECT count(*) FROM items").fetchone()[0]
    except (StoreError, sqlite3.DatabaseError):
        found.corrupt += 1
        return
    written = rows[-1][0] if rows else int(last[0]) if last else 0
    if written < told or (history.filled and moment > history.filled and not books):  # it was told as kept
        found.losing += 1
        found.most_lost = max(found.most_lost, told - written)
    if written > newest(history.committed, moment) + 2 or written > len(history.facts):
        found.wrong.append(f"at {moment}: {written} facts, more than were ever written")
        return
    if loans != history.loans[written]:
        found.without_fact += 1
    _check_rows(rows, acked, history, moment, found)


def _check_rows(rows: list[Any], acked: int, history: History, moment: int, found: Found) -> None:
    """Dense, each the fact it was, and nothing forgotten that the centre does not hold."""
    if not rows:
        return
    numbers = [seq for seq, _, _ in rows]
    if numbers != list(range(numbers[0], numbers[-1] + 1)):
        found.wrong.append(f"at {moment}: the numbers have a gap")
    if numbers[0] > acked + 1:
        found.wrong.append(f"at {moment}: begins with {numbers[0]}, but the centre holds up to {acked}")
    for seq, event_id, payload in rows:
        event = json.loads(payload)
        known = history.facts[seq - 1]
        if (event_id, event["id"], event["seq"], event["type"]) != (known.id, known.id, seq, known.type):
            found.wrong.append(f"at {moment}: fact {seq} is another than it was")
            return
