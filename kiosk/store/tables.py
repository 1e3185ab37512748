"""The tables, as typed declarative mappings. What each column may hold is said here and enforced by SQLite.

Nothing here keeps a child's history: a loan row lives only while the book is away, a card is an HMAC of its
UID, and the outbox holds facts that name no patron. The one exception is the reading passport: the returns of
those children whose families allow it, erased when they no longer do.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, MetaData, String, false, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Root of the mappings; constraint names are fixed so that a migration can name them."""

    metadata = MetaData(naming_convention=NAMING)


class TitleRow(Base):
    """A work the library holds."""

    __tablename__ = "titles"
    __table_args__ = (  # each ends with the id: books like another one are looked for in its order
        Index("ix_titles_author", "author", "id"),
        Index("ix_titles_shelf", "shelf", "id"),
        Index("ix_titles_shelf_age", "shelf", "age_from", "id"),
        Index("ix_titles_motif", "motif", "id"),
        Index("ix_titles_language", "language", "id"),
    )

    id: Mapped[str] = mapped_column(String, primary_key=True)
    name: Mapped[str]
    author: Mapped[str]
    language: Mapped[str]
    age_from: Mapped[int]
    shelf: Mapped[str]
    motif: Mapped[str]
    about: Mapped[str] = mapped_column(server_default="")


class ItemRow(Base):
    """One physical book. `tag` is the UID of its sticker, upper-case hex; NULL = none bound yet."""

    __tablename__ = "items"
    __table_args__ = (
        CheckConstraint("status IN ('lendable', 'reference', 'withdrawn')", name="status"),
        CheckConstraint("tag = upper(tag)", name="tag_upper"),
        Index("ix_items_title_id", "title_id"),
    )

    id: Mapped[str] = mapped_column(String, primary_key=True)
    title_id: Mapped[str] = mapped_column(ForeignKey("titles.id"))
    status: Mapped[str]
    tag: Mapped[str | None] = mapped_column(unique=True)
    seen_on: Mapped[date | None]  # last day it lay on the pad: what a stock-taking begins with


class PatronRow(Base):
    """Somebody who borrows: no name, no address, no birth date."""

    __tablename__ = "patrons"
    __table_args__ = (
        Index("ix_patrons_group_code", "group_code"),
        Index("ix_patrons_family", "family"),
    )

    id: Mapped[str] = mapped_column(String, primary_key=True)
    nickname: Mapped[str]
    animal: Mapped[str]
    category: Mapped[str]
    birth_year: Mapped[int | None]
    expires: Mapped[date | None]
    blocked: Mapped[bool]
    language: Mapped[str]
    stamps: Mapped[int]
    group_code: Mapped[str] = mapped_column(server_default="")
    family: Mapped[str] = mapped_column(server_default="")
    contrast: Mapped[bool] = mapped_column(server_default=false())
    large: Mapped[bool] = mapped_column(server_default=false())
    spoken: Mapped[bool] = mapped_column(server_default=false())
    slow: Mapped[bool] = mapped_column(server_default=false())
    passport: Mapped[bool] = mapped_column(server_default=false())


class CardRow(Base):
    """A patron's one valid card: HMAC-SHA-256 of its UID under the library's secret. A new one ends it."""

    __tablename__ = "cards"
    __table_args__ = (CheckConstraint("length(digest) = 32", name="digest_length"),)

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    patron_id: Mapped[str] = mapped_column(ForeignKey("patrons.id"), unique=True)


class BarcodeRow(Base):
    """A patron's printed card number, kept as its HMAC like a card; it is there beside the chip card."""

    __tablename__ = "barcodes"
    __table_args__ = (CheckConstraint("length(digest) = 32", name="digest_length"),)

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    patron_id: Mapped[str] = mapped_column(ForeignKey("patrons.id"), unique=True)


class StampRow(Base):
    """A return in the reading passport of a child whose family allows it; `n` keeps the order."""

    __tablename__ = "passport_stamps"
    __table_args__ = (Index("ix_passport_stamps_patron_id", "patron_id"),)

    n: Mapped[int] = mapped_column(primary_key=True)
    patron_id: Mapped[str] = mapped_column(ForeignKey("patrons.id"))
    title_id: Mapped[str]
    shelf: Mapped[str]
    day: Mapped[date]


class AnnouncementRow(Base):
    """What the library tells everybody. `begins` and `ends` are milliseconds since 1970 in UTC.

    `source`: "station" for those made here, or which of the centre's lists it is from.
    """

    __tablename__ = "announcements"

    source: Mapped[str] = mapped_column(String, primary_key=True)
    id: Mapped[str] = mapped_column(String, primary_key=True)
    text: Mapped[str]
    begins: Mapped[int]
    ends: Mapped[int]
    language: Mapped[str]
    picture: Mapped[str]


class FromCentreRow(Base):
    """What the centre told this station and holds until it says otherwise (kiosk.store.incoming)."""

    __tablename__ = "from_centre"

    key: Mapped[str] = mapped_column(String, primary_key=True)
    value: Mapped[bytes]


class PartRow(Base):
    """A part of a catalogue's edition that is being loaded; gone as soon as its rows are in the tables."""

    __tablename__ = "catalogue_parts"

    edition: Mapped[str] = mapped_column(String, primary_key=True)  # SHA-256 of the whole
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    payload: Mapped[bytes]


class CatalogueItemRow(Base):
    """An item that the centre's catalogue has. `seen`: the last round of loading in which it was there.

    What is not here was put in at the station, and no catalogue takes it away.
    """

    __tablename__ = "catalogue_items"
    __table_args__ = (Index("ix_catalogue_items_seen", "seen"),)

    item_id: Mapped[str] = mapped_column(String, primary_key=True)
    seen: Mapped[int]


class CommandRow(Base):
    """A command of the centre that ended here, and the answer, which is the same when it comes again.

    `n` keeps the order, so that the oldest can be forgotten.
    """

    __tablename__ = "commands_done"

    n: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    answer: Mapped[bytes]


class LoanRow(Base):
    """An item that is out, and nothing of those that came back."""

    __tablename__ = "loans"
    __table_args__ = (
        CheckConstraint("renewals >= 0", name="renewals"),
        Index("ix_loans_patron_id", "patron_id"),
    )

    item_id: Mapped[str] = mapped_column(ForeignKey("items.id"), primary_key=True)
    patron_id: Mapped[str] = mapped_column(ForeignKey("patrons.id"))
    lent_on: Mapped[date]
    due: Mapped[date]
    renewals: Mapped[int]


class OutboxRow(Base):
    """A fact on its way to the centre. `seq` is dense from 1; AUTOINCREMENT never gives a number twice.

    `wall` and `confirmed_at` are milliseconds since 1970 in UTC, `mono` milliseconds since the boot.
    `confirmed_at` is NULL until the centre's watermark has covered the row.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_unconfirmed", "seq", sqlite_where=text("confirmed_at IS NULL")),
        {"sqlite_autoincrement": True},
    )

    seq: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(unique=True)
    cls: Mapped[str]
    payload: Mapped[bytes]
    wall: Mapped[int]
    mono: Mapped[int]
    confirmed_at: Mapped[int | None]


class MetaRow(Base):
    """What the database knows of itself: kiosk, epoch, boot, acked_upto, card_secret."""

    __tablename__ = "meta"

    key: Mapped[str] = mapped_column(String, primary_key=True)
    value: Mapped[str]
