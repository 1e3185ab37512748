"""When a fact happened, where the station's clock was not set yet (power-and-clock.md, 5).

A board without a clock of its own writes a wrong time until it has heard the right one, but it always knows
how long it has been running (`mono`). So one good time of a run dates all of its facts. A run that never got
one lies between its neighbours. Either way the fact is marked as estimated, and what is decided depends only
on which facts are here, never on the order in which they came.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, or_, select, update

from central.sql import among, upsert
from central.tables import boot, event
from kiosk.facts import ClockSynced, Envelope, type_of

GOOD_CLOCKS = ("ntp", "rtc")
SYNCED, BOUNDED = "synced", "bounded"
_SYNC = type_of(ClockSynced)
_ORIGIN = datetime(1970, 1, 1, tzinfo=UTC)


def is_good(fact: Envelope) -> bool:
    """Whether the time in the envelope is the true one."""
    return fact.clock in GOOD_CLOCKS or fact.type == _SYNC


@dataclass(slots=True)
class Boot:
    """One run of a station. `written`, `anchor`: UTC ms when `mono` was 0, by an unset and by a set clock."""

    source: str
    epoch: str
    boot: int
    first_seq: int
    last_seq: int
    first_mono: int
    last_mono: int
    free: bool = False
    written_seq: int | None = None
    written: int | None = None
    anchor_seq: int | None = None
    anchor: int | None = None
    zero: int | None = None
    basis: str = ""

    @property
    def key(self) -> tuple[str, str, int]:
        """Which run."""
        return self.source, self.epoch, self.boot

    def take(self, fact: Envelope) -> None:
        """Learn from one fact of this run. The first in number decides, however late it comes."""
        self.first_seq, self.last_seq = min(self.first_seq, fact.seq), max(self.last_seq, fact.seq)
        self.first_mono, self.last_mono = min(self.first_mono, fact.mono), max(self.last_mono, fact.mono)
        if is_good(fact):
            if self.anchor_seq is None or fact.seq < self.anchor_seq:
                self.anchor_seq, self.anchor = fact.seq, _zero(fact)
        else:
            self.free = True
            if self.written_seq is None or fact.seq < self.written_seq:
                self.written_seq, self.written = fact.seq, _zero(fact)


def settled(boots: Sequence[Boot]) -> Iterator[tuple[Boot, int | None, str]]:
    """For runs in their order: when `mono` was 0 for the facts of an unset clock, and what that rests on.

    A run without a good time keeps its own, moved as little as its neighbours demand.
    """
    ceilings: list[int | None] = []
    ceiling = None
    for one in reversed(boots):
        ceilings.append(ceiling)
        if one.anchor is not None:
            ceiling = one.anchor + one.first_mono
    floor = None
    for one, above in zip(boots, reversed(ceilings), strict=True):
        zero, basis = one.anchor, SYNCED
        if zero is None and one.written is not None:
            zero, basis = one.written, BOUNDED
            if floor is not None:
                zero = max(zero, floor - one.first_mono)
            if above is not None:
                zero = min(zero, above - one.last_mono)
        if zero is not None:
            floor = zero + one.last_mono
        yield (one, zero, basis) if one.free else (one, None, "")


def dated(written: str, mono: int, zero: int | None) -> str:
    """The time a fact is counted under, in the zone it was written in."""
    if zero is None:
        return written
    zone = datetime.fromisoformat(written).tzinfo
    try:
        return (
            (_ORIGIN + timedelta(milliseconds=zero + mono))
            .astimezone(zone)
            .isoformat(timespec="milliseconds")
        )
    except (OverflowError, ValueError):
        return written  # no moment of any calendar: what was written is all there is


@dataclass(frozen=True, slots=True)
class Moved:
    """A fact that is here already and is now known to have happened at another time."""

    source: str
    type: str
    data: dict[str, Any]
    before: str
    now: str


class Times:
    """The runs a batch touches."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._boots: dict[tuple[str, str, int], Boot] = {}
        self.fresh: set[tuple[str, str, int]] = set()
        """Runs of which no fact was here before."""

    def learn(self, facts: Collection[Envelope]) -> list[Moved]:
        """Take in what new facts tell of the clocks; answers with the facts here that have moved."""
        if not facts:
            return []
        self._look_up(facts)
        for fact in facts:
            key = (fact.kiosk, fact.epoch, fact.boot)
            if key not in self._boots:
                self.fresh.add(key)
                self._boots[key] = Boot(*key, fact.seq, fact.seq, fact.mono, fact.mono)
            self._boots[key].take(fact)
        touched = set(self._boots)
        self._save(self._boots.values())
        moved = []
        for source, epoch in self._unset({key[0] for key in touched}):
            moved += self._settle(source, epoch, [key[2] for key in touched if key[:2] == (source, epoch)])
        return moved

    def at(self, fact: Envelope) -> tuple[str, str]:
        """The best time known of a new fact, and what that rests on; empty: on the fact itself."""
        if is_good(fact):
            return fact.time, ""
        one = self._boots[fact.kiosk, fact.epoch, fact.boot]
        return dated(fact.time, fact.mono, one.zero), one.basis

    def begins_with(self, one: tuple[str, str, int], seq: int) -> bool:
        """Whether a run begins with this number, as far as is known."""
        return self._boots[one].first_seq == seq

    def overlapping(self, one: tuple[str, str, int]) -> int | None:
        """Another run whose numbers lie among the numbers of this one, or on the wrong side of them."""
        mine = self._boots[one]
        found: int | None = self._connection.scalar(
            select(func.min(boot.c.boot)).where(
                boot.c.source == mine.source,
                boot.c.epoch == mine.epoch,
                or_(
                    and_(boot.c.boot < mine.boot, boot.c.last_seq > mine.first_seq),
                    and_(boot.c.boot > mine.boot, boot.c.first_seq < mine.last_seq),
                ),
            )
        )
        return found

    def _look_up(self, facts: Collection[Envelope]) -> None:
        wanted = {(fact.kiosk, fact.epoch, fact.boot) for fact in facts}
        rows = self._connection.execute(
            select(boot).where(
                among(self._connection, boot.c.source, sorted({key[0] for key in wanted})),
                among(self._connection, boot.c.boot, sorted({key[2] for key in wanted})),
            )
        )
        self._boots = {one.key: one for one in map(_read, rows) if one.key in wanted}

    def _unset(self, sources: Collection[str]) -> set[tuple[str, str]]:
        """The numberings in which some run's facts cannot be taken at their word."""
        rows = self._connection.execute(
            select(boot.c.source, boot.c.epoch).where(
                among(self._connection, boot.c.source, sorted(sources)),
                boot.c.free,
                boot.c.anchor_seq.is_(None),
            )
        )
        return {(row.source, row.epoch) for row in rows} | {
            key[:2] for key, one in self._boots.items() if one.free
        }

    def _settle(self, source: str, epoch: str, touched: Sequence[int]) -> list[Moved]:
        moved: list[Moved] = []
        changed = []
        for one, zero, basis in settled(self._around(source, epoch, touched)):
            if (zero, basis) == (one.zero, one.basis):
                continue
            one.zero, one.basis = zero, basis
            changed.append(one)
            if one.key in self._boots:
                self._boots[one.key] = one
            if one.key not in self.fresh:
                moved += self._rewrite(one)
        self._save(changed)
        return moved

    def _around(self, source: str, epoch: str, touched: Sequence[int]) -> list[Boot]:
        """The runs whose times may hang on those touched: up to a good time on either side."""
        if not touched:
            return []
        mine = (boot.c.source == source, boot.c.epoch == epoch)
        good = boot.c.anchor_seq.is_not(None)
        low = self._connection.scalar(
            select(func.max(boot.c.boot)).where(*mine, good, boot.c.boot < min(touched))
        )
        high = self._connection.scalar(
            select(func.min(boot.c.boot)).where(*mine, good, boot.c.boot > max(touched))
        )
        within = list(mine)
        if low is not None:
            within.append(boot.c.boot >= low)
        if high is not None:
            within.append(boot.c.boot <= high)
        rows = self._connection.execute(select(boot).where(*within).order_by(boot.c.boot))
        return [_read(row) for row in rows]

    def _rewrite(self, one: Boot) -> list[Moved]:
        rows = self._connection.execute(
            select(
                event.c.seq, event.c.filed, event.c.type, event.c.time, event.c.mono, event.c.data,
                event.c.at, event.c.estimated,
            ).where(
                event.c.source == one.source,
                event.c.epoch == one.epoch,
                event.c.seq.between(one.first_seq, one.last_seq),
                event.c.boot == one.boot,
                event.c.clock.not_in(GOOD_CLOCKS),
                event.c.type != _SYNC,
            )
        ).all()  # fmt: skip
        changes, moved = [], []
        for row in rows:
            now = dated(row.time, row.mono, one.zero)
            if (now, one.basis) == (row.at, row.estimated):
                continue
            changes.append({"of_seq": row.seq, "of_filed": row.filed, "new_at": now})
            moved.append(Moved(one.source, row.type, row.data, row.at, now))
        if changes:
            self._connection.execute(
                update(event)
                .where(
                    event.c.source == one.source,
                    event.c.epoch == one.epoch,
                    event.c.seq == bindparam("of_seq"),
                    event.c.filed == bindparam("of_filed"),
                )
                .values(at=bindparam("new_at"), estimated=one.basis),
                changes,
            )
        return moved

    def _save(self, boots: Iterable[Boot]) -> None:
        rows = [asdict(one) for one in sorted(boots, key=lambda one: one.key)]
        names = [name for name in Boot.__dataclass_fields__ if name not in {"source", "epoch", "boot"}]
        upsert(self._connection, boot, rows, lambda new: {name: new[name] for name in names})


def _read(row: Any) -> Boot:
    return Boot(**row._mapping)


def _zero(fact: Envelope) -> int:
    wall = datetime.fromisoformat(fact.time)
    return (wall - _ORIGIN) // timedelta(milliseconds=1) - fact.mono
