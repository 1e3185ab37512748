"""Takes facts in: one transaction a batch, each fact once, and the watermark that stations wait for.

What is inserted is compared first: a fact that came before is recognised by its number and its id; the same
number with another id, or the same id under another number, goes to quarantine and is shown to librarians.
Counters change only by facts that were newly inserted, so they can always be counted again.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from central.delivery import Birth, Cleared, Delivery, Facts, Gone, Poison, poison_of, read
from central.errors import DatabaseUnusable
from central.kinds import Cell, count_of
from central.registry import Registry
from central.store import CentralStore
from central.tables import counter, deadletter, event, quarantine, station
from central.watermarks import Acknowledgement, Streams
from kiosk.facts import MAX_PAYLOAD, Envelope

log = logging.getLogger(__name__)

PREFIX = 1024
"""Bytes kept of a message that answers for no number."""
MOST_DEADLETTERS = 10_000
"""Messages without a number are kept up to this many; the oldest make room."""


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
            return self._commit([(delivery, poison_of(delivery, reason))])

    def _commit(self, batch: Sequence[tuple[Delivery, object]]) -> list[Acknowledgement]:
        with self._store.writing() as connection:
            work = _Batch(connection, self._now().isoformat(timespec="milliseconds"))
            work.compare_numbering(batch)
            work.insert_facts([message for _, message in batch if isinstance(message, Facts)])
            for delivery, message in batch:
                match message:
                    case Poison():
                        work.set_aside(delivery, message)
                    case Birth():
                        work.answer(message)
                        work.registry.birth(message, old=delivery.old)
                    case Gone():
                        work.registry.gone(message)
                    case Facts() | Cleared():
                        pass
            for name in {message.station for _, message in batch if isinstance(message, Facts)}:
                work.registry.told_facts(name)
            return work.finish(self._store.generation)


class _Batch:
    """What one transaction does."""

    def __init__(self, connection: Connection, received: str) -> None:
        self._connection = connection
        self._received = received
        self._streams = Streams(connection)
        self.registry = Registry(connection, received)

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
                self.registry.note(fact)
        if rows:
            self._connection.execute(insert(event), rows)
        self._count(counts)

    def _new(self, source: str, epoch: str, group: Sequence[Envelope]) -> list[Envelope]:
        at = self._streams.at(source, epoch)
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
            at.hold(fact.seq)
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

    # --- what is no fact -------------------------------------------------------------------------

    def set_aside(self, delivery: Delivery, poison: Poison) -> None:
        """Keep a message that is nothing of ours, once however often it comes."""
        if poison.epoch is not None and poison.seq is not None:
            self._streams.at(poison.station, poison.epoch).hold(poison.seq)
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
                at = self._streams.at(message.station, message.epoch)
                held = max(at.max_seq, highest.get((message.station, message.epoch), 0))
                forked = message.next_seq <= held
                if forked and not at.forked:
                    log.error(
                        "station %s would give number %d again, but facts up to %d are held:"
                        " its card was restored or cloned",
                        message.station,
                        message.next_seq,
                        held,
                    )
                at.forked = forked

    def answer(self, birth: Birth) -> None:
        """A station that was just born waits to hear where the centre stands."""
        self._streams.at(birth.station, birth.epoch)

    def finish(self, generation: str) -> list[Acknowledgement]:
        """Advance the watermarks and say where they stand."""
        return self._streams.finish(generation, self.registry.epoch_of)


def _parts(group: Sequence[Envelope], size: int = 500) -> Iterable[Sequence[Envelope]]:
    return (group[at : at + size] for at in range(0, len(group), size))
