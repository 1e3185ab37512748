"""Alembic's environment: runs the revisions on the connection, and in the transaction, it was given."""

from __future__ import annotations

from alembic import context

from central.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite alters a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
