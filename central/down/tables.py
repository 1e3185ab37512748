"""Tables of what goes down to the stations. Moments are UTC, RFC 3339. Nothing of a child."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, Text, false

from central.tables import METADATA

catalogue = Table(
    "catalogue",
    METADATA,
    Column("scope", String, primary_key=True, comment="kiosk.catalogue.scope_of"),
    Column("version", BigInteger, nullable=False),
    Column("by", String, nullable=False),
    Column("at", String, nullable=False),
)

catalogue_entry = Table(
    "catalogue_entry",
    METADATA,
    Column("scope", String, primary_key=True),
    Column("kind", String, primary_key=True, comment="t: a title, i: an item"),
    Column("id", String, primary_key=True),
    Column("row", Text, nullable=False, comment="as it travels: kiosk.catalogue.row_of, JSON"),
    Column("version", BigInteger, nullable=False, comment="in which it changed last"),
    Column("gone", Boolean, nullable=False, server_default=false()),
)

catalogue_edition = Table(
    "catalogue_edition",
    METADATA,
    Column("scope", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("base", BigInteger, nullable=False, comment="0: a snapshot"),
    Column("version", BigInteger, nullable=False),
    Column("parts", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", String, nullable=False),
    Column("index_sha256", String, nullable=False),
    Column("dropped", Boolean, nullable=False, server_default=false(), comment="the broker is to forget it"),
)

catalogue_part = Table(
    "catalogue_part",
    METADATA,
    Column("scope", String, primary_key=True),
    Column("edition", String, primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("payload", LargeBinary, nullable=False),
)

catalogue_held = Table(
    "catalogue_held",
    METADATA,
    Column("station", String, primary_key=True),
    Column("scope", String, nullable=False),
    Column("state", String, nullable=False, comment="held, loading, missing or refused"),
    Column("version", BigInteger, nullable=False, comment="held, or on its way"),
    Column("part", BigInteger, nullable=False),
    Column("parts", BigInteger, nullable=False),
    Column("at", String, nullable=False),
    comment="how far each station is, by its own word",
)

policy = Table(
    "policy",
    METADATA,
    Column("station", String, primary_key=True, comment="'all': those that have none of their own"),
    Column("version", BigInteger, nullable=False),
    Column("document", Text, nullable=False, comment="JSON; empty: taken back"),
    Column("by", String, nullable=False),
    Column("at", String, nullable=False),
)

policy_answer = Table(
    "policy_answer",
    METADATA,
    Column("station", String, primary_key=True),
    Column("source", String, primary_key=True, comment="own or all"),
    Column("version", BigInteger, nullable=False, comment="which the station keeps; 0: none"),
    Column("status", String, nullable=False),
    Column("words", Text, nullable=False),
    Column("at", String, nullable=False),
)

command = Table(
    "command",
    METADATA,
    Column("id", String, primary_key=True, comment="UUID version 7: sorts by its making"),
    Column("station", String, nullable=False),
    Column("name", String, nullable=False),
    Column("args", Text, nullable=False, comment="JSON"),
    Column("by", String, nullable=False, comment="who asked for it"),
    Column("made", String, nullable=False),
    Column("expires", String, nullable=False),
    Column("times", BigInteger, nullable=False, server_default="0", comment="how often it was sent"),
    Column("sent", String, comment="when last"),
    Column(
        "status", String, nullable=False, server_default="", comment="kiosk.commands; empty: no answer yet"
    ),
    Column("words", Text, nullable=False, server_default=""),
    Column(
        "data", Text, nullable=False, server_default="{}", comment="JSON in ASCII, as the station said it"
    ),
    Column("answered", String),
    Index(None, "station", "id"),
    Index(None, "status"),
    comment="who asked which station for what, and how it ended; never changed after that",
)
