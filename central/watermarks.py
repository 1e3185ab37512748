"""Watermarks: up to which number the centre holds everything, and what is missing above."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, insert, select, union_all, update

from central.tables import deadletter, event, quarantine, stream

MOST_GAPS = 20
"""Gaps named in one acknowledgement; the rest follow when these are closed."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What a station may let go of: facts 1..upto of the epoch. Sent only after the commit."""

    station: str
    generation: str
    epoch: str
    upto: int
    missing: tuple[tuple[int, int], ...] = ()
    forked: bool = False

    def to_json(self) -> bytes:
        """The retained message on the station's `ack` topic."""
        return json.dumps(
            {
                "gen": self.generation,
                "epoch": self.epoch,
                "upto": self.upto,
                "missing": self.missing,
                "verdict": "fork" if self.forked else "ok",
            },
            separators=(",", ":"),
        ).encode()


@dataclass(slots=True)
class Stream:
    """The numbering of one epoch, during a batch. `arrived`: numbers the centre answers for from now on."""

    upto: int
    max_seq: int
    redelivered: int
    forked: bool
    known: bool
    arrived: set[int] = field(default_factory=set)

    def hold(self, seq: int) -> None:
        """The centre answers for this number: as a fact, or as something it has set aside."""
        self.arrived.add(seq)
        self.max_seq = max(self.max_seq, seq)


class Streams:
    """The numberings a batch touches."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._touched: dict[tuple[str, str], Stream] = {}

    def at(self, source: str, epoch: str) -> Stream:
        """Where a station's epoch stands; touching it means that it is answered."""
        if (source, epoch) not in self._touched:
            row = self._connection.execute(
                select(stream.c.upto, stream.c.max_seq, stream.c.redelivered, stream.c.forked).where(
                    stream.c.source == source, stream.c.epoch == epoch
                )
            ).one_or_none()
            self._touched[source, epoch] = (
                Stream(0, 0, 0, forked=False, known=False) if row is None else Stream(*row, known=True)
            )
        return self._touched[source, epoch]

    def finish(self, generation: str, epoch_of: Callable[[str], str]) -> list[Acknowledgement]:
        """Advance what was touched and say where it stands; a station's current epoch comes last."""
        answers = []
        for (source, epoch), at in sorted(
            self._touched.items(), key=lambda entry: (entry[0][0], entry[0][1] == epoch_of(entry[0][0]))
        ):
            missing = self._advance(source, epoch, at)
            self._save(source, epoch, at)
            answers.append(Acknowledgement(source, generation, epoch, at.upto, missing, at.forked))
        return answers

    def _advance(self, source: str, epoch: str, at: Stream) -> tuple[tuple[int, int], ...]:
        while at.upto + 1 in at.arrived:
            at.upto += 1
        if at.upto >= at.max_seq:
            return ()
        at.upto = _contiguous(self._connection, source, epoch, at.upto)
        return gaps(self._connection, source, epoch, at.upto, at.max_seq)

    def _save(self, source: str, epoch: str, at: Stream) -> None:
        values = {
            "upto": at.upto,
            "max_seq": at.max_seq,
            "redelivered": at.redelivered,
            "forked": at.forked,
        }
        if at.known:
            self._connection.execute(
                update(stream).where(stream.c.source == source, stream.c.epoch == epoch).values(values)
            )
        else:
            self._connection.execute(insert(stream).values(source=source, epoch=epoch, **values))


def gaps(
    connection: Connection, source: str, epoch: str, upto: int, max_seq: int
) -> tuple[tuple[int, int], ...]:
    """The first missing numbers between `upto` and `max_seq`, as ranges (both ends included)."""
    if upto >= max_seq:
        return ()
    held = _held(source, epoch, upto)
    following = select(held.c.seq, func.lead(held.c.seq).over(order_by=held.c.seq).label("following"))
    first = connection.scalar(select(func.min(held.c.seq)))
    found = [] if first is None or first == upto + 1 else [(upto + 1, int(first) - 1)]
    pairs = following.subquery()
    for seq, then in connection.execute(
        select(pairs.c.seq, pairs.c.following)
        .where(pairs.c.following > pairs.c.seq + 1)
        .order_by(pairs.c.seq)
        .limit(MOST_GAPS)
    ):
        found.append((int(seq) + 1, int(then) - 1))
    return tuple(found[:MOST_GAPS])


def absent(connection: Connection, source: str, epoch: str, upto: int, max_seq: int) -> int:
    """How many numbers up to `max_seq` the centre does not hold."""
    if upto >= max_seq:
        return 0
    held = _held(source, epoch, upto)
    return max_seq - upto - int(connection.scalar(select(func.count(held.c.seq.distinct()))) or 0)


def _contiguous(connection: Connection, source: str, epoch: str, upto: int) -> int:
    while True:
        held = _held(source, epoch, upto)
        if connection.scalar(select(held.c.seq).where(held.c.seq == upto + 1).limit(1)) is None:
            return upto  # the usual answer while a gap is open, and a cheap one
        page = connection.scalars(select(held.c.seq).distinct().order_by(held.c.seq).limit(1000)).all()
        for seq in page:
            if seq != upto + 1:
                return upto
            upto += 1


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
