"""Orders to terminals, newest first: what was ordered, by whom, how far it is, and what the terminal answered."""

from typing import get_args

import msgspec

from ..acquirer.rows.records import OrderState, TerminalOrder
from ..basics.numbers import MerchantNo, TerminalNo
from ..basics.words import Lang
from ..cup.order_kinds import order_kind
from ..store.queries import PlaceFilter, Queries
from .listing import NOTHING, Column, View, iso, short_time, word_of
from .questions.asked_list import AskedList
from .questions.filters import choice, count, shop, terminal, word
from .questions.periods import periods
from .questions.sources import Stored, one_each
from .reasons import actor_said


class OrderRow(msgspec.Struct, frozen=True, kw_only=True):
    """One order."""

    merchant_no: str
    terminal_no: str
    order_no: int
    kind: str
    contents: str
    state: str
    good_from: str | None
    good_until: str | None
    given_by: str
    given: str | None
    told: str | None
    answered: str | None
    answer: str


def read_orders(
    queries: Queries, merchant_no: MerchantNo | None, terminal_no: TerminalNo | None, limit: int
) -> list[OrderRow]:
    """The orders of a merchant's terminals, of one terminal, or all."""
    wanted = PlaceFilter(merchant_no=merchant_no, terminal_no=terminal_no, limit=limit)
    return [order_row(row) for row in queries.list_orders(wanted)]


def order_row(row: TerminalOrder) -> OrderRow:
    """One order as everybody shows it."""
    return OrderRow(
        merchant_no=row.merchant_no,
        terminal_no=row.terminal_no,
        order_no=row.order_no,
        kind=row.kind,
        contents=row.contents,
        state=row.state,
        good_from=iso(row.from_ms),
        good_until=iso(row.until_ms),
        given_by=row.given_by,
        given=iso(row.given_ms),
        told=iso(row.told_ms),
        answered=iso(row.answered_ms),
        answer=row.answer,
    )


def _kind(row: OrderRow, lang: Lang) -> str:
    known = order_kind(row.kind)
    return known.of(lang) if known is not None else row.kind


def _answer(row: OrderRow, lang: Lang) -> str:
    return word_of(f"orders.answer.{row.answer}", lang) if row.answer in ANSWERS else row.answer or NOTHING


ANSWERS = frozenset(
    ("never_told", "nobody", "already", "unknown_kind", "number_passed", "read", "known", "unreadable", "not_kept")
)
"""Words of answers; another program's own stands as it came."""

ORDERS = View(
    "orders",
    OrderRow,
    (
        Column("no", lambda row, lang: str(row.order_no)),
        Column("terminal", lambda row, lang: row.terminal_no),
        Column("order", _kind),
        Column("text", lambda row, lang: row.contents or NOTHING, is_wide=True),
        Column("state", lambda row, lang: word_of(f"orders.state.{row.state}", lang)),
        Column("answer", _answer),
        Column("given", lambda row, lang: short_time(row.given), is_wide=True),
        Column("from", lambda row, lang: short_time(row.good_from), is_wide=True),
        Column("until", lambda row, lang: short_time(row.good_until), is_wide=True),
        Column("answered", lambda row, lang: short_time(row.answered)),
        Column("by", lambda row, lang: actor_said(row.given_by, lang), is_wide=True),
    ),
)

ORDERS_ASKED = AskedList(
    view=ORDERS,
    area="orders",
    filters=(
        shop(),
        terminal(),
        count("order", "order_no", rank=2),
        word("kind", "kind"),
        choice("state", "state", get_args(OrderState), lambda state, lang: word_of(f"orders.state.{state}", lang)),
        word("by", "given_by"),
        *periods("given_ms"),
    ),
    source=Stored(kind=TerminalOrder, by="given_ms", rows=one_each(order_row)),
)
