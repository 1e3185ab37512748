"""School classes, families, printed card numbers, wishes, reading passports, announcements."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    """Add them; whoever is enrolled already has no class, no family, no wishes and no passport.

    Columns are added in place: copying a table to which others refer is not possible in a transaction
    (sqlite.org/lang_altertable.html section 7).
    """
    op.add_column("titles", sa.Column("about", sa.String(), server_default="", nullable=False))
    op.create_index("ix_titles_author", "titles", ["author", "id"])
    op.create_index("ix_titles_shelf", "titles", ["shelf", "id"])
    op.create_index("ix_titles_shelf_age", "titles", ["shelf", "age_from", "id"])
    op.create_index("ix_titles_motif", "titles", ["motif", "id"])
    op.create_index("ix_titles_language", "titles", ["language", "id"])
    for name in ("group_code", "family"):
        op.add_column("patrons", sa.Column(name, sa.String(), server_default="", nullable=False))
        op.create_index(f"ix_patrons_{name}", "patrons", [name])
    for name in ("contrast", "large", "spoken", "slow", "passport"):
        op.add_column("patrons", sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "barcodes",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("patron_id", sa.String(), nullable=False),
        sa.CheckConstraint("length(digest) = 32", name=op.f("ck_barcodes_digest_length")),
        sa.ForeignKeyConstraint(["patron_id"], ["patrons.id"], name="fk_barcodes_patron_id_patrons"),
        sa.PrimaryKeyConstraint("digest", name="pk_barcodes"),
        sa.UniqueConstraint("patron_id", name="uq_barcodes_patron_id"),
    )
    op.create_table(
        "passport_stamps",
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("patron_id", sa.String(), nullable=False),
        sa.Column("title_id", sa.String(), nullable=False),
        sa.Column("shelf", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["patron_id"], ["patrons.id"], name="fk_passport_stamps_patron_id_patrons"),
        sa.PrimaryKeyConstraint("n", name="pk_passport_stamps"),
    )
    op.create_index("ix_passport_stamps_patron_id", "passport_stamps", ["patron_id"])
    op.create_table(
        "announcements",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("begins", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("picture", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("source", "id", name="pk_announcements"),
    )


def downgrade() -> None:
    """A station goes forward, or restores its backup: going back would drop what children chose."""
    raise NotImplementedError("this revision is not undone; restore a backup made before it instead")
