"""The centre's catalogues: titles and items with version numbers, and the editions that carry them down.

A list that is taken in is the whole of its catalogue: what it no longer has is gone. Each change is a
version; its delta holds what changed, and a snapshot holds everything. A new snapshot is made when the deltas
weigh a third of the last one; deltas are kept from the snapshot before on, so that a station that was away
for long still has the choice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from central.down.tables import (
    catalogue,
    catalogue_edition,
    catalogue_entry,
    catalogue_held,
    catalogue_part,
)
from central.errors import CentreError
from central.store import CentralStore
from central.watermarks import generation_of
from kiosk.catalogue import (
    MOST_EDITIONS,
    Edition,
    Entry,
    Gone,
    Head,
    ItemEntry,
    TitleEntry,
    edition,
    entry_of,
    index_of,
    pack,
    row_of,
)

SNAPSHOT_SHARE = 3
"""A new snapshot when the deltas since the last one weigh a third of it: no station loads more than 4/3."""
MOST_DELTAS = MOST_EDITIONS // 3
"""Since the last snapshot; a head names those of two snapshots."""
_BATCH = 5_000
_KINDS = ("t", "i")
Row = dict[str, Any]


class NotTaken(CentreError, ValueError):
    """The lists were not taken in; says why and what to do."""


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What a list changed. `version` is the catalogue's now."""

    scope: str
    version: int
    titles: int
    items: int
    changed: int
    gone: int
    delta_bytes: int  # 0: nothing changed, or there is only the snapshot
    snapshot_bytes: int  # 0: no new one was made


@dataclass(frozen=True, slots=True)
class Held:
    """How far a station is, by its own word."""

    station: str
    scope: str
    state: str
    version: int
    part: int
    parts: int
    at: datetime


