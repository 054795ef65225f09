"""Which operator passwords are too simple. Pure; the vault asks it where a new password is opened, and nowhere else.

Source: operators reference C.3 (same digit, runs, years, the number itself) and OWASP ASVS 5.0, 6.2.4 and 6.2.11.
"""

from itertools import pairwise
from typing import Literal

COMMON = frozenset(
    {"0000", "1111", "1234", "4321", "2580", "1212", "6969", "5201", "1314", "5200", "8888", "6666"}
    | {"123456", "654321", "112233", "121212", "123123", "111222", "520520", "521521", "159357", "147258", "168168"}
    | {"888888", "666666", "000000", "5201314", "1314520", "12345678", "87654321", "11223344", "12341234", "13145200"}
)
"""Digit passwords that stand on top of public lists, and those that Chinese speakers choose for their sound."""
YEARS = range(1940, 2040)
REPEATED_DIGITS_MAX = 3

NewPasswordFault = Literal["too_short", "too_long", "banned", "reused", "same", "unreadable"]


def is_simple(digits: str, operator_no: str) -> bool:
    """Tell whether a password is one that others try first.

    >>> is_simple("777777", "01"), is_simple("345678", "01"), is_simple("198806", "01"), is_simple("830274", "01")
    (True, True, True, False)
    """
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(digits)}
    return (
        digits in COMMON
        or (len(steps) == 1 and next(iter(steps)) in (0, 1, 9))
        or _repeats_a_part(digits)
        or _is_date(digits)
        or set(digits) == set(operator_no)
    )


def _repeats_a_part(digits: str) -> bool:
    """0101 01, 123123, 9090: a part of at most three digits, over and over."""
    return any(
        len(digits) % size == 0 and digits == digits[:size] * (len(digits) // size)
        for size in range(1, REPEATED_DIGITS_MAX + 1)
        if size < len(digits)
    )


def _is_date(digits: str) -> bool:
    """YYYY, YYYYMM, MMDD, YYMMDD, YYYYMMDD."""
    if len(digits) == 4:
        return int(digits) in YEARS or _is_day(digits)
    if len(digits) == 6:
        return (int(digits[:4]) in YEARS and 1 <= int(digits[4:]) <= 12) or _is_day(digits[2:])
    return len(digits) == 8 and int(digits[:4]) in YEARS and _is_day(digits[4:])


def _is_day(month_and_day: str) -> bool:
    return 1 <= int(month_and_day[:2]) <= 12 and 1 <= int(month_and_day[2:]) <= 31
