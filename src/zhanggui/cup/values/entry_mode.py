"""How a card came to the terminal: the first two digits of field 22 (domain reference §2.2)."""

from ...basics.words import Word

KEYED, SWIPED, SCANNED, INSERTED, TAPPED = "01", "02", "03", "05", "07"
FALLBACK = "80"
"""A stripe that was swiped because the chip could not be read (降级). On the line it is swiped, and 60.5 says the rest; slips and what a
host keeps call it by this code (domain reference §2.2 [LKL])."""
TAPS = frozenset({TAPPED, "91", "98"})
"""Contactless chip, and the two variants of a contactless stripe, which terminals of other makes send."""
WAYS = {
    KEYED: Word(zh="手工输入", en="keyed"),
    SWIPED: Word(zh="刷卡", en="swiped"),
    FALLBACK: Word(zh="降级刷卡", en="swiped, the chip could not be read"),
    SCANNED: Word(zh="扫码", en="scanned code"),
    INSERTED: Word(zh="插卡", en="inserted"),
    **dict.fromkeys(TAPS, Word(zh="挥卡", en="tapped")),
}


def is_keyed(entry_mode: str) -> bool:
    """Whether somebody typed the card's number."""
    return entry_mode[:2] == KEYED


def is_scanned(entry_mode: str) -> bool:
    """Whether a customer's payment code was read in the place of a card.

    >>> is_scanned("032"), is_scanned("052")
    (True, False)
    """
    return entry_mode[:2] == SCANNED


def is_tap(entry_mode: str) -> bool:
    """Whether the card was held to the reader.

    >>> [is_tap(mode) for mode in ("072", "912", "982", "052", "")]
    [True, True, True, False, False]
    """
    return entry_mode[:2] in TAPS


def is_small_tap(entry_mode: str, amount_fen: int, limit_fen: int) -> bool:
    """Whether it is a tap of a sum within a limit (免密, 免签): terminal, host and bank ask here, each with a limit of its own.

    >>> is_small_tap("072", 100_000, 100_000), is_small_tap("052", 1, 100_000), is_small_tap("072", 0, 100_000)
    (True, False, False)
    """
    return is_tap(entry_mode) and 0 < amount_fen <= limit_fen
