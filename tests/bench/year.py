"""A year of 100 stations in PostgreSQL: what a province asks of it, beside the same asked of the raw facts.

The counters are there for the whole year. Raw facts are loaded day by day, the newest first, for LOAD_S and
no longer: the rows say how many there were, and the peer is asked for the months that are all there.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import psycopg
from sqlalchemy import Connection, Select, func, select, text

from central import months as over
from central import partitions, recount
from central.kinds import Cell
from central.overview import stations
from central.store import CentralStore
from central.tables import counter, daily, event
from central.usage import By, Scope, usage
from tests.bench.row import Row
from tests.central.postgres import LocalPostgres

STATIONS = 100
DAYS = 365
LOAD_S = float(os.environ.get("BENCH_LOAD_S", "240"))
LAST = date(2026, 11, 30)
OPEN, SHUT = 7, 18  # hours of the day
BANDS = ("0-5", "6-8", "9-11", "12-15")
KINDS = {  # kind: its fact's type, has an age band, mean by hour (and band): about 550 facts a day
    "loan": ("gocdoc.item.checked_out.v1", True, 2.6),
    "return": ("gocdoc.item.returned.v1", True, 2.5),
    "renewal": ("gocdoc.item.renewed.v1", True, 0.6),
    "desk_visit": ("gocdoc.desk_visit.started.v1", True, 2.6),
    "visit_in": ("gocdoc.visit.counted.v1", False, 8.0),
    "visit_out": ("gocdoc.visit.counted.v1", False, 8.0),
}
ROUNDS = 3  # best of

Cells = dict[Cell, int]


def measure() -> Iterator[Row]:
    """Seconds until the answer is here."""
    # As an ordinary server of the size is set up; PostgreSQL's own defaults are for a small one.
    settings = ("shared_buffers=1GB", "max_wal_size=8GB", "work_mem=64MB", "maintenance_work_mem=512MB")
    with LocalPostgres(*settings, durable=True) as server:
        name = server.create()
        with closing(CentralStore(server.url(name))) as store:
            facts, months, cells = _fill(server, name, store)
            yield Row("counters kept for the year, by hour", "million rows", cells / 1e6, None, "")
            yield Row(
                "facts loaded", "million", facts / 1e6, None, "", f"{len(months)} whole months of the year"
            )
            yield from _summed(store)
            yield from _questions(store, months)
            if months:
                yield from _checked(store, months[-1])


def _summed(store: CentralStore) -> Iterator[Row]:
    """The months that are over, as the upkeep sums them up; the ingest waits for the longest."""
    longest = 0.0
    with store.reading() as connection:
        due = over.due(connection, f"{LAST:%Y-%m}")
    for month in due:
        begun = time.perf_counter()
        with store.writing() as connection:
            over.sum_up(connection, month)
        longest = max(longest, time.perf_counter() - begun)
    yield Row("one month summed up, once: the ingest waits so long", "s", longest, None, "")


def _questions(store: CentralStore, months: Sequence[int]) -> Iterator[Row]:
    first, last = (LAST - timedelta(DAYS - 1)).isoformat(), LAST.isoformat()
    with store.reading() as connection:
        board = _best(lambda: stations(connection, last))
        yield Row("the board: every station with its day", "s", board, None, "", "under 1 s")
        year = _best(lambda: connection.execute(_by_day(first, last)).all())
        yield Row("a year by month, station and kind", "s", year, None, "", "under 1 s")
        ages = _best(lambda: connection.execute(_by_age(first, last)).all())
        yield Row("a year by month, library, age band and kind", "s", ages, None, "", "under 1 s")
        scope = Scope(LAST - timedelta(DAYS - 1), LAST)
        hours = _best(lambda: usage(connection, scope, By.HOUR))
        days = _best(lambda: connection.execute(_by_hour(first, last)).all())
        yield Row(
            "a year by hour of the day, as the page asks", "s", hours, days,
            "the same summed from the counters by hour", "under 1 s",
        )  # fmt: skip
        if not months:
            return
        begin, end = f"{months[0] // 100}-{months[0] % 100:02}-01", last
        ours = _best(lambda: connection.execute(_by_day(begin, end)).all())
        raw = _best(lambda: connection.execute(_raw(months)).all(), 1)
        yield Row(
            f"{len(months)} months by month, station and kind", "s", ours, raw,
            "the same counted from the raw facts by GROUP BY",
        )  # fmt: skip


def _by_day(first: str, last: str) -> Select[tuple[object, ...]]:
    month = func.substr(daily.c.day, 1, 7)
    chosen = select(month, daily.c.station, daily.c.kind, func.sum(daily.c.n))
    return chosen.where(daily.c.day.between(first, last)).group_by(month, daily.c.station, daily.c.kind)


def _by_age(first: str, last: str) -> Select[tuple[object, ...]]:
    month = func.substr(daily.c.day, 1, 7)
    by = (month, daily.c.library, daily.c.ageband, daily.c.kind)
    return select(*by, func.sum(daily.c.n)).where(daily.c.day.between(first, last)).group_by(*by)


def _by_hour(first: str, last: str) -> Select[tuple[object, ...]]:
    by = (counter.c.hour, counter.c.kind)
    return select(*by, func.sum(counter.c.n)).where(counter.c.day.between(first, last)).group_by(*by)


def _raw(months: Sequence[int]) -> Select[tuple[object, ...]]:
    month = func.substr(event.c.at, 1, 7)
    chosen = select(month, event.c.source, event.c.type, func.count())
    return chosen.where(event.c.filed >= months[0]).group_by(month, event.c.source, event.c.type)


def _best(ask: Callable[[], object], rounds: int = ROUNDS) -> float:
    found = []
    for _ in range(rounds):
        begun = time.perf_counter()
        ask()
        found.append(time.perf_counter() - begun)
    return min(found)


def _checked(store: CentralStore, month: int) -> Iterator[Row]:
    """The product's own recount of one station's month must say what the counters say."""
    with store.reading() as connection:
        begun = time.perf_counter()
        which = (event.c.filed == month) & (event.c.source == "ban-pho-7")
        right = recount.recount(connection, which)
        took = time.perf_counter() - begun
        wrong = _wrong(connection, right, f"{month // 100}-{month % 100:02}")
    if wrong:
        raise AssertionError(f"{wrong} counters of {month} do not equal their facts")
    yield Row("recount of one station's month: counters wrong", "", wrong, None, "", "0")
    yield Row("the same: facts counted again", "facts/s", sum(right.values()) / took, None, "")


def _wrong(connection: Connection, right: Counter[Cell], month: str) -> int:
    rows = connection.execute(
        select(*(counter.c[name] for name in Cell._fields), counter.c.n).where(
            counter.c.station == "ban-pho-7", counter.c.day.startswith(month)
        )
    )
    stored = {Cell(*row[:-1]): row[-1] for row in rows}
    return sum(stored.get(cell, 0) != right.get(cell, 0) for cell in stored.keys() | right.keys())


# --- the year ------------------------------------------------------------------------------------------


def _fill(server: LocalPostgres, name: str, store: CentralStore) -> tuple[int, list[int], int]:
    """Answers with the facts, the months that are all there, and the counters by hour."""
    chance = random.Random(2026)
    facts, cells, whole = 0, 0, []
    seqs = dict.fromkeys(range(STATIONS), 0)
    with psycopg.connect(host=str(server.folder), user="gocdoc", dbname=name) as link:
        limit = time.monotonic() + LOAD_S
        for back in range(DAYS):
            day = LAST - timedelta(back)
            month = day.year * 100 + day.month
            found = _day(chance, day)
            cells += _copy_counters(link, found)
            if time.monotonic() < limit:
                with store.writing() as connection:
                    partitions.make(connection, month)
                facts += _copy_facts(link, found, month, seqs)
                if day.day == 1:
                    whole.insert(0, month)
            link.commit()
    # Whoever heard of a station has a row for it.
    with store.writing() as connection:
        connection.execute(text("INSERT INTO station (id) SELECT DISTINCT station FROM daily"))
    with psycopg.connect(host=str(server.folder), user="gocdoc", dbname=name, autocommit=True) as link:
        link.execute("VACUUM ANALYZE")  # what the server does by itself in the nights of a year
    return facts, whole, cells


def _day(chance: random.Random, day: date) -> Cells:
    """What a day counted: every cell that is not empty, with its amount."""
    found: Cells = {}
    written = day.isoformat()
    for number in range(STATIONS):
        station, library = f"ban-pho-{number}", f"MC-{number // 10:02}"
        busy = chance.uniform(0.5, 1.5)
        for kind, (_, banded, mean) in KINDS.items():
            of = library if kind in {"loan", "return", "renewal"} else ""
            for hour in range(OPEN, SHUT):
                for band in BANDS if banded else ("",):
                    amount = round(chance.expovariate(1 / (mean * busy)))
                    if amount:
                        found[Cell(written, hour, station, of, kind, band)] = amount
    return found


def _copy_counters(link: psycopg.Connection, cells: Cells) -> int:
    with link.cursor().copy(
        "COPY counter (day, hour, station, library, kind, ageband, n) FROM STDIN"
    ) as copy:
        copy.write("".join("\t".join(map(str, (*cell, n))) + "\n" for cell, n in cells.items()))
    days: Counter[tuple[str, ...]] = Counter()
    for cell, n in cells.items():
        days[cell.day, cell.station, cell.library, cell.kind, cell.ageband] += n
    with link.cursor().copy("COPY daily (day, station, library, kind, ageband, n) FROM STDIN") as copy:
        copy.write("".join("\t".join((*key, str(n))) + "\n" for key, n in days.items()))
    return len(cells)


def _copy_facts(link: psycopg.Connection, cells: Cells, month: int, seqs: dict[int, int]) -> int:
    columns = (
        "source, epoch, seq, filed, id, type, cls, time, received, boot, mono, clock, data, at, estimated"
    )
    epoch = "0123456789abcdef" * 2
    lines = []
    for cell, amount in cells.items():
        number = int(cell.station[8:])
        kind = KINDS[cell.kind][0]
        data = _data(cell)
        for place in range(amount):
            seqs[number] += 1
            minute = place % 60
            at = f"{cell.day}T{cell.hour:02}:{minute:02}:00.000+07:00"
            received = f"{cell.day}T{cell.hour - 7:02}:{minute:02}:01.000+00:00"
            lines.append(
                f"{cell.station}\t{epoch}\t{seqs[number]}\t{month}\t{_id(cell.day, number, seqs[number])}"
                f"\t{kind}\tloan\t{at}\t{received}\t1\t{seqs[number]}\tntp\t{data}\t{at}\t\n"
            )
    with link.cursor().copy(f"COPY event ({columns}) FROM STDIN") as copy:
        copy.write("".join(lines))
    return len(lines)


def _data(cell: Cell) -> str:
    if cell.kind.startswith("visit_"):
        return f'{{"direction": "{cell.kind[6:]}", "sensor": "door", "count": 1}}'
    if cell.kind == "desk_visit":
        return f'{{"ageband": "{cell.ageband}"}}'
    item = '"item": "LK-0012345", "title": "T-0042", "due": "2026-12-05"'
    return f'{{{item}, "ageband": "{cell.ageband}", "library": "{cell.library}"}}'


def _id(day: str, station: int, seq: int) -> str:
    """As a UUID version 7: its first half is the moment, so ids of one day lie together in the index."""
    moment = int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000)
    head = f"{moment:012x}"
    return f"{head[:8]}-{head[8:]}-7000-8{station:03x}-{seq:012x}"
