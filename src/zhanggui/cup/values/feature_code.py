"""The feature code of an electronic signature (特征码): it stands in the picture, so that a signature belongs to one payment.

Sixteen figures (settlement date MMDD, `0000` where none was given, and the reference number) as two halves, one over the other by
exclusive or, digit by digit. Source: domain reference §4.8 [NL].
"""

NO_DATE = "0000"
HALF = 8


def feature_code(rrn: str, settle_date: str = "") -> str:
    """Eight hexadecimal digits; empty where the reference number is no number of twelve digits.

    >>> feature_code("000004002761", "0824")
    '0C242761'
    """
    digits = (settle_date or NO_DATE) + rrn
    if len(digits) != 2 * HALF or not (digits.isascii() and digits.isdigit()):
        return ""
    return "".join(f"{int(high) ^ int(low):X}" for high, low in zip(digits[:HALF], digits[HALF:], strict=True))
