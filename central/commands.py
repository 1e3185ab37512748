"""Commands to stations: asked for here, carried by the courier, answered by the station.

`send` only writes the command down; a running `central serve` sends it as soon as the station is there, and
again until it is answered or over. So nothing is lost whoever is away, and asking costs no network.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from central.down.tables import command
from central.errors import CentreError
from central.store import CentralStore
from kiosk.commands import (
    COMMANDS,
    EXPIRED,
    LONGEST_TTL_S,
    MAX_COMMAND,
    Answer,
    Command,
    CommandError,
    arguments,
)
from kiosk.facts import EVERY_STATION, KIOSK_ID
from kiosk.uuid7 import uuid7

GOOD_FOR = timedelta(hours=1)
"""How long a command waits for its station where nobody says otherwise."""
RESEND = timedelta(seconds=30)
NAMES: tuple[str, ...] = tuple(COMMANDS)
"""What can be asked for."""


class NotSent(CentreError, ValueError):
    """The command was not taken; says why and what to change."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A command as the pages show it. `status` is empty while there is no answer (kiosk.commands)."""

    id: str
    station: str
    name: str
    args: dict[str, Any]
    by: str
    made: datetime
    expires: datetime
    times: int
    status: str
    words: str
    data: dict[str, Any]
    answered: datetime | None

    @property
    def open(self) -> bool:
        """Whether an answer is still waited for."""
        return not self.status


def send(
    at: CentralStore | Connection,
    station: str,
    name: str,
    args: dict[str, Any] | None = None,
    *,
    by: str = "",
    expires: datetime | timedelta = GOOD_FOR,
    now: datetime | None = None,
) -> str:
    """Ask a station for something; answers with the command's id. `by` is who asks, for the log.

    Raises NotSent, naming what cannot be asked, and DatabaseUnusable.
    """
    now = (now or datetime.now(UTC)).astimezone(UTC)
    until = now + expires if isinstance(expires, timedelta) else expires.astimezone(UTC)
    if not KIOSK_ID.fullmatch(station) or station == EVERY_STATION:
        raise NotSent(f"{station[:60]!r} is not a station's name: a-z, 0-9 and '-', at most 40")
    if not now < until <= now + timedelta(seconds=LONGEST_TTL_S):
        raise NotSent(f"a command ends within {LONGEST_TTL_S // 86_400} days, and not before it began")
    try:
        whole = arguments(name, args or {})
    except CommandError as error:
        raise NotSent(str(error)) from error
    made = uuid7(now)
    if len(Command(made, name, whole, until, 1).to_json()) + 20 > MAX_COMMAND:
        raise NotSent("the text is too long for a command; shorten it")
    values = {
        "id": made,
        "station": station,
        "name": name,
        "args": json.dumps(dict(whole), ensure_ascii=False),
        "by": by[:100],
        "made": _utc(now),
        "expires": _utc(until),
    }
    with _writing(at) as connection:
        connection.execute(insert(command).values(values))
    return made


def of_station(connection: Connection, station: str, most: int = 50) -> list[Sent]:
    """The newest commands of a station, the newest first."""
    chosen = select(command).where(command.c.station == station).order_by(command.c.id.desc()).limit(most)
    return [_sent(row) for row in connection.execute(chosen)]


def one(connection: Connection, command_id: str) -> Sent | None:
    """A command by its id."""
    row = connection.execute(select(command).where(command.c.id == command_id)).one_or_none()
    return None if row is None else _sent(row)


# --- for the courier ------------------------------------------------------------------------------------


def any_open(connection: Connection) -> bool:
    """Whether any command waits for an answer."""
    return connection.scalar(select(command.c.id).where(command.c.status == "").limit(1)) is not None


def due(connection: Connection, stations: Iterable[str], now: datetime) -> list[tuple[str, Command]]:
    """What is to be sent to these stations now, with each station; it counts as sent."""
    before = _utc(now - RESEND)
    waiting = (
        select(command)
        .where(
            command.c.status == "",
            command.c.station.in_(list(stations)),
            command.c.expires > _utc(now),
            or_(command.c.sent.is_(None), command.c.sent <= before),
        )
        .order_by(command.c.id)
    )
    found = []
    for row in connection.execute(waiting).all():
        until = datetime.fromisoformat(row.expires)
        left = max(1, int((until - now).total_seconds()))
        found.append((row.station, Command(row.id, row.name, json.loads(row.args), until, left)))
    if found:
        ids = [one.id for _, one in found]
        values = {"sent": _utc(now), "times": command.c.times + 1}
        connection.execute(update(command).where(command.c.id.in_(ids)).values(values))
    return found


def send_anew(connection: Connection, station: str) -> None:
    """The station has begun a new session: what it did not answer is sent at once."""
    unanswered = (command.c.station == station) & (command.c.status == "")
    connection.execute(update(command).where(unanswered).values(sent=None))


def answered(connection: Connection, station: str, answer: Answer, now: datetime) -> bool:
    """Note how a command ended; False when this station was not asked for it, or had answered."""
    values = {
        "status": answer.status,
        "words": answer.words,
        "data": json.dumps(answer.data),
        "answered": _utc(now),
    }
    asked = (
        (command.c.id == answer.id)
        & (command.c.station == station)
        & (command.c.name == answer.name)
        & (command.c.status == "")
    )
    return connection.execute(update(command).where(asked).values(values)).rowcount == 1


def end_old(connection: Connection, now: datetime) -> None:
    """Commands that nobody answered in time are over. A minute is left for an answer on its way."""
    over = (command.c.status == "") & (command.c.expires < _utc(now - timedelta(minutes=1)))
    values = {"status": EXPIRED, "words": "no answer came in time", "answered": _utc(now)}
    connection.execute(update(command).where(over).values(values))


def _sent(row: Row[Any]) -> Sent:
    return Sent(
        row.id, row.station, row.name, json.loads(row.args), row.by, datetime.fromisoformat(row.made),
        datetime.fromisoformat(row.expires), row.times, row.status, row.words, json.loads(row.data),
        None if row.answered is None else datetime.fromisoformat(row.answered),
    )  # fmt: skip


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


@contextmanager
def _writing(at: CentralStore | Connection) -> Iterator[Connection]:
    if isinstance(at, Connection):
        yield at
    else:
        with at.writing() as connection:
            yield connection
