"""The kinds of payment at this acquirer: one row a kind, over the names of the catalogue (`cup/transactions.toml`).

A row says what the acquirer does with a kind. What its messages carry, whether it is about a sum, whether a 0400 undoes it and
on which side it counts is the catalogue's to say. The bank has a table of its own: two institutions that agree by messages only.
A kind that needs another column than these has a rule of its own, and names its function here.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import msgspec

from ...cup.transactions import CATALOGUE, Transaction
from ..money.entries import Line
from ..policy.rules import Policy
from .originals import Figure, FindOriginal, in_the_shop, same_batch_by_trace


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """How one kind of payment is decided."""

    row: Transaction
    """What its messages are."""
    action: str
    """The right that the operator needs: a word of the capability table, which also says whether an approval may stand in."""
    find_original: FindOriginal | None = None
    """Finds the payment that this one is about, and checks it; None where it is about none."""
    undoes_original: bool = False
    """Whether it undoes its original: from the moment it is asked for no other payment may, until it has failed."""
    adjusts: Literal[-1, 0, 1] = 0
    """Whether it takes its amount from its original's (as often as there is some left), or adds to it."""
    asks_pin: bool = False
    """Whether its cardholder types a PIN, unless policy lets it be passed."""
    limit_fen: Figure | None = None
    """The policy's bound of its amount (0: none); None for none of its own."""
    postings: tuple[Line, ...] = ()
    """What an approval posts; nothing where no money moves."""

    @property
    def gives_back(self) -> bool:
        """Whether its original's money is back once it stands. One that undoes by taking (a completion) gives nothing back."""
        return self.undoes_original and self.row.total != "debit"

    @property
    def is_asked_again(self) -> bool:
        """Whether our terminals ask for it until they know what became of it: money moves and no reversal undoes it, or (what is about
        a payment by code) none does where a wallet was asked; or our code waits for its customer."""
        return bool(self.postings) and (
            not self.row.reversible or (self.row.is_by_code and self.find_original is not None) or self.row.is_our_code
        )

    @property
    def is_money_at_bank(self) -> bool:
        """Whether the bank moves or holds money for it: then what the bank did must not stay unknown."""
        return self.row.reversible or bool(self.postings)


def _refund_limit_fen(policy: Policy) -> int:
    return policy.refund_limit_fen


def _held_days(policy: Policy) -> int:
    return policy.preauth_days


def _share_percent(policy: Policy) -> int:
    return policy.completion_percent


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.row.name: kind
        for kind in (
            Kind(
                row=CATALOGUE["sale"],
                action="sale",
                asks_pin=True,
                # The issuer owes the money, and it is owed to the merchant.
                postings=(Line("issuer_clearing", 1), Line("merchant_payable", -1)),
            ),
            Kind(row=CATALOGUE["balance"], action="balance", asks_pin=True),
            Kind(
                row=CATALOGUE["void"],
                action="void",
                find_original=same_batch_by_trace("sale"),
                undoes_original=True,
                # The sale's, the other way: both stand in the books, and their sum is nothing.
                postings=(Line("issuer_clearing", -1), Line("merchant_payable", 1)),
            ),
            Kind(
                row=CATALOGUE["refund"],
                action="refund",
                find_original=in_the_shop("sale", "completion", "completion_notice", sum="part"),
                limit_fen=_refund_limit_fen,
                adjusts=-1,
                # As much as is given back, the sale's lines the other way.
                postings=(Line("issuer_clearing", -1), Line("merchant_payable", 1)),
            ),
            Kind(
                row=CATALOGUE["qr_sale"],
                action="sale",
                postings=(Line("issuer_clearing", 1), Line("merchant_payable", -1)),
            ),
            Kind(
                row=CATALOGUE["qr_own"],
                action="sale",
                postings=(Line("issuer_clearing", 1), Line("merchant_payable", -1)),
            ),
            Kind(
                row=CATALOGUE["qr_static"],
                action="sale",
                postings=(Line("issuer_clearing", 1), Line("merchant_payable", -1)),
            ),
            Kind(
                row=CATALOGUE["qr_void"],
                action="void",
                find_original=same_batch_by_trace("qr_sale", "qr_own", "qr_static"),
                undoes_original=True,
                postings=(Line("issuer_clearing", -1), Line("merchant_payable", 1)),
            ),
            Kind(
                row=CATALOGUE["qr_refund"],
                action="refund",
                find_original=in_the_shop("qr_sale", "qr_own", "qr_static", sum="part"),
                limit_fen=_refund_limit_fen,
                adjusts=-1,
                postings=(Line("issuer_clearing", -1), Line("merchant_payable", 1)),
            ),
            Kind(row=CATALOGUE["preauth"], action="preauth", asks_pin=True),
            Kind(
                row=CATALOGUE["preauth_cancel"],
                action="preauth_cancel",
                find_original=in_the_shop("preauth", sum="whole", days=_held_days),
                undoes_original=True,
            ),
            Kind(
                row=CATALOGUE["completion"],
                action="completion",
                find_original=in_the_shop("preauth", sum="share", percent=_share_percent, days=_held_days),
                undoes_original=True,
                postings=(Line("issuer_clearing", 1), Line("merchant_payable", -1)),
            ),
            Kind(
                row=CATALOGUE["completion_notice"],
                action="completion",
                find_original=in_the_shop("preauth", sum="share", percent=_share_percent, days=_held_days),
                undoes_original=True,
                postings=(Line("issuer_clearing", 1), Line("merchant_payable", -1)),
            ),
            Kind(
                row=CATALOGUE["completion_void"],
                action="completion_void",
                find_original=same_batch_by_trace("completion"),
                undoes_original=True,
                postings=(Line("issuer_clearing", -1), Line("merchant_payable", 1)),
            ),
            Kind(
                row=CATALOGUE["preauth_increment"],
                action="preauth",
                find_original=in_the_shop("preauth", sum="any", days=_held_days),
                adjusts=1,
            ),
        )
    }
)
"""Every payment of the catalogue has its row; a test compares the two."""
