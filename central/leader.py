"""Which of several ingests hears the stations' births and wills: they make sense only in their order.

Facts carry their numbers and may come to anyone. The leader holds a lock of the database server, which lets
go of it when that process is gone, however it went; another ingest then leads within CHECK_S.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from central.store import CentralStore

CHECK_S = 3.0
_TAKE = text("SELECT pg_try_advisory_lock(hashtext('gocdoc.leader'))")
_GIVE = text("SELECT pg_advisory_unlock_all()")


class Leader:
    """One ingest's part in it. Alone on its database, it always leads."""

    def __init__(self, store: CentralStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._connection: Connection | None = None
        self._leads = not store.shared
        self._look_at = 0.0

    def leads(self) -> bool:
        """Whether this ingest leads; looked at every CHECK_S."""
        now = self._clock()
        if self._store.shared and now >= self._look_at:
            self._look_at = now + CHECK_S
            self._leads = self._take()
        return self._leads

    def resign(self) -> None:
        """Let another one lead."""
        connection, self._connection = self._connection, None
        if connection is not None:
            if not connection.invalidated:
                with suppress(SQLAlchemyError):
                    connection.execute(_GIVE)
            connection.invalidate()  # whatever is left of the lock ends with the session, not in a pool
            connection.close()
        self._leads = not self._store.shared
        self._look_at = 0.0

    def _take(self) -> bool:
        try:
            if self._connection is None:
                self._connection = self._store.session()
            # A lock that this session holds already is given once more.
            return bool(self._connection.scalar(_TAKE))
        except DBAPIError:
            self.resign()
            return False
