"""The last moment that has surely passed: what a station without a clock chip goes on from.

That is when the newest fact was written whose clock a time server kept, and all the time the station has run
since. A van that meets no network for a month so gets on day by day, if slower than the calendar.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kiosk.model import ClockQuality
from kiosk.store.errors import store_error

# By number: wall times of other facts may be as wrong as the clock was.
_NEWEST = "SELECT wall, mono, payload FROM outbox ORDER BY seq DESC"


def last_kept_time(path: Path) -> datetime | None:
    """The latest moment that is known to have passed, in UTC; None when no time server was ever met.

    `path` is an existing station database. Raises StoreError when it cannot be read.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5.0)) as found:
            return _walk_back(found)
    except sqlite3.Error as error:
        raise store_error(error, path, "looking for the last time that was right") from error


def _walk_back(database: sqlite3.Connection) -> datetime | None:
    ran = 0  # ms that starts later than the one at hand have run, as far as their facts tell
    boot: int | None = None
    last = 0  # ms after its start of the newest fact of the start at hand
    for wall, mono, payload in database.execute(_NEWEST):
        fact = json.loads(payload)
        if fact["boot"] != boot:
            ran += last
            boot, last = fact["boot"], mono
        if fact["clock"] == ClockQuality.NTP:
            return datetime.fromtimestamp(wall / 1000, UTC) + timedelta(milliseconds=ran + last - mono)
    return None
