"""Books like another one that stand on their shelves now.

Each step asks for one kind of likeness, nearest kind first, until enough titles are found. A step walks an
index in the order of ids, begins behind the title that is asked for and goes round: it stops as soon as it
has enough, and a child who goes on from book to book comes through the whole shelf.
"""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Executable,
    and_,
    bindparam,
    exists,
    literal,
    null,
    select,
    union_all,
)

from kiosk.model import Item, ItemStatus
from kiosk.store.reading import ITEMS, to_item
from kiosk.store.tables import ItemRow, LoanRow, TitleRow


class Run(Protocol):
    """Executes one statement, as StationTransaction.run does."""

    def __call__(self, statement: Executable, values: Any, doing: str) -> CursorResult[*tuple[Any, ...]]:
        """Raises StorageFull or StoreError, saying `doing`."""
        ...


_AGES = (0, -1, 1, -2, 2)
"""Years between two titles of one shelf that are alike, nearest first."""

_MAY_LEAVE = ItemRow.status == ItemStatus.LENDABLE.value
_STANDS = and_(_MAY_LEAVE, ~exists().where(LoanRow.item_id == ItemRow.id))
_ASKED = select(TitleRow.author, TitleRow.shelf, TitleRow.age_from, TitleRow.motif, TitleRow.language).where(
    TitleRow.id == bindparam("key")
)
_ITEMS_OF = (
    ITEMS.where(ItemRow.title_id.in_(bindparam("titles", expanding=True)), _MAY_LEAVE)
    .where(LoanRow.item_id.is_(null()))
    .order_by(ItemRow.id)
)  # fmt: skip


def _step(*alike: ColumnElement[bool]) -> Executable:
    """The nearest titles of one kind of likeness, in the order of ids and round."""

    def part(way: ColumnElement[bool], lap: int) -> Any:
        return (
            select(TitleRow.id, literal(lap).label("lap"))
            .where(*alike, way, exists().where(ItemRow.title_id == TitleRow.id, _STANDS))
            .order_by(TitleRow.id)
            .limit(bindparam("most"))
            .subquery()
        )

    behind = part(TitleRow.id > bindparam("key"), 0)
    before = part(TitleRow.id < bindparam("key"), 1)
    both = union_all(select(behind.c.id, behind.c.lap), select(before.c.id, before.c.lap)).subquery()
    return select(both.c.id).order_by(both.c.lap, both.c.id)


_SAME_AUTHOR = _step(TitleRow.author == bindparam("author"))
_SAME_AGE = _step(TitleRow.shelf == bindparam("shelf"), TitleRow.age_from == bindparam("age"))
_SAME_SHELF = _step(TitleRow.shelf == bindparam("shelf"))
_SAME_MOTIF = _step(TitleRow.motif == bindparam("motif"))
_SAME_LANGUAGE = _step(TitleRow.language == bindparam("language"))


def similar(run: Run, title_id: str, most: int) -> tuple[Item, ...]:
    """At most `most` items, one a title, the most alike first; none for an unknown title.

    Alike are, nearest first: the same author; the same shelf and an age within two years; the same shelf; the
    same motif; the same language. Raises StorageFull or StoreError.
    """
    asked = run(_ASKED, {"key": title_id}, "reading a title").one_or_none()
    if asked is None or most <= 0:
        return ()
    author, shelf, age_from, motif, language = asked
    steps: list[tuple[Executable, dict[str, object]]] = []
    if author:
        steps.append((_SAME_AUTHOR, {"author": author}))
    steps += [(_SAME_AGE, {"shelf": shelf, "age": age_from + apart}) for apart in _AGES]
    steps.append((_SAME_SHELF, {"shelf": shelf}))
    if motif:
        steps.append((_SAME_MOTIF, {"motif": motif}))
    steps.append((_SAME_LANGUAGE, {"language": language}))
    found: dict[str, None] = {}  # keeps the order
    for statement, values in steps:
        # Those found already come up again: a step may need as many as were asked for beyond them.
        values |= {"key": title_id, "most": most + len(found)}
        found |= dict.fromkeys(row[0] for row in run(statement, values, "looking for books like one"))
        if len(found) >= most:
            break
    return _standing(run, list(found)[:most])


def _standing(run: Run, titles: list[str]) -> tuple[Item, ...]:
    """The first item of each title that stands on its shelf."""
    first: dict[str, Item] = {}
    for row in run(_ITEMS_OF, {"titles": titles}, "reading items"):
        item = to_item(row)
        first.setdefault(item.title.id, item)
    return tuple(first[title] for title in titles)
