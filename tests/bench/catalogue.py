"""A catalogue of 100,000 titles on its way into a station: bytes, seconds on a thin line, and what the desk
feels of it.

The titles are made of the words of the demonstration library's titles, in their usual company; a real
catalogue of as many letters weighs about as much.
"""

from __future__ import annotations

import csv
import gzip
import io
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from central import catalogue
from central.broker import LocalBroker
from central.down.courier import Courier
from central.ingest import BrokerAddress
from central.store import CentralStore, url_of
from kiosk.catalogue import Edition, ItemEntry, TitleEntry
from kiosk.events import EditionChosen, EditionWhole, PartCame
from kiosk.model import ClockQuality, Now
from kiosk.orders.shelving import Shelving
from kiosk.store import open_store
from tests.bench.row import Row
from tests.central.room import Room
from tests.central.thin_wire import HEADERS, SEGMENT, ThinWire

TITLES, COPIES = 100_000, 1.5
SMALL = 1_500
LINE_BIT_S = 64_000
PER_PART = 120
"""Bytes of MQTT around a part: its topic three times (asked for, granted, sent), and the packets' headers."""
DEMO = Path(__file__).parents[2] / "kiosk" / "demo" / "titles.csv"


def measure() -> Iterator[Row]:
    """Bytes and seconds down the line; milliseconds at the desk."""
    titles, items = _library(TITLES)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with closing(CentralStore(url_of(folder))) as store:
            begun = time.perf_counter()
            done = catalogue.take_in(store, "all", titles, items)
            took = time.perf_counter() - begun
            with store.reading() as connection:
                (edition,) = catalogue.heads(connection)["all"].editions
                parts = dict(catalogue.parts(connection, "all", edition.name))
            yield Row(
                f"{TITLES:,} titles, {len(items):,} items", "MB", done.snapshot_bytes / 1e6,
                _gzipped(titles, items) / 1e6, "the same lists as CSV, gzip -9",
            )  # fmt: skip
            seconds = _on_the_line(edition)
            yield Row(
                "the same at 64 kbit/s, with all headers", "s", seconds,
                done.snapshot_bytes * 8 / LINE_BIT_S, "its bare bytes", "at most 1.1",
            )  # fmt: skip
            changed = [replace(one, name=f"{one.name} (in lại)") for one in titles[:100]] + titles[100:]
            delta = catalogue.take_in(store, "all", changed, items)
            yield Row(
                "100 titles changed", "kB", delta.delta_bytes / 1e3, done.snapshot_bytes / 1e3, "all of it"
            )
            yield Row("taken in at the centre", "s", took, None, "")
        yield from _desk(folder / "station", edition, parts)
        yield from _thin_line(folder)


def _desk(folder: Path, edition: Edition, parts: dict[int, bytes]) -> Iterator[Row]:
    """What the desk thread does: keep each part, put rows in by slices."""
    with open_store(folder / "station.db", kiosk="bench", wall=datetime.now(UTC)) as store:
        shelving = Shelving(store, lambda: None)
        now = Now(datetime.now(UTC), 1, 1, ClockQuality.NTP)
        shelving.start(now)
        shelving.came(EditionChosen("all", "g", edition, parts[0]), now)
        keeping = [
            _timed(lambda n=n: shelving.came(PartCame(edition.sha256, n, parts[n]), now))  # type: ignore[misc]
            for n in range(1, edition.parts + 1)
        ]
        shelving.came(EditionWhole(edition.sha256, True), now)
        slices = []
        while shelving.state.version != edition.version:
            slices.append(_timed(lambda: shelving.work(now)))
    slices.sort()
    yield Row("put in, in all", "s", sum(slices), None, "")
    yield Row("a slice: half of them are shorter than", "ms", 1e3 * slices[len(slices) // 2], None, "")
    yield Row("a slice: 99 of 100 are shorter than", "ms", 1e3 * slices[len(slices) * 99 // 100], None, "")
    yield Row("the longest the desk thread was away", "ms", 1e3 * max(slices[-1], *keeping), None, "")


def _thin_line(folder: Path) -> Iterator[Row]:
    """The whole way, through a relay of 64 kbit/s, beside what was computed."""
    titles, items = _library(SMALL)
    (folder / "small").mkdir()
    with (
        LocalBroker(folder / "broker") as broker,
        closing(CentralStore(url_of(folder / "small"))) as store,
        ThinWire(broker, LINE_BIT_S / 1000) as line,
    ):
        catalogue.take_in(store, "all", titles, items)
        with store.reading() as connection:
            (edition,) = catalogue.heads(connection)["all"].editions
        courier = Courier(store, BrokerAddress(broker.host, broker.port))
        courier.start()
        room = Room(folder / "room", line)
        begun = time.perf_counter()
        room.start()
        room.until(lambda: room.catalogue.version == 1, 300, "the catalogue")
        took = time.perf_counter() - begun
        courier.stop()
        room.close()
    yield Row(
        f"{SMALL:,} titles through a relay of 64 kbit/s", "s", took, _on_the_line(edition),
        "computed as above; from login to the last row put in",
    )  # fmt: skip


def _on_the_line(edition: Edition) -> float:
    whole = edition.bytes + (edition.parts + 1) * PER_PART + edition.parts * 32
    return whole * (1 + HEADERS / SEGMENT) * 8 / LINE_BIT_S


def _timed(work: object) -> float:
    begun = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - begun


def _gzipped(titles: list[TitleEntry], items: list[ItemEntry]) -> int:
    size = 0
    for rows in (titles, items):
        text = io.StringIO()
        csv.writer(text).writerows([getattr(one, key) for key in one.__slots__] for one in rows)
        size += len(gzip.compress(text.getvalue().encode(), 9))
    return size


def _library(count: int) -> tuple[list[TitleEntry], list[ItemEntry]]:
    rng = random.Random(count)
    rows = list(csv.DictReader(DEMO.read_text(encoding="utf-8").splitlines()))
    names = [word for row in rows for word in row["title"].split()]
    authors = [word for row in rows for word in row["author"].split()]
    sentences = [row["about"].split() for row in rows if row["about"]]
    words = [word for sentence in sentences for word in sentence]
    after: dict[str, list[str]] = {}
    for sentence in sentences:
        for one, following in pairwise(sentence):
            after.setdefault(one, []).append(following)

    def about() -> str:
        said = [rng.choice(sentences)[0]]
        for _ in range(rng.randint(8, 30)):
            said.append(rng.choice(after.get(said[-1], words) if rng.random() < 0.7 else words))
        return " ".join(said)[:200]

    titles = {}
    while len(titles) < count:
        like = rng.choice(rows)
        one = TitleEntry(
            f"978604{rng.randrange(10**7):07d}", " ".join(rng.choices(names, k=rng.randint(2, 7))),
            " ".join(rng.choices(authors, k=rng.randint(2, 4))), "vi" if rng.random() < 0.9 else "en",
            rng.randint(0, 14), like["shelf"], like["motif"], about(),
        )  # fmt: skip
        titles[one.id] = one
    ids = list(titles)
    items = [ItemEntry(f"LK-{n:07d}", rng.choice(ids)) for n in range(int(count * COPIES))]
    return list(titles.values()), items
