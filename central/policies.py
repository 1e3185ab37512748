"""Lending rules and closed days from the centre: a document for all stations, and one for each that differs.

`put` writes a document down; a running `central serve` lays it at the broker, where a station finds it
whenever it comes. What a station made of it, it says itself (`answers`).
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from central.down.tables import policy, policy_answer
from central.errors import CentreError
from central.store import CentralStore
from kiosk.facts import EVERY_STATION, KIOSK_ID
from kiosk.policy import PolicyAnswer, PolicyDocument, PolicyError, parse_policy, read_policy


class NotPut(CentreError, ValueError):
    """The rules were not taken; says why and what to change."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a station says of a document."""

    station: str
    source: str
    version: int
    status: str
    words: str
    at: datetime


def put(
    store: CentralStore,
    rules: dict[str, Any],
    *,
    station: str = "",
    by: str = "",
    now: datetime | None = None,
) -> int:
    """Let stations lend by these rules, "" being all that have none of their own; answers with the version.

    `rules` as in kiosk.policy, without the version: it is one more than any that was ever said, here or by a
    station. Unknown keys are refused here: a station would leave them out. Raises NotPut, DatabaseUnusable.
    """
    scope = _scope(station)
    with store.writing() as connection:
        version = _next(connection, scope)
        try:
            document, warnings = read_policy(rules | {"version": version})
        except PolicyError as error:
            raise NotPut(str(error)) from error
        if warnings:
            raise NotPut(warnings[0])
        _write(connection, scope, version, document.to_json().decode(), by, now)
    return version


def take_back(store: CentralStore, *, station: str = "", by: str = "", now: datetime | None = None) -> None:
    """Stations lend by what is next: the rules for all, or those of their own settings."""
    scope = _scope(station)
    with store.writing() as connection:
        _write(connection, scope, _next(connection, scope), "", by, now)


def current(connection: Connection, station: str = "") -> PolicyDocument | None:
    """The document of a station, or of all; None where there is none."""
    text = connection.scalar(select(policy.c.document).where(policy.c.station == _scope(station)))
    return parse_policy(text.encode())[0] if text else None


def answers(connection: Connection, station: str = "") -> list[Told]:
    """What stations say of their rules, or one of them."""
    chosen = select(policy_answer).order_by(policy_answer.c.station, policy_answer.c.source)
    if station:
        chosen = chosen.where(policy_answer.c.station == station)
    return [
        Told(row.station, row.source, row.version, row.status, row.words, datetime.fromisoformat(row.at))
        for row in connection.execute(chosen)
    ]


# --- for the courier ------------------------------------------------------------------------------------


def all_documents(connection: Connection) -> dict[str, bytes]:
    """What each policy topic is to hold, by station; empty where it was taken back."""
    rows = connection.execute(select(policy.c.station, policy.c.document))
    return {row.station: row.document.encode() for row in rows}


def told(connection: Connection, station: str, answer: PolicyAnswer, now: datetime) -> None:
    """Note what a station says."""
    same = (policy_answer.c.station == station) & (policy_answer.c.source == answer.source)
    connection.execute(delete(policy_answer).where(same))
    values = {
        "station": station, "source": answer.source, "version": answer.version, "status": answer.status,
        "words": answer.words, "at": now.astimezone(UTC).isoformat(timespec="seconds"),
    }  # fmt: skip
    connection.execute(insert(policy_answer).values(values))


def _scope(station: str) -> str:
    if station and (not KIOSK_ID.fullmatch(station) or station == EVERY_STATION):
        raise NotPut(f"{station[:60]!r} is not a station's name: a-z, 0-9 and '-', at most 40")
    return station or EVERY_STATION


def _next(connection: Connection, scope: str) -> int:
    """A restored database does not know what it said: the stations do."""
    ours = connection.scalar(select(policy.c.version).where(policy.c.station == scope)) or 0
    said = select(func.max(policy_answer.c.version)).where(
        policy_answer.c.source == "all"
        if scope == EVERY_STATION
        else (policy_answer.c.source == "own") & (policy_answer.c.station == scope)
    )
    return max(ours, connection.scalar(said) or 0) + 1


def _write(
    connection: Connection, scope: str, version: int, document: str, by: str, now: datetime | None
) -> None:
    connection.execute(delete(policy).where(policy.c.station == scope))
    at = (now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds")
    values = {"station": scope, "version": version, "document": document, "by": by[:100], "at": at}
    connection.execute(insert(policy).values(values))


def read_file(text: str) -> dict[str, Any]:
    """Rules from a file: JSON, or TOML as a station's [lending] has them. Raises NotPut."""
    try:
        rules = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotPut(f"the file is neither JSON nor TOML: {error}") from error
    if not isinstance(rules, dict):
        raise NotPut("the file must hold default, categories, closed_weekdays and closed_days")
    rules = dict(rules.get("lending", rules))
    if isinstance(rules.get("closed_days"), list):
        rules["closed_days"] = [
            getattr(day, "isoformat", lambda day=day: day)() for day in rules["closed_days"]
        ]
    return rules
