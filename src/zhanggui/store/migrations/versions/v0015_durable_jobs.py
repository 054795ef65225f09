"""Version 0015: work of the host that lasts has rows, and a terminal knows which batch it is asked to settle."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("terminals", sa.Column("settle_batch_no", sa.Text(), nullable=True))
    op.create_table(
        "jobs",
        *map(_text, ("merchant_no", "kind", "subject", "state", "owner", "cursor")),
        *map(_number, ("done_count", "total_count", "due_ms", "started_ms", "changed_ms")),
        sa.Column("ended_ms", WHOLE_NUMBER, autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("merchant_no", "kind", "subject", name=op.f("pk_jobs")),
        sqlite_strict=True,
    )
    not_done = sa.text("state <> 'done'")
    op.create_index("ix_jobs_due", "jobs", ["due_ms"], sqlite_where=not_done, postgresql_where=not_done)


def _text(name: str) -> "sa.Column[object]":
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> "sa.Column[object]":
    return sa.Column(name, WHOLE_NUMBER, autoincrement=False, nullable=False)
