"""How facts are packed into messages: one by one, or several in one where the way is long or many wait.

A round trip costs as much for one fact as for twenty. So over a slow link, or when more is waiting than the
window holds, several facts travel in one message (CloudEvents' JSON batch), in their order. Pure: no wires.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kiosk.facts import BATCH
from kiosk.link.outbox import OutboxRow

SLOW_S = 0.05
"""A broker that answers later than this is far away: a mobile network, a satellite."""
MOST_FACTS = 100
MOST_BYTES = 8_192
"""In one message, far below the 64 KiB the centre takes: over a bad mobile network (2 kB a second) this is on
its way for four seconds, and it is sent again as a whole."""
LEAST_LOAD, MOST_LOAD = 16_384, 262_144
"""Bytes in flight when messages carry several facts: the first on a link that creeps, the second on one that
runs."""
PROMPT_S, LATE_S = 1.0, 4.0


@dataclass(frozen=True, slots=True)
class Message:
    """One publish: its topic's class, its payload, and the first and last number in it."""

    cls: str
    payload: bytes
    first: int
    last: int


def one_by_one(rows: Iterable[OutboxRow]) -> Iterator[Message]:
    """Each fact a message of its own."""
    return (Message(row.cls, row.payload, row.seq, row.seq) for row in rows)


def packed(rows: Iterable[OutboxRow]) -> Iterator[Message]:
    """Several facts a message, in order. One that is larger than a whole batch travels alone."""
    batch: list[OutboxRow] = []
    size = 2  # the brackets
    for row in rows:
        if batch and (size + len(row.payload) + 1 > MOST_BYTES or len(batch) == MOST_FACTS):
            yield _message(batch)
            batch, size = [], 2
        batch.append(row)
        size += len(row.payload) + 1
    if batch:
        yield _message(batch)


def _message(batch: Sequence[OutboxRow]) -> Message:
    first, last = batch[0], batch[-1]
    if len(batch) == 1:
        return Message(first.cls, first.payload, first.seq, first.seq)
    classes = {row.cls for row in batch}
    cls = classes.pop() if len(classes) == 1 else BATCH
    return Message(cls, b"[" + b",".join(row.payload for row in batch) + b"]", first.seq, last.seq)


class Load:
    """How many bytes may be in flight when messages carry several facts: what the link has shown to bear."""

    def __init__(self) -> None:
        self.bytes = LEAST_LOAD * 2

    def confirmed(self, after_s: float) -> None:
        """The centre held something so many seconds after it was sent."""
        if after_s <= PROMPT_S:
            self.bytes = min(MOST_LOAD, self.bytes * 2)
        elif after_s >= LATE_S:
            self.stalled()

    def stalled(self) -> None:
        """Nothing moved for too long."""
        self.bytes = max(LEAST_LOAD, self.bytes // 2)
