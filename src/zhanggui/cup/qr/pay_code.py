"""A customer's payment code (付款码): whose it is, by length and prefix. Rows and sources stand in `pay_codes.toml`.

It goes by no card's rules: a UnionPay code looks like a card number of 62, and has neither an issuer's range nor a check digit.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

from ...basics.errors import Defect
from ...basics.secret import PAY_CODE_DIGITS_MAX, PayCode
from ...basics.words import Word, load_rows

Road = Literal["bank", "wallet"]


class Brand(Word, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose codes look so."""

    name: str = ""
    digits: tuple[int, int]
    """Fewest and most."""
    prefixes: tuple[str, ...]
    road: Road
    """Who is asked: the card network, or the wallet."""

    def length_of_prefix(self, digits: str) -> int:
        """How much of a code this brand's longest fitting prefix is; 0 where it is none of this brand."""
        fewest, most = self.digits
        if not fewest <= len(digits) <= most:
            return 0
        return max((len(prefix) for prefix in self.prefixes if digits.startswith(prefix)), default=0)


def _load() -> Mapping[str, Brand]:
    rows = load_rows(__package__, "pay_codes.toml", Brand)
    for name, row in rows.items():
        fewest, most = row.digits
        fits = 0 < fewest <= most <= PAY_CODE_DIGITS_MAX and row.prefixes and all(map(str.isdigit, row.prefixes))
        if not fits:
            raise Defect(f"pay_codes.toml, '{name}': digits are fewest and most, and prefixes are digits")
    return {name: msgspec.structs.replace(row, name=name) for name, row in rows.items()}


BRANDS = _load()


def brand_of(text: str) -> Brand | None:
    """Whose payment code this is; None when it is none.

    >>> [brand.name for text in ("134567890123456789", "2812345678901234", "6212345678901234567") if (brand := brand_of(text))]
    ['wechat', 'alipay', 'unionpay']
    >>> brand_of("https://example.org"), brand_of("621234567890123456")
    (None, None)
    """
    if not (text.isascii() and text.isdigit()):
        return None
    fits = {name: length for name, brand in BRANDS.items() if (length := brand.length_of_prefix(text))}
    return BRANDS[max(fits, key=fits.__getitem__)] if fits else None


def read_pay_code(text: str) -> tuple[Brand, PayCode] | None:
    """What a scanner read, as a code that shows itself to nobody; None when it is no payment code."""
    brand = brand_of(text)
    return (brand, PayCode(text)) if brand is not None else None
