"""Version 0046: lists of all shops in the order of time, found by what they are filtered by; a voucher is found without its shop."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
APPROVED = "state = 'approved'"
BY_CODE = "pay_voucher IS NOT NULL"


def upgrade() -> None:
    op.create_index(
        "ix_payments_listed",
        "payments",
        [
            "created_ms",
            "shop_day",
            "state",
            "kind",
            "amount_fen",
            "response_code",
            "operator_no",
            "terminal_no",
            "trace_no",
            "reason",
            "masked_pan",
        ],
    )
    op.create_index(
        "ix_payments_sums",
        "payments",
        ["shop_day", "kind", "created_ms", "amount_fen"],
        sqlite_where=sa.text(APPROVED),
        postgresql_where=sa.text(APPROVED),
    )
    op.create_index("ix_sign_ins_listed", "sign_ins", ["began_ms", "state", "reason", "operator_no", "terminal_no"])
    op.create_index("ix_sessions_listed", "sessions", ["opened_ms", "operator_no", "terminal_no"])
    op.drop_index("ix_payments_voucher", "payments")
    op.create_index(
        "ix_payments_voucher",
        "payments",
        ["pay_voucher", "merchant_no"],
        sqlite_where=sa.text(BY_CODE),
        postgresql_where=sa.text(BY_CODE),
    )
