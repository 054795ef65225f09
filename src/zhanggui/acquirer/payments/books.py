"""Do payments and postings say the same? Read beside the host, row by row, whatever the number of payments.

    approved                     its kind's lines, with its amount
    reversed after an approval   the same, and the same the other way round
    approved, and corrected      the same, and the other way round as a correction: its batch was closed
    anything else                nothing

Somebody who changes a payment's amount, or a line of the ledger, is seen here, which the chain of sign-in records does not cover.
Who changes both alike is seen by the bank's books alone.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Literal

import msgspec

from ...cup.response_codes import means
from ..money.entries import CORRECTION, REVERSAL, at_wallet
from ..rows.records import Payment, PaymentKey, Posting, key_of
from .kinds import KINDS

Difference = Literal["posted_otherwise", "posted_without_payment", "unknown_kind"]
_Lines = dict[tuple[str, str], int]


class BookDifference(msgspec.Struct, frozen=True, kw_only=True):
    """One payment whose postings are not what its row asks for."""

    what: Difference
    merchant_no: str
    terminal_no: str
    batch_no: str
    trace_no: str
    rrn: str = ""

    def text(self) -> str:
        """The payment by the numbers that people know it by."""
        rrn = f" (RRN {self.rrn})" if self.rrn else ""
        return f"{self.terminal_no} {self.batch_no}/{self.trace_no}{rrn}: {_SAID[self.what]}"


_SAID: dict[Difference, str] = {
    "posted_otherwise": "its postings are not what its amount and state ask for",
    "posted_without_payment": "it is in the ledger, and there is no such payment",
    "unknown_kind": "it is of no kind that this version knows",
}


def book_differences(payments: Iterable[Payment], postings: Iterable[Posting]) -> Iterator[BookDifference]:
    """Every payment that differs. Both must come in the order of merchant, terminal, batch and trace."""
    posted = groupby(postings, key=_payment_of)
    key, lines = _next(posted)
    for payment in payments:
        while key is not None and key < key_of(payment):
            yield _difference("posted_without_payment", key)
            key, lines = _next(posted)
        found: _Lines = {}
        if key == key_of(payment):
            found = lines
            key, lines = _next(posted)
        if payment.kind not in KINDS:
            yield _difference("unknown_kind", key_of(payment), payment.rrn)
        elif found != _wanted(payment):
            yield _difference("posted_otherwise", key_of(payment), payment.rrn)
    while key is not None:
        yield _difference("posted_without_payment", key)
        key, lines = _next(posted)


def _wanted(payment: Payment) -> _Lines:
    lines = KINDS[payment.kind].postings
    if payment.wallet is not None:
        lines = tuple(at_wallet(lines))
    stood = payment.state == "approved" or (payment.state == "reversed" and means(payment.response_code) == "stands")
    wanted: _Lines = {}
    if stood:
        wanted |= {(payment.kind, line.account): line.sign * payment.amount_fen for line in lines}
        if payment.state == "reversed":
            wanted |= {(REVERSAL, line.account): -line.sign * payment.amount_fen for line in lines}
        elif payment.bank_state:
            # The bank is told to undo what stands here only where the batch is closed (`reversal.py`).
            wanted |= {(CORRECTION, line.account): -line.sign * payment.amount_fen for line in lines}
    return wanted


def _payment_of(posting: Posting) -> PaymentKey:
    return posting.merchant_no, posting.terminal_no, posting.batch_no, posting.trace_no


def _next(posted: Iterator[tuple[PaymentKey, Iterator[Posting]]]) -> tuple[PaymentKey | None, _Lines]:
    group = next(posted, None)
    if group is None:
        return None, {}
    key, lines = group
    return key, {(line.kind, line.account): line.amount_fen for line in lines}


def _difference(what: Difference, key: tuple[object, ...], rrn: str = "") -> BookDifference:
    merchant_no, terminal_no, batch_no, trace_no = map(str, key)
    return BookDifference(
        what=what, merchant_no=merchant_no, terminal_no=terminal_no, batch_no=batch_no, trace_no=trace_no, rrn=rrn
    )
