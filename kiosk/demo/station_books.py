"""What the station itself has on record, read beside it without disturbing it."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class StationBooks:
    """Facts and loans of a station's database at one moment."""

    facts: tuple[dict[str, Any], ...]  # every CloudEvent still kept, in order
    last_seq: int
    unconfirmed: int
    loans: dict[str, str]  # item number -> patron number
    sound: bool  # SQLite's integrity check
    epoch: str

    def count(self, fact: type[Any]) -> int:
        """How many facts of one kind of kiosk.facts there are."""
        return sum(1 for event in self.facts if event["type"] == f"gocdoc.{fact.name}.v1")

    def counts_by(self, fact: type[Any], key: str) -> Counter[str]:
        """How many facts of one kind there are for every value of one of its fields."""
        wanted = f"gocdoc.{fact.name}.v1"
        return Counter(str(event["data"][key]) for event in self.facts if event["type"] == wanted)


def read_station(database: Path) -> StationBooks:
    """Read a station's database file in one snapshot. Raises sqlite3.Error when it cannot be read."""
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=10)) as link:
        link.execute("BEGIN")
        rows = link.execute("SELECT payload, confirmed_at FROM outbox ORDER BY seq").fetchall()
        last = link.execute("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'").fetchone()
        loans = dict(link.execute("SELECT item_id, patron_id FROM loans").fetchall())
        epoch = link.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()
        sound = link.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    return StationBooks(
        facts=tuple(json.loads(payload) for payload, _ in rows),
        last_seq=last[0] if last else 0,
        unconfirmed=sum(1 for _, confirmed in rows if confirmed is None),
        loans=loans,
        sound=sound,
        epoch=epoch[0] if epoch else "",
    )
