"""What a person must look into, kept until they did: a card restored or cloned, a database restored."""

from __future__ import annotations

import logging
from enum import StrEnum

from sqlalchemy import Connection

from central.sql import upsert
from central.tables import alarm

log = logging.getLogger(__name__)


class Kind(StrEnum):
    """What an alarm is about."""

    CONTRADICTION = "contradiction"  # a number or an id was given twice
    FORK = "fork"  # a station would give numbers again: its card was restored or cloned
    BOOTS = "boots"  # starts of a station alternate in its numbering: two cards of one origin
    TWO_LIVE = "two_live"  # two stations under one name take the connection from each other
    RESTORED = "restored"  # the centre held more once: its database was restored from a backup


class Alarms:
    """The alarms of a batch received at `received` (UTC, RFC 3339)."""

    def __init__(self, connection: Connection, received: str) -> None:
        self._connection = connection
        self._received = received

    def raised(self, station: str, kind: Kind, epoch: str, detail: str) -> None:
        """Keep an alarm; the same one again is counted, and its newest words are kept."""
        log.error("station %s: %s", station, detail)
        row = {
            "station": station,
            "kind": kind.value,
            "epoch": epoch,
            "detail": detail,
            "first": self._received,
            "last": self._received,
            "times": 1,
        }
        upsert(
            self._connection,
            alarm,
            [row],
            lambda new: {"detail": new.detail, "last": new["last"], "times": alarm.c.times + 1},
        )
