"""The simulated customers (`customers.toml`); each has a wallet of every brand."""

from collections.abc import Iterator

from ..basics.words import Word, load_rows
from ..cup.brands import BRANDS
from .books import Behaviour, Customer

PASSWORD = "123456"  # noqa: S105  # everybody knows it: the customers are simulated


class CustomerRow(Word, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One customer: the name, and how each wallet of theirs begins."""

    balance_fen: int
    behaviour: Behaviour


CUSTOMERS = load_rows(__package__, "customers.toml", CustomerRow)


def all_customers() -> Iterator[Customer]:
    """Every customer of every brand, as they begin."""
    for brand in BRANDS:
        for number, row in CUSTOMERS.items():
            yield Customer(brand=brand, customer_no=number, balance_fen=row.balance_fen, behaviour=row.behaviour)
