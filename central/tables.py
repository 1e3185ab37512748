"""The centre's tables. Facts are kept as they came; counters are derived and can always be counted again.

How a number is given to one fact only, and yet old facts can be dropped by the month: below a stream's
watermark every number is taken, whatever is still kept of it; above it, `stream.above` names the ranges that
are held. That is one row a stream, locked by whoever writes facts of it, so no key over all facts ever made
is needed. In PostgreSQL `event` is partitioned by the month of arrival (`filed`): the key of a partition can
only be unique within it, and nothing relies on more.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only in a column that is plainly INTEGER.
_ROW_NUMBER = BigInteger().with_variant(Integer(), "sqlite")

meta = Table(
    "meta",
    METADATA,
    Column("key", String, primary_key=True),
    Column("value", String, nullable=False),
    comment="generation: random, renewed when the database is restored from a backup",
)

event = Table(
    "event",
    METADATA,
    Column("source", String, primary_key=True, comment="the station's name"),
    Column("epoch", String, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("filed", Integer, primary_key=True, autoincrement=False, comment="month of arrival: 202611"),
    Column("id", String, nullable=False),
    Column("type", String, nullable=False),
    Column("cls", String, nullable=False),
    Column("time", String, nullable=False, comment="as the station wrote it: RFC 3339 with its offset"),
    Column("received", String, nullable=False, comment="UTC, RFC 3339"),
    Column("boot", BigInteger, nullable=False),
    Column("mono", BigInteger, nullable=False, comment="ms since the station's boot"),
    Column("clock", String, nullable=False, comment="ntp, rtc or free"),
    Column("data", JSON, nullable=False),
    Column("at", String, nullable=False, comment="the best time known, in the station's zone: it is counted"),
    Column("estimated", String, nullable=False, comment="empty: as written; else synced or bounded"),
)

quarantine = Table(
    "quarantine",
    METADATA,
    Column("n", _ROW_NUMBER, primary_key=True),
    Column("source", String, nullable=False),
    Column("epoch", String, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("id", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("received", String, nullable=False),
    Column("event", JSON, nullable=False, comment="the whole envelope"),
    UniqueConstraint("source", "epoch", "seq", "id"),
    comment="facts that contradict one that is held: never counted, never dropped, always shown",
)

deadletter = Table(
    "deadletter",
    METADATA,
    Column("n", _ROW_NUMBER, primary_key=True),
    Column("source", String, nullable=False, comment="the station of the topic; empty = no station's topic"),
    Column("epoch", String, comment="with seq: the number this message answers for, where it could be read"),
    Column("seq", BigInteger),
    Column("topic", String, nullable=False),
    Column("digest", String, nullable=False, comment="SHA-256 of the whole payload"),
    Column("size", BigInteger, nullable=False),
    Column("payload", LargeBinary, nullable=False, comment="its beginning; all of it when seq is known"),
    Column("reason", String, nullable=False),
    Column("received", String, nullable=False),
    Column("times", BigInteger, nullable=False),
    UniqueConstraint("topic", "digest"),
    Index(None, "source", "epoch", "seq"),
    comment="messages that are no facts: kept, acknowledged, shown",
)

station = Table(
    "station",
    METADATA,
    Column("id", String, primary_key=True),
    Column("connected", Boolean, nullable=False, server_default=false()),
    Column("session", String, nullable=False, server_default=""),
    Column("since", String, comment="UTC: since when it is connected, or not"),
    Column("last_seen", String, comment="UTC: the last message of its own"),
    Column("version", String, nullable=False, server_default=""),
    Column("epoch", String, nullable=False, server_default=""),
    Column("next_seq", BigInteger, nullable=False, server_default="1"),
    Column("clock", String, nullable=False, server_default=""),
    Column("oldest_unsent", String),
    Column("birth", JSON),
    Column("boot", BigInteger, nullable=False, server_default="0", comment="as its last birth says"),
    Column("sessions", JSON, comment="when its last sessions began, UTC"),
)

stream = Table(
    "stream",
    METADATA,
    Column("source", String, primary_key=True),
    Column("epoch", String, primary_key=True),
    Column("upto", BigInteger, nullable=False, comment="the watermark: 1..upto are all held"),
    Column("max_seq", BigInteger, nullable=False),
    Column("redelivered", BigInteger, nullable=False, comment="facts that came again and were recognised"),
    Column("forked", Boolean, nullable=False, comment="the station's numbering fell behind ours"),
    Column("above", JSON, nullable=False, comment="ranges held above the watermark, as [first, last]"),
    Column("floor", BigInteger, nullable=False, server_default="0", comment="facts up to here were dropped"),
    Column("born", String, comment="UTC: the first birth that named this epoch"),
    Column("boot", BigInteger, nullable=False, server_default="0", comment="the newest start seen in facts"),
    Column(
        "promised",
        BigInteger,
        nullable=False,
        server_default="0",
        comment="a watermark said before a restore",
    ),
)

boot = Table(
    "boot",
    METADATA,
    Column("source", String, primary_key=True),
    Column("epoch", String, primary_key=True),
    Column("boot", BigInteger, primary_key=True, autoincrement=False),
    Column("first_seq", BigInteger, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("first_mono", BigInteger, nullable=False),
    Column("last_mono", BigInteger, nullable=False),
    Column("free", Boolean, nullable=False, comment="some facts of it were written by an unset clock"),
    Column("written_seq", BigInteger, comment="the first fact with an unset clock"),
    Column("written", BigInteger, comment="by its time: UTC ms when mono was 0"),
    Column("anchor_seq", BigInteger, comment="the first fact with a good clock"),
    Column("anchor", BigInteger, comment="by its time: UTC ms when mono was 0"),
    Column("zero", BigInteger, comment="UTC ms when mono was 0, as the unset facts are counted now"),
    Column("basis", String, nullable=False, comment="what `zero` rests on: synced or bounded"),
    comment="one run of a station between two starts: what its monotonic clock is worth",
)

counter = Table(
    "counter",
    METADATA,
    Column("day", String, primary_key=True, comment="the station's own calendar day"),
    Column("hour", Integer, primary_key=True, autoincrement=False),
    Column("station", String, primary_key=True),
    Column("library", String, primary_key=True, comment="whose books; empty where the fact names none"),
    Column("kind", String, primary_key=True),
    Column("ageband", String, primary_key=True),
    Column("n", BigInteger, nullable=False),
    Column("archived", BigInteger, nullable=False, server_default="0", comment="of facts no longer kept"),
    comment="for ever, also when the facts are dropped",
)

daily = Table(
    "daily",
    METADATA,
    Column("day", String, primary_key=True),
    Column("station", String, primary_key=True),
    Column("library", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("ageband", String, primary_key=True),
    Column("n", BigInteger, nullable=False),
    comment="the hours of `counter` summed: a year of a province is answered from it",
)

monthly = Table(
    "monthly",
    METADATA,
    Column("month", String, primary_key=True, comment="the first seven letters of the day"),
    Column("hour", Integer, primary_key=True, autoincrement=False),
    Column("station", String, primary_key=True),
    Column("library", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("n", BigInteger, nullable=False),
    comment="the days of `counter` summed, of the months in `month_over`",
)

month_over = Table(
    "month_over",
    METADATA,
    Column("month", String, primary_key=True),
    comment="months that are summed in `monthly`; what is counted in them later is added there too",
)

alarm = Table(
    "alarm",
    METADATA,
    Column("station", String, primary_key=True),
    Column("kind", String, primary_key=True, comment="central.alarms.Kind"),
    Column("epoch", String, primary_key=True),
    Column("detail", Text, nullable=False),
    Column("first", String, nullable=False),
    Column("last", String, nullable=False),
    Column("times", BigInteger, nullable=False),
    comment="what a person must look into: never lost, told once, counted",
)

health = Table(
    "health",
    METADATA,
    Column("station", String, primary_key=True),
    Column("time", String, nullable=False, comment="by the station's own clock"),
    Column("received", String, nullable=False),
    Column("under_voltage", Boolean),
    Column("throttled", Boolean),
    Column("read_only", Boolean),
    Column("temperature_c", Float),
    Column("disk_free", BigInteger, comment="bytes"),
    Column("disk_total", BigInteger),
    Column("card_life_used", BigInteger, comment="per cent"),
    Column("memory_free", BigInteger),
    Column("uptime_s", BigInteger),
    comment="each station's last word on itself; nothing is counted from it",
)

fault = Table(
    "fault",
    METADATA,
    Column("station", String, primary_key=True),
    Column("device", String, primary_key=True),
    Column("epoch", String, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("cause", Text, nullable=False),
    Column("since", String, nullable=False),
)
