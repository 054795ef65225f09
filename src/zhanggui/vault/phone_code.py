"""The payment codes of a bank's customers, as a phone makes them without a line: number of the phone, chance, one-time code.

    62 ┊ phone 5 ┊ chance 4 ┊ HOTP 8 over step and chance        19 digits, a new one each time that it is asked for

Bank and phone share a key; what the code says is the bank's own affair, and to everybody else it is a number. Pure.
"""

import hmac

from .one_time_code import hotp

PREFIX = "62"
PHONE_DIGITS, CHANCE_DIGITS, CHECK_DIGITS = 5, 4, 8
CODE_DIGITS = len(PREFIX) + PHONE_DIGITS + CHANCE_DIGITS + CHECK_DIGITS
STEP_S = 10
LIFE_S = 60
"""A code is good for so long after it was made; a little more, by the step that it was made in."""
KNOWN_S = 1_800
"""For so long it is told that it is over; later it is a number like any other."""
AHEAD_STEPS = 1
"""A phone's clock may be a little ahead."""


def phone_code(phone: str, key: bytes, chance: str, now_s: int) -> str:
    """A code of this phone.

    >>> phone_code("00007", b"k" * 16, "1234", 1_795_406_400)[:11]
    '62000071234'
    """
    return f"{PREFIX}{phone}{chance}{_check(key, chance, now_s // STEP_S)}"


def phone_of(code: str) -> str:
    """Which phone a code says that it is of; empty where it is none of these.

    >>> phone_of("6200007123412345678"), phone_of("134567890123456789")
    ('00007', '')
    """
    fits = len(code) == CODE_DIGITS and code.isascii() and code.isdigit() and code.startswith(PREFIX)
    return code[len(PREFIX) : len(PREFIX) + PHONE_DIGITS] if fits else ""


def age_s(code: str, key: bytes, now_s: int) -> int | None:
    """How long ago this phone made a code, to the step; None where it did not, or too long ago to be known."""
    chance, check = code[-CHECK_DIGITS - CHANCE_DIGITS : -CHECK_DIGITS], code[-CHECK_DIGITS:]
    present = now_s // STEP_S
    for steps in range(-AHEAD_STEPS, KNOWN_S // STEP_S + 1):
        if hmac.compare_digest(_check(key, chance, present - steps), check):
            return steps * STEP_S
    return None


def _check(key: bytes, chance: str, step: int) -> str:
    return hotp(key, step * 10**CHANCE_DIGITS + int(chance), CHECK_DIGITS)
