"""Shops whose sign-in code an earlier version kept in clear: found at each start, which must be quick."""

from ..basics.numbers import MerchantNo
from ..edges.sqlite import open_reader
from .open import open_queries
from .targets import SqliteTarget, parse_target

_PLAIN = "SELECT merchant_no FROM merchants WHERE shift_code <> '' AND shift_code NOT LIKE '%sealed:%'"


def shops_with_plain_codes(target: str) -> list[MerchantNo]:
    """Their numbers; the database must be at the newest version."""
    where = parse_target(target)
    if isinstance(where, SqliteTarget):
        # Without the library that lists are made by, which takes a fifth of a second to load.
        connection = open_reader(where.path)
        try:
            return [MerchantNo(number) for (number,) in connection.execute(_PLAIN)]
        finally:
            connection.close()
    with open_queries(target) as queries:
        return [shop.merchant_no for shop in queries.list_merchants() if shop.shift_code.isdigit()]
