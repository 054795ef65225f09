"""Payments, newest first."""

import re
from datetime import datetime
from typing import get_args

import msgspec

from ..acquirer.rows.reasons import tell_reason
from ..acquirer.rows.records import Payment, PaymentState
from ..basics.clock import CHINA, instant_of
from ..basics.errors import certain
from ..basics.money import format_yuan
from ..basics.numbers import UnixMs
from ..basics.shop_day import day_with_zone, shop_day
from ..basics.words import Lang
from ..cup.brands import BRANDS, CARD_NETWORK, BrandName
from ..cup.code_words import reason_of
from ..cup.transactions import PAYMENTS as PAYMENTS_BY_KIND
from ..cup.values.entry_mode import ENTRY_MODES
from ..store.lists.asked import Absent, Condition, Is, Within
from ..store.queries import PaymentFilter, Queries
from .listing import NOTHING, Column, View, iso, short_time, word_of
from .questions.asked_list import AskedList
from .questions.filters import (
    Asking,
    Filter,
    Guess,
    Value,
    amounts,
    card_tail,
    choice,
    count,
    digits,
    shop,
    terminal,
    word,
)
from .questions.periods import periods
from .questions.shops import Shops
from .questions.sources import Stored, one_each
from .questions.wrong import AskedWrong


class PaymentRow(msgspec.Struct, frozen=True, kw_only=True):
    """One payment. The card is a mask; amounts are integer fen; instants have their offset."""

    merchant_no: str
    terminal_no: str
    batch_no: str
    trace_no: str
    kind: str
    state: str
    response_code: str
    amount_fen: int
    card: str
    entry_mode: str
    """Field 22 as it came; where a stripe was swiped for a chip that could not be read it begins with 80 (`cup/values/fallback.py`)."""
    operator_no: str
    session_no: int | None
    rrn: str
    auth_code: str
    bank_state: str
    reversal_reason: str
    reason: str
    """Why the host refused it before the bank was asked; empty where the bank was asked."""
    created: str | None
    decided: str | None
    reversed: str | None
    original_trace_no: str
    """The payment that this one is about; empty when it is about none."""
    undone_by_trace_no: str
    """The payment that has undone this one, or asks to; empty while it stands."""
    shop_day: str
    """The shop day that it belongs to, with its zone: `2026-11-29+08:00`."""
    pay_voucher: str
    """付款凭证号, where it was paid by code; empty where by card."""
    wallet: str
    """The brand whose wallet was asked; empty where the card network was."""
    order_no: str
    """The number by which that wallet knows it; empty where none was asked."""


def read_payments(queries: Queries, wanted: PaymentFilter) -> list[PaymentRow]:
    """The payments that were asked for."""
    return [payment_row(payment) for payment in queries.list_payments(wanted)]


def payment_row(payment: Payment) -> PaymentRow:
    """A payment as everybody shows it."""
    return PaymentRow(
        merchant_no=payment.merchant_no,
        terminal_no=payment.terminal_no,
        batch_no=payment.batch_no,
        trace_no=payment.trace_no,
        kind=payment.kind,
        state=payment.state,
        response_code=payment.response_code,
        amount_fen=payment.amount_fen,
        card=payment.masked_pan,
        entry_mode=payment.entry_mode,
        operator_no=payment.operator_no,
        session_no=payment.session_no,
        rrn=payment.rrn,
        auth_code=payment.auth_code,
        bank_state=payment.bank_state,
        reversal_reason=payment.reversal_reason,
        reason=payment.reason or "",
        created=iso(payment.created_ms),
        decided=iso(payment.decided_ms),
        reversed=iso(payment.reversed_ms),
        original_trace_no=payment.original_trace_no,
        undone_by_trace_no=payment.undone_by_trace_no,
        shop_day=day_with_zone(payment.shop_day or shop_day(payment.created_ms)),
        pay_voucher=payment.pay_voucher or "",
        wallet=payment.wallet or "",
        order_no=payment.order_no or "",
    )


def _outcome(row: PaymentRow, lang: Lang) -> str:
    """The state in words; what was undone says by which payment, an unknown outcome whether the bank has taken it back, and what was
    refused before the bank was asked that it was."""
    state = word_of("payments.refused", lang) if row.reason else word_of(f"payments.state.{row.state}", lang)
    if row.bank_state:
        state += word_of(f"payments.bank.{row.bank_state}", lang)
    return f"{state} ← {row.undone_by_trace_no}" if row.undone_by_trace_no else state


def _kind(row: PaymentRow, lang: Lang) -> str:
    """What the catalogue calls it, with whose phone paid by code, and which payment it is about."""
    known = PAYMENTS_BY_KIND.get(row.kind)
    name = known.of(lang) if known is not None else row.kind
    if brand := brand_of(row):
        name += f" · {BRANDS[brand].of(lang)}"
    return f"{name} → {row.original_trace_no}" if row.original_trace_no else name


