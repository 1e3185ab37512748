"""Takes facts in: one transaction a batch, each fact once, and the watermark that stations wait for.

What is inserted is compared first: a fact that came before is recognised by its number and its id; the same
number with another id, or the same id under another number, goes to quarantine and is shown to librarians.
Counters change only by facts that were newly inserted, so they can always be counted again.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, union_all, update
from sqlalchemy.exc import SQLAlchemyError

from central.delivery import Birth, Cleared, Delivery, Facts, Gone, Poison, read
from central.errors import DatabaseUnusable
from central.kinds import Cell, count_of
from central.store import CentralStore
from central.tables import counter, deadletter, event, fault, quarantine, station, stream
from kiosk.facts import MAX_PAYLOAD, DeviceFault, DeviceRecovered, Envelope, StationStarted, type_of

log = logging.getLogger(__name__)

PREFIX = 1024
"""Bytes kept of a message that answers for no number."""
MOST_DEADLETTERS = 10_000
"""Messages without a number are kept up to this many; the oldest make room."""
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
class _Stream:
    """One station's numbering, during a batch."""

    upto: int
    max_seq: int
    redelivered: int
    forked: bool
    known: bool
    fresh: set[int] = field(default_factory=set)


class Ledger:
    """The one writer of facts. `now` is injectable for tests; it must give UTC."""

    def __init__(self, store: CentralStore, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._store = store
        self._now = now

    def take(self, deliveries: Sequence[Delivery]) -> list[Acknowledgement]:
        """Commit a batch; answer what each station touched may let go of.

        A message that no transaction will hold is set aside alone, so it never stops the others.
        Raises DatabaseUnusable when nothing could be committed: then nothing may be acknowledged.
        """
        try:
            return self._commit([(delivery, read(delivery)) for delivery in deliveries])
        except DatabaseUnusable:
            raise
        except (SQLAlchemyError, ValueError, TypeError, OverflowError, RecursionError) as error:
            log.warning("a batch of %d messages is taken one by one: %s", len(deliveries), error)
        answers: dict[tuple[str, str], Acknowledgement] = {}
        for delivery in deliveries:
            for answer in self._alone(delivery):
                answers.pop((answer.station, answer.epoch), None)  # the newest comes last
                answers[answer.station, answer.epoch] = answer
        return list(answers.values())

    def nobody_is_known_to_be_connected(self) -> None:
        """Said after a connect: retained births tell anew who is there. Raises DatabaseUnusable."""
        with self._store.writing() as connection:
            connection.execute(update(station).where(station.c.connected).values(connected=False))

    def _alone(self, delivery: Delivery) -> list[Acknowledgement]:
        try:
            return self._commit([(delivery, read(delivery))])
        except DatabaseUnusable:
            raise
        except (SQLAlchemyError, ValueError, TypeError, OverflowError, RecursionError) as error:
            reason = f"no transaction would hold it: {error}"[:500]
            return self._commit([(delivery, Poison(_station_of(delivery), reason))])

    def _commit(self, batch: Sequence[tuple[Delivery, object]]) -> list[Acknowledgement]:
        with self._store.writing() as connection:
            work = _Batch(connection, self._now().isoformat(timespec="milliseconds"))
            work.insert_facts([message for _, message in batch if isinstance(message, Facts)])
            for delivery, message in batch:
                match message:
                    case Poison():
                        work.set_aside(delivery, message)
                    case Birth():
                        work.birth(message, live=not delivery.retained)
                    case Gone():
                        work.gone(message)
                    case Facts():
                        work.heard(message.station)
                    case Cleared():
                        pass
            return work.finish(self._store.generation)


class _Batch:
    """What one transaction does."""

    def __init__(self, connection: Connection, received: str) -> None:
        self._connection = connection
        self._received = received
        self._streams: dict[tuple[str, str], _Stream] = {}
        self._stations: set[str] = set()
        self._current: dict[str, str] = {}

    # --- facts -----------------------------------------------------------------------------------

    def insert_facts(self, messages: Sequence[Facts]) -> None:
        """Insert what is new, recognise what came before, set contradictions aside."""
        by_stream: dict[tuple[str, str], list[Envelope]] = {}
        classes: dict[tuple[str, str], str] = {}
        for message in messages:
            for fact in message.facts:
                by_stream.setdefault((fact.kiosk, fact.epoch), []).append(fact)
                classes[fact.kiosk, fact.id] = message.cls
        rows: list[dict[str, Any]] = []
        counts: Counter[Cell] = Counter()
        for (source, epoch), group in by_stream.items():
            for fact in self._new(source, epoch, group):
                rows.append(self._row(fact, classes[fact.kiosk, fact.id]))
                cell, amount = count_of(fact)
                counts[cell] += amount
                self._note_device(fact)
        if rows:
            self._connection.execute(insert(event), rows)
        self._count(counts)

    def _new(self, source: str, epoch: str, group: Sequence[Envelope]) -> list[Envelope]:
        at = self._stream(source, epoch)
        mine = (event.c.source == source, event.c.epoch == epoch)
        held: dict[int, str] = {}
        numbers: dict[str, tuple[str, int]] = {}
        for part in _parts(group):
            for seq, known in self._connection.execute(
                select(event.c.seq, event.c.id).where(*mine, event.c.seq.in_([fact.seq for fact in part]))
            ):
                held[seq] = known
            for known, of, seq in self._connection.execute(
                select(event.c.id, event.c.epoch, event.c.seq).where(
                    event.c.source == source, event.c.id.in_([fact.id for fact in part])
                )
            ):
                numbers[known] = (of, seq)
        new: list[Envelope] = []
        for fact in group:
            if held.get(fact.seq) == fact.id:
                at.redelivered += 1
            elif fact.seq in held:
                self._quarantine(fact, "this number is held with another id")
            elif fact.id in numbers:
                self._quarantine(fact, "this id is held under another number")
            else:
                held[fact.seq] = fact.id
                numbers[fact.id] = (epoch, fact.seq)
                new.append(fact)
            at.fresh.add(fact.seq)
            at.max_seq = max(at.max_seq, fact.seq)
        return new

    def _row(self, fact: Envelope, cls: str) -> dict[str, Any]:
        return {
            "source": fact.kiosk,
            "epoch": fact.epoch,
            "seq": fact.seq,
            "id": fact.id,
            "type": fact.type,
            "cls": cls,
            "time": fact.time,
            "received": self._received,
            "boot": fact.boot,
            "mono": fact.mono,
            "clock": fact.clock,
            "data": fact.data,
        }

    def _quarantine(self, fact: Envelope, reason: str) -> None:
        mine = (
            quarantine.c.source == fact.kiosk,
            quarantine.c.epoch == fact.epoch,
            quarantine.c.seq == fact.seq,
            quarantine.c.id == fact.id,
        )
        if self._connection.scalar(select(quarantine.c.n).where(*mine)) is not None:
            return
        log.error("station %s: fact %d is in quarantine: %s", fact.kiosk, fact.seq, reason)
        self._connection.execute(
            insert(quarantine).values(
                source=fact.kiosk,
                epoch=fact.epoch,
                seq=fact.seq,
                id=fact.id,
                reason=reason,
                received=self._received,
                event=asdict(fact),
            )
        )

    def _count(self, counts: Counter[Cell]) -> None:
        for cell, amount in counts.items():
            where = [counter.c[name] == value for name, value in cell._asdict().items()]
            changed = self._connection.execute(
                update(counter).where(*where).values(n=counter.c.n + amount)
            ).rowcount
            if not changed:
                self._connection.execute(insert(counter).values(**cell._asdict(), n=amount))

    def _note_device(self, fact: Envelope) -> None:
        if fact.type == type_of(StationStarted):
            # What is still broken is reported again by the new process.
            self._connection.execute(
                update(fault)
                .where(
                    fault.c.station == fact.kiosk,
                    (fault.c.epoch != fact.epoch) | (fault.c.seq < fact.seq),
                )
                .values(open=False)
            )
            return
        if fact.type not in {type_of(DeviceFault), type_of(DeviceRecovered)}:
            return
        device = str(fact.data.get("device", ""))[:40]
        if not device.isprintable():
            return
        mine = (fault.c.station == fact.kiosk, fault.c.device == device)
        last = self._connection.execute(select(fault.c.epoch, fault.c.seq).where(*mine)).one_or_none()
        if last is not None and last.epoch == fact.epoch and last.seq > fact.seq:
            return
        cause = str(fact.data.get("cause", ""))[:200].encode(errors="replace").decode()
        self._connection.execute(delete(fault).where(*mine))
        self._connection.execute(
            insert(fault).values(
                station=fact.kiosk,
                device=device,
                epoch=fact.epoch,
                seq=fact.seq,
                open=fact.type == type_of(DeviceFault),
                cause=cause,
                since=fact.time,
            )
        )

    # --- what is no fact -------------------------------------------------------------------------

    def set_aside(self, delivery: Delivery, poison: Poison) -> None:
        """Keep a message that is nothing of ours, once however often it comes."""
        if poison.epoch is not None and poison.seq is not None:
            at = self._stream(poison.station, poison.epoch)
            at.fresh.add(poison.seq)
            at.max_seq = max(at.max_seq, poison.seq)
            kept = delivery.payload[:MAX_PAYLOAD]
        else:
            kept = delivery.payload[:PREFIX]
        topic = delivery.topic[:300].encode(errors="replace").decode()
        digest = hashlib.sha256(delivery.payload).hexdigest()
        again = (
            update(deadletter)
            .where(deadletter.c.topic == topic, deadletter.c.digest == digest)
            .values(times=deadletter.c.times + 1)
        )
        if self._connection.execute(again).rowcount:
            return
        log.warning("a message on %s was set aside: %s", topic[:80], poison.reason)
        self._connection.execute(
            insert(deadletter).values(
                source=poison.station,
                epoch=poison.epoch,
                seq=poison.seq,
                topic=topic,
                digest=digest,
                size=len(delivery.payload),
                payload=kept,
                reason=poison.reason.encode(errors="replace").decode(),
                received=self._received,
                times=1,
            )
        )
        newest = select(func.max(deadletter.c.n)).scalar_subquery()
        self._connection.execute(
            delete(deadletter).where(deadletter.c.seq.is_(None), deadletter.c.n <= newest - MOST_DEADLETTERS)
        )

    # --- presence --------------------------------------------------------------------------------

    def heard(self, name: str, **values: object) -> None:
        """A station said something."""
        self._stations.add(name)
        values["last_seen"] = self._received
        changed = self._connection.execute(update(station).where(station.c.id == name).values(values))
        if not changed.rowcount:
            self._connection.execute(insert(station).values(id=name, **values))

    def birth(self, birth: Birth, *, live: bool) -> None:
        """A station is there; what it says of its numbering is compared with ours."""
        before = self._connection.execute(
            select(station.c.session, station.c.since, station.c.last_seen).where(
                station.c.id == birth.station
            )
        ).one_or_none()
        at = self._stream(birth.station, birth.epoch)
        # A birth the broker had kept may be older than facts that are here already.
        if live and birth.next_seq <= at.max_seq and not at.forked:
            at.forked = True
            log.error(
                "station %s would give number %d again; %d facts are held: its card was restored or cloned",
                birth.station,
                birth.next_seq,
                at.max_seq,
            )
        self.heard(
            birth.station,
            connected=True,
            session=birth.session,
            since=before.since if before and before.session == birth.session else self._received,
            version=birth.version,
            epoch=birth.epoch,
            next_seq=birth.next_seq,
            clock=birth.clock,
            oldest_unsent=birth.oldest_unsent,
            birth=birth.whole,
        )
        self._current[birth.station] = birth.epoch

    def gone(self, gone: Gone) -> None:
        """A session is over. The late will of an older one never marks a live station as gone."""
        self._connection.execute(
            update(station)
            .where(station.c.id == gone.station, station.c.session == gone.session, station.c.connected)
            .values(connected=False, since=self._received)
        )

    # --- watermarks ------------------------------------------------------------------------------

    def finish(self, generation: str) -> list[Acknowledgement]:
        """Advance every touched stream and say where it stands; a station's current epoch comes last."""
        answers = []
        for (source, epoch), at in sorted(
            self._streams.items(), key=lambda entry: (entry[0][0], entry[0][1] == self._epoch_of(entry[0][0]))
        ):
            missing = self._advance(source, epoch, at)
            self._save(source, epoch, at)
            answers.append(Acknowledgement(source, generation, epoch, at.upto, missing, at.forked))
        return answers

    def _advance(self, source: str, epoch: str, at: _Stream) -> tuple[tuple[int, int], ...]:
        while at.upto + 1 in at.fresh:
            at.upto += 1
        if at.upto >= at.max_seq:
            return ()
        at.upto = _contiguous(self._connection, source, epoch, at.upto)
        return gaps(self._connection, source, epoch, at.upto, at.max_seq)

    def _stream(self, source: str, epoch: str) -> _Stream:
        if (source, epoch) not in self._streams:
            row = self._connection.execute(
                select(stream.c.upto, stream.c.max_seq, stream.c.redelivered, stream.c.forked).where(
                    stream.c.source == source, stream.c.epoch == epoch
                )
            ).one_or_none()
            self._streams[source, epoch] = (
                _Stream(0, 0, 0, forked=False, known=False) if row is None else _Stream(*row, known=True)
            )
        return self._streams[source, epoch]

    def _save(self, source: str, epoch: str, at: _Stream) -> None:
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

    def _epoch_of(self, name: str) -> str:
        if name not in self._current:
            found = self._connection.scalar(select(station.c.epoch).where(station.c.id == name))
            self._current[name] = found or ""
        return self._current[name]


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


def _parts(group: Sequence[Envelope], size: int = 500) -> Iterable[Sequence[Envelope]]:
    return (group[at : at + size] for at in range(0, len(group), size))


def _station_of(delivery: Delivery) -> str:
    message = read(delivery)
    return getattr(message, "station", "")
