"""Field 54: what an account holds. Source: domain reference §2.2."""

from ...basics.numbers import is_digits
from ...iso8583.message import Message
from ..errors import MessageError
from .head import CURRENCY_YUAN

BALANCE_HEAD = "0002" + CURRENCY_YUAN
"""Field 54 up to its sign: account of any type, amount available (02), yuan."""
BALANCE_DIGITS = 12


def write_balance(balance_fen: int) -> str:
    """Field 54: what an account holds (C), or by how much it is overdrawn (D). Source: domain reference §2.2.

    >>> write_balance(12850), write_balance(-1)
    ('0002156C000000012850', '0002156D000000000001')
    """
    return f"{BALANCE_HEAD}{'D' if balance_fen < 0 else 'C'}{abs(balance_fen):0{BALANCE_DIGITS}d}"


def read_balance(message: Message) -> int | None:
    """What field 54 says that the account holds, in fen; None when it is absent. MessageError when it is something else.

    >>> read_balance(Message("0210", {54: "0002156C000000012850"}))
    12850
    """
    text = message.fields.get(54)
    if type(text) is not str:
        return None
    sign, digits = text[7:8], text[8:20]
    if text[2:7] != BALANCE_HEAD[2:] or sign not in ("C", "D") or not is_digits(digits, BALANCE_DIGITS):
        raise MessageError(54, "an amount available in yuan", "something else")
    return int(digits) if sign == "C" else -int(digits)
