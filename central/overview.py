"""What librarians see: each station's three separate facts, and what its reading corner was used for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select

from central import kinds
from central.tables import counter, deadletter, event, fault, quarantine, station, stream
from central.watermarks import absent, gaps

NO_STATION = "(none)"
"""Under this name stands what came on topics of no station; no station can be called so."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Counted uses. An undone checkout is no loan; its number is kept beside."""

    loans: int = 0
    returns: int = 0
    renewals: int = 0
    refusals: int = 0
    undone: int = 0
    visits_in: int = 0
    visits_out: int = 0
    help_calls: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """A device that does not work, as the station reported it."""

    device: str
    cause: str
    since: str


@dataclass(frozen=True, slots=True)
class Stream:
    """How complete the facts of one epoch are."""

    epoch: str
    upto: int
    max_seq: int
    redelivered: int
    forked: bool
    missing: tuple[tuple[int, int], ...]  # the first gaps
    absent: int  # how many numbers are missing below max_seq


@dataclass(frozen=True, slots=True)
class Station:
    """One station: connected, caught up, healthy; and its figures."""

    id: str
    connected: bool
    since: str | None
    last_seen: str | None
    version: str
    clock: str
    behind: int  # facts it has written that are not held here
    oldest_unsent: str | None
    quarantined: int
    deadletters: int
    faults: tuple[Fault, ...] = ()
    streams: tuple[Stream, ...] = ()
    today: Figures = field(default_factory=Figures)

    @property
    def forked(self) -> bool:
        """Whether its card was restored or cloned."""
        return any(one.forked for one in self.streams)


def stations(connection: Connection, day: str) -> list[Station]:
    """Every station ever heard of, by name, with the figures of `day` (ISO date)."""
    figures = _figures(connection, day)
    streams = _streams(connection)
    faults: dict[str, list[Fault]] = {}
    for row in connection.execute(select(fault).where(fault.c.open).order_by(fault.c.device)):
        faults.setdefault(row.station, []).append(Fault(row.device, row.cause, row.since))
    quarantined = _per_source(connection, quarantine)
    dead = _per_source(connection, deadletter)
    return [
        Station(
            id=row.id,
            connected=row.connected,
            since=row.since,
            last_seen=row.last_seen,
            version=row.version,
            clock=row.clock,
            behind=_behind(row, streams.get(row.id, [])),
            oldest_unsent=row.oldest_unsent,
            quarantined=quarantined.get(row.id, 0),
            deadletters=dead.get(row.id, 0),
            faults=tuple(faults.get(row.id, ())),
            streams=tuple(streams.get(row.id, ())),
            today=figures.get(row.id, Figures()),
        )
        for row in connection.execute(select(station).order_by(station.c.id))
    ]


def total(of: Sequence[Figures]) -> Figures:
    """The sum of several stations' figures."""
    return Figures(**{name: sum(getattr(one, name) for one in of) for name in Figures.__dataclass_fields__})


def counts(connection: Connection) -> dict[str, dict[str, Any]]:
    """Everything ever counted, by station, with how complete it is. `duplicates` must be 0."""
    figures = _figures(connection, None)
    streams = _streams(connection)
    facts = _per_source(connection, event)
    quarantined = _per_source(connection, quarantine)
    dead = _per_source(connection, deadletter)
    twice = (
        select(event.c.source, func.count().label("n"))
        .group_by(event.c.source, event.c.id)
        .having(func.count() > 1)
        .subquery()
    )
    duplicates = {row.source: int(row.n) for row in connection.execute(select(twice))}
    known = set(connection.scalars(select(station.c.id)))
    names = sorted(known | {*figures, *streams, *facts, *quarantined, *dead})
    answer: dict[str, dict[str, Any]] = {}
    for name in names:
        mine = streams.get(name, [])
        answer[name or NO_STATION] = asdict(figures.get(name, Figures())) | {
            "facts": facts.get(name, 0),
            "max_seq": sum(one.max_seq for one in mine),
            "upto": sum(one.upto for one in mine),
            "missing": [list(gap) for one in mine for gap in one.missing],
            "duplicates": duplicates.get(name, 0),
            "redelivered": sum(one.redelivered for one in mine),
            "quarantined": quarantined.get(name, 0),
            "deadletters": dead.get(name, 0),
            "epochs": [asdict(one) for one in mine],
        }
    return answer


def _figures(connection: Connection, day: str | None) -> dict[str, Figures]:
    chosen = select(counter.c.station, counter.c.kind, func.sum(counter.c.n).label("n"))
    if day is not None:
        chosen = chosen.where(counter.c.day == day)
    sums: dict[str, dict[str, int]] = {}
    for row in connection.execute(chosen.group_by(counter.c.station, counter.c.kind)):
        sums.setdefault(row.station, {})[row.kind] = int(row.n)
    return {
        name: Figures(
            loans=of.get(kinds.LOAN, 0) - of.get(kinds.UNDONE, 0),
            returns=of.get(kinds.RETURN, 0),
            renewals=of.get(kinds.RENEWAL, 0),
            refusals=of.get(kinds.REFUSAL, 0),
            undone=of.get(kinds.UNDONE, 0),
            visits_in=of.get(kinds.VISIT_IN, 0) + of.get(kinds.PASSAGE, 0) // 2,
            visits_out=of.get(kinds.VISIT_OUT, 0) + of.get(kinds.PASSAGE, 0) // 2,
            help_calls=of.get(kinds.HELP, 0),
        )
        for name, of in sums.items()
    }


def _streams(connection: Connection) -> dict[str, list[Stream]]:
    found: dict[str, list[Stream]] = {}
    for row in connection.execute(select(stream).order_by(stream.c.source, stream.c.epoch)):
        missing = gaps(connection, row.source, row.epoch, row.upto, row.max_seq)
        gone = absent(connection, row.source, row.epoch, row.upto, row.max_seq)
        found.setdefault(row.source, []).append(
            Stream(row.epoch, row.upto, row.max_seq, row.redelivered, row.forked, missing, gone)
        )
    return found


def _behind(row: Any, streams: Sequence[Stream]) -> int:
    yet_to_come: int = sum(
        max(0, row.next_seq - 1 - one.max_seq) for one in streams if one.epoch == row.epoch
    )
    return sum(one.absent for one in streams) + yet_to_come


def _per_source(connection: Connection, table: Any) -> dict[str, int]:
    chosen = select(table.c.source, func.count().label("n")).group_by(table.c.source)
    return {row.source: int(row.n) for row in connection.execute(chosen)}
