"""A first password, made by chance: for a new operator or after a reset. Pure: chance is an argument.

Every digit is as likely as any other, and what others try first is passed over, so nobody starts with 0000 or 123456.
Source: PCI DSS 4.0.1 8.3.5 (unique first secrets); OWASP ASVS 5.0 6.4.6 (whoever resets does not choose).
"""

from zhanggui.basics.chance import Chance
from zhanggui.basics.errors import Defect
from zhanggui.basics.secret import Secret

from .password_rules import is_simple

FAIR_BELOW = 250
"""Bytes from here on are passed over: 250 is a multiple of ten, 256 is not."""
DRAWS_MAX = 1_000
"""Four digits are simple about once in forty draws; this many in a row means that chance is broken."""


def draw_digits(chance: Chance, count: int) -> str:
    """So many digits, each equally likely."""
    digits = ""
    while len(digits) < count:
        digits += "".join(str(byte % 10) for byte in chance.take_secret(count) if byte < FAIR_BELOW)
    return digits[:count]


def draw_password(chance: Chance, count: int, operator_no: str) -> Secret:
    """A password of so many digits that is not simple for this operator.

    >>> from zhanggui.basics.chance import SeededChance
    >>> draw_password(SeededChance(7), 6, "01")
    Secret(••••)
    """
    for _ in range(DRAWS_MAX):
        digits = draw_digits(chance, count)
        if not is_simple(digits, operator_no):
            return Secret(digits)
    raise Defect("chance gives simple passwords only; the random source of this machine is broken")
