"""Version 0002: the chain over provable records: salts, links, chain heads, checkpoints."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "salts",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("record_kind", sa.Text(), nullable=False),
        sa.Column("record_no", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_no", "record_kind", "record_no", name=op.f("pk_salts")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "links",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("link_no", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("record_kind", sa.Text(), nullable=False),
        sa.Column("record_no", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_ms", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("merchant_no", "link_no", name=op.f("pk_links")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "chain_heads",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("link_no", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("signed_no", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("signed_ms", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("merchant_no", name=op.f("pk_chain_heads")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "checkpoints",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("link_no", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("head_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_ms", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_no", "link_no", name=op.f("pk_checkpoints")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
