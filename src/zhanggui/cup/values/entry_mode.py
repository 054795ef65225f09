"""How a card came to the terminal: the first two digits of field 22 (domain reference §2.2)."""

from ...basics.words import Word

KEYED, SWIPED, SCANNED, INSERTED, TAPPED = "01", "02", "03", "05", "07"
TAPS = frozenset({TAPPED, "91", "98"})
"""Contactless chip, and the two variants of a contactless stripe, which terminals of other makes send."""
WAYS = {
    KEYED: Word(zh="手工输入", en="keyed"),
    SWIPED: Word(zh="刷卡", en="swiped"),
    SCANNED: Word(zh="扫码", en="scanned code"),
    INSERTED: Word(zh="插卡", en="inserted"),
    **dict.fromkeys(TAPS, Word(zh="挥卡", en="tapped")),
}


def is_keyed(entry_mode: str) -> bool:
    """Whether somebody typed the card's number."""
    return entry_mode[:2] == KEYED


def is_tap(entry_mode: str) -> bool:
    """Whether the card was held to the reader.

    >>> [is_tap(mode) for mode in ("072", "912", "982", "052", "")]
    [True, True, True, False, False]
    """
    return entry_mode[:2] in TAPS
