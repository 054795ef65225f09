"""Numbers in tags: plain digits that fit 64 bits, which every database column has."""

NUMBER_DIGITS_MAX = 18
"""Digits of a number in a tag."""


def write_number(number: int | None) -> str:
    """A number's digits; nothing for None and for 0, where the tag is left out.

    >>> write_number(12), write_number(0), write_number(None)
    ('12', '', '')
    """
    return str(number) if number else ""


def read_number(text: str) -> int | None:
    """The number that a text is; None when it is empty, too long or anything but digits.

    >>> read_number("0012"), read_number("-1"), read_number("")
    (12, None, None)
    """
    return int(text) if len(text) <= NUMBER_DIGITS_MAX and text.isascii() and text.isdigit() else None


def read_numbers(text: str) -> tuple[int | None, ...]:
    """Numbers with commas between them; None in each place that holds none."""
    return tuple(read_number(part) for part in text.split(","))
