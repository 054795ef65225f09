"""Version 0001: merchants, terminals, operators, sessions, sign-ins, payments, postings, stored answers, counters."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "counters",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("merchant_no", "name", name=op.f("pk_counters")),
        sqlite_strict=True,
    )
    op.create_table(
        "merchants",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("policy_overrides", sa.Text(), nullable=False),
        sa.Column("shift_code", sa.Text(), nullable=False),
        sa.Column("created_ms", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("merchant_no", name=op.f("pk_merchants")),
        sqlite_strict=True,
    )
    op.create_table(
        "operators",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("operator_no", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("verifier", sa.LargeBinary(), nullable=False),
        sa.Column("factory_password", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("failed_count", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("locked_until_ms", WHOLE_NUMBER, nullable=True),
        sa.Column("next_try_ms", WHOLE_NUMBER, nullable=True),
        sa.Column("password_set_ms", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("earlier_passwords", sa.Text(), nullable=False),
        sa.Column("initial_until_ms", WHOLE_NUMBER, nullable=True),
        sa.Column("code_secret", sa.Text(), nullable=False),
        sa.Column("code_last_step", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("code_drift_s", WHOLE_NUMBER, nullable=True),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("last_sign_in_ms", WHOLE_NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("merchant_no", "operator_no", name=op.f("pk_operators")),
        sqlite_strict=True,
    )
    op.create_table(
        "approvals",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("approval_no", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("supervisor_no", sa.Text(), nullable=False),
        sa.Column("terminal_no", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("amount_fen", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("record_no", WHOLE_NUMBER, nullable=True),
        sa.Column("session_no", WHOLE_NUMBER, nullable=True),
        sa.Column("given_ms", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("expires_ms", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("used_ms", WHOLE_NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("merchant_no", "approval_no", name=op.f("pk_approvals")),
        sqlite_strict=True,
    )
    op.create_table(
        "support_cases",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("case_no", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("terminal_no", sa.Text(), nullable=False),
        sa.Column("operator_no", sa.Text(), nullable=False),
        sa.Column("record_no", WHOLE_NUMBER, nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_ms", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("closed_ms", WHOLE_NUMBER, nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_no", "case_no", name=op.f("pk_support_cases")),
        sqlite_strict=True,
    )
    op.create_index("ix_support_cases_open", "support_cases", ["merchant_no", "opened_ms"], unique=False)
    op.create_table(
        "payments",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("terminal_no", sa.Text(), nullable=False),
        sa.Column("batch_no", sa.Text(), nullable=False),
        sa.Column("trace_no", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("amount_fen", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("masked_pan", sa.Text(), nullable=False),
        sa.Column("card_hash", sa.LargeBinary(), nullable=False),
        sa.Column("entry_mode", sa.Text(), nullable=False),
        sa.Column("operator_no", sa.Text(), nullable=False),
        sa.Column("session_no", WHOLE_NUMBER, nullable=True),
        sa.Column("rrn", sa.Text(), nullable=False),
        sa.Column("response_code", sa.Text(), nullable=False),
        sa.Column("auth_code", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("bank_state", sa.Text(), nullable=False),
        sa.Column("bank_attempts", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("reversal_reason", sa.Text(), nullable=False),
        sa.Column("created_ms", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("decided_ms", WHOLE_NUMBER, nullable=True),
        sa.Column("reversed_ms", WHOLE_NUMBER, nullable=True),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_payments_amount_not_negative")),
        sa.PrimaryKeyConstraint("merchant_no", "terminal_no", "batch_no", "trace_no", "kind", name=op.f("pk_payments")),
        sqlite_strict=True,
    )
    op.create_index("ix_payments_created", "payments", ["merchant_no", "created_ms"], unique=False)
    op.create_index(
        "ix_payments_pending",
        "payments",
        ["created_ms"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "ix_payments_reversal_due",
        "payments",
        ["created_ms"],
        unique=False,
        sqlite_where=sa.text("bank_state = 'reversal_due'"),
        postgresql_where=sa.text("bank_state = 'reversal_due'"),
    )
    op.create_index("ix_payments_rrn", "payments", ["rrn"], unique=False)
    op.create_index("ix_payments_session", "payments", ["merchant_no", "session_no"], unique=False)
    op.create_table(
        "postings",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("terminal_no", sa.Text(), nullable=False),
        sa.Column("batch_no", sa.Text(), nullable=False),
        sa.Column("trace_no", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("amount_fen", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("posted_ms", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint(
            "merchant_no", "terminal_no", "batch_no", "trace_no", "kind", "account", name=op.f("pk_postings")
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "sessions",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("session_no", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("terminal_no", sa.Text(), nullable=False),
        sa.Column("operator_no", sa.Text(), nullable=False),
        sa.Column("record_no", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("opened_ms", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("locked_ms", WHOLE_NUMBER, nullable=True),
        sa.Column("sale_limit_fen", WHOLE_NUMBER, nullable=True),
        sa.Column("ended_ms", WHOLE_NUMBER, nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_no", "session_no", name=op.f("pk_sessions")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_sessions_live_of_operator",
        "sessions",
        ["merchant_no", "operator_no"],
        unique=False,
        sqlite_where=sa.text("ended_ms IS NULL"),
        postgresql_where=sa.text("ended_ms IS NULL"),
    )
    op.create_index(
        "uq_sessions_live_of_verified",
        "sessions",
        ["merchant_no", "operator_no"],
        unique=True,
        sqlite_where=sa.text("ended_ms IS NULL AND kind = 'verified'"),
        postgresql_where=sa.text("ended_ms IS NULL AND kind = 'verified'"),
    )
    op.create_index(
        "uq_sessions_live_on_terminal",
        "sessions",
        ["merchant_no", "terminal_no"],
        unique=True,
        sqlite_where=sa.text("ended_ms IS NULL"),
        postgresql_where=sa.text("ended_ms IS NULL"),
    )
    op.create_table(
        "sign_ins",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("record_no", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("terminal_no", sa.Text(), nullable=False),
        sa.Column("operator_no", sa.Text(), nullable=False),
        sa.Column("operator_name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("began_ms", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("verified_ms", WHOLE_NUMBER, nullable=True),
        sa.Column("confirmed_ms", WHOLE_NUMBER, nullable=True),
        sa.Column("ended_ms", WHOLE_NUMBER, nullable=True),
        sa.Column("elapsed_ms", WHOLE_NUMBER, nullable=True),
        sa.Column("terminal_clock_ms", WHOLE_NUMBER, nullable=True),
        sa.Column("drift_s", WHOLE_NUMBER, nullable=True),
        sa.Column("self_check", sa.Text(), nullable=False),
        sa.Column("eyes", sa.Text(), nullable=False),
        sa.Column("versions", sa.Text(), nullable=False),
        sa.Column("session_no", WHOLE_NUMBER, nullable=True),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("taken_from", sa.Text(), nullable=False),
        sa.Column("code_drift_s", WHOLE_NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("merchant_no", "record_no", name=op.f("pk_sign_ins")),
        sqlite_strict=True,
    )
    op.create_index("ix_sign_ins_began", "sign_ins", ["merchant_no", "began_ms"], unique=False)
    op.create_table(
        "stored_answers",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("terminal_no", sa.Text(), nullable=False),
        sa.Column("batch_no", sa.Text(), nullable=False),
        sa.Column("trace_no", sa.Text(), nullable=False),
        sa.Column("message_class", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("response_code", sa.Text(), nullable=False),
        sa.Column("tags", sa.LargeBinary(), nullable=False),
        sa.Column("made_ms", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint(
            "merchant_no", "terminal_no", "batch_no", "trace_no", "message_class", name=op.f("pk_stored_answers")
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "terminals",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("terminal_no", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("dialect", sa.Text(), nullable=False),
        sa.Column("operator_check", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("master_key", sa.Text(), nullable=False),
        sa.Column("batch_no", sa.Text(), nullable=False),
        sa.Column("pin_key", sa.Text(), nullable=False),
        sa.Column("mac_key", sa.Text(), nullable=False),
        sa.Column("track_key", sa.Text(), nullable=False),
        sa.Column("next_pin_key", sa.Text(), nullable=False),
        sa.Column("next_mac_key", sa.Text(), nullable=False),
        sa.Column("next_track_key", sa.Text(), nullable=False),
        sa.Column("next_operator_no", sa.Text(), nullable=False),
        sa.Column("next_record_no", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("failed_count", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("failures", sa.Text(), nullable=False),
        sa.Column("locked_until_ms", WHOLE_NUMBER, nullable=True),
        sa.Column("created_ms", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("merchant_no", "terminal_no", name=op.f("pk_terminals")),
        sqlite_strict=True,
    )
