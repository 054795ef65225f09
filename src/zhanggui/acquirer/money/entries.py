"""Postings of the double-entry ledger. Every set of lines sums to zero; a reversal is the same lines with the other sign.

Which lines an approved payment posts stands with its kind (`payments/kinds.py`). What is checked here is checked in production
too, whatever a row says: lines that leave money over, or lines without a sum, are a defect and nothing of them is written.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal

import msgspec

from ...basics.errors import Defect
from ...basics.numbers import UnixMs
from ..rows.records import Account, Payment, Posting
from ..rows.state import Change, Insert

REVERSAL = "reversal"
"""What the lines of an undone payment are called, whatever its kind: so a payment is undone once at most."""
CORRECTION = "correction"
"""The same of a payment that stands in a closed batch: the batch keeps what it had, and its money goes back beside it."""

AT_WALLET: Mapping[Account, Account] = MappingProxyType({"issuer_clearing": "wallet_clearing"})


class Line(msgspec.Struct, frozen=True):
    """One line of a kind: which account, and whether the payment's amount is debited (1) or credited (-1) there."""

    account: Account
    sign: Literal[1, -1]


def post(payment: Payment, lines: Sequence[Line], now: UnixMs) -> list[Change]:
    """An approved payment; nothing for a kind that moves no money."""
    return _post(payment, payment.kind, lines, 1, now)


def post_reversal(payment: Payment, lines: Sequence[Line], now: UnixMs) -> list[Change]:
    """An approved payment is undone: the lines of its kind, the other way round."""
    return _post(payment, REVERSAL, lines, -1, now)


def post_correction(payment: Payment, lines: Sequence[Line], now: UnixMs) -> list[Change]:
    """An approved payment stays in its closed batch, and its money goes back all the same."""
    return _post(payment, CORRECTION, lines, -1, now)


def at_wallet(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines of a kind for a payment at a wallet: what issuers owe of one by card, the wallet owes of it."""
    return tuple(Line(AT_WALLET.get(line.account, line.account), line.sign) for line in lines)


def _post(payment: Payment, kind: str, lines: Sequence[Line], direction: Literal[1, -1], now: UnixMs) -> list[Change]:
    if not lines:
        return []
    if payment.wallet is not None:
        lines = at_wallet(lines)
    if payment.amount_fen <= 0:
        raise Defect("a payment without a sum would be posted")
    postings = [
        Posting(
            merchant_no=payment.merchant_no,
            terminal_no=payment.terminal_no,
            batch_no=payment.batch_no,
            trace_no=payment.trace_no,
            kind=kind,
            account=line.account,
            amount_fen=direction * line.sign * payment.amount_fen,
            posted_ms=now,
        )
        for line in lines
    ]
    if sum(posting.amount_fen for posting in postings) != 0:
        raise Defect("a posting does not sum to zero")
    return [Insert(posting) for posting in postings]
