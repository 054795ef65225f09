"""Version 0016: whose user name it is, found in one look; a sign-in keeps the user name that was typed."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "user_names",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("operator_no", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_no", "user_name", name=op.f("pk_user_names")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO user_names (merchant_no, user_name, operator_no) "
        "SELECT merchant_no, user_name, min(operator_no) FROM operators WHERE user_name <> '' "
        "GROUP BY merchant_no, user_name"
    )
    op.add_column("sign_ins", sa.Column("user_name", sa.Text(), nullable=True))
