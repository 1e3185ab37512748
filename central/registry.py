"""Who is there: stations, their sessions, and which of their devices do not work."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from central.alarms import Alarms, Kind
from central.delivery import Birth, Gone
from central.sql import among, upsert
from central.tables import fault, station
from kiosk.facts import DeviceFault, DeviceRecovered, Envelope, StationStarted, type_of

SESSIONS = 6
"""So many sessions within CHURN of each other are no bad link: two stations take the connection in turns."""
CHURN = timedelta(seconds=60)


class Registry:
    """The stations, during a batch received at `received` (UTC, RFC 3339)."""

    def __init__(self, connection: Connection, received: str, alarms: Alarms) -> None:
        self._connection = connection
        self._received = received
        self._alarms = alarms
        self._epochs: dict[str, str] = {}
        self._clocks: dict[str, str] = {}
        self._told: set[str] = set()

    def birth(self, birth: Birth, *, old: bool, epoch_returns: bool) -> bool:
        """A station is there. An `old` birth was kept by the broker: it does not tell when it was heard.

        Answers whether it contradicts what it said of its numbering before: its card was restored or cloned.
        `epoch_returns`: the epoch it names was there before another one.
        """
        before = self._connection.execute(select(station).where(station.c.id == birth.station)).one_or_none()
        values: dict[str, Any] = {
            "id": birth.station,
            "connected": True,
            "session": birth.session,
            "since": before.since if before and before.session == birth.session else self._received,
            "version": birth.version,
            "epoch": birth.epoch,
            "next_seq": birth.next_seq,
            "oldest_unsent": birth.oldest_unsent,
            "birth": birth.whole,
            "boot": birth.boot or 0,
            "last_seen": before.last_seen if before and old else self._received,
            "sessions": self._sessions(before, birth, old=old),
        }
        if birth.clock:
            values["clock"] = birth.clock
        upsert(self._connection, station, [values], lambda new: {name: new[name] for name in values})
        self._epochs[birth.station] = birth.epoch
        if old or before is None:
            return False
        if birth.epoch != before.epoch:
            if epoch_returns and birth.session != before.session:
                self._alarms.raised(
                    birth.station, Kind.TWO_LIVE, birth.epoch,
                    "two stations report under this name, each with a card of its own;"
                    " give one of them another [station] id",
                )  # fmt: skip
            return False
        return self._falls_back(birth, before)

    def _falls_back(self, birth: Birth, before: Any) -> bool:
        if birth.boot is not None and birth.boot < before.boot:
            self._alarms.raised(
                birth.station, Kind.BOOTS, birth.epoch,
                f"start {birth.boot} follows start {before.boot}: its card was restored from a copy, or two"
                " stations run on copies of one card",
            )  # fmt: skip
            return True
        if birth.next_seq < before.next_seq:
            self._alarms.raised(
                birth.station, Kind.FORK, birth.epoch,
                f"its next number is {birth.next_seq} and was {before.next_seq} before: its card was"
                " restored or cloned",
            )  # fmt: skip
            return True
        return False

    def _sessions(self, before: Any, birth: Birth, *, old: bool) -> list[str]:
        """When the last sessions began; raises the alarm when they follow each other too fast."""
        began: list[str] = list(before.sessions or []) if before else []
        if old or (before and before.session == birth.session):
            return began
        began = [*began, self._received][-SESSIONS:]
        if len(began) == SESSIONS and _moment(began[-1]) - _moment(began[0]) <= CHURN:
            self._alarms.raised(
                birth.station, Kind.TWO_LIVE, birth.epoch,
                f"{SESSIONS} sessions in {CHURN.seconds} s: two stations under one name take the connection"
                " from each other, or its link breaks all the time",
            )  # fmt: skip
            return []  # tell it again only when it goes on
        return began

    def gone(self, gone: Gone) -> None:
        """A session is over. The late will of an older one never marks a live station as gone."""
        self._connection.execute(
            update(station)
            .where(station.c.id == gone.station, station.c.session == gone.session, station.c.connected)
            .values(connected=False, since=self._received)
        )

    def told_facts(self, name: str) -> None:
        """A station sent facts: it is seen, and the newest tells how good its clock is."""
        self._told.add(name)

    def finish(self) -> None:
        """Write what was learnt of all the stations at once."""
        seen = {"last_seen": self._received}
        timed = [
            {"id": name, "clock": self._clocks[name]} | seen
            for name in sorted(self._told & self._clocks.keys())
        ]
        rest = [{"id": name} | seen for name in sorted(self._told - self._clocks.keys())]
        upsert(self._connection, station, timed, lambda new: {"last_seen": new.last_seen, "clock": new.clock})
        upsert(self._connection, station, rest, lambda new: {"last_seen": new.last_seen})

    def note(self, fact: Envelope) -> None:
        """Remember what a new fact tells of its station: its clock, a device that broke or works again."""
        self._clocks[fact.kiosk] = fact.clock
        if fact.type == type_of(StationStarted):
            # What is still broken is reported again by the new process.
            self._connection.execute(
                update(fault)
                .where(
                    fault.c.station == fact.kiosk,
                    (fault.c.epoch != fact.epoch) | (fault.c.seq < fact.seq),
                )
                .values(open=False)
            )
            return
        if fact.type not in {type_of(DeviceFault), type_of(DeviceRecovered)}:
            return
        device = str(fact.data.get("device", ""))[:40]
        if not device.isprintable():
            return
        mine = (fault.c.station == fact.kiosk, fault.c.device == device)
        last = self._connection.execute(select(fault.c.epoch, fault.c.seq).where(*mine)).one_or_none()
        if last is not None and last.epoch == fact.epoch and last.seq > fact.seq:
            return
        cause = (
            str(fact.data.get("cause", ""))[:200].encode(errors="replace").decode().replace("\x00", "\ufffd")
        )
        self._connection.execute(delete(fault).where(*mine))
        self._connection.execute(
            insert(fault).values(
                station=fact.kiosk,
                device=device,
                epoch=fact.epoch,
                seq=fact.seq,
                open=fact.type == type_of(DeviceFault),
                cause=cause,
                since=fact.time,
            )
        )

    def look_up(self, names: Collection[str]) -> None:
        """Read what is known of these stations at once."""
        rows = self._connection.execute(
            select(station.c.id, station.c.epoch).where(among(self._connection, station.c.id, sorted(names)))
        )
        self._epochs = {row.id: row.epoch for row in rows}

    def epoch_of(self, name: str) -> str:
        """The epoch a station's last birth named; empty when it never said one."""
        return self._epochs.get(name, "")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
