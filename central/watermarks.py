"""Watermarks: up to which number the centre holds everything, and what is missing above."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select, union_all, update

from central import ranges
from central.ranges import Range
from central.sql import among, upsert
from central.tables import deadletter, event, meta, quarantine, station, stream

MOST_GAPS = 20
"""Gaps named in one acknowledgement; the rest follow when these are closed."""
MOST_RANGES = 2_000
"""Ranges held above one watermark. Beyond, a new one is not taken: the station sends it again when the gaps
below are closed. No station of ours comes near it; one gone mad would make its row grow without end."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What a station may let go of: facts 1..upto of the epoch. Sent only after the commit."""

    station: str
    generation: str
    epoch: str
    upto: int
    missing: tuple[Range, ...] = ()
    forked: bool = False
    last: str = ""  # the id of fact `upto`; empty where something else answers for that number

    def to_json(self) -> bytes:
        """The retained message on the station's `ack` topic."""
        return json.dumps(
            {
                "gen": self.generation,
                "epoch": self.epoch,
                "upto": self.upto,
                "missing": self.missing,
                "verdict": "fork" if self.forked else "ok",
                "last": self.last,
            },
            separators=(",", ":"),
        ).encode()


@dataclass(slots=True)
class Stream:
    """The numbering of one epoch, during a batch. `arrived`: numbers the centre answers for from now on."""

    upto: int = 0
    max_seq: int = 0
    redelivered: int = 0
    forked: bool = False
    above: list[Range] = field(default_factory=list)
    floor: int = 0
    born: str | None = None
    boot: int = 0
    promised: int = 0
    arrived: set[int] = field(default_factory=set)

    def holds(self, seq: int) -> bool:
        """Whether this number was given before this batch: to a fact, or to something set aside."""
        return seq <= self.upto or ranges.contains(self.above, seq)

    def hold(self, seq: int) -> None:
        """The centre answers for this number."""
        self.arrived.add(seq)
        self.max_seq = max(self.max_seq, seq)

    def has_room_for(self, seq: int) -> bool:
        """Whether a number that leaves a gap may still be taken."""
        return (
            len(self.above) < MOST_RANGES
            or self.holds(seq - 1)
            or self.holds(seq + 1)
            or seq - 1 in self.arrived
        )

    def advance(self) -> tuple[Range, ...]:
        """Raise the watermark over what arrived; answers with the first gaps that are left."""
        self.upto, self.above = ranges.raised(self.upto, ranges.joined(self.above, self.arrived))
        self.arrived.clear()
        if self.upto >= self.promised:
            self.promised = 0
        return tuple(ranges.between(self.upto, self.above)[:MOST_GAPS])


class Streams:
    """The numberings a batch touches."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._touched: dict[tuple[str, str], Stream] = {}
        self._known: dict[tuple[str, str], Stream] = {}

    def look_up(self, sources: Collection[str]) -> None:
        """Read every numbering of these stations at once."""
        for row in self._connection.execute(
            select(stream).where(among(self._connection, stream.c.source, sources))
        ):
            above = [(int(first), int(last)) for first, last in row.above]
            self._known[row.source, row.epoch] = Stream(
                row.upto, row.max_seq, row.redelivered, row.forked, above, row.floor, row.born, row.boot,
                row.promised,
            )  # fmt: skip

    def at(self, source: str, epoch: str) -> Stream:
        """Where a station's epoch stands; touching it means that it is answered."""
        if (source, epoch) not in self._touched:
            self._touched[source, epoch] = self._known.get((source, epoch)) or Stream()
        return self._touched[source, epoch]

    def was_born(self, source: str, epoch: str) -> bool:
        """Whether a birth named this epoch before."""
        known = self._known.get((source, epoch))
        return known is not None and known.born is not None

    def finish(self, epoch_of: Callable[[str], str]) -> list[Acknowledgement]:
        """Advance what was touched and say where it stands; a station's current epoch comes last."""
        if not self._touched:
            return []
        generation = generation_of(self._connection)
        answers, rows = [], []
        for (source, epoch), at in sorted(
            self._touched.items(), key=lambda entry: (entry[0][0], entry[0][1] == epoch_of(entry[0][0]))
        ):
            missing = at.advance()
            rows.append(_row(source, epoch, at))
            last = _id_of(self._connection, source, epoch, at.upto)
            answers.append(Acknowledgement(source, generation, epoch, at.upto, missing, at.forked, last))
        changed = ("upto", "max_seq", "redelivered", "forked", "above", "born", "boot", "promised")
        upsert(self._connection, stream, rows, lambda new: {name: new[name] for name in changed})
        return answers


