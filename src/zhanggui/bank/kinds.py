"""The kinds of payment at this bank: one row a kind, over the names of the messages (`cup/transactions.toml`).

It is the issuer's own table. What the acquirer posts and whom it lets pay is its affair: the two agree by messages only.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import msgspec

from ..cup.transactions import CATALOGUE, Transaction

Sum = Literal["whole", "part", "share", "any"]
SHARE_PERCENT = 115
"""Share of what was authorised that may be taken: card networks allow 115 % (domain reference §4.2)."""


class BankKind(msgspec.Struct, frozen=True, kw_only=True):
    """What the bank checks and posts for one kind of payment."""

    row: Transaction
    """What its messages are."""
    moves: Literal["", "debit", "credit"] = ""
    """What happens to the card's account; the acquirer's clearing account takes the other side. Empty: nothing moves."""
    needs_pin: bool = True
    """Whether the PIN must be there, small taps apart. One that is sent is checked in any case, and so is the card."""
    originals: tuple[str, ...] = ()
    """Kinds of the payment that it is about, found by reference number; empty: it is about none."""
    undoes: bool = False
    """Whether it undoes its original: once, and what that one had undone stands again."""
    sum: Sum = "whole"
    """What its amount may be: the whole of what stands of its original, at most that, at most a share of it, or anything."""
    adjusts: Literal[-1, 0, 1] = 0
    """Whether it takes its amount from its original's, or adds to it."""
    anywhere: bool = False
    """Whether its original may be another terminal's of the same merchant."""
    holds: bool = False
    """Whether an approval holds its amount on the account, until something undoes it."""
    tells_balance: bool = False
    """Whether an approval says what the account holds."""


BANK_KINDS: Mapping[str, BankKind] = MappingProxyType(
    {
        kind.row.name: kind
        for kind in (
            BankKind(row=CATALOGUE["sale"], moves="debit"),
            BankKind(row=CATALOGUE["balance"], tells_balance=True),
            # The customer opened the phone and the code on it: nobody types a PIN here.
            BankKind(row=CATALOGUE["qr_sale"], moves="debit", needs_pin=False),
            BankKind(row=CATALOGUE["qr_void"], moves="credit", needs_pin=False, originals=("qr_sale",), undoes=True),
            BankKind(
                row=CATALOGUE["qr_refund"],
                moves="credit",
                needs_pin=False,
                originals=("qr_sale",),
                sum="part",
                adjusts=-1,
                anywhere=True,
            ),
            BankKind(row=CATALOGUE["void"], moves="credit", needs_pin=False, originals=("sale",), undoes=True),
            BankKind(
                row=CATALOGUE["refund"],
                moves="credit",
                needs_pin=False,
                originals=("sale", "completion", "completion_notice"),
                sum="part",
                adjusts=-1,
                anywhere=True,
            ),
            BankKind(row=CATALOGUE["preauth"], holds=True),
            BankKind(
                row=CATALOGUE["preauth_cancel"], needs_pin=False, originals=("preauth",), undoes=True, anywhere=True
            ),
            BankKind(
                row=CATALOGUE["completion"],
                moves="debit",
                needs_pin=False,
                originals=("preauth",),
                undoes=True,
                sum="share",
                anywhere=True,
            ),
            BankKind(
                row=CATALOGUE["completion_notice"],
                moves="debit",
                needs_pin=False,
                originals=("preauth",),
                undoes=True,
                sum="share",
                anywhere=True,
            ),
            BankKind(
                row=CATALOGUE["completion_void"],
                moves="credit",
                needs_pin=False,
                originals=("completion",),
                undoes=True,
            ),
            BankKind(
                row=CATALOGUE["preauth_increment"],
                needs_pin=False,
                originals=("preauth",),
                sum="any",
                adjusts=1,
                anywhere=True,
            ),
        )
    }
)
"""Every payment of the catalogue has its row; a test compares the two."""
MOVING = tuple(name for name, kind in BANK_KINDS.items() if kind.moves)
HOLDING = tuple(name for name, kind in BANK_KINDS.items() if kind.holds)
STATED = tuple(name for name, kind in BANK_KINDS.items() if kind.moves or kind.holds or kind.undoes or kind.adjusts)
"""What a statement tells: each kind that does something to an account, also by what it does to an earlier payment."""
