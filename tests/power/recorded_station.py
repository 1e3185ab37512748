"""A station under recording: the real desk, engine, store and settings of a database; hands and clock are a
test's.

`python -m tests.power.recorded_station <folder> <recording> [--visits N] [--synchronous FULL]` runs one in a
process of its own and leaves the recording: what was done to the disk, between it what a child was told.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import queue
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from kiosk.desk import Desk
from kiosk.engine import Engine
from kiosk.events import Action, Confirmed, Elapsed, Event, Tag, TagKind, TagsOnPad, Tapped
from kiosk.model import ClockQuality, Item, Now, Patron, Policy, Rules, Title
from kiosk.screens import Choose, Hello, Lent, Offer, Renewed, Returned, Shown, Undone, Welcome
from kiosk.store import StationStore, database, open_store
from kiosk.store.collection import Collection
from kiosk.store.outbox import OutboxReader
from tests.power.recording_vfs import Recording

KIOSK = "goc-doc-1"
MORNING = datetime(2026, 11, 20, 7, 30, tzinfo=timezone(timedelta(hours=7)))
CARDS = [f"AA0000{n:02X}" for n in range(6)]
BOOKS = [f"04B0000000{n:04X}" for n in range(30)]
RULES = Rules(default=Policy(max_loans=3, loan_days=14, max_renewals=2))
BOOTS = 4
"""Starts in one recording; between two of them a night and more pass."""
NIGHT = timedelta(days=11)  # so that confirmed facts are forgotten (30 days) before the recording ends


class SteppedClock:
    """Fits kiosk.ports.Clock; time passes when the hands say so."""

    def __init__(self, wall: datetime, boot: int) -> None:
        self._wall, self._boot = wall, boot
        self.mono = 1_000

    def now(self) -> Now:
        """This moment."""
        return Now(self._wall + timedelta(milliseconds=self.mono), self.mono, self._boot, ClockQuality.NTP)


class Hands:
    """Children at one running station. Every verb waits until the desk has taken it."""

    def __init__(self, store: StationStore, recording: Recording, wall: datetime, seed: int) -> None:
        self.store, self._recording = store, recording
        self.clock = SteppedClock(wall, store.boot)
        self._chance = random.Random(seed)
        self._taken: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._shown: Shown | None = None
        self._outbox: OutboxReader | None = None  # the desk thread's own
        self._leaving = False
        self._seen = self._written()
        self.engine = Engine(
            desk=Desk(store=store, rules=RULES),
            store=store,
            clock=self.clock,
            present=self._present,
            tick=self._tick,
        )
        self._shown = self.engine.first()
        self.engine.start()
        self._do(TagsOnPad(frozenset()))

    def close(self) -> None:
        """The end of a day: everything ends in good order."""
        self._leaving = True
        self._do(Elapsed())
        self.engine.stop()

    def visit(self, card: str, books: list[str]) -> None:
        """A child comes, lays its books down one after the other, decides, and goes."""
        pad = {Tag(card, TagKind.CLASSIC)}
        self._put(pad)
        for book in books:
            pad.add(Tag(book, TagKind.ULTRALIGHT))
            self._recording.say("laid down", book)
            self._put(pad)
            screen = self._shown.screen if self._shown else None
            if isinstance(screen, Choose):
                self._tap(self._chance.choice((Action.RETURN, Action.KEEP)))
            elif isinstance(screen, Offer):
                self._tap(self._chance.choice((Action.BORROW, Action.NOT_NOW)))
            elif isinstance(screen, Lent) and self._chance.random() < 0.1:
                self._tap(Action.UNDO)
            pad.discard(Tag(book, TagKind.ULTRALIGHT))
            self._put(pad)
            self._wait(9)
        self._put(set())
        self._wait(20)
        screen = self._shown.screen if self._shown else None
        assert isinstance(screen, Welcome), f"the visit did not end: {screen}"

    def confirm(self) -> None:
        """The centre says that it holds nearly everything."""
        upto = max(0, self._written() - self._chance.randrange(6))
        self._do(Confirmed(self.store.epoch, upto))

    def idle(self) -> None:
        """Nobody comes for hours: the engine tidies up."""
        self.clock.mono += 7 * 3_600_000
        self._do(Elapsed())

    def _written(self) -> int:
        with OutboxReader(self.store.path) as outbox:
            return outbox.state().next_seq - 1

    def _put(self, tags: set[Tag]) -> None:
        self.clock.mono += 300
        self._do(TagsOnPad(frozenset(tags)))

    def _tap(self, action: Action) -> None:
        self.clock.mono += 900
        self._do(Tapped(action))

    def _wait(self, seconds: int) -> None:
        for _ in range(seconds):
            self.clock.mono += 1_000
            self._do(Elapsed())

    def _do(self, event: Event) -> None:
        while not self._taken.empty():
            self._taken.get()
        self.engine.post(event)
        self._taken.get(timeout=30)

    def _tick(self) -> None:
        """On the desk thread, after every event: what it committed, by the outbox."""
        facts = []
        if self._outbox is None:
            self._outbox = OutboxReader(self.store.path)
        for row in self._outbox.pending(self._seen, 1_000):
            event = json.loads(row.payload)
            facts.append((row.seq, event["id"], event["type"], event["data"]))
            self._seen = row.seq
        if facts:
            self._recording.say("committed", facts)
        if self._leaving:
            self._outbox.close()
        self._taken.put(None)

    def _present(self, shown: Shown) -> None:
        self._shown = shown
        match shown.screen:
            case Lent(books=books):
                self._recording.say("told", "lent", books[0].item_id)
            case Returned(books=books):
                self._recording.say("told", "returned", books[0].item_id)
            case Renewed(book=book):
                self._recording.say("told", "renewed", book.item_id)
            case Undone(book=book):
                self._recording.say("told", "undone", book.item_id)
            case Hello():
                self._recording.say("told", "hello", "")


def fill(store: StationStore) -> None:
    """Six children, thirty books."""
    wall = MORNING - timedelta(days=1)
    with store.begin(Now(wall, 1, store.boot, ClockQuality.NTP)) as work:
        collection = Collection(work)
        title = Title("de-men", "Dế Mèn phiêu lưu ký", "Tô Hoài", "vi", 6, "green", "cricket")
        collection.put_titles([replace(title, id=f"T{n}", name=f"{title.name} {n}") for n in range(10)])
        collection.put_items(
            (Item(f"LK-{n}", replace(title, id=f"T{n % 10}")), uid) for n, uid in enumerate(BOOKS)
        )
        collection.put_patrons(
            (Patron(f"BD-{n}", "Mây", "cat", "child", birth_year=2018), uid) for n, uid in enumerate(CARDS)
        )
        work.commit()


def run(folder: Path, recording: Recording, visits: int) -> None:
    """The days of one station: it is started, used and stopped, and started again."""
    chance = random.Random(visits)
    path = folder / "station.db"
    wall = MORNING
    days = [visits // BOOTS] * BOOTS
    for day, count in enumerate(days):
        with open_store(path, kiosk=KIOSK, wall=wall.astimezone(UTC)) as store:
            recording.say("booted", store.boot, store.epoch)
            if day == 0:
                fill(store)
            recording.say("filled")
            hands = Hands(store, recording, wall, seed=day)
            for number in range(count):
                hands.visit(chance.choice(CARDS), chance.sample(BOOKS, chance.randint(1, 3)))
                if number % 5 == 4:
                    hands.confirm()
            hands.idle()
            hands.close()
        wall += NIGHT


def main() -> None:
    """Record, and leave the recording."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("recording", type=Path)
    parser.add_argument("--visits", type=int, default=120)
    parser.add_argument("--synchronous", choices=("FULL", "NORMAL", "OFF"), default="FULL")
    asked = parser.parse_args()
    # The control: the same station without what makes done durable.
    database.PRAGMAS = tuple(
        pragma.replace("synchronous = FULL", f"synchronous = {asked.synchronous}")
        for pragma in database.PRAGMAS
    )
    recording = Recording()
    run(asked.folder, recording, asked.visits)
    asked.recording.write_bytes(pickle.dumps(recording.ops))
    os._exit(0)  # SQLite points at functions of ours, which Python would take away before it


if __name__ == "__main__":
    main()
