"""What librarians see: each station's three separate facts, and what its reading corner was used for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from central import kinds, ranges
from central.condition import Condition, conditions
from central.people.tables import plan
from central.tables import alarm, daily, deadletter, event, fault, quarantine, station, stream

NO_STATION = "(none)"
"""Under this name stands what came on topics of no station; no station can be called so."""

AWAY_H = 24
"""Hours a station may be away when nobody planned otherwise: they are switched off at night."""
MOST_GAPS = 20
"""Gaps that are named; the rest are counted."""
ALARM_LASTS = timedelta(days=1)
"""An alarm that was not raised again for so long is no longer before everybody's eyes."""


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
class Alarm:
    """What a person must look into; `kind` is one of central.alarms.Kind."""

    kind: str
    detail: str
    first: str
    last: str
    times: int


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
    alarms: tuple[Alarm, ...] = ()
    streams: tuple[Stream, ...] = ()
    today: Figures = field(default_factory=Figures)
    epoch: str = ""
    place: str = ""
    away_h: int = AWAY_H
    condition: Condition | None = None

    @property
    def forked(self) -> bool:
        """Whether its card was restored or cloned, and it has not begun a numbering of its own since."""
        return any(one.forked and self.epoch in {"", one.epoch} for one in self.streams)

    @property
    def missing(self) -> tuple[tuple[int, int], ...]:
        """The first gaps in what is here, of all its numberings."""
        return tuple(gap for one in self.streams for gap in one.missing)

    def alarmed(self, now: datetime) -> tuple[str, ...]:
        """The kinds of alarm that were raised, or raised again, within a day."""
        return tuple(
            sorted({one.kind for one in self.alarms if now - datetime.fromisoformat(one.last) < ALARM_LASTS})
        )

    def away_too_long(self, now: datetime) -> bool:
        """Whether it has been away for longer than planned. A book van on the road for days is no fault."""
        if self.connected or self.since is None:
            return False
        return now - datetime.fromisoformat(self.since) > timedelta(hours=self.away_h)

    def needs_attention(self, now: datetime) -> bool:
        """Whether a librarian should look."""
        trouble = self.faults or self.quarantined or self.deadletters or self.forked or self.alarmed(now)
        said = self.condition if self.connected else None
        board = said is not None and said.ails and said.fresh(now)
        return bool(trouble or self.missing or board or self.away_too_long(now))


def stations(connection: Connection, day: str) -> list[Station]:
    """Every station ever heard of, by name, with the figures of `day` (ISO date)."""
    figures = _figures(connection, day)
    streams = _streams(connection)
    plans = {row.station: row for row in connection.execute(select(plan))}
    faults: dict[str, list[Fault]] = {}
    for row in connection.execute(select(fault).where(fault.c.open).order_by(fault.c.device)):
        faults.setdefault(row.station, []).append(Fault(row.device, row.cause, row.since))
    alarms: dict[str, list[Alarm]] = {}
    for row in connection.execute(select(alarm).order_by(alarm.c.last.desc())):
        alarms.setdefault(row.station, []).append(Alarm(row.kind, row.detail, row.first, row.last, row.times))
    quarantined = _per_source(connection, quarantine)
    dead = _per_source(connection, deadletter)
    said = conditions(connection)
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
            alarms=tuple(alarms.get(row.id, ())),
            epoch=row.epoch,
            place=plans[row.id].place if row.id in plans else "",
            away_h=plans[row.id].away_h if row.id in plans else AWAY_H,
            condition=said.get(row.id),
        )
        for row in connection.execute(select(station).order_by(station.c.id))
    ]


def total(of: Sequence[Figures]) -> Figures:
    """The sum of several stations' figures."""
    return Figures(**{name: sum(getattr(one, name) for one in of) for name in Figures.__dataclass_fields__})


def totals(connection: Connection) -> dict[str, Figures]:
    """Everything ever counted, by station."""
    return _figures(connection, None)


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


def figures_of(sums: Mapping[str, int]) -> Figures:
    """The figures out of the counts by kind. Two passages through a beam without direction are one visit."""
    return Figures(
        loans=sums.get(kinds.LOAN, 0) - sums.get(kinds.UNDONE, 0),
        returns=sums.get(kinds.RETURN, 0),
        renewals=sums.get(kinds.RENEWAL, 0),
        refusals=sums.get(kinds.REFUSAL, 0),
        undone=sums.get(kinds.UNDONE, 0),
        visits_in=sums.get(kinds.VISIT_IN, 0) + sums.get(kinds.PASSAGE, 0) // 2,
        visits_out=sums.get(kinds.VISIT_OUT, 0) + sums.get(kinds.PASSAGE, 0) // 2,
        help_calls=sums.get(kinds.HELP, 0),
    )


def _figures(connection: Connection, day: str | None) -> dict[str, Figures]:
    chosen = select(daily.c.station, daily.c.kind, func.sum(daily.c.n).label("n"))
    if day is not None:
        chosen = chosen.where(daily.c.day == day)
    sums: dict[str, dict[str, int]] = {}
    for row in connection.execute(chosen.group_by(daily.c.station, daily.c.kind)):
        sums.setdefault(row.station, {})[row.kind] = int(row.n)
    return {name: figures_of(of) for name, of in sums.items()}


def _streams(connection: Connection) -> dict[str, list[Stream]]:
    found: dict[str, list[Stream]] = {}
    for row in connection.execute(select(stream).order_by(stream.c.source, stream.c.epoch)):
        missing = ranges.between(row.upto, row.above)
        found.setdefault(row.source, []).append(
            Stream(
                row.epoch, row.upto, row.max_seq, row.redelivered, row.forked,
                tuple(missing[:MOST_GAPS]), ranges.count(missing),
            )
        )  # fmt: skip
    return found


def _behind(row: Any, streams: Sequence[Stream]) -> int:
    yet_to_come: int = sum(
        max(0, row.next_seq - 1 - one.max_seq) for one in streams if one.epoch == row.epoch
    )
    return sum(one.absent for one in streams) + yet_to_come


def _per_source(connection: Connection, table: Any) -> dict[str, int]:
    chosen = select(table.c.source, func.count().label("n")).group_by(table.c.source)
    return {row.source: int(row.n) for row in connection.execute(chosen)}
