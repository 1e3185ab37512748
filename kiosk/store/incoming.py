"""What the centre sends down, kept: its rules, the commands that were done, and its catalogue on the way in.

The catalogue's rows go into the tables of titles and items in short transactions, each leaving the station
usable: a title is whole before an item names it, and what was put in twice is the same twice. The cursor of
the work is kept in the same transaction, so that a power cut goes on where it stopped. Never touched: loans,
the stickers bound here, when a book was last seen, patrons, and items the centre never sent.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from sqlalchemy import bindparam, delete, func, select, text, update
from sqlalchemy.dialects.sqlite import insert

from kiosk.catalogue import CatalogueError, Edition, Entry, Gone, ItemEntry, TitleEntry, edition_of
from kiosk.store.errors import store_error
from kiosk.store.tables import CatalogueItemRow, CommandRow, FromCentreRow, ItemRow, PartRow, TitleRow
from kiosk.store.transaction import StationTransaction

COMMANDS_KEPT = 2_000
"""Commands whose ids are remembered. One is a week old at most when it is sent, and a centre that sends more
than this in a week has other troubles; a station whose clock was set refuses old ones in any case."""

_CATALOGUE, _INDEX = "catalogue", "catalogue.index"
_KEPT = select(FromCentreRow.value).where(FromCentreRow.key == bindparam("of"))
_KEEP = insert(FromCentreRow)
_KEEP = _KEEP.on_conflict_do_update(index_elements=["key"], set_={"value": _KEEP.excluded.value})
_FORGET = delete(FromCentreRow).where(FromCentreRow.key == bindparam("of"))
_ANSWER = select(CommandRow.answer).where(CommandRow.id == bindparam("of"))
_ANSWERED = insert(CommandRow)
_OLD_COMMANDS = delete(CommandRow).where(
    CommandRow.n <= select(func.max(CommandRow.n)).scalar_subquery() - COMMANDS_KEPT
)
_PUT_PART = insert(PartRow).on_conflict_do_nothing()
_PART = select(PartRow.payload).where(PartRow.edition == bindparam("of"), PartRow.n == bindparam("part"))
_DROP_PART = delete(PartRow).where(PartRow.edition == bindparam("of"), PartRow.n == bindparam("part"))
_DROP_EDITION = delete(PartRow).where(PartRow.edition == bindparam("of"))
_STRAY = select(PartRow.edition, PartRow.n).where(PartRow.edition != bindparam("of")).limit(bindparam("most"))
_PUT_TITLE = insert(TitleRow)
_PUT_TITLE = _PUT_TITLE.on_conflict_do_update(
    index_elements=["id"],
    set_={
        name: _PUT_TITLE.excluded[name]
        for name in ("name", "author", "language", "age_from", "shelf", "motif", "about")
    },
)
_PUT_ITEM = insert(ItemRow)
_PUT_ITEM = _PUT_ITEM.on_conflict_do_update(
    index_elements=["id"],
    set_={"title_id": _PUT_ITEM.excluded.title_id, "status": _PUT_ITEM.excluded.status},
)
_SEEN = insert(CatalogueItemRow)
_SEEN = _SEEN.on_conflict_do_update(index_elements=["item_id"], set_={"seen": _SEEN.excluded.seen})
_UNSEEN = (
    select(CatalogueItemRow.item_id)
    .where(CatalogueItemRow.seen < bindparam("before"))
    .order_by(CatalogueItemRow.seen)
    .limit(bindparam("most"))
)
_UNKNOW = delete(CatalogueItemRow).where(CatalogueItemRow.item_id == bindparam("of"))
_WITHDRAW = update(ItemRow).where(ItemRow.id == bindparam("of")).values(status="withdrawn")
_OURS = select(CatalogueItemRow.item_id).where(CatalogueItemRow.item_id == bindparam("of"))
_DROP_TITLE = text(
    "DELETE FROM titles WHERE id = :of AND NOT EXISTS (SELECT 1 FROM items WHERE title_id = :of)"
)
_TITLES_THERE = select(TitleRow.id).where(TitleRow.id.in_(bindparam("of", expanding=True)))


@dataclass(frozen=True, slots=True)
class Loading:
    """An edition on its way into the tables, and how far it is."""

    edition: Edition
    whole: bool = False  # every part is here, and all of them were held against the digest
    part: int = 1  # the next row to put in: of this part,
    row: int = 0  # this one
    gone: int = 0  # items withdrawn for it


@dataclass(frozen=True, slots=True)
class CatalogueState:
    """Which catalogue this station holds, and what it is loading."""

    scope: str = ""
    generation: str = ""
    version: int = 0
    round: int = 0  # counts snapshots; what was not seen in the last one is gone
    loading: Loading | None = None

    def to_json(self) -> bytes:
        """As it is kept."""
        return json.dumps(asdict(self), separators=(",", ":")).encode()


def parse_state(kept: bytes | None) -> CatalogueState:
    """The way back; what cannot be read counts as nothing, and a snapshot mends it."""
    try:
        told = json.loads(kept or b"{}")
        loading = told.pop("loading", None)
        if loading is not None:
            loading = Loading(**loading | {"edition": edition_of(loading["edition"])})
        return CatalogueState(**told, loading=loading)
    except (ValueError, TypeError, KeyError, CatalogueError):
        return CatalogueState()


class Incoming:
    """The centre's side of one transaction. The caller commits."""

    def __init__(self, work: StationTransaction) -> None:
        self._work = work

    # --- small documents, and commands --------------------------------------------------------------

    def document(self, key: str) -> bytes | None:
        """What is kept under a key."""
        return self._work.run(_KEPT, {"of": key}, "reading what the centre said").scalar()

    def keep(self, key: str, value: bytes | None) -> None:
        """Keep it in place of what was there; None: nothing any more."""
        if value is None:
            self._work.run(_FORGET, {"of": key}, "forgetting what the centre said")
        else:
            self._work.run(_KEEP, {"key": key, "value": value}, "keeping what the centre said")

    def answer_to(self, command_id: str) -> bytes | None:
        """How a command ended that came before."""
        return self._work.run(_ANSWER, {"of": command_id}, "looking for a command").scalar()

    def answered(self, command_id: str, answer: bytes) -> None:
        """Remember that a command came to its end, and how; the oldest are forgotten."""
        self._work.run(_ANSWERED, {"id": command_id, "answer": answer}, "remembering a command")
        self._work.run(_OLD_COMMANDS, {}, "forgetting old commands")

    # --- the catalogue on its way --------------------------------------------------------------------

    def catalogue(self) -> CatalogueState:
        """How far it is."""
        return parse_state(self.document(_CATALOGUE))

    def begin(self, scope: str, generation: str, edition: Edition, index: bytes) -> CatalogueState:
        """Load this edition from now on. What was loaded of another is swept away later."""
        state = self.catalogue()
        if (state.scope, state.generation) != (scope, generation):
            state = replace(state, scope=scope, generation=generation, version=0)
        if edition.base not in {0, state.version}:
            return state
        if state.loading is None or state.loading.edition != edition:
            state = replace(
                state, loading=Loading(edition), round=state.round if edition.base else state.round + 1
            )
        self.keep(_INDEX, index)
        return self._keep(state)

    def index(self) -> bytes:
        """The digests of the parts that are being loaded."""
        return self.document(_INDEX) or b""

    def put_part(self, of: str, n: int, payload: bytes) -> None:
        """Keep a part of the edition that is being loaded; any other is nobody's."""
        loading = self.catalogue().loading
        if loading is not None and loading.edition.sha256 == of and not loading.whole:
            self._work.run(_PUT_PART, {"edition": of, "n": n, "payload": payload}, "keeping a part")

    def all_there(self, of: str, *, good: bool) -> CatalogueState:
        """Every part is here: put them in, or load them anew when the whole is not what it should be."""
        state = self.catalogue()
        loading = state.loading
        if loading is None or loading.edition.sha256 != of or loading.whole:
            return state
        if not good:
            self._work.run(_DROP_EDITION, {"of": of}, "dropping what is not whole")
            return self._keep(replace(state, loading=None))
        return self._keep(replace(state, loading=replace(loading, whole=True)))

    def give_up(self) -> CatalogueState:
        """Forget what is being loaded; the link begins anew, with a snapshot."""
        state = self.catalogue()
        if state.loading is not None:
            self._work.run(_DROP_EDITION, {"of": state.loading.edition.sha256}, "giving an edition up")
        return self._keep(replace(state, loading=None, version=0))

    def part(self, of: str, n: int) -> bytes | None:
        """A part that waits to be put in."""
        return self._work.run(_PART, {"of": of, "part": n}, "reading a part").scalar()

    def put_in(self, state: CatalogueState, rows: Sequence[Entry], *, last: bool) -> CatalogueState:
        """Put some rows of the current part into the tables; after its `last` the part is dropped."""
        loading = state.loading
        if loading is None:
            return state
        self._put_titles([row for row in rows if isinstance(row, TitleEntry)])
        self._put_items([row for row in rows if isinstance(row, ItemEntry)], state.round)
        gone = self._remove([row for row in rows if isinstance(row, Gone)])
        if last:
            self._work.run(
                _DROP_PART, {"of": loading.edition.sha256, "part": loading.part}, "dropping a part"
            )
        following = (loading.part + 1, 0) if last else (loading.part, loading.row + len(rows))
        loading = replace(loading, part=following[0], row=following[1], gone=loading.gone + gone)
        return self._keep(replace(state, loading=loading))

    def withdraw_unseen(self, state: CatalogueState, most: int) -> CatalogueState | None:
        """After a snapshot: some items that it no longer has; None when there is none left."""
        loading = state.loading
        if loading is None or loading.edition.base:
            return None
        unseen = self._work.run(_UNSEEN, {"before": state.round, "most": most}, "looking for gone items")
        gone = [Gone("i", item) for item in unseen.scalars()]
        if not gone:
            return None
        return self._keep(replace(state, loading=replace(loading, gone=loading.gone + self._remove(gone))))

    def finish(self, state: CatalogueState) -> CatalogueState:
        """The edition is in the tables, whole."""
        if state.loading is None:
            return state
        self.keep(_INDEX, None)
        return self._keep(replace(state, version=state.loading.edition.version, loading=None))

    def sweep(self, state: CatalogueState, most: int) -> bool:
        """Drop some parts of editions that are no longer loaded; whether there were any."""
        current = state.loading.edition.sha256 if state.loading else ""
        stray = self._work.run(_STRAY, {"of": current, "most": most}, "looking for old parts").all()
        if stray:
            self._work.run(_DROP_PART, [{"of": of, "part": n} for of, n in stray], "dropping old parts")
        return bool(stray)

    # --- rows ----------------------------------------------------------------------------------------

    def _put_titles(self, titles: list[TitleEntry]) -> None:
        if titles:
            self._work.run(_PUT_TITLE, [asdict(title) for title in titles], "putting titles in")

    def _put_items(self, items: list[ItemEntry], seen: int) -> None:
        asked = {"of": sorted({item.title for item in items})}
        known = set(self._work.run(_TITLES_THERE, asked, "looking for titles").scalars())
        whole = [item for item in items if item.title in known]
        if not whole:
            return
        rows = [
            {"id": item.id, "title_id": item.title, "status": item.status, "tag": None, "seen_on": None}
            for item in whole
        ]
        self._work.run(_PUT_ITEM, rows, "putting items in")
        self._work.run(_SEEN, [{"item_id": item.id, "seen": seen} for item in whole], "putting items in")

    def _remove(self, gone: list[Gone]) -> int:
        """An item is withdrawn, never removed: whoever has it at home brings it back as ever."""
        withdrawn = 0
        for one in gone:
            if one.kind == "t":
                self._work.run(_DROP_TITLE, {"of": one.id}, "dropping a title")
            elif self._work.run(_OURS, {"of": one.id}, "looking for an item").scalar() is not None:
                withdrawn += self._work.run(_WITHDRAW, {"of": one.id}, "withdrawing an item").rowcount
                self._work.run(_UNKNOW, {"of": one.id}, "withdrawing an item")
        return withdrawn

    def _keep(self, state: CatalogueState) -> CatalogueState:
        self.keep(_CATALOGUE, state.to_json())
        return state


