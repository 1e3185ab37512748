"""Tables of the people who work with the pages, and of what the centre told them. Nothing of a child."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text, false

from central.tables import METADATA

# SQLite numbers rows by itself only in a column that is plainly INTEGER.
_ROW_NUMBER = BigInteger().with_variant(Integer(), "sqlite")

person = Table(
    "person",
    METADATA,
    Column("key", String, primary_key=True, comment="the name in lower case: one account a name"),
    Column("name", String, nullable=False),
    Column("role", String, nullable=False, comment="central.people.accounts.Role"),
    Column("password", String, nullable=False, comment="scrypt, with its salt and its cost"),
    Column("made", String, nullable=False, comment="UTC, RFC 3339, as every moment here"),
)

login = Table(
    "login",
    METADATA,
    Column(
        "token", String, primary_key=True, comment="SHA-256 of the cookie: who reads this is not logged in"
    ),
    Column("person", String, nullable=False),
    Column("began", String, nullable=False),
    Column("seen", String, nullable=False, comment="the last thing a person did, to a minute"),
    Index(None, "person"),
)

attempt = Table(
    "attempt",
    METADATA,
    Column("key", String, primary_key=True, comment="an account or an address"),
    Column("failures", BigInteger, nullable=False),
    Column("last", String, nullable=False),
    Column("until", String, nullable=False, comment="no further attempt before"),
)

audit = Table(
    "audit",
    METADATA,
    Column("n", _ROW_NUMBER, primary_key=True),
    Column("at", String, nullable=False),
    Column("who", String, nullable=False, comment="empty: nobody was logged in"),
    Column("what", String, nullable=False, comment="central.people.audit.What"),
    Column("about", String, nullable=False, comment="a station, an account, a table"),
    Column("detail", Text, nullable=False),
    comment="who did what and when; never changed",
)

plan = Table(
    "plan",
    METADATA,
    Column("station", String, primary_key=True),
    Column("place", String, nullable=False, comment="what librarians call it; empty: by its own name"),
    Column("away_h", BigInteger, nullable=False, comment="hours it may be away before anybody is told"),
)

alert = Table(
    "alert",
    METADATA,
    Column("n", _ROW_NUMBER, primary_key=True),
    Column("station", String, nullable=False, comment="empty: the centre itself"),
    Column("kind", String, nullable=False, comment="central.alerts.rules.Kind"),
    Column("about", String, nullable=False, comment="which device, which watermark"),
    Column("detail", Text, nullable=False),
    Column("first", String, nullable=False),
    Column("absent", String, comment="since when it is not seen any more"),
    Column("raised", String, comment="when people were told"),
    Column("ended", String),
    Column("acknowledged", String),
    Column("by", String, nullable=False, server_default=""),
    Column(
        "owed", Boolean, nullable=False, server_default=false(), comment="a mail or message is still to go"
    ),
    Index(None, "ended"),
)