def brand_of(row: PaymentRow) -> BrandName:
    """Whose code or phone paid: a wallet's, or the card network's own; nothing where a card did, or no code was understood."""
    if row.wallet:
        return row.wallet if row.wallet in BRANDS else ""
    known = PAYMENTS_BY_KIND.get(row.kind)
    return CARD_NETWORK if known is not None and known.is_by_code and not row.reason else ""


def _answer(row: PaymentRow, lang: Lang) -> str:
    """What the answer means; of what the host refused by itself, the reason, which says more."""
    told = tell_reason(row.reason, lang) if row.reason else None
    if told is not None:
        return told.cause
    return reason_of(row.response_code, row.kind).of(lang) if row.response_code else ""


def _entry(row: PaymentRow, lang: Lang) -> str:
    """How the card came; a stripe in the place of a chip and a number that was typed are looked for first where one is disputed."""
    way = ENTRY_MODES.get(row.entry_mode[:2])
    return way.of(lang) if way is not None else row.entry_mode or NOTHING


WALLETS = tuple(name for name, brand in BRANDS.items() if brand.road == "wallet")
PAYMENTS = View(
    "payments",
    PaymentRow,
    (
        Column("time", lambda row, lang: short_time(row.created)),
        Column("terminal", lambda row, lang: row.terminal_no),
        Column("batch", lambda row, lang: row.batch_no, is_wide=True),
        Column("trace", lambda row, lang: row.trace_no),
        Column("kind", _kind),
        Column("card", lambda row, lang: row.card, is_wide=True),
        Column("amount", lambda row, lang: f"¥{format_yuan(row.amount_fen)}", is_amount=True),
        Column("state", _outcome),
        Column("code", lambda row, lang: row.response_code or NOTHING),
        Column("answer", _answer, is_wide=True),
        Column("rrn", lambda row, lang: row.rrn, is_wide=True),
        Column("operator", lambda row, lang: row.operator_no, is_wide=True),
        Column("entry", _entry, is_wide=True),
    ),
)

_ORDER_NO = re.compile(r"(?P<terminal>[0-9A-Za-z]{8})(?P<batch>[0-9]{6})(?P<trace>[0-9]{6})(?P<time>[0-9]{12})")
_SECOND_MS = 1_000


def _order_no() -> Filter:
    """A payment by its number at a wallet, which says the payment's key and second (`acquirer/wallets/order.py`)."""

    def read(text: str, asking: Asking) -> Value:
        if _began(text) is None:
            raise AskedWrong("order_no", "order_no")
        return text

    def conditions(value: Value, shops: Shops) -> tuple[Condition, ...]:
        named = certain(_ORDER_NO.fullmatch(str(value)), "an order number was read as one")
        began_ms = certain(_began(str(value)), "an order number names its second")
        return (
            *(Is(f"{name}_no", (named[name],)) for name in ("terminal", "batch", "trace")),
            Within("created_ms", began_ms, began_ms + _SECOND_MS),
            Absent("wallet", is_absent=False),
        )

    return Filter(
        name="order_no",
        read=read,
        conditions=conditions,
        guess=lambda text: Guess(text, 0) if _began(text) is not None else None,
    )


def _began(order_no: str) -> UnixMs | None:
    """The second of an order's payment; None for what is no order number."""
    named = _ORDER_NO.fullmatch(order_no)
    try:
        return (
            instant_of(datetime.strptime(named["time"], "%y%m%d%H%M%S").replace(tzinfo=CHINA))
            if named is not None
            else None
        )
    except ValueError:
        return None


def _kind_said(kind: str, lang: Lang) -> str:
    return PAYMENTS_BY_KIND[kind].of(lang)


PAYMENTS_ASKED = AskedList(
    view=PAYMENTS,
    area="payments",
    filters=(
        shop(),
        terminal(),
        digits("operator", "operator_no", 2),
        digits("trace", "trace_no", 6),
        digits("batch", "batch_no", 6, rank=2),
        digits("rrn", "rrn", 12, rank=0, fills=False),
        _order_no(),
        word("pay_voucher", "pay_voucher", pattern=r"[0-9]{13,31}", is_guessed=True, rank=1),
        card_tail(),
        *amounts(),
        choice("kind", "kind", tuple(PAYMENTS_BY_KIND), _kind_said),
        choice("state", "state", get_args(PaymentState), lambda state, lang: word_of(f"payments.state.{state}", lang)),
        word("code", "response_code"),
        word("reason", "reason"),
        choice("wallet", "wallet", WALLETS, lambda brand, lang: BRANDS[brand].of(lang)),
        count("shift", "session_no"),
        *periods("created_ms", stored="shop_day"),
    ),
    source=Stored(kind=Payment, by="created_ms", rows=one_each(payment_row)),
    sums=("amount_fen",),
)
