"""Statements of PostgreSQL's loads: a set of keys in (one array a column), all rows out, those that may change locked.

The rows of a statement are locked in the order of their primary key, the statements run in the order of the tables
(terminals, operators, sessions, sign-ins, payments, counters), so several hosts never wait for each other in a ring.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Column, Select, and_, bindparam, cast, func, literal_column, select, tuple_
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import Dialect

from ..acquirer.rows.records import Payment, Record, Session
from .statements import APPROVED_SALE, LIVE_ROW, compile_to_text
from .tables import TABLE_OF

payments = TABLE_OF[Payment]
sessions = TABLE_OF[Session]

POSTGRES: Dialect = PGDialect_psycopg(paramstyle="format")  # type: ignore[no-untyped-call]

_SESSION_KEY = (sessions.c.merchant_no, sessions.c.session_no)
_TERMINAL_OF_SESSION = (sessions.c.merchant_no, sessions.c.terminal_no)
_OPERATOR_OF_SESSION = (sessions.c.merchant_no, sessions.c.operator_no)


def select_by_keys(record: type[Record], *, lock: bool) -> str:
    """All rows with these primary keys; one array for each key column."""
    table = TABLE_OF[record]
    keys = tuple(table.primary_key)
    chosen = select(table).where(tuple_(*keys).in_(_keys_given(keys))).order_by(*keys)
    return compile_to_text(chosen.with_for_update() if lock else chosen, POSTGRES)


def select_live_sessions_of_many() -> str:
    """Live sessions of these operators (two arrays) and on these terminals (two more), oldest first, locked."""
    # Two searches by key, each by its own partial index; a condition with OR would read the whole table.
    found = [
        select(*_SESSION_KEY).where(LIVE_ROW, tuple_(*columns).in_(_keys_given(columns)))
        for columns in (_OPERATOR_OF_SESSION, _TERMINAL_OF_SESSION)
    ]
    # "Live" stands outside too: a session that ends while its lock is waited for is left out.
    chosen = select(sessions).where(LIVE_ROW, tuple_(*_SESSION_KEY).in_(found[0].union(found[1])))
    return compile_to_text(chosen.order_by(*_SESSION_KEY).with_for_update(), POSTGRES)


def select_figures_of_many() -> str:
    """Merchant, session, count and fen of the approved sales of the live sessions on these terminals (two arrays)."""
    sales = and_(
        payments.c.merchant_no == sessions.c.merchant_no, payments.c.session_no == sessions.c.session_no, APPROVED_SALE
    )
    fen = func.coalesce(func.sum(payments.c.amount_fen), literal_column("0"))
    chosen = (
        select(*_SESSION_KEY, func.count(payments.c.kind), cast(fen, BigInteger))
        .select_from(sessions.outerjoin(payments, sales))
        .where(sessions.c.ended_ms.is_(None), tuple_(*_TERMINAL_OF_SESSION).in_(_keys_given(_TERMINAL_OF_SESSION)))
        .group_by(*_SESSION_KEY)
    )
    return compile_to_text(chosen, POSTGRES)


def arrays_of(keys: Collection[tuple[object, ...]], width: int) -> list[list[object]]:
    """The keys as the statements take them: one list for each column."""
    return [[key[place] for key in keys] for place in range(width)]


def _keys_given(columns: tuple[Column[Any], ...]) -> Select[Any]:
    names = [column.name for column in columns]
    arrays = [bindparam(f"many_{column.name}", type_=ARRAY(column.type), unique=True) for column in columns]
    given = func.unnest(*arrays).table_valued(*names).render_derived()
    return select(*(given.c[name] for name in names))
