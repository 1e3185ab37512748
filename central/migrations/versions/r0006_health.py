"""Each station's last word on itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision: str | None = "0005"


def upgrade() -> None:
    """Make the table; the stations' retained words fill it."""
    op.create_table(
        "health",
        sa.Column("station", sa.String(), nullable=False),
        sa.Column("time", sa.String(), nullable=False),
        sa.Column("received", sa.String(), nullable=False),
        *(sa.Column(name, sa.Boolean()) for name in ("under_voltage", "throttled", "read_only")),
        sa.Column("temperature_c", sa.Float()),
        *(
            sa.Column(name, sa.BigInteger())
            for name in ("disk_free", "disk_total", "card_life_used", "memory_free", "uptime_s")
        ),
        sa.PrimaryKeyConstraint("station", name="pk_health"),
    )
