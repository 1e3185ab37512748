"""New numbers for facts whose old ones turned out to be another's."""

from __future__ import annotations

import json

from sqlalchemy import bindparam, delete, insert, null, select, text

from kiosk.store.tables import OutboxRow
from kiosk.store.transaction import StationTransaction

_SLICE = 500  # facts at a time: a month of them need not lie in memory
_UNCONFIRMED = (
    select(
        OutboxRow.seq, OutboxRow.event_id, OutboxRow.cls, OutboxRow.payload, OutboxRow.wall, OutboxRow.mono
    )
    .where(OutboxRow.confirmed_at.is_(null()), OutboxRow.seq > bindparam("after"))
    .order_by(OutboxRow.seq)
    .limit(_SLICE)
)  # fmt: skip
_CONFIRMED = delete(OutboxRow).where(OutboxRow.confirmed_at.is_not(null()))
_ONE = delete(OutboxRow).where(OutboxRow.seq == bindparam("old"))
_ADD = insert(OutboxRow)
_FROM_ONE = text("UPDATE sqlite_sequence SET seq = :last WHERE name = 'outbox'")


def renumbered(work: StationTransaction, epoch: str) -> int:
    """Give every unconfirmed fact the next number from 1 in `epoch`, and forget the rest; how many they are.

    Inside the transaction `work`, which must not report anything itself.
    """
    doing = "numbering facts anew"
    work.run(_CONFIRMED, {}, doing)
    number, after = 0, 0
    while rows := work.run(_UNCONFIRMED, {"after": after}, doing).all():
        for row in rows:
            number += 1
            after = row.seq
            # A new number is never above the old one, and those before it are gone: none is taken.
            work.run(_ONE, {"old": row.seq}, doing)
            fact = json.loads(row.payload) | {"epoch": epoch, "seq": number}
            values = {
                "seq": number,
                "event_id": row.event_id,
                "cls": row.cls,
                "payload": json.dumps(fact, ensure_ascii=False, separators=(",", ":")).encode(),
                "wall": row.wall,
                "mono": row.mono,
                "confirmed_at": None,
            }
            work.run(_ADD, values, doing)
    work.run(_FROM_ONE, {"last": number}, doing)
    return number
