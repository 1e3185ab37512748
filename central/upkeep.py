"""What the centre does beside: room for months to come, sums of those that are over, old facts dropped."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from central import months, partitions, retention
from central.errors import CentreError
from central.store import CentralStore

log = logging.getLogger(__name__)

EVERY_S = 3_600.0


class Upkeep:
    """A thread that looks every hour. Several centres on one database may each have one."""

    def __init__(
        self, store: CentralStore, keep_months: int, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._store = store
        self._keep = keep_months
        self._now = now
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """End; what is under way is rolled back if it does not end in time."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def once(self) -> None:
        """Look now. Raises DatabaseUnusable."""
        month = partitions.month_of(self._now())
        with self._store.writing() as connection:
            partitions.make_ahead(connection, month)
        # A day later: no station's own calendar is in the month before any more.
        today = self._now() - timedelta(days=1)
        with self._store.reading() as connection:
            due = months.due(connection, f"{today:%Y-%m}")
        for one in due:
            with self._store.writing() as connection:
                months.sum_up(connection, one)
        retention.drop_old(self._store, month, self._keep)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.once()
            except CentreError as error:
                log.warning("%s", error)
            except Exception:
                log.exception("the upkeep stumbled and tries again")
            self._stopping.wait(EVERY_S)
