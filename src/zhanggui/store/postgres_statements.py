"""Statements of PostgreSQL's loads: a set of keys in (one array a column), all rows out, those that may change locked.

The rows of a statement are locked in the order of their primary key, the statements run in the order of the tables
(terminals, operators, sessions, sign-ins, payments, counters), so several hosts never wait for each other in a ring.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Select,
    and_,
    any_,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.elements import ColumnElement

from ..acquirer.rows.records import Payment, Record, Session
from .rows import Row
from .statements import APPROVED_AND_COUNTED, LIVE_ROW, STANDING_FEN, compile_to_text
from .tables import TABLE_OF

payments = TABLE_OF[Payment]
sessions = TABLE_OF[Session]

POSTGRES: Dialect = PGDialect_psycopg(paramstyle="format")  # type: ignore[no-untyped-call]

_SESSION_KEY = (sessions.c.merchant_no, sessions.c.session_no)
_TERMINAL_OF_SESSION = (sessions.c.merchant_no, sessions.c.terminal_no)
_OPERATOR_OF_SESSION = (sessions.c.merchant_no, sessions.c.operator_no)


def select_by_keys(record: type[Record], *, lock: bool) -> str:
    """All rows of one group with these primary keys: the merchants, then one array for each key column."""
    table = TABLE_OF[record]
    keys = tuple(table.primary_key)
    chosen = select(table).where(in_group(table.c.merchant_no), tuple_(*keys).in_(keys_given(keys))).order_by(*keys)
    return compile_to_text(chosen.with_for_update() if lock else chosen, POSTGRES)


def select_live_sessions_of_many() -> str:
    """Live sessions of one group, of these operators and on these terminals, oldest first, locked.

    The merchants; the merchants again and the operators (two arrays); the merchants again and the terminals (two arrays).
    """
    # Two searches by key, each by its own partial index; a condition with OR would read the whole table.
    found = [
        select(*_SESSION_KEY).where(
            LIVE_ROW, in_group(sessions.c.merchant_no), tuple_(*columns).in_(keys_given(columns))
        )
        for columns in (_OPERATOR_OF_SESSION, _TERMINAL_OF_SESSION)
    ]
    # "Live" stands outside too: a session that ends while its lock is waited for is left out.
    chosen = select(sessions).where(
        LIVE_ROW, in_group(sessions.c.merchant_no), tuple_(*_SESSION_KEY).in_(found[0].union(found[1]))
    )
    return compile_to_text(chosen.order_by(*_SESSION_KEY).with_for_update(), POSTGRES)


def select_figures_of_many() -> str:
    """Merchant, session, count and fen of the approved sales of the live sessions of one group on these terminals.

    The merchants twice, then the terminals (two arrays).
    """
    sales = and_(
        in_group(payments.c.merchant_no),
        payments.c.merchant_no == sessions.c.merchant_no,
        payments.c.session_no == sessions.c.session_no,
        APPROVED_AND_COUNTED,
    )
    fen = func.coalesce(func.sum(STANDING_FEN), literal_column("0"))
    chosen = (
        select(*_SESSION_KEY, func.count(payments.c.kind), cast(fen, BigInteger))
        .select_from(sessions.outerjoin(payments, sales))
        .where(
            sessions.c.ended_ms.is_(None),
            in_group(sessions.c.merchant_no),
            tuple_(*_TERMINAL_OF_SESSION).in_(keys_given(_TERMINAL_OF_SESSION)),
        )
        .group_by(*_SESSION_KEY)
    )
    return compile_to_text(chosen, POSTGRES)


def arrays_of(keys: Sequence[Row], width: int) -> list[list[object]]:
    """The keys as the statements take them: one list for each column."""
    return [[key[place] for key in keys] for place in range(width)]


def in_group(merchant_no: Column[Any]) -> ColumnElement[bool]:
    """That a row is of one of these merchants (an array): what tells a distributed database where to look.

    The keys name the merchants too, but in `unnest`, where no planner looks.
    """
    return merchant_no == any_(bindparam("group", type_=ARRAY(merchant_no.type), unique=True))


def keys_given(columns: tuple[Column[Any], ...]) -> Select[Any]:
    """The keys as rows, from one array for each of these columns."""
    names = [column.name for column in columns]
    arrays = [bindparam(f"many_{column.name}", type_=ARRAY(column.type), unique=True) for column in columns]
    given = func.unnest(*arrays).table_valued(*names).render_derived()
    return select(*(given.c[name] for name in names))
