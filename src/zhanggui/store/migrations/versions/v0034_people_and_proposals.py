"""Version 0034: people of the office, their sessions and invitations, proposals; and the reason in an audit note."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"

WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "people",
        *map(_text, ("merchant_no", "login", "name", "shop_no", "role", "state", "operator_no", "password")),
        _instant("password_set_ms"),
        _text("code_secret"),
        *map(_number, ("code_last_step", "failed_count")),
        *map(_instant, ("last_try_ms", "next_try_ms", "locked_until_ms")),
        *map(_text, ("session_marks", "invitation")),
        *map(_number, ("is_demo", "made_ms")),
        _text("made_by"),
        _instant("last_sign_in_ms"),
        sa.PrimaryKeyConstraint("merchant_no", "login", name=op.f("pk_people")),
        sqlite_strict=True,
    )
    op.create_table(
        "office_sessions",
        *map(_text, ("merchant_no", "mark", "login", "step")),
        *map(_number, ("has_second_factor", "began_ms", "seen_ms", "ends_ms")),
        _text("from_where"),
        sa.PrimaryKeyConstraint("merchant_no", "mark", name=op.f("pk_office_sessions")),
        sqlite_strict=True,
    )
    op.create_table(
        "invitations",
        *map(_text, ("merchant_no", "mark", "login")),
        *map(_number, ("until_ms", "made_ms")),
        sa.PrimaryKeyConstraint("merchant_no", "mark", name=op.f("pk_invitations")),
        sqlite_strict=True,
    )
    op.create_table(
        "proposals",
        _text("merchant_no"),
        _number("proposal_no"),
        *map(_text, ("act", "asked", "reason")),
        _instant("amount_fen"),
        *map(_text, ("made_by", "login", "operator_no")),
        *map(_number, ("made_ms", "expires_ms")),
        *map(_text, ("state", "decided_by")),
        *map(_instant, ("decided_ms", "note_no")),
        sa.PrimaryKeyConstraint("merchant_no", "proposal_no", name=op.f("pk_proposals")),
        sqlite_strict=True,
    )
    op.create_index("ix_proposals_made", "proposals", ["merchant_no", "made_ms"])
    op.add_column("audit_notes", sa.Column("reason", sa.Text(), nullable=True))


def _text(name: str) -> "sa.Column[object]":
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> "sa.Column[object]":
    return sa.Column(name, WHOLE_NUMBER, autoincrement=False, nullable=False)


def _instant(name: str) -> "sa.Column[object]":
    return sa.Column(name, WHOLE_NUMBER, autoincrement=False, nullable=True)
