"""The tables: one for each record of `acquirer/rows/records/`, columns in the order of its fields.

Only three types, the same in SQLite and PostgreSQL: text, whole number (64 bits), bytes. SQLite tables are STRICT, so that
both databases refuse what is of another type. `merchant_no` leads each primary key, so that rows can be spread over machines by it.
Indexes serve the loads of the host and the lists of the office; a name says what an index is for.
"""

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, LargeBinary, MetaData, Table, Text, text
from sqlalchemy.schema import SchemaItem

from ..acquirer.rows.records import (
    Approval,
    AuditNote,
    ChainHead,
    Checkpoint,
    Counter,
    Heard,
    Link,
    Merchant,
    Operator,
    Payment,
    Posting,
    Record,
    Salt,
    Session,
    SignIn,
    StoredAnswer,
    Stranger,
    SupportCase,
    Terminal,
)

NAMING = {
    "pk": "pk_%(table_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
}
WHOLE_NUMBER = BigInteger().with_variant(Integer(), "sqlite")
"""64 bits in both; STRICT tables of SQLite know the word INTEGER only."""

LIVE = "ended_ms IS NULL"
LIVE_AND_VERIFIED = "ended_ms IS NULL AND kind = 'verified'"
PENDING = "state = 'pending'"
REVERSAL_DUE = "bank_state = 'reversal_due'"

metadata = MetaData(naming_convention=NAMING)


def _text(name: str, *, key: bool = False) -> Column[Any]:
    return Column(name, Text, primary_key=key, nullable=False)


def _number(name: str, *, key: bool = False) -> Column[Any]:
    return Column(name, WHOLE_NUMBER, primary_key=key, nullable=False, autoincrement=False)


def _number_or_none(name: str) -> Column[Any]:
    return Column(name, WHOLE_NUMBER, nullable=True)


def _bytes(name: str) -> Column[Any]:
    return Column(name, LargeBinary, nullable=False)


def _table(name: str, *items: SchemaItem) -> Table:
    return Table(name, metadata, *items, sqlite_strict=True)


def _table_by_key(name: str, *items: SchemaItem) -> Table:
    """In SQLite the rows stand in the primary key's own tree: half the work of an insert, for narrow rows."""
    return Table(name, metadata, *items, sqlite_strict=True, sqlite_with_rowid=False)


def _index(name: str, *columns: str, where: str | None = None, unique: bool = False) -> Index:
    if where is None:
        return Index(name, *columns, unique=unique)
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


merchants = _table(
    "merchants",
    _text("merchant_no", key=True),
    _text("name"),
    _text("state"),
    _text("policy"),
    _text("policy_overrides"),
    _text("shift_code"),
    _number("created_ms"),
)

terminals = _table(
    "terminals",
    _text("merchant_no", key=True),
    _text("terminal_no", key=True),
    _text("model"),
    _text("place"),
    _text("dialect"),
    _text("operator_check"),
    _text("state"),
    _text("master_key"),
    _text("batch_no"),
    _text("pin_key"),
    _text("mac_key"),
    _text("track_key"),
    _text("next_pin_key"),
    _text("next_mac_key"),
    _text("next_track_key"),
    _text("next_operator_no"),
    _number("next_record_no"),
    _number("failed_count"),
    _text("failures"),
    _number_or_none("locked_until_ms"),
    _number("created_ms"),
    _number_or_none("next_keys_ms"),
)

operators = _table(
    "operators",
    _text("merchant_no", key=True),
    _text("operator_no", key=True),
    _text("name"),
    _text("role"),
    _text("state"),
    _bytes("salt"),
    _bytes("verifier"),
    _number("factory_password"),
    _number("failed_count"),
    _number_or_none("locked_until_ms"),
    _number_or_none("next_try_ms"),
    _number("password_set_ms"),
    _text("earlier_passwords"),
    _number_or_none("initial_until_ms"),
    _text("code_secret"),
    _number("code_last_step"),
    _number_or_none("code_drift_s"),
    _text("user_name"),
    _number_or_none("last_sign_in_ms"),
)

sessions = _table(
    "sessions",
    _text("merchant_no", key=True),
    _number("session_no", key=True),
    _text("terminal_no"),
    _text("operator_no"),
    _number("record_no"),
    _text("kind"),
    _number("opened_ms"),
    _number_or_none("locked_ms"),
    _number_or_none("sale_limit_fen"),
    _number_or_none("ended_ms"),
    _text("end_reason"),
    _text("notes"),
    # One live session on a terminal, and of a verified operator (invariant A20): the database itself refuses a second.
    _index("uq_sessions_live_on_terminal", "merchant_no", "terminal_no", where=LIVE, unique=True),
    _index("uq_sessions_live_of_verified", "merchant_no", "operator_no", where=LIVE_AND_VERIFIED, unique=True),
    _index("ix_sessions_live_of_operator", "merchant_no", "operator_no", where=LIVE),
)

sign_ins = _table(
    "sign_ins",
    _text("merchant_no", key=True),
    _number("record_no", key=True),
    _text("terminal_no"),
    _text("operator_no"),
    _text("operator_name"),
    _text("state"),
    _text("reason"),
    _text("method"),
    _number("began_ms"),
    _number_or_none("verified_ms"),
    _number_or_none("confirmed_ms"),
    _number_or_none("ended_ms"),
    _number_or_none("elapsed_ms"),
    _number_or_none("terminal_clock_ms"),
    _number_or_none("drift_s"),
    _text("self_check"),
    _text("eyes"),
    _text("versions"),
    _number_or_none("session_no"),
    _text("approved_by"),
    _text("taken_from"),
    _number_or_none("code_drift_s"),
    _index("ix_sign_ins_began", "merchant_no", "began_ms"),
)

