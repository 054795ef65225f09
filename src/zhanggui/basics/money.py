"""Money is an integer number of fen (分), 100 to the yuan; never a float, never a Decimal in flight."""

from typing import NewType

Fen = NewType("Fen", int)

AMOUNT_FEN_MAX = 999_999_999_999
"""Field 4 holds twelve digits of minor units."""

YUAN_DIGITS_AFTER_POINT = 2


def format_yuan(amount_fen: int) -> str:
    """Write fen as yuan with separators.

    >>> format_yuan(123456), format_yuan(-5)
    ('1,234.56', '-0.05')
    """
    sign = "-" if amount_fen < 0 else ""
    yuan, fen = divmod(abs(amount_fen), 100)
    return f"{sign}{yuan:,}.{fen:02d}"


def parse_yuan(text: str) -> Fen:
    """Read what a person writes (`12`, `12.5`, `1,234.56`, `¥12.50`) into fen.

    Raises ValueError when the text is no amount, has more than two decimals or does not fit field 4.

    >>> parse_yuan("1,234.5")
    123450
    """
    cleaned = text.strip().lstrip("¥￥").replace(",", "")
    whole, point, fraction = cleaned.partition(".")
    digits = whole + fraction
    if not (digits.isascii() and digits.isdigit()) or not whole:
        raise ValueError("an amount is digits with at most one point, like 12.50")
    if point and not 1 <= len(fraction) <= YUAN_DIGITS_AFTER_POINT:
        raise ValueError("an amount has one or two digits after the point, like 12.50")
    amount_fen = int(whole) * 100 + int((fraction or "0").ljust(2, "0"))
    if amount_fen > AMOUNT_FEN_MAX:
        raise ValueError("an amount has at most ten digits of yuan")
    return Fen(amount_fen)
