"""What webhooks say of a row: the fields of its view that stand here by name. What is not named is not said: no card, no person's name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from ..acquirer.rows.records import Batch, Payment, Record, SignIn, SupportCase
from ..basics.numbers import is_digits
from .batches import batch_row
from .cases import WHAT_WORDS, case_row
from .payments import payment_row
from .sign_ins import sign_in_row

OPERATOR_DIGITS = 2
PAYMENT_FIELDS = (
    "merchant_no",
    "terminal_no",
    "batch_no",
    "trace_no",
    "kind",
    "state",
    "response_code",
    "amount_fen",
    "operator_no",
    "session_no",
    "rrn",
    "auth_code",
    "original_trace_no",
    "created",
    "decided",
    "reversed",
    "reversal_reason",
    "shop_day",
    "wallet",
    "order_no",
)
SIGN_IN_FIELDS = (
    "merchant_no",
    "terminal_no",
    "record_no",
    "operator_no",
    "outcome",
    "reason",
    "method",
    "way",
    "session_no",
)
BATCH_FIELDS = (
    "merchant_no",
    "terminal_no",
    "batch_no",
    "state",
    "outcome",
    "operator_no",
    "shop_day",
    "debit_count",
    "debit_fen",
    "credit_count",
    "credit_fen",
    "settled",
    "closed",
)
CASE_FIELDS = ("merchant_no", "case_no", "state", "terminal_no", "opened")
CURRENCY = "CNY"


def _chosen(row: msgspec.Struct, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def said_of_payment(payment: Payment) -> dict[str, Any]:
    """A payment: amounts are integer fen."""
    return {**_chosen(payment_row(payment), PAYMENT_FIELDS), "currency": CURRENCY}


def said_of_sign_in(record: SignIn) -> dict[str, Any]:
    """An attempt to sign in. Who it was stands there as a number; what was typed and is none could be anything, and is left out."""
    row = sign_in_row(record, {}, {})
    said = {**_chosen(row, SIGN_IN_FIELDS), "began": row.steps.began, "confirmed": row.steps.confirmed}
    return said if is_digits(record.operator_no, OPERATOR_DIGITS) else {**said, "operator_no": ""}


def said_of_batch(batch: Batch) -> dict[str, Any]:
    """A batch that was closed, with what the host counted."""
    return {**_chosen(batch_row(batch), BATCH_FIELDS), "currency": CURRENCY}


def said_of_case(case: SupportCase) -> dict[str, Any]:
    """A case that was opened. Another maker's own word for what is wrong could be anything, and is left out."""
    row = case_row(case)
    return {**_chosen(row, CASE_FIELDS), "what": row.what if row.what in WHAT_WORDS else ""}


SAID: Mapping[type[Record], Callable[[Any], dict[str, Any]]] = MappingProxyType(
    {Payment: said_of_payment, SignIn: said_of_sign_in, Batch: said_of_batch, SupportCase: said_of_case}
)
"""By the kind of row."""