approvals = _table(
    "approvals",
    _text("merchant_no", key=True),
    _number("approval_no", key=True),
    _text("supervisor_no"),
    _text("terminal_no"),
    _text("action"),
    _number("amount_fen"),
    _number_or_none("record_no"),
    _number_or_none("session_no"),
    _number("given_ms"),
    _number("expires_ms"),
    _number_or_none("used_ms"),
)

support_cases = _table(
    "support_cases",
    _text("merchant_no", key=True),
    _number("case_no", key=True),
    _text("terminal_no"),
    _text("operator_no"),
    _number_or_none("record_no"),
    _text("what"),
    _text("state"),
    _number("opened_ms"),
    _number_or_none("closed_ms"),
    _text("answer"),
    _index("ix_support_cases_open", "merchant_no", "opened_ms"),
)

payments = _table(
    "payments",
    _text("merchant_no", key=True),
    _text("terminal_no", key=True),
    _text("batch_no", key=True),
    _text("trace_no", key=True),
    _text("kind", key=True),
    _text("state"),
    _bytes("fingerprint"),
    _number("amount_fen"),
    _text("masked_pan"),
    _bytes("card_hash"),
    _text("entry_mode"),
    _text("operator_no"),
    _number_or_none("session_no"),
    _text("rrn"),
    _text("response_code"),
    _text("auth_code"),
    _text("issuer"),
    _text("answer"),
    _text("bank_state"),
    _number("bank_attempts"),
    _text("reversal_reason"),
    _number("created_ms"),
    _number_or_none("decided_ms"),
    _number_or_none("reversed_ms"),
    CheckConstraint("amount_fen >= 0", name="amount_not_negative"),
    _index("ix_payments_created", "merchant_no", "created_ms"),
    _index("ix_payments_session", "merchant_no", "session_no"),
    _index("ix_payments_rrn", "rrn"),
    _index("ix_payments_pending", "created_ms", where=PENDING),
    _index("ix_payments_reversal_due", "created_ms", where=REVERSAL_DUE),
)

postings = _table(
    "postings",
    _text("merchant_no", key=True),
    _text("terminal_no", key=True),
    _text("batch_no", key=True),
    _text("trace_no", key=True),
    _text("kind", key=True),
    _text("account", key=True),
    _number("amount_fen"),
    _number("posted_ms"),
)

stored_answers = _table(
    "stored_answers",
    _text("merchant_no", key=True),
    _text("terminal_no", key=True),
    _text("batch_no", key=True),
    _text("trace_no", key=True),
    _text("message_class", key=True),
    _bytes("fingerprint"),
    _text("response_code"),
    _bytes("tags"),
    _number("made_ms"),
)

counters = _table(
    "counters",
    _text("merchant_no", key=True),
    _text("name", key=True),
    _number("value"),
)

salts = _table_by_key(
    "salts",
    _text("merchant_no", key=True),
    _text("record_kind", key=True),
    _number("record_no", key=True),
    _bytes("salt"),
)

links = _table_by_key(
    "links",
    _text("merchant_no", key=True),
    _number("link_no", key=True),
    _text("record_kind"),
    _number("record_no"),
    _text("event"),
    _bytes("commitment"),
    _bytes("previous"),
    _bytes("hash"),
    _number("made_ms"),
)

chain_heads = _table_by_key(
    "chain_heads",
    _text("merchant_no", key=True),
    _number("link_no"),
    _bytes("hash"),
    _number("signed_no"),
    _number("signed_ms"),
)

checkpoints = _table_by_key(
    "checkpoints",
    _text("merchant_no", key=True),
    _number("link_no", key=True),
    _bytes("head_hash"),
    _number("made_ms"),
    _bytes("signature"),
)

audit_notes = _table(
    "audit_notes",
    _text("merchant_no", key=True),
    _number("note_no", key=True),
    _text("actor"),
    _text("action"),
    _text("subject"),
    _text("detail"),
    _number("made_ms"),
)

terminals_heard = _table_by_key(
    "terminals_heard",
    _text("merchant_no", key=True),
    _text("terminal_no", key=True),
    _number("heard_ms"),
)

strangers = _table_by_key(
    "strangers",
    _text("merchant_no", key=True),
    _text("operator_no", key=True),
    _number("failed_count"),
    _number_or_none("locked_until_ms"),
    _number_or_none("next_try_ms"),
)

TABLE_OF: dict[type[Record], Table] = {
    Merchant: merchants,
    Terminal: terminals,
    Operator: operators,
    Session: sessions,
    SignIn: sign_ins,
    Approval: approvals,
    SupportCase: support_cases,
    Payment: payments,
    Posting: postings,
    StoredAnswer: stored_answers,
    Counter: counters,
    Salt: salts,
    Link: links,
    ChainHead: chain_heads,
    Checkpoint: checkpoints,
    AuditNote: audit_notes,
    Heard: terminals_heard,
    Stranger: strangers,
}
