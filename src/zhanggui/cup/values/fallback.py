"""Fallback (降级): the stripe of a chip card is taken because its chip could not be read. Source: domain reference §2.2 and §3 [CJ].

    22 begins 02, 60.4 = 5 (the terminal reads chips), and 60.5
        1   what was read before was no chip, or a chip that answered
        2   what was read before was a chip that did not answer
    60.5 = 0 beside a stripe that says it has a chip (service code 2xx, 6xx): the same, and the terminal does not say so

A terminal that reads no chips at all (60.4 = 2) swipes chip cards as a matter of course: that is no fallback.
"""

from .entry_mode import FALLBACK, SWIPED

READS_CHIPS = "5"
"""60.4 of a terminal that reads chips."""
CHIP_FAILED = READS_CHIPS + "2"
"""60.4 and 60.5 of our terminals' fallback: they take a stripe only where the slot for chips has just got no answer."""
TOLD = frozenset({READS_CHIPS + "1", CHIP_FAILED})
CHIP_SERVICE_CODES = ("2", "6")
"""First digit of the service code on a stripe whose card also has a chip (ISO/IEC 7813)."""
EXPIRY_DIGITS = 4
"""They stand between the separator of track 2 and the service code."""


def has_chip(service_code: str) -> bool:
    """Whether a stripe says that its card has a chip too.

    >>> has_chip("220"), has_chip("120")
    (True, False)
    """
    return service_code.startswith(CHIP_SERVICE_CODES)


def is_fallback(entry_mode: str, reading: str, track2: str) -> bool:
    """Whether a payment is one. `reading`: 60.4 and 60.5 as they stand; `track2`: with `=`, empty where none was sent.

    >>> is_fallback("021", "52", ""), is_fallback("021", "50", "6217=4912220"), is_fallback("021", "50", "6217=4912120")
    (True, True, False)
    >>> is_fallback("021", "20", "6217=4912220"), is_fallback("051", "52", "")
    (False, False)
    """
    if entry_mode[:2] != SWIPED or not reading.startswith(READS_CHIPS):
        return False
    return reading in TOLD or has_chip(track2.partition("=")[2][EXPIRY_DIGITS:])


def kept_mode(entry_mode: str, *, fallback: bool) -> str:
    """How a payment's entry mode is kept and shown: a fallback's begins 80.

    >>> kept_mode("021", fallback=True), kept_mode("051", fallback=False)
    ('801', '051')
    """
    return FALLBACK + entry_mode[2:] if fallback else entry_mode


def sent_mode(kept: str) -> str:
    """Field 22 of a payment that was kept.

    >>> sent_mode("801"), sent_mode("051")
    ('021', '051')
    """
    return SWIPED + kept[2:] if kept.startswith(FALLBACK) else kept
