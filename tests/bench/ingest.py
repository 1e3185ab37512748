"""The ingest beside a bare paho consumer: the same broker, batches and database, and nothing but inserts.

The peer reads the JSON, inserts the rows with the driver itself, commits, acknowledges: no validation, no ids
compared, no watermarks, no counters, no answers to the stations. What those cost is the distance to 1.
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from central.broker import LocalBroker
from central.delivery import Delivery
from central.ingest import BATCH, FACTS, LINGER_S, QUIET_S, BrokerAddress, Ingest
from central.ledger import Ledger
from central.store import CentralStore, url_of
from central.watermarks import Acknowledgement
from kiosk.facts import CheckedOut, DoorCrossed, Returned, envelope, topic_events
from tests.bench.row import Row
from tests.central.postgres import LocalPostgres

EVENTS = 20_000
STATIONS = 20
ROUNDS = 3  # best of: the machine is shared
PATIENCE_S = 120.0

Sink = Callable[[list[bytes]], None]


def measure() -> Iterator[Row]:
    """Events a second from the broker into SQLite and into PostgreSQL."""
    with (
        tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name,
        LocalPostgres(durable=True) as pg,
    ):
        messages = _messages()
        for database, ours, bare in (
            ("SQLite", _our_sqlite, _bare_sqlite),
            ("PostgreSQL", _our_postgres(pg), _bare_postgres(pg)),
        ):
            rounds = []
            for number in range(ROUNDS):
                folder = Path(name) / f"{database}{number}"
                folder.mkdir()
                rounds.append(_round(folder, messages, ours, bare))
            best = [max(column) for column in zip(*rounds, strict=True)]
            yield from _rows(database, *best)


def _rows(
    database: str, ours: float, bare: float, through: float, sink: float, bare_sink: float
) -> Iterator[Row]:
    yield Row(
        f"ingest from MQTT into {database}", "events/s", ours, through,
        "bare paho consumer, the same batches and the same ledger", "at least 0.9",
    )  # fmt: skip
    yield Row(
        "the same beside plain inserts",
        "events/s",
        ours,
        bare,
        "bare paho consumer, rows inserted by the driver",
    )
    yield Row(
        "the ledger alone", "events/s", sink, bare_sink, "rows inserted by the driver, the same batches"
    )


def _messages() -> list[tuple[str, bytes]]:
    """Facts of several stations in turn, as a province reports them after an outage."""
    wall = datetime.now(UTC) - timedelta(seconds=EVENTS)
    kinds = (
        CheckedOut("LK-0012345", "T-0042", "6-8", "2026-12-05"),
        Returned("LK-0012345", "T-0042", "9-11"),
        DoorCrossed("in", "door"),
    )
    found = []
    for number in range(EVENTS):
        fact, kiosk = kinds[number % len(kinds)], f"ban-pho-{number % STATIONS}"
        made = envelope(
            fact, kiosk=kiosk, epoch="0123456789abcdef" * 2, seq=number // STATIONS + 1, boot=1,
            mono=number * 1000, clock="ntp", wall=wall + timedelta(seconds=number), library="MC-01",
        )  # fmt: skip
        found.append((topic_events(kiosk, fact.cls), made.to_json()))
    return found


def _round(folder: Path, messages: Sequence[tuple[str, bytes]], ours: Any, bare: Any) -> tuple[float, ...]:
    with LocalBroker(folder / "broker") as broker:
        with ours(folder / "ours") as store:
            taken = Counted(store)
            ingest = Ingest(taken, BrokerAddress(broker.host, broker.port))
            ingest.start()
            _until(lambda: ingest.status.connected)
            of_ours = _rate(broker, messages, taken.all_there)
            ingest.stop()
        with bare(folder / "bare") as sink:
            of_bare = _bare_rate(broker, messages, sink)
        with ours(folder / "through") as store:
            of_through = _bare_rate(broker, messages, _through(Ledger(store)))
    with ours(folder / "alone") as store:
        of_ledger = _sink_rate(messages, _through(Ledger(store)))
    with bare(folder / "sink") as sink:
        of_sink = _sink_rate(messages, sink)
    return of_ours, of_bare, of_through, of_ledger, of_sink


class Counted(Ledger):
    """The real ledger, and when it has everything."""

    def __init__(self, store: CentralStore) -> None:
        super().__init__(store)
        self.all_there = threading.Event()
        self._facts = 0

    def take(self, deliveries: Sequence[Delivery]) -> list[Acknowledgement]:
        answers = super().take(deliveries)
        self._facts += sum("/evt/" in one.topic for one in deliveries)
        if self._facts >= EVENTS:
            self.all_there.set()
        return answers


def _through(ledger: Ledger) -> Sink:
    def sink(payloads: list[bytes]) -> None:
        ledger.take([Delivery(_topic(payload), payload) for payload in payloads])

    return sink


def _topic(payload: bytes) -> str:
    at = payload.index(b"kiosk:") + 6
    return topic_events(payload[at : payload.index(b'"', at)].decode(), "loan")


# --- the wire ------------------------------------------------------------------------------------------


def _rate(broker: LocalBroker, messages: Sequence[tuple[str, bytes]], done: threading.Event) -> float:
    """Say everything as fast as the broker takes it, from a process of its own; until it is all committed."""
    wire = b"".join(
        _publish(topic, payload, number % 65_535 + 1) for number, (topic, payload) in enumerate(messages)
    )
    begun = time.perf_counter()
    child = os.fork()
    if child == 0:
        try:
            _say(broker, wire, len(messages))
        finally:
            os._exit(0)
    try:
        if not done.wait(PATIENCE_S):
            raise TimeoutError(f"{EVENTS} events were not taken in within {PATIENCE_S:.0f} s")
        return len(messages) / (time.perf_counter() - begun)
    finally:
        os.waitpid(child, 0)


def _say(broker: LocalBroker, wire: bytes, count: int) -> None:
    with socket.create_connection((broker.host, broker.port)) as link:
        name = b"bench"
        hello = b"\x00\x04MQTT\x04\x02\x00\x3c" + len(name).to_bytes(2, "big") + name
        link.sendall(bytes((0x10, len(hello))) + hello)
        link.recv(4)
        reader = threading.Thread(target=_drain, args=(link, count * 4), daemon=True)
        reader.start()
        link.sendall(wire)
        reader.join(PATIENCE_S)
        link.sendall(b"\xe0\x00")


def _drain(link: socket.socket, left: int) -> None:
    while left > 0 and (got := len(link.recv(65_536))):
        left -= got


def _publish(topic: str, payload: bytes, mid: int) -> bytes:
    body = len(topic).to_bytes(2, "big") + topic.encode() + mid.to_bytes(2, "big") + payload
    left, length = len(body), b""
    while True:
        left, digit = divmod(left, 128)
        length += bytes((digit | (0x80 if left else 0),))
        if not left:
            return b"\x32" + length + body


def _bare_rate(broker: LocalBroker, messages: Sequence[tuple[str, bytes]], sink: Sink) -> float:
    consumer = Bare(broker, sink)
    try:
        return _rate(broker, messages, consumer.all_there)
    finally:
        consumer.stop()


class Bare:
    """What everybody writes first: collect, insert, commit, acknowledge."""

    def __init__(self, broker: LocalBroker, sink: Sink) -> None:
        self.all_there = threading.Event()
        self._sink = sink
        self._waiting: list[tuple[bytes, int]] = []
        self._stopping = threading.Event()
        self._subscribed = False
        client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5, manual_ack=True)
        client.on_message = self._on_message
        client.on_subscribe = self._on_subscribe
        client.connect(broker.host, broker.port)
        client.subscribe(FACTS, 1)
        self._client = client
        while not self._subscribed:
            client.loop(0.1)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()
        self._client.disconnect()

    def _run(self) -> None:
        first, facts = 0.0, 0
        while not self._stopping.is_set():
            before = len(self._waiting)
            self._client.loop(QUIET_S if before else 0.05)
            if not self._waiting:
                continue
            now = time.monotonic()
            first = first if before else now
            if len(self._waiting) == before or len(self._waiting) >= BATCH or now - first >= LINGER_S:
                batch, self._waiting = self._waiting, []
                self._sink([payload for payload, _ in batch])
                for _, mid in batch:
                    self._client.ack(mid, 1)
                facts += len(batch)
                if facts >= EVENTS:
                    self.all_there.set()

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        self._waiting.append((bytes(message.payload), message.mid))

    def _on_subscribe(self, *_: object) -> None:
        self._subscribed = True


def _sink_rate(messages: Sequence[tuple[str, bytes]], sink: Sink) -> float:
    payloads = [payload for _, payload in messages]
    begun = time.perf_counter()
    for at in range(0, len(payloads), BATCH):
        sink(payloads[at : at + BATCH])
    return len(payloads) / (time.perf_counter() - begun)


def _until(reached: Callable[[], bool]) -> None:
    limit = time.monotonic() + 20
    while not reached():
        if time.monotonic() > limit:
            raise TimeoutError("the ingest did not connect within 20 s")
        time.sleep(0.01)


# --- the databases -------------------------------------------------------------------------------------

_COLUMNS = "source, epoch, seq, id, type, time, received, boot, mono, clock, data"
_TABLE = (
    "CREATE TABLE event(source TEXT, epoch TEXT, seq BIGINT, id TEXT, type TEXT, time TEXT, received TEXT,"
    " boot BIGINT, mono BIGINT, clock TEXT, data TEXT, PRIMARY KEY (source, epoch, seq), UNIQUE (source, id))"
)


def _row(payload: bytes) -> tuple[Any, ...]:
    one = json.loads(payload)
    return (
        one["source"], one["epoch"], one["seq"], one["id"], one["type"], one["time"],
        datetime.now(UTC).isoformat(), one["boot"], one["mono"], one["clock"], json.dumps(one["data"]),
    )  # fmt: skip


@contextmanager
def _our_sqlite(folder: Path) -> Iterator[CentralStore]:
    folder.mkdir()
    with closing(CentralStore(url_of(folder))) as store:
        yield store


@contextmanager
def _bare_sqlite(folder: Path) -> Iterator[Sink]:
    with closing(sqlite3.connect(folder, isolation_level=None, check_same_thread=False)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute(_TABLE)

        def sink(payloads: list[bytes]) -> None:
            database.execute("BEGIN IMMEDIATE")
            places = ", ".join("?" * 11)
            database.executemany(
                f"INSERT INTO event({_COLUMNS}) VALUES ({places}) ON CONFLICT DO NOTHING",  # noqa: S608
                [_row(payload) for payload in payloads],
            )
            database.execute("COMMIT")

        yield sink


def _our_postgres(server: LocalPostgres) -> Any:
    @contextmanager
    def make(_folder: Path) -> Iterator[CentralStore]:
        with closing(CentralStore(server.url(server.create()))) as store:
            yield store

    return make


def _bare_postgres(server: LocalPostgres) -> Any:
    @contextmanager
    def make(_folder: Path) -> Iterator[Sink]:
        with psycopg.connect(host=str(server.folder), user="gocdoc", dbname=server.create()) as database:
            database.execute(_TABLE)
            database.commit()

            def sink(payloads: list[bytes]) -> None:
                places = ", ".join(["%s"] * 11)
                with database.cursor() as cursor:
                    cursor.executemany(
                        f"INSERT INTO event({_COLUMNS}) VALUES ({places}) ON CONFLICT DO NOTHING",  # noqa: S608
                        [_row(payload) for payload in payloads],
                    )
                database.commit()

            yield sink

    return make
