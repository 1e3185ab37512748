"""The last moment that was surely right: what a station without a clock chip goes on from."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from kiosk.model import ClockQuality
from kiosk.store.errors import store_error

# Newest by number: wall times of other facts may be as wrong as the clock was.
_NEWEST = """
SELECT wall FROM outbox WHERE json_extract(CAST(payload AS TEXT), '$.clock') = ?
ORDER BY seq DESC LIMIT 1
"""


def last_kept_time(path: Path) -> datetime | None:
    """When the newest fact was written whose clock a time server kept, in UTC; None when there is none.

    `path` is an existing station database. Raises StoreError when it cannot be read.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5.0)) as found:
            row = found.execute(_NEWEST, (ClockQuality.NTP.value,)).fetchone()
    except sqlite3.Error as error:
        raise store_error(error, path, "looking for the last time that was right") from error
    return None if row is None else datetime.fromtimestamp(row[0] / 1000, UTC)
