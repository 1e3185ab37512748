"""Drops facts that are older than the setting says, a month at a time. What was counted of them stands.

Their amounts are noted beside the counters first, in the same transaction, so that a recount of what is kept
stays equal to the counters. Numbers are not forgotten: below its watermark a station's number is taken for
ever, so a dropped fact that comes again is recognised and not counted again.
"""

from __future__ import annotations

import logging

from sqlalchemy import Connection, delete, func, select, text, tuple_

from central import counters, partitions, recount
from central.store import CentralStore
from central.tables import event, stream

log = logging.getLogger(__name__)

AT_ONCE = 2_000
"""Facts dropped in one transaction where months are no tables of their own: the ingest waits so long."""


def drop_old(store: CentralStore, month: int, keep: int) -> int:
    """Drop every month that is more than `keep` months before `month`; 0 keeps all. Answers how many facts.

    Raises DatabaseUnusable.
    """
    if not keep:
        return 0
    oldest = partitions.later(month, -keep)
    with store.reading() as connection:
        due = sorted(one for one in partitions.made(connection) if one < oldest)
    dropped = 0
    for one in due:
        dropped += _drop_table(store, one) if store.shared else _drop_rows(store, one)
        log.info("the facts of %d are dropped; what was counted of them stands", one)
    return dropped


def _drop_table(store: CentralStore, month: int) -> int:
    with store.writing() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('gocdoc.partitions'))"))
        if month not in partitions.made(connection):
            return 0  # another ingest was quicker
        # Nobody corrects a time in it while it is counted a last time.
        connection.execute(text(f"LOCK TABLE event_{month} IN SHARE MODE"))
        count = _note(connection, month)
        connection.execute(text(f"ALTER TABLE event DETACH PARTITION event_{month}"))
        connection.execute(text(f"DROP TABLE event_{month}"))
        return count


def _drop_rows(store: CentralStore, month: int) -> int:
    dropped = 0
    while True:
        with store.writing() as connection:
            keys = connection.execute(
                select(event.c.source, event.c.epoch, event.c.seq)
                .where(event.c.filed == month)
                .limit(AT_ONCE)
            ).all()
            if not keys:
                return dropped
            which = tuple_(event.c.source, event.c.epoch, event.c.seq).in_([tuple(key) for key in keys])
            counters.archive(connection, recount.recount(connection, which))
            highest: dict[tuple[str, str], int] = {}
            for source, epoch, seq in keys:
                highest[source, epoch] = max(seq, highest.get((source, epoch), 0))
            _raise_floors(connection, highest)
            connection.execute(delete(event).where(which))
            dropped += len(keys)


def _note(connection: Connection, month: int) -> int:
    counters.archive(connection, recount.recount(connection, event.c.filed == month))
    rows = connection.execute(
        select(event.c.source, event.c.epoch, func.max(event.c.seq), func.count())
        .where(event.c.filed == month)
        .group_by(event.c.source, event.c.epoch)
    ).all()
    _raise_floors(connection, {(row[0], row[1]): row[2] for row in rows})
    return sum(row[3] for row in rows)


def _raise_floors(connection: Connection, highest: dict[tuple[str, str], int]) -> None:
    for (source, epoch), seq in sorted(highest.items()):
        connection.execute(
            stream.update()
            .where(stream.c.source == source, stream.c.epoch == epoch, stream.c.floor < seq)
            .values(floor=seq)
        )
