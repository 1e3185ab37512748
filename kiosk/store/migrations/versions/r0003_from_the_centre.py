"""What comes down from the centre: its catalogue on the way in, its rules, the commands that were done."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"


def upgrade() -> None:
    """Make the tables; there was nothing of this before."""
    op.create_table(
        "from_centre",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_from_centre"),
    )
    op.create_table(
        "catalogue_parts",
        sa.Column("edition", sa.String(), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("edition", "n", name="pk_catalogue_parts"),
    )
    op.create_table(
        "catalogue_items",
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", name="pk_catalogue_items"),
    )
    op.create_index("ix_catalogue_items_seen", "catalogue_items", ["seen"])
    op.create_table(
        "commands_done",
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("n", name="pk_commands_done"),
        sa.UniqueConstraint("id", name="uq_commands_done_id"),
    )


def downgrade() -> None:
    """A station goes forward, or restores its backup."""
    raise NotImplementedError("this revision is not undone; restore a backup made before it instead")
