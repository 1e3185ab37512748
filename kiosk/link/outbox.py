"""What the link needs to read of the station's outbox, as Protocols. It never writes there (law 10)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol


class OutboxState(Protocol):
    """Where the outbox stands."""

    @property
    def epoch(self) -> str:
        """Names this stream of numbers; random, made with the database."""
        ...

    @property
    def next_seq(self) -> int:
        """The number the next fact will get: everything below it was written."""
        ...

    @property
    def acked(self) -> int:
        """The centre holds 1..acked, as far as the store knows."""
        ...

    @property
    def boot(self) -> int:
        """How many times this station was started."""
        ...

    @property
    def oldest_unsent(self) -> str | None:
        """Time of the oldest fact the centre does not hold, RFC 3339; None = it holds all."""
        ...


class OutboxRow(Protocol):
    """One fact as it will travel."""

    @property
    def seq(self) -> int:
        """Its number within the epoch."""
        ...

    @property
    def cls(self) -> str:
        """The class of the catalogue: the last level of the topic."""
        ...

    @property
    def payload(self) -> bytes:
        """The CloudEvent as it was committed."""
        ...


class OutboxReader(Protocol):
    """A read-only connection of its own, made and used inside the link's thread."""

    def state(self) -> OutboxState:
        """Where the outbox stands now."""
        ...

    def pending(self, after: int, limit: int) -> Sequence[OutboxRow]:
        """At most `limit` rows with seq > after, in order."""
        ...

    def close(self) -> None:
        """Release the connection."""
        ...


OpenOutbox = Callable[[], OutboxReader]
"""Opens the outbox; called inside the link's thread. May raise StationError or OSError."""
