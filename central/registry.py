"""Who is there: stations, their sessions, and which of their devices do not work."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select, update

from central.delivery import Birth, Gone
from central.tables import fault, station
from kiosk.facts import DeviceFault, DeviceRecovered, Envelope, StationStarted, type_of


class Registry:
    """The stations, during a batch received at `received` (UTC, RFC 3339)."""

    def __init__(self, connection: Connection, received: str) -> None:
        self._connection = connection
        self._received = received
        self._epochs: dict[str, str] = {}
        self._clocks: dict[str, str] = {}

    def heard(self, name: str, **values: object) -> None:
        """A station said something."""
        values.setdefault("last_seen", self._received)
        changed = self._connection.execute(update(station).where(station.c.id == name).values(values))
        if not changed.rowcount:
            self._connection.execute(insert(station).values(id=name, **values))

    def birth(self, birth: Birth, *, old: bool) -> None:
        """A station is there. An `old` birth was kept by the broker: it does not tell when it was heard."""
        before = self._connection.execute(
            select(station.c.session, station.c.since, station.c.last_seen).where(
                station.c.id == birth.station
            )
        ).one_or_none()
        self.heard(
            birth.station,
            connected=True,
            session=birth.session,
            since=before.since if before and before.session == birth.session else self._received,
            version=birth.version,
            epoch=birth.epoch,
            next_seq=birth.next_seq,
            oldest_unsent=birth.oldest_unsent,
            birth=birth.whole,
            **({"clock": birth.clock} if birth.clock else {}),
            **({"last_seen": before.last_seen} if before and old else {}),
        )
        self._epochs[birth.station] = birth.epoch

    def gone(self, gone: Gone) -> None:
        """A session is over. The late will of an older one never marks a live station as gone."""
        self._connection.execute(
            update(station)
            .where(station.c.id == gone.station, station.c.session == gone.session, station.c.connected)
            .values(connected=False, since=self._received)
        )

    def told_facts(self, name: str) -> None:
        """A station sent facts: the newest tells how good its clock is."""
        self.heard(name, **({"clock": self._clocks[name]} if name in self._clocks else {}))

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
        cause = str(fact.data.get("cause", ""))[:200].encode(errors="replace").decode()
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

    def epoch_of(self, name: str) -> str:
        """The epoch a station's last birth named; empty when it never said one."""
        if name not in self._epochs:
            found = self._connection.scalar(select(station.c.epoch).where(station.c.id == name))
            self._epochs[name] = found or ""
        return self._epochs[name]
