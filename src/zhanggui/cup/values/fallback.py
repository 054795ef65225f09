"""Fallback (降级): the stripe of a chip card is taken because its chip could not be read. Source: domain reference §2.2 and §3 [CJ].

    22 begins 02 (or 90), 60.4 = 5 or 6 (the terminal reads chips), and 60.5
        1   what was read before was no chip, or a chip that answered
        2   what was read before was a chip that did not answer
    60.5 = 0 beside a stripe that says it has a chip (service code 2xx, 6xx): the same, and the terminal does not say so
22 begins 80, which some makers' terminals send: the same, whatever 60 says

On reception all of them become one (`heard`): 22 = 02x, and 60.4 and 60.5 that tell. So 80 has one meaning in what is kept: a stripe,
taken by fallback. A stripe that is called a tap, without a word of the chip, is a fallback too.

A terminal that reads no chips at all (60.4 = 2) swipes chip cards as a matter of course: that is no fallback.
"""

from .entry_mode import FALLBACK, SWIPED, is_stripe, line_mode

READS_CHIPS = ("5", "6")
"""60.4 of a terminal that reads chips; ours send the first, some that take taps too the second (domain reference §3 [LY])."""
CHIP_FAILED = READS_CHIPS[0] + "2"
"""60.4 and 60.5 of our terminals' fallback: they take a stripe only where the slot for chips has just got no answer."""
TOLD = frozenset(reads + said for reads in READS_CHIPS for said in "12")
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


def is_fallback(
    entry_mode: str, reading: str, track2: str, *, has_chip_data: bool = False, is_later: bool = False
) -> bool:
    """Whether a payment is one. `reading`: 60.4 and 60.5 as they stand; `track2`: with `=`, empty where none was sent; `is_later`: it
    is about an earlier payment.

    >>> is_fallback("021", "52", ""), is_fallback("021", "50", "6217=4912220"), is_fallback("021", "50", "6217=4912120")
    (True, True, False)
    >>> is_fallback("021", "20", "6217=4912220"), is_fallback("051", "52", "")
    (False, False)
    """
    is_told = reading in TOLD
    if not is_told and not (reading.startswith(READS_CHIPS) and has_chip(track2.partition("=")[2][EXPIRY_DIGITS:])):
        return False
    return is_stripe(entry_mode, has_chip_data=has_chip_data, is_later=is_later)


def heard(entry_mode: str, reading: str) -> tuple[str, str]:
    """22, and 60.4 with 60.5, of a message as it came, in the words that this house uses.

    >>> heard("801", "50"), heard("902", "52"), heard("071", "50")
    (('021', '52'), ('022', '52'), ('071', '50'))
    """
    return line_mode(entry_mode), CHIP_FAILED if entry_mode.startswith(FALLBACK) else reading


def kept_mode(entry_mode: str, *, fallback: bool) -> str:
    """How a payment's entry mode is kept and shown: a fallback's begins 80. `line_mode` is the way back.

    >>> kept_mode("021", fallback=True), kept_mode("051", fallback=False), kept_mode("912", fallback=True)
    ('801', '051', '912')
    """
    return FALLBACK + entry_mode[2:] if fallback and entry_mode.startswith(SWIPED) else entry_mode
