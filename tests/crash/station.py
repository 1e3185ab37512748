"""A station without screen and pad, as a process of its own: it lends, notes what it showed, and reports.

The store and the link are the real ones. What a child would have been shown is noted after the commit, in a
file that is only ever written to at its end: kill -9 takes nothing back from it.
"""

from __future__ import annotations

import os
import queue
import signal
import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from kiosk.events import Confirmed, Event, Forked
from kiosk.facts import CheckedOut, DoorCrossed, Returned
from kiosk.link.uplink import Uplink
from kiosk.model import ClockQuality, Item, ItemStatus, Loan, Now, Patron, Title
from kiosk.ports import StoreError
from kiosk.settings import LinkSection
from kiosk.store import StationStore, open_store
from kiosk.store.collection import Collection
from kiosk.store.outbox import OutboxReader
from tests.crash.programs import begin

HANOI = timezone(timedelta(hours=7))
ITEMS = [f"LK-{n}" for n in range(1, 31)]
CHILD = Patron("BD-1", "Mây", "cat", "tieu-hoc", 2018)
BOOK = Title("T-1", "Dế Mèn phiêu lưu ký", "Tô Hoài", "vi", 7, "green", "cricket")
DUE = date(2026, 12, 5)
NAME = "kiosk-1"


@dataclass(frozen=True, slots=True)
class Duty:
    """What a station does. `rate`: acts a second."""

    folder: Path
    port: int
    rate: float = 0.0
    window: int = 100

    @property
    def database(self) -> Path:
        return self.folder / "station.db"

    @property
    def shown(self) -> Path:
        """One line for each act that was shown as done."""
        return self.folder / "shown"

    @property
    def refused(self) -> Path:
        """One line for each act that was refused because it could not be kept."""
        return self.folder / "refused"


def prepare(folder: Path, backlog: int) -> None:
    """A station's data with a few books, and so many facts that no centre has seen."""
    store = open_store(folder / "station.db", kiosk=NAME, wall=datetime.now(HANOI))
    with store.begin(_now(store)) as work:
        collection = Collection(work)
        collection.put_titles([BOOK])
        collection.put_items((Item(name, BOOK, ItemStatus.LENDABLE), None) for name in ITEMS)
        collection.put_patrons([(CHILD, None)])
        for _ in range(backlog):
            work.report(DoorCrossed("in", "door"))
        work.commit()
    store.close()


def run(duty: Duty) -> None:
    """The process: until SIGTERM."""
    begin(duty.folder / "station.log")
    leaving: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: leaving.append(number))
    inbox: queue.SimpleQueue[Event] = queue.SimpleQueue()
    store = open_store(duty.database, kiosk=NAME, wall=datetime.now(HANOI))
    link = LinkSection.model_validate(
        {"host": "127.0.0.1", "port": duty.port, "resend_s": 0.5, "window": duty.window}
    )
    uplink = Uplink(
        kiosk=NAME,
        link=link,
        outbox=lambda: OutboxReader(duty.database),
        post=inbox.put,
        version="1.2.3",
    )
    desk = _Desk(duty, store)
    uplink.start()
    every = 1 / duty.rate if duty.rate else 0.1
    due = time.monotonic()
    while not leaving:
        try:
            desk.hear(inbox.get(timeout=max(0.0, min(0.1, due - time.monotonic()))))
        except queue.Empty:
            due = max(due + every, time.monotonic() - 0.1)
            if duty.rate:
                desk.act()
                uplink.nudge()
    uplink.stop()
    store.close()


class _Desk:
    """What the desk's thread does, as quick as it is asked to."""

    def __init__(self, duty: Duty, store: StationStore) -> None:
        self._duty, self._store = duty, store
        self._count = 0
        self._shown, self._refused = (
            os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            for path in (duty.shown, duty.refused)
        )
        with store.begin(_now(store)) as work:
            self._out = {item.id for item in work.items_at_home(CHILD.id)}

    def act(self) -> None:
        """Lend the next item, or take it back; show it once it is kept."""
        self._count += 1
        act = f"act-{self._store.boot}-{self._count}"  # stands in the fact as its title: no two are alike
        item = ITEMS[self._count % len(ITEMS)]
        now = _now(self._store)
        try:
            with self._store.begin(now) as work:
                if item in self._out:
                    work.give_back(item, stamp=False)
                    work.report(Returned(item, act, "6-8"))
                else:
                    work.lend(Loan(item, CHILD.id, now.today, DUE, 0))
                    work.report(CheckedOut(item, act, "6-8", DUE.isoformat()))
                work.commit()
        except StoreError:
            os.write(self._refused, f"{act}\n".encode())
            return
        self._out ^= {item}
        os.write(self._shown, f"{act}\n".encode())

    def hear(self, event: Event) -> None:
        """What the link tells."""
        try:
            if isinstance(event, Confirmed):
                self._store.confirm(event.epoch, event.upto, _now(self._store))
            elif isinstance(event, Forked):
                self._store.renumber(event.epoch, _now(self._store))
        except StoreError:
            pass  # no room: what is confirmed is told again


def _now(store: StationStore) -> Now:
    return Now(datetime.now(HANOI), time.monotonic_ns() // 1_000_000, store.boot, ClockQuality.NTP)
