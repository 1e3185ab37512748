"""Takes facts in: one transaction a batch, each fact once, and the watermark that stations wait for.

What is inserted is compared first: a fact that came before is recognised by its number and its id; the same
number with another id, or the same id under another number, goes to quarantine and is shown to librarians.
Counters change only by facts that were newly inserted, or whose time was corrected, in the same transaction:
they can always be counted again.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, literal, select, update
from sqlalchemy.exc import SQLAlchemyError

from central import counters, partitions
from central.alarms import Alarms, Kind
from central.condition import Condition, Unsaid, keep
from central.delivery import Birth, Cleared, Delivery, Facts, Gone, Poison, poison_of, read
from central.errors import DatabaseUnusable
from central.kinds import Cell, count_of
from central.leader import Leader
from central.registry import Registry
from central.sql import among, insert_all
from central.store import CentralStore, renew_generation
from central.tables import deadletter, event, quarantine, station
from central.times import Times, is_good
from central.watermarks import Acknowledgement, Stream, Streams, everything, generation_of
from kiosk.facts import MAX_PAYLOAD, TYPES, Envelope

log = logging.getLogger(__name__)

PREFIX = 1024
"""Bytes kept of a message that answers for no number."""
MOST_DEADLETTERS = 10_000
"""Messages without a number are kept up to this many; the oldest make room."""
OVERTAKING = timedelta(seconds=10)
"""By so much a fact may overtake a birth that was said before it, where several ingests share the facts."""
_UNREADABLE = ""  # no fact has this id


class Ledger:
    """Writes facts. `now` is injectable for tests; it must give UTC."""

    def __init__(self, store: CentralStore, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._store = store
        self._now = now
        self._months: set[int] = set()
        self._generation = store.generation

    @property
    def leader(self) -> Leader:
        """Who hears births, for one more ingest on this database."""
        return Leader(self._store)

    @property
    def shared(self) -> bool:
        """Whether other ingests may write beside this one."""
        return self._store.shared

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

    def said_anew(self) -> list[Acknowledgement]:
        """What every station must hear because the generation changed since this was asked last.

        A database was restored, or a person asked for a replay. Raises DatabaseUnusable.
        """
        with self._store.reading() as connection:
            generation = generation_of(connection)
            if generation == self._generation:
                return []
            answers = everything(connection)
        self._generation = generation
        return answers

    def _alone(self, delivery: Delivery) -> list[Acknowledgement]:
        try:
            return self._commit([(delivery, read(delivery))])
        except DatabaseUnusable:
            raise
        except (SQLAlchemyError, ValueError, TypeError, OverflowError, RecursionError) as error:
            reason = f"no transaction would hold it: {error}"[:500]
            return self._commit([(delivery, poison_of(delivery, reason))])

    def _commit(self, batch: Sequence[tuple[Delivery, object]]) -> list[Acknowledgement]:
        now = self._now()
        month = partitions.month_of(now)
        sources = {getattr(message, "station", "") for _, message in batch}
        with self._store.writing() as connection:
            months = self._months
            if partitions.later(month, 1) not in months:  # at the first batch, and once a month
                months = partitions.make_ahead(connection, month)
            self._store.lock(connection, sources)
            work = _Batch(connection, now, alone=not self._store.shared)
            work.streams.look_up(sources)
            work.registry.look_up(sources)
            work.compare_numbering(batch)
            work.insert_facts([message for _, message in batch if isinstance(message, Facts)])
            for delivery, message in batch:
                match message:
                    case Poison():
                        work.set_aside(delivery, message)
                    case Birth():
                        work.answer(message, old=delivery.old)
                    case Gone():
                        work.registry.gone(message)
                    case Facts():
                        work.registry.told_facts(message.station)
                    case Condition() | Unsaid():
                        keep(connection, message, now.isoformat(timespec="milliseconds"))
                    case Cleared():
                        pass
            answers = work.finish()
        self._months = months
        return answers


class _Batch:
    """What one transaction does. `alone`: nobody else takes in facts, so messages come in the order said."""

    def __init__(self, connection: Connection, now: datetime, *, alone: bool) -> None:
        self._connection = connection
        self._now = now
        self._received = now.isoformat(timespec="milliseconds")
        self._alone = alone
        self._alarms = Alarms(connection, self._received)
        self._times = Times(connection)
        self.streams = Streams(connection)
        self.registry = Registry(connection, self._received, self._alarms)

    # --- facts -----------------------------------------------------------------------------------

    def insert_facts(self, messages: Sequence[Facts]) -> None:
        """Insert what is new, recognise what came before, set contradictions aside."""
        # A batch of several classes comes under one topic: what is known is of the class of its type.
        classes = {
            id(fact): TYPES[fact.type].cls if fact.type in TYPES else message.cls
            for message in messages
            for fact in message.facts
        }
        new = self._new([fact for message in messages for fact in message.facts])
        if not new:
            return
        counts: Counter[Cell] = Counter()
        for moved in self._times.learn(new):
            for time, sign in ((moved.before, -1), (moved.now, 1)):
                cell, amount = count_of(_countable(moved.source, moved.type, time, moved.data))
                counts[cell] += sign * amount
        rows: list[dict[str, Any]] = []
        filed = partitions.month_of(self._now)
        for fact in new:
            at, estimated = self._times.at(fact)
            rows.append(self._row(fact, classes[id(fact)], filed, at, estimated))
            cell, amount = count_of(
                fact if at == fact.time else _countable(fact.kiosk, fact.type, at, fact.data)
            )
            counts[cell] += amount
            self.registry.note(fact)
        insert_all(self._connection, event, rows)
        counters.add(self._connection, counts)
        self._compare_boots(new)

    def _new(self, facts: Sequence[Envelope]) -> list[Envelope]:
        if not facts:
            return []
        known = self._known_ids(facts)
        numbers = self._known_numbers(
            [fact for fact in facts if (fact.kiosk, fact.id) not in known and self._at(fact).holds(fact.seq)]
        )
        given: dict[tuple[str, str, int], str] = {}
        new: list[Envelope] = []
        for fact in facts:
            at = self._at(fact)
            number = (fact.kiosk, fact.epoch, fact.seq)
            held_as = known.get((fact.kiosk, fact.id))
            taken_by = given.get(number) or numbers.get(number)
            if held_as == number:
                at.redelivered += 1
            elif held_as is not None:
                self._quarantine(fact, "this id is held under another number")
            elif taken_by == fact.id:
                at.redelivered += 1  # it is in quarantine
                self._given_twice(fact)
            elif taken_by is not None and taken_by != _UNREADABLE:
                self._quarantine(fact, "this number is held with another id")
                self._given_twice(fact)
                at.forked = True  # its card was restored or cloned: it must give its facts new numbers
            elif at.holds(fact.seq) and taken_by is None:
                at.redelivered += 1  # its fact is no longer kept: by its number it was counted
            elif not at.holds(fact.seq) and not at.has_room_for(fact.seq):
                log.warning("station %s: fact %d comes too far ahead of gaps", fact.kiosk, fact.seq)
                continue
            else:
                if taken_by == _UNREADABLE:
                    self._readable_now(number)
                given[number] = fact.id
                known[fact.kiosk, fact.id] = number
                new.append(fact)
            at.hold(fact.seq)
        return new

    def _at(self, fact: Envelope) -> Stream:
        return self.streams.at(fact.kiosk, fact.epoch)

    def _known_ids(self, facts: Sequence[Envelope]) -> dict[tuple[str, str], tuple[str, str, int]]:
        """Under which numbers these ids are held."""
        found = select(event.c.source, event.c.id, event.c.epoch, event.c.seq).where(
            among(self._connection, event.c.id, [fact.id for fact in facts])
        )
        if partitions.partitioned(self._connection) and all(is_good(fact) for fact in facts):
            # No fact came in before it was written, and the same fact says the same time again: months
            # before that need no look. A day is left for the zones.
            oldest = min(datetime.fromisoformat(fact.time) for fact in facts) - timedelta(days=1)
            found = found.where(event.c.filed >= partitions.month_of(oldest))
        return {
            (row.source, row.id): (row.source, row.epoch, row.seq) for row in self._connection.execute(found)
        }

    def _known_numbers(self, facts: Sequence[Envelope]) -> dict[tuple[str, str, int], str]:
        """The ids that hold these numbers; _UNREADABLE where it is a message that could not be read."""
        found: dict[tuple[str, str, int], str] = {}
        if not facts:
            return found
        for table in (deadletter, quarantine, event):  # the later decides
            held = literal(_UNREADABLE) if table is deadletter else table.c.id
            rows = self._connection.execute(
                select(table.c.source, table.c.epoch, table.c.seq, held.label("id")).where(
                    among(self._connection, table.c.source, sorted({fact.kiosk for fact in facts})),
                    among(self._connection, table.c.seq, sorted({fact.seq for fact in facts})),
                )
            )
            found |= {(row.source, row.epoch, row.seq): row.id for row in rows}
        return found

    def _readable_now(self, number: tuple[str, str, int]) -> None:
        """A number that only an unreadable message answered for gets its fact after all."""
        source, epoch, seq = number
        self._connection.execute(
            delete(deadletter).where(
                deadletter.c.source == source, deadletter.c.epoch == epoch, deadletter.c.seq == seq
            )
        )

    def _row(self, fact: Envelope, cls: str, filed: int, at: str, estimated: str) -> dict[str, Any]:
        return {
            "source": fact.kiosk,
            "epoch": fact.epoch,
            "seq": fact.seq,
            "filed": filed,
            "id": fact.id,
            "type": fact.type,
            "cls": cls,
            "time": fact.time,
            "received": self._received,
            "boot": fact.boot,
            "mono": fact.mono,
            "clock": fact.clock,
            "data": fact.data,
            "at": at,
            "estimated": estimated,
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
        self._alarms.raised(
            fact.kiosk, Kind.CONTRADICTION, fact.epoch, f"fact {fact.seq} is in quarantine: {reason}"
        )
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

    def _given_twice(self, fact: Envelope) -> None:
        """Two cards give the same numbers: whoever hears of it takes new ones, and people are told."""
        at = self._at(fact)
        if not at.forked:
            self._alarms.raised(
                fact.kiosk, Kind.FORK, fact.epoch,
                f"number {fact.seq} was given to two facts: its card was restored or cloned",
            )  # fmt: skip
        at.forked = True

    def _compare_boots(self, new: Sequence[Envelope]) -> None:
        """Notice starts that alternate in one numbering: two stations run on copies of one card."""
        runs: dict[tuple[str, str, int], int] = {}
        for fact in new:
            run = (fact.kiosk, fact.epoch, fact.boot)
            runs[run] = min(runs.get(run, fact.seq), fact.seq)
        for run, first in runs.items():
            at = self.streams.at(run[0], run[1])
            if run[2] < at.boot or self._times.begins_with(run, first):
                other = self._times.overlapping(run)
                if other is not None:
                    self._alarms.raised(
                        run[0], Kind.BOOTS, run[1],
                        f"its starts {min(other, run[2])} and {max(other, run[2])} alternate: two"
                        " stations run on copies of one card",
                    )  # fmt: skip
            at.boot = max(at.boot, run[2])

    # --- what is no fact -------------------------------------------------------------------------

    def set_aside(self, delivery: Delivery, poison: Poison) -> None:
        """Keep a message that is nothing of ours, once however often it comes."""
        if poison.epoch is not None and poison.seq is not None:
            self.streams.at(poison.station, poison.epoch).hold(poison.seq)
            kept = delivery.payload[:MAX_PAYLOAD]
        else:
            kept = delivery.payload[:PREFIX]
        topic = _plain(delivery.topic[:300])
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
                reason=_plain(poison.reason),
                received=self._received,
                times=1,
            )
        )
        newest = select(func.max(deadletter.c.n)).scalar_subquery()
        self._connection.execute(
            delete(deadletter).where(deadletter.c.seq.is_(None), deadletter.c.n <= newest - MOST_DEADLETTERS)
        )

    def compare_numbering(self, batch: Sequence[tuple[Delivery, object]]) -> None:
        """Notice a station that would give numbers again: its card was restored or cloned.

        Messages are taken in the order they were said: facts that followed a birth do not contradict it. A
        birth that was not said just now may be older than facts that are here already.
        """
        highest: dict[tuple[str, str], int] = {}
        for delivery, message in batch:
            if isinstance(message, Facts):
                for fact in message.facts:
                    key = (fact.kiosk, fact.epoch)
                    highest[key] = max(highest.get(key, 0), fact.seq)
            elif isinstance(message, Birth) and not delivery.old:
                at = self.streams.at(message.station, message.epoch)
                forked = self._falls_behind(message, at, highest.get((message.station, message.epoch), 0))
                if forked and not at.forked:
                    self._alarms.raised(
                        message.station, Kind.FORK, message.epoch,
                        f"it would give number {message.next_seq} again, but facts up to"
                        f" {max(at.max_seq, message.next_seq)} are held: its card was restored or cloned",
                    )  # fmt: skip
                at.forked = forked

    def _falls_behind(self, birth: Birth, at: Stream, in_batch: int) -> bool:
        if self._alone:
            return birth.next_seq <= max(at.max_seq, in_batch)
        if birth.next_seq > at.max_seq:
            return False
        # Another ingest may have been quicker with a fact that was said after this birth. That fact is of the
        # same start, and has only just come.
        first = self._connection.execute(
            select(event.c.boot, event.c.received)
            .where(
                event.c.source == birth.station,
                event.c.epoch == birth.epoch,
                event.c.seq >= birth.next_seq,
            )
            .order_by(event.c.seq)
            .limit(1)
        ).one_or_none()
        if first is None or (birth.boot is not None and first.boot != birth.boot):
            return True
        return self._now - datetime.fromisoformat(first.received) > OVERTAKING

    def answer(self, birth: Birth, *, old: bool) -> None:
        """A station that was just born waits to hear where the centre stands."""
        at = self.streams.at(birth.station, birth.epoch)
        returns = self.streams.was_born(birth.station, birth.epoch)
        if self.registry.birth(birth, old=old, epoch_returns=returns):
            at.forked = True
        at.born = at.born or self._received
        if birth.acked > max(at.upto, at.promised):
            # We never say a number before it is committed, so this database is older than what was said.
            at.promised = birth.acked
            renew_generation(self._connection)
            self._alarms.raised(
                birth.station, Kind.RESTORED, birth.epoch,
                f"it was told that facts up to {birth.acked} are held, but they are held up to {at.upto}:"
                " this database was restored from a backup, or the station reported elsewhere before; every"
                " station is asked to send again what is missing",
            )  # fmt: skip

    def finish(self) -> list[Acknowledgement]:
        """Advance the watermarks and say where they stand."""
        self.registry.finish()
        return self.streams.finish(self.registry.epoch_of)


def _countable(source: str, kind: str, at: str, data: dict[str, Any]) -> Envelope:
    return Envelope("", source, kind, at, "", 0, 0, 0, "", data)


def _plain(text: str) -> str:
    """Text that every database keeps."""
    return text.encode(errors="replace").decode().replace("\x00", "\ufffd")
