"""The outbox as the link thread reads it: its own read-only connection, never in the way of the desk."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kiosk.store.errors import store_error

# One statement is one snapshot: a watermark read twice could differ.
_STATE = """
SELECT (SELECT value FROM meta WHERE key = 'kiosk'),
       (SELECT value FROM meta WHERE key = 'epoch'),
       (SELECT seq FROM sqlite_sequence WHERE name = 'outbox'),
       (SELECT value FROM meta WHERE key = 'acked_upto'),
       (SELECT value FROM meta WHERE key = 'boot'),
       (SELECT wall FROM outbox WHERE confirmed_at IS NULL ORDER BY seq LIMIT 1)
"""
_PENDING = "SELECT seq, cls, payload FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?"


@dataclass(frozen=True, slots=True)
class OutboxState:
    """Where the numbering stands: what a station's birth tells the centre."""

    kiosk: str  # whose facts these are
    epoch: str
    next_seq: int
    acked: int  # the centre holds 1..acked
    boot: int
    oldest_unsent: str | None  # RFC 3339, UTC; None = the centre holds everything


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One fact as it is published."""

    seq: int
    cls: str
    payload: bytes


class OutboxReader:
    """Reads the outbox of the database file `path`. Belongs to the thread that made it.

    Raises StoreError when the file cannot be opened or read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=5.0
            )
        except sqlite3.Error as error:
            raise store_error(error, path, "opening the outbox") from error

    def state(self) -> OutboxState:
        """Where the numbering stands, in one snapshot."""
        kiosk, epoch, last, acked, boot, oldest = self._read(_STATE)[0]
        return OutboxState(
            kiosk=kiosk,
            epoch=epoch,
            next_seq=(last or 0) + 1,
            acked=int(acked),
            boot=int(boot),
            oldest_unsent=None if oldest is None else _rfc3339(oldest),
        )

    def pending(self, after: int, limit: int) -> list[OutboxRow]:
        """At most `limit` facts with seq > `after`, in order.

        Confirmed ones are among them: a centre restored from a backup asks for them again.
        """
        return [OutboxRow(*row) for row in self._read(_PENDING, after, limit)]

    def close(self) -> None:
        """Release the file. Never raises."""
        self._connection.close()

    def __enter__(self) -> OutboxReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self, statement: str, *values: int) -> list[Any]:
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise store_error(error, self._path, "reading the outbox") from error


def _rfc3339(wall: int) -> str:
    return datetime.fromtimestamp(wall / 1000, UTC).isoformat(timespec="milliseconds")
