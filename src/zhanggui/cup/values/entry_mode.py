"""How a card came to the terminal: the first two digits of field 22 (domain reference §2.2), and what must prove it.

A word alone proves nothing: whoever sends 22 may send any. So each way is a row of `entry_modes.toml` with the fields that come of a
card read so, and a card that is named without them is refused (30), at the host and at the bank. What policy says of a way, that no
number may be typed, say, then can't be got round by another word for it.
"""

from collections.abc import Container, Mapping
from typing import Literal

from ...basics.words import Word, load_rows

KEYED, SWIPED, SCANNED, INSERTED, TAPPED = "01", "02", "03", "05", "07"
FALLBACK = "80"
"""A stripe that was swiped because the chip could not be read (降级). Ours send 02 and say the rest in 60.5, others may send this; slips
and what a host keeps call it by this code (domain reference §2.2 [LKL])."""
Way = Literal["", "keyed", "stripe", "code", "chip", "tap"]


class EntryMode(Word, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row; what its columns mean stands on top of `entry_modes.toml`."""

    way: Way = ""
    proof: tuple[int, ...] = ()
    later: tuple[int, ...] = ()
    never: tuple[int, ...] = ()
    same_as: str = ""


ENTRY_MODES: Mapping[str, EntryMode] = load_rows(__package__, "entry_modes.toml", EntryMode)
_NAMES_A_CARD = (2, 35)
_WAYS = dict(ENTRY_MODES)
"""A plain dict: host and bank look into it several times a payment."""


def why_unproven(
    entry_mode: str, fields: Container[int], *, is_later: bool, is_proven: bool = False
) -> tuple[str, str] | None:
    """What was expected of a message with these fields, and what was found, where the way is unknown, or what stands beside it
    contradicts it or does not prove it; None where it is well.

    `is_later`: it is about an earlier payment. `is_proven`: the card's proof came before, and is not kept to be sent again.

    >>> why_unproven("021", {2, 35}, is_later=False)
    >>> why_unproven("072", {2, 14}, is_later=False)
    ('a card that was tapped, with field 55 or 35', 'neither')
    """
    row = _WAYS.get(entry_mode[:2])
    if row is None:
        return "how the card was read, in the first two digits", "no such way"
    for number in row.never:
        if number in fields:
            return f"a card that was {row.en}, without field {number}", "both"
    proof = row.later if is_later else row.proof
    for number in proof:
        if number in fields:
            return None
    if not proof or is_proven:
        return None
    if any(number in fields for number in _NAMES_A_CARD):
        return f"a card that was {row.en}, with field {' or '.join(map(str, proof))}", "neither"
    return None


def line_mode(entry_mode: str) -> str:
    """Field 22 as it is compared: what says the same by another word, on the line or in a row that was kept, becomes one.

    >>> line_mode("801"), line_mode("902"), line_mode("051"), line_mode("102")
    ('021', '022', '051', '102')
    """
    row = _WAYS.get(entry_mode[:2])
    return row.same_as + entry_mode[2:] if row is not None and row.same_as else entry_mode


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
    row = _WAYS.get(entry_mode[:2])
    return row is not None and row.way == "tap"


def is_stripe(entry_mode: str, *, has_chip_data: bool, is_later: bool = False) -> bool:
    """Whether nothing but a stripe speaks for the card: swiped, or called a tap whose chip said nothing. About an earlier payment a tap
    goes its short way, in which the chip says nothing (domain reference §4.2).

    >>> is_stripe("021", has_chip_data=False), is_stripe("912", has_chip_data=False), is_stripe("072", has_chip_data=True)
    (True, True, False)
    """
    row = _WAYS.get(entry_mode[:2])
    if row is None:
        return False
    return row.way == "stripe" or (row.way == "tap" and not has_chip_data and not is_later)


def is_small_tap(entry_mode: str, amount_fen: int, limit_fen: int, *, has_chip_data: bool) -> bool:
    """Whether it is a tap of a sum within a limit (免密, 免签): terminal, host and bank ask here, each with a limit of its own. The chip
    must have spoken (field 55): a stripe is copied, and a word is free.

    >>> is_small_tap("072", 100_000, 100_000, has_chip_data=True), is_small_tap("072", 1, 100_000, has_chip_data=False)
    (True, False)
    >>> is_small_tap("052", 1, 100_000, has_chip_data=True), is_small_tap("072", 0, 100_000, has_chip_data=True)
    (False, False)
    """
    return has_chip_data and is_tap(entry_mode) and 0 < amount_fen <= limit_fen
