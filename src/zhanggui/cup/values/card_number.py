"""Card numbers that a person types: how long they are, and the check digit that finds a slip of the finger (Luhn, ISO/IEC 7812-1)."""

CARD_DIGITS_MIN, CARD_DIGITS_MAX = 12, 19


def has_check_digit(number: str) -> bool:
    """Whether the last digit is right: then no single digit is wrong, and hardly two neighbours are swapped.

    >>> has_check_digit("6217000000000000012"), has_check_digit("6217000000000000021"), has_check_digit("")
    (True, False, False)
    """
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number))]
    return bool(doubled) and sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
