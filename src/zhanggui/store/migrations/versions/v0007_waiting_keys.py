"""Version 0007: keys that wait for their first good MAC have rows of their own, apart by kind and operator."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CARRIED = ("next_pin_key", "next_mac_key", "next_track_key", "next_operator_no", "next_keys_ms")


def upgrade() -> None:
    def text(name: str) -> "sa.Column[object]":
        return sa.Column(name, sa.Text(), nullable=False)

    def number(name: str) -> "sa.Column[object]":
        return sa.Column(name, WHOLE_NUMBER, autoincrement=False, nullable=False)

    op.create_table(
        "waiting_keys",
        *map(text, ("merchant_no", "terminal_no")),
        number("slot_no"),
        *map(text, ("network_code", "operator_no", "pin_key", "mac_key", "track_key")),
        number("given_ms"),
        sa.PrimaryKeyConstraint("merchant_no", "terminal_no", "slot_no", name=op.f("pk_waiting_keys")),
        sqlite_strict=True,
    )
    op.add_column("terminals", sa.Column("waiting", sa.Text(), nullable=True))
    op.add_column("terminals", sa.Column("waiting_slots", WHOLE_NUMBER, nullable=True))
    op.add_column("terminals", sa.Column("names_proven", sa.Text(), nullable=True))
    # What waits today goes on waiting. Of which kind it is was not kept: it is tried, and never given again.
    op.execute(
        "INSERT INTO waiting_keys SELECT merchant_no, terminal_no, 0, '', next_operator_no, next_pin_key, next_mac_key,"
        " next_track_key, coalesce(next_keys_ms, 0) FROM terminals WHERE next_mac_key <> ''"
    )
    op.execute("UPDATE terminals SET waiting = '0..' || next_operator_no, waiting_slots = 1 WHERE next_mac_key <> ''")
    for name in CARRIED:
        op.drop_column("terminals", name)
