"""Version 0019: badges, of whose secret a keyed hash is kept; which one counts for an operator; which one a sign-in showed."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    whole_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "badges",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("badge_no", sa.Text(), nullable=False),
        sa.Column("operator_no", sa.Text(), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("issued_ms", whole_number, autoincrement=False, nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_no", "badge_no", name=op.f("pk_badges")),
        sqlite_strict=True,
    )
    op.add_column("operators", sa.Column("badge_no", sa.Text(), nullable=True))
    op.add_column("sign_ins", sa.Column("badge_no", sa.Text(), nullable=True))
    # Sessions from before began by a password.
    op.add_column("sessions", sa.Column("proof", sa.Text(), nullable=True))
