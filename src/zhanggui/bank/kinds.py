"""The kinds of payment at this bank: one row a kind, over the names of the messages (`cup/transactions.toml`).

It is the issuer's own table. What the acquirer posts and whom it lets pay is its affair: the two agree by messages only.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import msgspec

from ..cup.transactions import CATALOGUE, Transaction


class BankKind(msgspec.Struct, frozen=True, kw_only=True):
    """What the bank checks and posts for one kind of payment."""

    row: Transaction
    """What its messages are."""
    moves: Literal["", "debit", "credit"] = ""
    """What happens to the card's account; the acquirer's clearing account takes the other side. Empty: nothing moves."""
    needs_pin: bool = True
    """Whether the PIN must be there, small taps apart. One that is sent is checked in any case, and so is the card."""
    undoes: str = ""
    """Kind of the payment that it undoes: found by reference number, whole, once. Empty: it undoes none."""
    tells_balance: bool = False
    """Whether an approval says what the account holds."""


BANK_KINDS: Mapping[str, BankKind] = MappingProxyType(
    {
        kind.row.name: kind
        for kind in (
            BankKind(row=CATALOGUE["sale"], moves="debit"),
            BankKind(row=CATALOGUE["balance"], tells_balance=True),
            BankKind(row=CATALOGUE["void"], moves="credit", needs_pin=False, undoes="sale"),
        )
    }
)
"""Every payment of the catalogue has its row; a test compares the two."""
