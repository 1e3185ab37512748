"""The hours of the day of months that are over, summed by month."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"


def upgrade() -> None:
    """Make the tables; the upkeep sums the months up that are over."""
    op.create_table(
        "monthly",
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("station", "library", "kind")),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("month", "hour", "station", "library", "kind", name="pk_monthly"),
    )
    op.create_table(
        "month_over",
        sa.Column("month", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("month", name="pk_month_over"),
    )
