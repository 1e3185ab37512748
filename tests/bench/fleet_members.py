"""Some stations of a fleet in one process: the real uplink each, on an outbox in memory. For `fleet`.

    python -m tests.bench.fleet_members HOST PORT FIRST COUNT

It says "caught up" whenever the centre has confirmed all there is, and takes on standard input how many facts
each station reports next.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from kiosk.events import Confirmed, Event
from kiosk.link.uplink import Uplink
from kiosk.settings import LinkSection
from kiosk.store.outbox import OutboxReader, OutboxRow, OutboxState
from tests.central.corner import Corner, loans

TEMPLATE = "kiosk-template"
MOST = 200  # facts that a station may report in all
STACK = 512 * 1024  # bytes of each station's thread


class Address:
    """Where the broker listens."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port


class Member:
    """One station: it has `written` of the template's facts, under its own name."""

    def __init__(self, name: str, broker: Address, rows: list[OutboxRow], epoch: str) -> None:
        self.name, self.epoch = name, epoch
        self.written = self.acked = 0
        self._rows = [
            OutboxRow(row.seq, row.cls, row.payload.replace(TEMPLATE.encode(), name.encode())) for row in rows
        ]
        self.uplink = Uplink(
            kiosk=name,
            link=LinkSection.model_validate({"host": broker.host, "port": broker.port}),
            outbox=lambda: self,  # type: ignore[arg-type,return-value]
            post=self._hear,
            version="1.2.3",
        )

    def _hear(self, event: Event) -> None:
        if isinstance(event, Confirmed):
            self.acked = max(self.acked, event.upto)

    @property
    def caught_up(self) -> bool:
        """Whether the centre holds all it reported."""
        return self.acked >= self.written

    def report(self, count: int) -> None:
        """So many facts more."""
        self.written = min(self.written + count, len(self._rows))
        self.uplink.nudge()

    def state(self) -> OutboxState:
        """As the store's reader answers."""
        oldest = None if self.caught_up else datetime.now(UTC).isoformat(timespec="milliseconds")
        return OutboxState(
            kiosk=self.name,
            epoch=self.epoch,
            next_seq=self.written + 1,
            acked=self.acked,
            boot=1,
            oldest_unsent=oldest,
        )

    def pending(self, after: int, limit: int) -> list[OutboxRow]:
        """As the store's reader answers."""
        return self._rows[after : min(self.written, after + limit)]

    def close(self) -> None:
        """There is no file."""


def template(folder: Path, broker: Address) -> tuple[list[OutboxRow], str]:
    """Facts as a real store writes them, and the name of its numbering."""
    corner = Corner(folder, broker, TEMPLATE)
    corner.report(*loans(MOST))
    with OutboxReader(folder / "station.db") as reader:
        rows = reader.pending(0, MOST + 10)
    corner.close()
    return rows, corner.epoch


def main() -> None:
    """Serve until standard input ends."""
    host, port, first, count = sys.argv[1], *map(int, sys.argv[2:5])
    broker = Address(host, port)
    with tempfile.TemporaryDirectory() as name:
        rows, epoch = template(Path(name), broker)
    threading.stack_size(STACK)
    members = [Member(f"kiosk-{number:04}", broker, rows, epoch) for number in range(first, first + count)]
    for member in members:
        member.report(1)
        member.uplink.start()
    while True:
        while not all(member.caught_up for member in members):
            time.sleep(0.1)
        _say("caught up")
        line = sys.stdin.readline()
        if not line:
            break
        for member in members:
            member.report(int(line))
        _say("reported")


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
