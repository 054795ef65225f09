"""A customer's payment code (付款码): whose it is, by length and prefix. Brands and sources stand in `../brands.toml`.

It goes by no card's rules: a UnionPay code looks like a card number of 62, and has neither an issuer's range nor a check digit.
"""

from ...basics.secret import PayCode
from ..brands import BRANDS, Brand


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
