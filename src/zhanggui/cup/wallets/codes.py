"""Every code of every wallet from `codes.toml`: cause, what the cashier and the customer do, and what it says about an order.

    paid       the customer's money has come
    waiting    the customer is asked for something: a password, a face, a tap on the phone
    refused    not paid, and this order never will be
    closed     the order is closed; no money stands
    returned   it was paid, and the money has gone back to the customer
    absent     the wallet knows no such order (yet)
    unclear    the wallet itself does not know; it is asked again
    later      it can't be done at this moment; the same is asked again
    too_late   the time to cancel is over; the money goes back by a refund

An answer names a state of the order where it knows one, a code within a code where a brand has such, and a code; the most exact
of the three counts. A word that stands in no row is `unclear`: an order is never decided by a word that nobody can read.
Names as in the brands' own documents; UnionPay's as its open platform has them, the words for its states are ours.
"""

from collections.abc import Mapping
from typing import Literal

from ...basics.words import Word, load_rows
from ..brands import BRANDS, BrandName

Said = Literal["paid", "waiting", "refused", "closed", "returned", "absent", "unclear", "later", "too_late"]
"""What a wallet's word says about an order."""


class WalletCode(Word, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One code: its words, what it says, and the names of the next steps of cashier and customer (`cup/next_steps.toml`)."""

    says: Said
    cashier: str
    customer: str
    answer: str = ""
    """What a terminal hears of a payment that ends with it (field 39); of words that say `refused`, and of no others."""
    refund_answer: str = ""
    """What a terminal hears of a void or refund that this word ends: the order stands, and nothing of it can go back any more."""
    of_call: bool = False
    """Whether it refuses the call itself, before the wallet looks at what it knows of the order."""


WALLET_CODES: Mapping[str, WalletCode] = load_rows(__package__, "codes.toml", WalletCode)
"""By `brand:code`."""
UNKNOWN_CODE = WalletCode(
    zh="钱包返回了未知的代码",
    en="The wallet answered with a code that is in no table",
    says="unclear",
    cashier="wallet_wait",
    customer="customer_keeps_page",
)


def wallet_code(brand: BrandName, word: str) -> WalletCode:
    """The row of a word; a row that says `unclear` for one that nobody knows.

    >>> wallet_code("wechat", "USERPAYING").says, wallet_code("wechat", "no such word").says
    ('waiting', 'unclear')
    """
    return WALLET_CODES.get(f"{brand}:{word}", UNKNOWN_CODE)


def find_code(word: str) -> tuple[BrandName, str, WalletCode] | None:
    """The brand, word and row of a code that somebody read somewhere, `USERPAYING` or `unionpay:64`; None for nobody's.

    Short codes are found with their brand alone: two digits are also a response code (field 39).
    """
    for brand in BRANDS:
        bare = word.removeprefix(f"{brand}:")
        row = WALLET_CODES.get(f"{brand}:{bare}")
        if row is not None and (bare != word or len(bare) > SHORT):
            return brand, bare, row
    return None


SHORT = 2
"""Characters of a code that may also be a response code."""
