"""Postings of the double-entry ledger. Every set of lines sums to zero; a reversal is the same lines with the other sign."""

from typing import Literal

from ...basics.errors import Defect
from ...basics.numbers import UnixMs
from ..rows.records import Payment, Posting
from ..rows.state import Change, Insert


def post_sale(payment: Payment, now: UnixMs) -> list[Change]:
    """An approved sale: the issuer owes the money, and it is owed to the merchant."""
    return _post(payment, "sale", payment.amount_fen, now)


def post_reversal(payment: Payment, now: UnixMs) -> list[Change]:
    """An approved sale is undone."""
    return _post(payment, "reversal", -payment.amount_fen, now)


def _post(payment: Payment, kind: Literal["sale", "reversal"], amount_fen: int, now: UnixMs) -> list[Change]:
    lines = [
        _line(payment, kind, "issuer_clearing", amount_fen, now),
        _line(payment, kind, "merchant_payable", -amount_fen, now),
    ]
    if sum(line.amount_fen for line in lines) != 0:
        raise Defect("a posting does not sum to zero")
    return [Insert(line) for line in lines]


def _line(
    payment: Payment,
    kind: Literal["sale", "reversal"],
    account: Literal["issuer_clearing", "merchant_payable"],
    amount_fen: int,
    now: UnixMs,
) -> Posting:
    return Posting(
        merchant_no=payment.merchant_no,
        terminal_no=payment.terminal_no,
        batch_no=payment.batch_no,
        trace_no=payment.trace_no,
        kind=kind,
        account=account,
        amount_fen=amount_fen,
        posted_ms=now,
    )