class HoldingsReader:
    """What the link's thread reads of this, by a connection of its own. Raises StoreError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=5.0
            )
        except sqlite3.Error as error:
            raise store_error(error, path, "opening what the centre sent") from error

    def state(self) -> CatalogueState:
        """How far the catalogue is."""
        return parse_state(self._value(_CATALOGUE))

    def index(self) -> bytes:
        """The digests of the parts that are being loaded."""
        return self._value(_INDEX) or b""

    def parts(self, of: str) -> frozenset[int]:
        """Which parts of an edition are here."""
        return frozenset(n for (n,) in self._read("SELECT n FROM catalogue_parts WHERE edition = ?", of))

    def is_whole(self, edition: Edition) -> bool:
        """Whether the parts together are what the head says: read back from the disk."""
        digest = hashlib.sha256()
        for n in range(1, edition.parts + 1):
            row = self._read(
                "SELECT payload FROM catalogue_parts WHERE edition = ? AND n = ?", edition.sha256, n
            )
            if not row:
                return False
            digest.update(row[0][0])
        return digest.hexdigest() == edition.sha256

    def document(self, key: str) -> bytes | None:
        """What is kept under a key."""
        return self._value(key)

    def close(self) -> None:
        """Release the connection."""
        self._connection.close()

    def _value(self, key: str) -> bytes | None:
        rows = self._read("SELECT value FROM from_centre WHERE key = ?", key)
        return rows[0][0] if rows else None

    def _read(self, statement: str, *values: object) -> list[tuple]:  # type: ignore[type-arg]
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise store_error(error, self._path, "reading what the centre sent") from error
