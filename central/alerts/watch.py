"""The watch: looks at the board every few seconds, keeps the book, tells people. Nothing waits for it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from central.alerts import book
from central.alerts.book import Alert
from central.alerts.rules import findings
from central.errors import CentreError, DatabaseUnusable
from central.overview import stations
from central.store import CentralStore

log = logging.getLogger(__name__)

EVERY_S = 10.0
AGAIN_AFTER_S = 60.0  # a mail server that is away is not asked all the time

Teller = Callable[[Sequence[Alert], datetime], None]
"""Tells people; raises CentreError when they could not be told."""


class AlertWatch:
    """One thread. `tellers`: every way an alert goes, by name.

    With several servers on one database people may, rarely, be told twice; never not at all.
    """

    def __init__(
        self,
        store: CentralStore,
        connected: Callable[[], bool],
        tellers: Mapping[str, Teller],
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._connected = connected
        self._tellers = tellers
        self._now = now
        self._done: dict[str, set[tuple[int, str | None]]] = {name: set() for name in tellers}
        self._troubles: dict[str, str] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="alerts", daemon=True)

    @property
    def trouble(self) -> str:
        """In words, why people could not be told; empty = they were. Safe from any thread."""
        return "; ".join(self._troubles.values())

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End; what is still owed is told by the next one."""
        self._stopping.set()
        self._thread.join(5)

    def look(self) -> bool:
        """Once: compare, write down, tell. Whether everybody could be told. Raises DatabaseUnusable."""
        now = self._now()
        with self._store.writing() as connection:
            self._store.lock(connection, ["(alerts)"])
            found = stations(connection, now.date().isoformat())
            book.look(connection, findings(found, now, broker=self._connected()), now)
            due = book.owed(connection)
        if not due:
            return True
        troubles: dict[str, str] = {}
        for name, tell in self._tellers.items():
            new = [one for one in due if (one.n, one.ended) not in self._done[name]]
            try:
                if new:
                    tell(new, now)
                self._done[name].update((one.n, one.ended) for one in new)
            except CentreError as error:
                log.warning("alerts by %s: %s", name, error)
                troubles[name] = str(error)
        self._troubles = troubles
        if troubles:
            return False
        with self._store.writing() as connection:
            book.told(connection, due)
        for done in self._done.values():
            done.clear()
        return True

    def _run(self) -> None:
        pause = EVERY_S
        while not self._stopping.wait(pause):
            try:
                pause = EVERY_S if self.look() else AGAIN_AFTER_S
            except DatabaseUnusable as error:
                log.warning("the alerts wait for the database: %s", error)
                pause = AGAIN_AFTER_S
