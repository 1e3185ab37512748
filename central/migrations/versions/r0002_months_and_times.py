"""Facts are filed by month and carry their best time; ranges above the watermark; days, boots, alarms."""

from __future__ import annotations

import json
from itertools import groupby

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"

_FILED = "CAST(substr(received, 1, 4) || substr(received, 6, 2) AS INTEGER)"
_COPIED = "source, epoch, seq, id, type, cls, time, received, boot, mono, clock, data"


def upgrade() -> None:
    """Change the tables; counters are counted anew when the database is opened (`recount` in meta)."""
    partitioned = op.get_bind().dialect.name == "postgresql"
    _event(partitioned=partitioned)
    _stream()
    _counters()
    _boot()
    op.create_table(
        "alarm",
        sa.Column("station", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("epoch", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("first", sa.String(), nullable=False),
        sa.Column("last", sa.String(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("station", "kind", "epoch", name="pk_alarm"),
    )
    op.add_column("station", sa.Column("boot", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("station", sa.Column("sessions", sa.JSON(), nullable=True))
    op.execute("INSERT INTO meta (key, value) VALUES ('recount', 'due')")


def _event(*, partitioned: bool) -> None:
    op.rename_table("event", "event_before")
    if partitioned:  # the names of its indexes are the schema's, not the table's
        op.execute("ALTER INDEX pk_event RENAME TO pk_event_before")
        op.execute("ALTER INDEX uq_event_source_id RENAME TO uq_event_before_source_id")
    # A key of a partitioned table must hold what it is partitioned by. Elsewhere the key can say more.
    by_month = ["filed"] if partitioned else []
    op.create_table(
        "event",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("epoch", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("filed", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("cls", sa.String(), nullable=False),
        sa.Column("time", sa.String(), nullable=False),
        sa.Column("received", sa.String(), nullable=False),
        sa.Column("boot", sa.BigInteger(), nullable=False),
        sa.Column("mono", sa.BigInteger(), nullable=False),
        sa.Column("clock", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("estimated", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("source", "epoch", "seq", *by_month, name="pk_event"),
        sa.UniqueConstraint("id", "source", *by_month, name="uq_event_id_source"),
        postgresql_partition_by="RANGE (filed)",
    )
    if partitioned:
        months = op.get_bind().execute(sa.text(f"SELECT DISTINCT {_FILED} FROM event_before")).scalars()  # noqa: S608
        for month in months.all():
            op.execute(
                f"CREATE TABLE event_{month} PARTITION OF event FOR VALUES FROM ({month}) TO ({month + 1})"
            )
    op.execute(
        f"INSERT INTO event ({_COPIED}, filed, at, estimated)"  # noqa: S608 (nothing of it is from outside)
        f" SELECT {_COPIED}, {_FILED}, time, CASE WHEN clock IN ('ntp', 'rtc') THEN '' ELSE 'bounded' END"
        " FROM event_before"
    )
    op.drop_table("event_before")


def _stream() -> None:
    op.add_column("stream", sa.Column("above", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("stream", sa.Column("floor", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("stream", sa.Column("born", sa.String(), nullable=True))
    op.add_column("stream", sa.Column("boot", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("stream", sa.Column("promised", sa.BigInteger(), server_default="0", nullable=False))
    connection = op.get_bind()
    rows = connection.execute(sa.text("SELECT source, epoch, upto FROM stream WHERE upto < max_seq")).all()
    for source, epoch, upto in rows:
        where = "WHERE source = :source AND epoch = :epoch AND seq > :upto"
        held = connection.execute(
            sa.text(
                " UNION ".join(f"SELECT seq FROM {table} {where}" for table in _HOLDING)  # noqa: S608
                + " ORDER BY seq"
            ),
            {"source": source, "epoch": epoch, "upto": upto},
        ).scalars()
        runs = [
            [number for _, number in run]
            for _, run in groupby(enumerate(held.all()), lambda pair: pair[1] - pair[0])
        ]
        above = json.dumps([[run[0], run[-1]] for run in runs])
        connection.execute(
            sa.text("UPDATE stream SET above = :above WHERE source = :source AND epoch = :epoch").bindparams(
                sa.bindparam("above", type_=sa.String())
            )
            if connection.dialect.name != "postgresql"
            else sa.text(
                "UPDATE stream SET above = CAST(:above AS JSON) WHERE source = :source AND epoch = :epoch"
            ),
            {"above": above, "source": source, "epoch": epoch},
        )


_HOLDING = ("event", "quarantine", "deadletter")


def _counters() -> None:
    op.drop_table("counter")
    cell = ["day", "station", "library", "kind", "ageband"]
    for name in ("counter", "daily"):
        hour = [sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False)]
        archived = [sa.Column("archived", sa.BigInteger(), server_default="0", nullable=False)]
        hourly = name == "counter"
        op.create_table(
            name,
            *(sa.Column(part, sa.String(), nullable=False) for part in cell),
            sa.Column("n", sa.BigInteger(), nullable=False),
            *(hour + archived if hourly else []),
            sa.PrimaryKeyConstraint(*(["day", "hour", *cell[1:]] if hourly else cell), name=f"pk_{name}"),
        )


def _boot() -> None:
    op.create_table(
        "boot",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("epoch", sa.String(), nullable=False),
        sa.Column("boot", sa.BigInteger(), autoincrement=False, nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("first_seq", "last_seq", "first_mono", "last_mono")
        ),
        sa.Column("free", sa.Boolean(), nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), nullable=True)
            for name in ("written_seq", "written", "anchor_seq", "anchor", "zero")
        ),
        sa.Column("basis", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("source", "epoch", "boot", name="pk_boot"),
    )
    unset = sa.text("free AND anchor_seq IS NULL")
    op.create_index("ix_boot_unset", "boot", ["source"], sqlite_where=unset, postgresql_where=unset)
