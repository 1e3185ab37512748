"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "titles",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("age_from", sa.Integer(), nullable=False),
        sa.Column("shelf", sa.String(), nullable=False),
        sa.Column("motif", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_titles"),
    )
    op.create_table(
        "patrons",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("nickname", sa.String(), nullable=False),
        sa.Column("animal", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.Column("expires", sa.Date(), nullable=True),
        sa.Column("blocked", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("stamps", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_patrons"),
    )
    op.create_table(
        "items",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("tag", sa.String(), nullable=True),
        sa.Column("seen_on", sa.Date(), nullable=True),
        sa.CheckConstraint("status IN ('lendable', 'reference', 'withdrawn')", name=op.f("ck_items_status")),
        sa.CheckConstraint("tag = upper(tag)", name=op.f("ck_items_tag_upper")),
        sa.ForeignKeyConstraint(["title_id"], ["titles.id"], name="fk_items_title_id_titles"),
        sa.PrimaryKeyConstraint("id", name="pk_items"),
        sa.UniqueConstraint("tag", name="uq_items_tag"),
    )
    op.create_index("ix_items_title_id", "items", ["title_id"])
    op.create_table(
        "cards",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("patron_id", sa.String(), nullable=False),
        sa.CheckConstraint("length(digest) = 32", name=op.f("ck_cards_digest_length")),
        sa.ForeignKeyConstraint(["patron_id"], ["patrons.id"], name="fk_cards_patron_id_patrons"),
        sa.PrimaryKeyConstraint("digest", name="pk_cards"),
        sa.UniqueConstraint("patron_id", name="uq_cards_patron_id"),
    )
    op.create_table(
        "loans",
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("patron_id", sa.String(), nullable=False),
        sa.Column("lent_on", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("renewals", sa.Integer(), nullable=False),
        sa.CheckConstraint("renewals >= 0", name=op.f("ck_loans_renewals")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name="fk_loans_item_id_items"),
        sa.ForeignKeyConstraint(["patron_id"], ["patrons.id"], name="fk_loans_patron_id_patrons"),
        sa.PrimaryKeyConstraint("item_id", name="pk_loans"),
    )
    op.create_index("ix_loans_patron_id", "loans", ["patron_id"])
    op.create_table(
        "outbox",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("cls", sa.String(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("wall", sa.Integer(), nullable=False),
        sa.Column("mono", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_outbox"),
        sa.UniqueConstraint("event_id", name="uq_outbox_event_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_unconfirmed", "outbox", ["seq"], sqlite_where=sa.text("confirmed_at IS NULL"))
    op.create_table(
        "meta",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )


def downgrade() -> None:
    """There is nothing before the first tables: a station goes forward, or restores its backup."""
    raise NotImplementedError("the first revision has no predecessor; restore a backup instead")
