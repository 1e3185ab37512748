"""What goes down to the stations: catalogues and their editions, lending rules, commands; the answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "catalogue",
        *_texts("scope", "by", "at"),
        *_numbers("version"),
        sa.PrimaryKeyConstraint("scope", name="pk_catalogue"),
    )
    op.create_table(
        "catalogue_entry",
        *_texts("scope", "kind", "id"),
        sa.Column("row", sa.Text(), nullable=False),
        *_numbers("version"),
        sa.Column("gone", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "kind", "id", name="pk_catalogue_entry"),
    )
    op.create_table(
        "catalogue_edition",
        *_texts("scope", "name"),
        *_numbers("base", "version", "parts", "bytes"),
        *_texts("sha256", "index_sha256"),
        sa.Column("dropped", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "name", name="pk_catalogue_edition"),
    )
    op.create_table(
        "catalogue_part",
        *_texts("scope", "edition"),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "edition", "n", name="pk_catalogue_part"),
    )
    op.create_table(
        "catalogue_held",
        *_texts("station", "scope", "state"),
        *_numbers("version", "part", "parts"),
        *_texts("at"),
        sa.PrimaryKeyConstraint("station", name="pk_catalogue_held"),
    )
    op.create_table(
        "policy",
        *_texts("station"),
        *_numbers("version"),
        sa.Column("document", sa.Text(), nullable=False),
        *_texts("by", "at"),
        sa.PrimaryKeyConstraint("station", name="pk_policy"),
    )
    op.create_table(
        "policy_answer",
        *_texts("station", "source"),
        *_numbers("version"),
        *_texts("status"),
        sa.Column("words", sa.Text(), nullable=False),
        *_texts("at"),
        sa.PrimaryKeyConstraint("station", "source", name="pk_policy_answer"),
    )
    op.create_table(
        "command",
        *_texts("id", "station", "name"),
        sa.Column("args", sa.Text(), nullable=False),
        *_texts("by", "made", "expires"),
        sa.Column("times", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("sent", sa.String(), nullable=True),
        sa.Column("status", sa.String(), server_default="", nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("data", sa.Text(), server_default="{}", nullable=False),
        sa.Column("answered", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_command"),
    )
    op.create_index("ix_command_station_id", "command", ["station", "id"])
    op.create_index("ix_command_status", "command", ["status"])


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _numbers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]
