"""Response codes (应答码, field 39) from `response_codes.toml`: their words, their class, and what they mean for the money.

    stands        the payment stands, with the amount that was asked for
    stands_not    it does not, and whoever answers so has posted nothing
    unknown       neither is said: a code that is in no table, or one that approves something else than was asked

Host and terminal, the line to the bank, the rule which answers carry a MAC, and reversals all ask here and nowhere else: two
readings of one code would leave the money at one end. What is unknown is no answer at all: the payment is undone.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from ..basics.words import Word, check_pair, load_rows

CodeClass = Literal["A", "B", "C", "D", "E"]
Meaning = Literal["stands", "stands_not", "unknown"]
"""What an answer says about the payment."""


class ByCode(Word, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a code says where a customer's payment code stood in the place of a card."""

    cashier: str = ""
    """The step at the terminal, where it is not the one in the place of the row's."""
    shown: bool = False
    """True: only where a code was shown, and not of what is about an earlier payment."""


class ResponseCode(Word, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"class_": "class"}):
    """One code: its action class, its short words, and the names of the next steps at the terminal and behind it."""

    class_: CodeClass
    cashier: str
    support: str
    by_code: ByCode | None = None
    by_our_code: ByCode | None = None
    """The same where the shop showed a code, and a customer's phone was to pay it."""


RESPONSE_CODES = load_rows(__package__, "response_codes.toml", ResponseCode)
for _code, _row in RESPONSE_CODES.items():
    if _row.by_code is not None:
        check_pair("response_codes.toml", f"{_code}.by_code", _row.by_code.zh, _row.by_code.en)
    if _row.by_our_code is not None:
        check_pair("response_codes.toml", f"{_code}.by_our_code", _row.by_our_code.zh, _row.by_our_code.en)
UNKNOWN = ResponseCode(
    class_="C", zh="交易失败", en="Transaction failed", cashier="look_up_then_again", support="check_bank_line"
)
"""What an unknown code means to a terminal (domain reference §6)."""

PARTLY_APPROVED = "10"
"""Approved for less than was asked; nobody here asks for it (60.6 is not sent), so it is undone."""
_STANDS = frozenset({"00", "11", "A2", "A4", "A5", "A6"})
"""11 (VIP) and the success set of [NL] (domain reference §6). 10 and A1 approve too, but not what was asked."""
_UNDONE = frozenset({"00", "12", "25"})
"""Answers to a reversal that all mean: the payment is undone (domain reference §4.4)."""


def _meaning(code: str, row: ResponseCode) -> Meaning:
    if code in _STANDS:
        return "stands"
    return "unknown" if row.class_ == "A" else "stands_not"


_MEANINGS: Mapping[str, Meaning] = MappingProxyType({code: _meaning(code, row) for code, row in RESPONSE_CODES.items()})
_UNDOINGS: Mapping[str, Meaning] = MappingProxyType(
    {code: "stands" if code in _UNDONE else "stands_not" for code in RESPONSE_CODES}
)


_NEVER_KEPT = frozenset({"12", "14", "25", "30", "40", "64", "94"})
"""Refusals of a notice or an upload that say the same at each try: no such card or payment, another one of it, not read, not taken."""
_NOTICES: Mapping[str, Meaning] = MappingProxyType(
    {**dict.fromkeys(_STANDS, "stands"), **dict.fromkeys(_NEVER_KEPT, "stands_not")}
)
PART_MISSING = "22"
"""A part of an upload whose earlier ones are not there (any more): they are sent again."""
_NO_PARTS = frozenset({"12", "30", "40"})


def refuses_parts(code: str) -> bool:
    """Whether a host that answers so to the first part takes uploads whole only."""
    return code in _NO_PARTS


_MAY_BE_HELD = frozenset({"68", "96", "98"})
"""No, but because nobody heard the card's bank, or could keep what it said."""


def may_be_held(code: str) -> bool:
    """Whether the card's bank may hold the money for a while although the payment does not stand: then nobody says "not charged"."""
    return code in _MAY_BE_HELD


def means(code: str) -> Meaning:
    """What this answer says about a payment."""
    return _MEANINGS.get(code, "unknown")


def means_for_reversal(code: str) -> Meaning:
    """What this answer says about a reversal: it stands when the payment is undone, whoever undid it."""
    return _UNDOINGS.get(code, "unknown")


def means_for_notice(code: str) -> Meaning:
    """What this answer says about a notice or an upload, which is told until it is answered: it stands when it is kept there.

    "stands_not": it never will be, and is not told again. "unknown", and any other no, is told again later.
    """
    return _NOTICES.get(code, "unknown")
