"""A reading corner without screen and pad: the real store and uplink, and the test as its desk thread."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Protocol

from kiosk.events import Confirmed, Event, Forked, LinkChanged, NewsCame
from kiosk.facts import CheckedOut, Fact
from kiosk.link.health import Health
from kiosk.link.uplink import Uplink
from kiosk.model import ClockQuality, Now
from kiosk.settings import LinkSection
from kiosk.store import open_store
from kiosk.store.outbox import OutboxReader

HANOI = timezone(timedelta(hours=7))


def loans(count: int, first: int = 1) -> list[Fact]:
    """So many checkouts."""
    return [
        CheckedOut(item=f"LK-{number}", title="T-1", ageband="6-8", due="2026-12-05")
        for number in range(first, first + count)
    ]


class Reachable(Protocol):
    """A broker, or what stands before it."""

    @property
    def host(self) -> str: ...

    @property
    def port(self) -> int: ...


class Corner:
    """One station. Everything is called from the test's thread, which is its desk thread."""

    def __init__(
        self,
        folder: Path,
        broker: Reachable,
        name: str,
        *,
        health: Callable[[], Health] | None = None,
        **link: object,
    ) -> None:
        self.name = name
        self.confirmed: list[int] = []
        self.epochs: list[str] = []  # that were begun here because the one before was another's too
        self.link_changes: list[bool] = []
        self.news: list[NewsCame] = []
        self._path = folder / "station.db"
        self._inbox: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._store = open_store(self._path, kiosk=name, wall=datetime.now(HANOI))
        self.epoch = self._store.epoch
        values = {"host": broker.host, "port": broker.port, "resend_s": 0.5} | link
        self._reader = OutboxReader(self._path)
        self.uplink = Uplink(
            kiosk=name,
            link=LinkSection.model_validate(values),
            outbox=lambda: OutboxReader(self._path),
            post=self._inbox.put,
            version="1.2.3",
            health=health,
        )

    def report(self, *facts: Fact, wall: datetime | None = None) -> None:
        """Commit facts, as a visit does."""
        now = Now(wall or datetime.now(HANOI), 1000, self._store.boot, ClockQuality.NTP)
        with self._store.begin(now) as work:
            for fact in facts:
                work.report(fact)
            work.commit()
        self.uplink.nudge()

    @property
    def outbox_left(self) -> int:
        """Facts the centre is not known to hold."""
        state = self._reader.state()
        assert (state.oldest_unsent is None) == (state.acked == state.next_seq - 1)
        return state.next_seq - 1 - state.acked

    def tend(self) -> None:
        """What the desk thread does with the link's events."""
        while True:
            try:
                event = self._inbox.get_nowait()
            except queue.Empty:
                return
            if isinstance(event, Confirmed):
                self.confirmed.append(event.upto)
                now = Now(datetime.now(UTC), 1000, self._store.boot, ClockQuality.NTP)
                self._store.confirm(event.epoch, event.upto, now)
            elif isinstance(event, Forked):
                now = Now(datetime.now(UTC), 1000, self._store.boot, ClockQuality.NTP)
                if self._store.renumber(event.epoch, now) is not None:
                    self.epochs.append(self._store.epoch)
                    self.uplink.nudge()
            elif isinstance(event, NewsCame):
                self.news.append(event)
            elif isinstance(event, LinkChanged):
                self.link_changes.append(event.up)

    def until(self, reached: Callable[[], bool], seconds: float = 15.0, what: str = "") -> None:
        """Tend until something is so; fails when it never is."""
        limit = time.monotonic() + seconds
        while not reached():
            assert time.monotonic() < limit, f"never happened: {what}; {self.uplink.status}"
            self.tend()
            time.sleep(0.005)
        self.tend()

    def until_drained(self, seconds: float = 20.0) -> None:
        """Until the outbox is empty."""
        self.until(lambda: not self.outbox_left, seconds, "an empty outbox")

    def close(self) -> None:
        """Stop the link, release the files."""
        self.uplink.stop()
        self._reader.close()
        self._store.close()