def take_in(
    store: CentralStore,
    scope: str,
    titles: Sequence[TitleEntry],
    items: Sequence[ItemEntry],
    *,
    by: str = "",
    shrink: bool = False,
    now: datetime | None = None,
) -> TakenIn:
    """Make these lists the catalogue. Raises NotTaken when more than half of it would go without `shrink`."""
    with store.reading() as connection:
        version = _version(connection, scope)
        before = _entries(connection, scope)
        editions = _editions(connection, scope)
    after = {("t", title.id): _text(title) for title in titles}
    after |= {("i", item.id): _text(item) for item in items}
    changed = {key: row for key, row in after.items() if before.get(key) != row}
    gone = [key for key in before if key not in after]
    if len(gone) * 2 > len(before) and not shrink:
        raise NotTaken(
            f"{len(gone)} of {len(before)} titles and items are not in these lists and would be withdrawn"
            " everywhere; if that is meant, say --shrink, else look whether the files are whole"
        )
    if not changed and not gone:
        return TakenIn(scope, version, len(titles), len(items), 0, 0, 0, 0)
    # Packing takes long: not inside the transaction, for which the ingest would have to wait.
    delta = _Packed(version, version + 1, _changes(changed, gone)) if version else None
    snapshot = None
    if _needs_snapshot([*editions, *([delta.edition] if delta else [])]):
        snapshot = _Packed(0, version + 1, _everything(after))
    fresh = [one for one in (delta, snapshot) if one is not None]
    with store.writing() as connection:
        if _version(connection, scope) != version:
            raise NotTaken(f"somebody else has just changed the catalogue {scope}; look, and do it again")
        _write(connection, scope, version + 1, changed, gone)
        for one in fresh:
            one.keep(connection, scope)
        _drop_old(connection, scope)
        connection.execute(delete(catalogue).where(catalogue.c.scope == scope))
        at = (now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds")
        connection.execute(insert(catalogue).values(scope=scope, version=version + 1, by=by[:100], at=at))
    return TakenIn(
        scope, version + 1, len(titles), len(items), len(changed), len(gone),
        delta.edition.bytes if delta else 0, snapshot.edition.bytes if snapshot else 0,
    )  # fmt: skip


def stamp(connection: Connection) -> tuple[object, ...]:
    """Changes whenever a head does; cheaper to ask than `heads`."""
    versions = connection.execute(select(catalogue.c.scope, catalogue.c.version).order_by(catalogue.c.scope))
    return generation_of(connection), *((scope, version) for scope, version in versions)


def heads(connection: Connection) -> dict[str, Head]:
    """Where each catalogue stands."""
    generation = generation_of(connection)
    found = {}
    for scope, version in connection.execute(select(catalogue.c.scope, catalogue.c.version)).all():
        found[scope] = Head(generation, version, tuple(_editions(connection, scope)))
    return found


def parts(connection: Connection, scope: str, name: str) -> Iterator[tuple[int, bytes]]:
    """An edition's parts from 1, and its index as number 0 at the end."""
    chosen = (
        select(catalogue_part.c.n, catalogue_part.c.payload)
        .where(catalogue_part.c.scope == scope, catalogue_part.c.edition == name)
        .order_by(catalogue_part.c.n)
    )
    payloads = []
    for n, payload in connection.execute(chosen):
        payloads.append(payload)
        yield n, payload
    yield 0, index_of(payloads)


def held(connection: Connection) -> list[Held]:
    """How far the stations are."""
    return [
        Held(
            row.station,
            row.scope,
            row.state,
            row.version,
            row.part,
            row.parts,
            datetime.fromisoformat(row.at),
        )
        for row in connection.execute(select(catalogue_held).order_by(catalogue_held.c.station))
    ]


def told(connection: Connection, one: Held) -> None:
    """Note how far a station is."""
    connection.execute(delete(catalogue_held).where(catalogue_held.c.station == one.station))
    values = {
        "station": one.station, "scope": one.scope, "state": one.state, "version": one.version,
        "part": one.part, "parts": one.parts, "at": one.at.astimezone(UTC).isoformat(timespec="seconds"),
    }  # fmt: skip
    connection.execute(insert(catalogue_held).values(values))


def dropped(connection: Connection) -> list[tuple[str, str, int]]:
    """Editions the broker is to forget: scope, name, how many parts."""
    rows = connection.execute(select(catalogue_edition).where(catalogue_edition.c.dropped)).all()
    return [(row.scope, row.name, row.parts) for row in rows]


def forgotten(connection: Connection, scope: str, name: str) -> None:
    """The broker has forgotten an edition."""
    same = (catalogue_edition.c.scope == scope) & (catalogue_edition.c.name == name)
    connection.execute(delete(catalogue_edition).where(same & catalogue_edition.c.dropped))


# --- how it is kept ---------------------------------------------------------------------------------------


def _version(connection: Connection, scope: str) -> int:
    return connection.scalar(select(catalogue.c.version).where(catalogue.c.scope == scope)) or 0


def _entries(connection: Connection, scope: str) -> dict[tuple[str, str], str]:
    chosen = select(catalogue_entry.c.kind, catalogue_entry.c.id, catalogue_entry.c.row).where(
        catalogue_entry.c.scope == scope, catalogue_entry.c.gone.is_(False)
    )
    return {(kind, key): row for kind, key, row in connection.execute(chosen)}


def _write(
    connection: Connection,
    scope: str,
    version: int,
    changed: dict[tuple[str, str], str],
    gone: list[tuple[str, str]],
) -> None:
    same = (
        (catalogue_entry.c.scope == scope)
        & (catalogue_entry.c.kind == bindparam("of"))
        & (catalogue_entry.c.id == bindparam("key"))
    )
    rows = [
        {"scope": scope, "kind": kind, "id": key, "row": row, "version": version, "gone": False}
        for (kind, key), row in changed.items()
    ]
    for some in _batches(rows):
        if version > 1:  # replaces those that are there, or were
            connection.execute(
                delete(catalogue_entry).where(same), [{"of": one["kind"], "key": one["id"]} for one in some]
            )
        connection.execute(insert(catalogue_entry), list(some))
    lost = [{"of": kind, "key": key} for kind, key in gone]
    for some in _batches(lost):
        connection.execute(update(catalogue_entry).where(same).values(gone=True, version=version), list(some))


class _Packed:
    """An edition on its way into the database."""

    def __init__(self, base: int, version: int, rows: Iterable[Entry]) -> None:
        self._parts = list(pack(rows))
        self.edition = edition(base, version, self._parts)

    def keep(self, connection: Connection, scope: str) -> None:
        one = self.edition
        row = {"scope": scope, "name": one.name, "base": one.base, "version": one.version}
        row |= {"parts": one.parts, "bytes": one.bytes, "sha256": one.sha256, "index_sha256": one.index}
        connection.execute(insert(catalogue_edition).values(row))
        values = [
            {"scope": scope, "edition": one.name, "n": n, "payload": part}
            for n, part in enumerate(self._parts, start=1)
        ]
        connection.execute(insert(catalogue_part), values)


def _changes(changed: dict[tuple[str, str], str], gone: list[tuple[str, str]]) -> Iterator[Entry]:
    yield from _everything(changed)
    for kind, key in sorted(gone, key=_in_order, reverse=True):  # items before their titles
        yield Gone(kind, key)


def _everything(rows: dict[tuple[str, str], str]) -> Iterator[Entry]:
    for key in sorted(rows, key=_in_order):  # titles before their items
        yield entry_of(json.loads(rows[key]))


def _needs_snapshot(there: Sequence[Edition]) -> bool:
    last = max((one for one in there if not one.base), key=lambda one: one.version, default=None)
    if last is None:
        return True
    deltas = [one.bytes for one in there if one.base >= last.version]
    return sum(deltas) * SNAPSHOT_SHARE > last.bytes or len(deltas) > MOST_DELTAS


def _drop_old(connection: Connection, scope: str) -> None:
    there = _editions(connection, scope)
    snapshots = sorted((one.version for one in there if not one.base), reverse=True)
    oldest = snapshots[:2][-1]
    for one in there:
        if one.version < oldest or (one.base and one.base < oldest):
            same = (catalogue_edition.c.scope == scope) & (catalogue_edition.c.name == one.name)
            connection.execute(update(catalogue_edition).where(same).values(dropped=True))
            its_own = (catalogue_part.c.scope == scope) & (catalogue_part.c.edition == one.name)
            connection.execute(delete(catalogue_part).where(its_own))


def _editions(connection: Connection, scope: str) -> list[Edition]:
    rows = connection.execute(
        select(catalogue_edition)
        .where(catalogue_edition.c.scope == scope, catalogue_edition.c.dropped.is_(False))
        .order_by(catalogue_edition.c.version, catalogue_edition.c.base)
    )
    return [
        Edition(row.name, row.base, row.version, row.parts, row.bytes, row.sha256, row.index_sha256)
        for row in rows
    ]


def _in_order(key: tuple[str, str]) -> tuple[int, str]:
    """Titles before items."""
    return _KINDS.index(key[0]), key[1]


def _text(entry: Entry) -> str:
    return json.dumps(row_of(entry), ensure_ascii=False, separators=(",", ":"))


def _batches(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), _BATCH):
        yield rows[start : start + _BATCH]
