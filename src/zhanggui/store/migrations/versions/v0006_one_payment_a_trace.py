"""Version 0006: a trace number is one payment whatever its kind; a payment knows its original; a shop may be without some kinds."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEY = ("merchant_no", "terminal_no", "batch_no", "trace_no")
NEW_TEXTS = ("original_batch_no", "original_trace_no", "undone_by_batch_no", "undone_by_trace_no")
INDEXES = (
    ("ix_payments_created", ("merchant_no", "created_ms"), None),
    ("ix_payments_session", ("merchant_no", "session_no"), None),
    ("ix_payments_rrn", ("rrn",), None),
    ("ix_payments_pending", ("created_ms",), "state = 'pending'"),
    ("ix_payments_reversal_due", ("created_ms",), "bank_state = 'reversal_due'"),
)


def upgrade() -> None:
    op.add_column("merchants", sa.Column("kinds_refused", sa.Text(), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        _make_anew()
    else:
        _change_in_place()


def _change_in_place() -> None:
    # All payments so far are of one kind, so the shorter key is theirs alone already.
    op.drop_constraint("pk_payments", "payments")
    op.create_primary_key("pk_payments", "payments", list(KEY))
    for name in NEW_TEXTS:
        op.add_column("payments", sa.Column(name, sa.Text(), nullable=False, server_default=""))
        op.alter_column("payments", name, server_default=None)


def _make_anew() -> None:
    # SQLite changes no primary key: the rows move into a new table, inside the one transaction of the migration.
    for name, _columns, _where in INDEXES:
        op.drop_index(name, "payments")
    op.rename_table("payments", "payments_0005")
    columns = _columns_of_0005()
    op.create_table(
        "payments",
        *columns,
        *(sa.Column(name, sa.Text(), nullable=False) for name in NEW_TEXTS),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_payments_amount_not_negative")),
        sa.PrimaryKeyConstraint(*KEY, name=op.f("pk_payments")),
        sqlite_strict=True,
    )
    names = ", ".join(column.name for column in columns)
    empty = ", ".join("''" for _ in NEW_TEXTS)
    op.execute(f"INSERT INTO payments SELECT {names}, {empty} FROM payments_0005")
    op.drop_table("payments_0005")
    for name, indexed, where in INDEXES:
        op.create_index(name, "payments", list(indexed), sqlite_where=sa.text(where) if where else None)


def _columns_of_0005() -> list["sa.Column[object]"]:
    def text(name: str) -> "sa.Column[object]":
        return sa.Column(name, sa.Text(), nullable=False)

    def number(name: str, *, nullable: bool = False) -> "sa.Column[object]":
        return sa.Column(name, WHOLE_NUMBER, autoincrement=False, nullable=nullable)

    return [
        *map(text, (*KEY, "kind", "state")),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        number("amount_fen"),
        text("masked_pan"),
        sa.Column("card_hash", sa.LargeBinary(), nullable=False),
        *map(text, ("entry_mode", "operator_no")),
        number("session_no", nullable=True),
        *map(text, ("rrn", "response_code", "auth_code", "issuer", "answer", "bank_state")),
        number("bank_attempts"),
        text("reversal_reason"),
        number("created_ms"),
        number("decided_ms", nullable=True),
        number("reversed_ms", nullable=True),
    ]