def generation_of(connection: Connection) -> str:
    """The database's generation: changes when what it holds may be less than it once said."""
    return str(connection.scalar(select(meta.c.value).where(meta.c.key == "generation")))


def everything(connection: Connection) -> list[Acknowledgement]:
    """Where every numbering stands, as in an acknowledgement; a station's current epoch comes last."""
    generation = generation_of(connection)
    current = {row.id: row.epoch for row in connection.execute(select(station.c.id, station.c.epoch))}
    rows = sorted(
        connection.execute(select(stream)).all(),
        key=lambda row: (row.source, row.epoch == current.get(row.source, "")),
    )
    return [
        Acknowledgement(
            row.source, generation, row.epoch, row.upto,
            tuple(ranges.between(row.upto, row.above)[:MOST_GAPS]), row.forked,
            _id_of(connection, row.source, row.epoch, row.upto),
        )
        for row in rows
    ]  # fmt: skip


def look_again(connection: Connection, source: str, first: int) -> list[Range]:
    """Compare a station's numbering with what is really held from `first` on; answers with what is missing.

    Where something is missing below the watermark, the watermark falls back to before it. Numbers whose facts
    were dropped by the retention rule are never asked for again.
    """
    missing: list[Range] = []
    for row in connection.execute(select(stream).where(stream.c.source == source)).all():
        unasked = max(first - 1, row.floor)
        begin = min(row.upto, unasked)
        numbers = connection.scalars(select(_held(source, row.epoch, begin).c.seq)).all()
        kept = [(low, min(high, unasked)) for low, high in row.above if low <= unasked]
        upto, above = ranges.raised(begin, ranges.joined(kept, (int(number) for number in numbers)))
        missing += ranges.between(upto, above)
        highest = above[-1][1] if above else upto
        if highest < row.max_seq:
            missing.append((highest + 1, row.max_seq))
        connection.execute(
            update(stream)
            .where(stream.c.source == source, stream.c.epoch == row.epoch)
            .values(upto=upto, above=[list(one) for one in above])
        )
    return missing


def _id_of(connection: Connection, source: str, epoch: str, seq: int) -> str:
    """By which a station knows that the fact is its own, and not that of a copy of its card."""
    found = select(event.c.id).where(event.c.source == source, event.c.epoch == epoch, event.c.seq == seq)
    return connection.scalar(found) or ""


def _row(source: str, epoch: str, at: Stream) -> dict[str, Any]:
    return {
        "source": source,
        "epoch": epoch,
        "upto": at.upto,
        "max_seq": at.max_seq,
        "redelivered": at.redelivered,
        "forked": at.forked,
        "above": [list(one) for one in at.above],
        "floor": at.floor,
        "born": at.born,
        "boot": at.boot,
        "promised": at.promised,
    }


def _held(source: str, epoch: str, above: int) -> Any:
    """Every number the centre answers for: facts, and what was set aside under their number."""
    return union_all(
        *(
            select(table.c.seq.label("seq")).where(
                table.c.source == source, table.c.epoch == epoch, table.c.seq > above
            )
            for table in (event, quarantine, deadletter)
        )
    ).subquery()
