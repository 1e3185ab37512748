"""Accounts, logins, the log of what people did, plans for stations, and the book of alerts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"


def upgrade() -> None:
    """Make the tables."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "person",
        *_texts("key", "name", "role", "password", "made"),
        sa.PrimaryKeyConstraint("key", name="pk_person"),
    )
    op.create_table(
        "login",
        *_texts("token", "person", "began", "seen"),
        sa.PrimaryKeyConstraint("token", name="pk_login"),
    )
    op.create_index("ix_login_person", "login", ["person"])
    op.create_table(
        "attempt",
        *_texts("key", "last", "until"),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_attempt"),
    )
    op.create_table(
        "audit",
        sa.Column("n", number, nullable=False),
        *_texts("at", "who", "what", "about"),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("n", name="pk_audit"),
    )
    op.create_table(
        "plan",
        *_texts("station", "place"),
        sa.Column("away_h", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("station", name="pk_plan"),
    )
    op.create_table(
        "alert",
        sa.Column("n", number, nullable=False),
        *_texts("station", "kind", "about", "first"),
        sa.Column("detail", sa.Text(), nullable=False),
        *(
            sa.Column(name, sa.String(), nullable=True)
            for name in ("absent", "raised", "ended", "acknowledged")
        ),
        sa.Column("by", sa.String(), server_default="", nullable=False),
        sa.Column("owed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("n", name="pk_alert"),
    )
    op.create_index("ix_alert_ended", "alert", ["ended"])


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]
