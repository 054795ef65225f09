"""Version 0011: a sign-in record tells with the code of which shift it was confirmed."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("sign_ins", sa.Column("shift_code_no", number, nullable=True))
