"""The bar code of a slip: by it a terminal finds the original again (`payment/steps/original.py` reads it), and a slip is ticked off.

reference (12)  month and day (4)  authorisation (6)        22 digits, Code 128 in set C
"""

from ..core.kept import UNKNOWN_TRACE
from ..core.policy import AUTH_CODE_DIGITS, BARCODE_DIGITS

DATE_FROM, DATE_TO = 5, 10


def bar_code_digits(rrn: str, host_time: str, auth_code: str) -> str:
    """The digits; empty where one of the numbers is no number, as other hosts may give.

    >>> bar_code_digits("123456789012", "2026-11-23 08:55:03", "A1B2C3"), bar_code_digits("123456789012", "2026-11-23 08:55:03", "")
    ('', '1234567890121123000000')
    """
    code = auth_code or UNKNOWN_TRACE
    digits = rrn + host_time[DATE_FROM:DATE_TO].replace("-", "") + code
    whole = len(digits) == BARCODE_DIGITS and len(code) == AUTH_CODE_DIGITS
    return digits if whole and digits.isascii() and digits.isdigit() else ""
