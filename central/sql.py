"""Statements that SQLite and PostgreSQL say alike, and SQLAlchemy has no common word for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Select,
    String,
    Table,
    column,
    func,
    literal,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite


def upsert(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    changed: Callable[[Any], Mapping[str, Any]],
) -> None:
    """Insert rows; where the key is there already, set what `changed` makes of the row that was refused."""
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        pg = postgresql.insert(table)
        names, listed = _listed(table, rows)
        statement = pg.from_select(names, listed).on_conflict_do_update(
            constraint=table.primary_key, set_=dict(changed(pg.excluded))
        )
        connection.execute(statement)
        return
    lite = sqlite.insert(table)
    keys = list(table.primary_key.columns)
    connection.execute(
        lite.on_conflict_do_update(index_elements=keys, set_=dict(changed(lite.excluded))), rows
    )


def insert_all(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that are not there yet. All have the same keys in one order, of plain columns or JSON."""
    if rows and connection.dialect.name == "postgresql":
        connection.execute(table.insert().from_select(*_listed(table, rows)))
    elif rows:
        # As SQLAlchemy would say it, without its work on every value of every row.
        names = list(rows[0])
        encoded = [at for at, name in enumerate(names) if isinstance(table.c[name].type, JSON)]
        values = [list(row.values()) for row in rows]
        for listed in values:
            for at in encoded:
                listed[at] = json.dumps(listed[at])
        columns = ", ".join(f'"{name}"' for name in names)
        places = ", ".join("?" * len(names))
        statement = f"INSERT INTO {table.name} ({columns}) VALUES ({places})"  # noqa: S608 (our own names)
        connection.exec_driver_sql(statement, [tuple(listed) for listed in values])


def _listed(table: Table, rows: Sequence[Mapping[str, Any]]) -> tuple[list[str], Select[Any]]:
    """Rows as one parameter: a statement for each would go to the server and back."""
    names = list(rows[0])
    columns = [column(name, table.c[name].type) for name in names]
    listed = (
        func.json_to_recordset(literal(rows, JSON))
        .table_valued(*columns, name="listed")
        .render_derived(with_types=True)
    )
    return names, select(*(listed.c[name] for name in names))


def among(connection: Connection, wanted: Column[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """Whether the column holds one of the values: one parameter however many there are."""
    listed = list(values)
    if connection.dialect.name == "postgresql":
        kind = String() if isinstance(wanted.type, String) else BigInteger()
        return wanted == func.any(literal(listed, ARRAY(kind)))
    each = func.json_each(json.dumps(listed)).table_valued("value")
    return wanted.in_(select(each.c.value))
