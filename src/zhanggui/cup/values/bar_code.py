"""The bar code of a slip: by it a terminal finds the original again, and a merchant copy is ticked off.

reference (12)  month and day (4)  authorisation (6)        22 digits, Code 128 in set C
"""

from typing import NamedTuple

RRN_DIGITS = 12
"""A reference number (参考号, field 37)."""
DATE_DIGITS = 4
"""Month and day (61.3)."""
AUTH_CODE_DIGITS = 6
"""An authorisation code (授权码, field 38)."""
BAR_CODE_DIGITS = RRN_DIGITS + DATE_DIGITS + AUTH_CODE_DIGITS
NO_AUTH_CODE = "0" * AUTH_CODE_DIGITS
"""Of a payment that has none."""


class BarCode(NamedTuple):
    """What a bar code says: `month_day` as `1123`."""

    rrn: str
    month_day: str
    auth_code: str


def write_bar_code(rrn: str, month_day: str, auth_code: str) -> str:
    """The digits; empty where one of the numbers is no number, as other hosts may give.

    >>> write_bar_code("123456789012", "1123", "A1B2C3"), write_bar_code("123456789012", "1123", "")
    ('', '1234567890121123000000')
    """
    code = auth_code or NO_AUTH_CODE
    digits = rrn + month_day + code
    whole = (len(rrn), len(month_day), len(code)) == (RRN_DIGITS, DATE_DIGITS, AUTH_CODE_DIGITS)
    return digits if whole and digits.isascii() and digits.isdigit() else ""


def read_bar_code(text: str) -> BarCode | None:
    """What a scanned text says; None when it is no bar code of a slip. An authorisation of zeros is none.

    >>> read_bar_code("1234567890121123000000")
    BarCode(rrn='123456789012', month_day='1123', auth_code='')
    """
    if len(text) != BAR_CODE_DIGITS or not (text.isascii() and text.isdigit()):
        return None
    auth_code = text[-AUTH_CODE_DIGITS:]
    return BarCode(
        text[:RRN_DIGITS], text[RRN_DIGITS:-AUTH_CODE_DIGITS], "" if auth_code == NO_AUTH_CODE else auth_code
    )
