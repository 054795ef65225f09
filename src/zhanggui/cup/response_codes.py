"""Response codes (应答码, field 39) with meaning and class, from `response_codes.toml`."""

from typing import Literal

from ..basics.words import Word, load_rows

CodeClass = Literal["A", "B", "C", "D", "E"]


class ResponseCode(Word, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"class_": "class"}):
    """One code: its action class and its short words."""

    class_: CodeClass


RESPONSE_CODES = load_rows(__package__, "response_codes.toml", ResponseCode)
UNKNOWN = ResponseCode(class_="C", zh="交易失败", en="Transaction failed")
"""What an unknown code means to a terminal (domain reference §6)."""

APPROVED = frozenset({"00", "11", "A2", "A4", "A5", "A6"})
"""The payment stands, with the amount that was asked for (domain reference §6, [NL])."""
PARTLY_APPROVED = "10"
"""Approved for less than was asked; nobody here asks for it (60.6 is not sent), so the host undoes it."""
REVERSAL_DONE = frozenset({"00", "12", "25"})
"""Answers to a reversal that all mean: the payment is undone (domain reference §4.4)."""


def words_of(code: str, lang: str) -> str:
    """The short words of a code in `zh` or `en`."""
    return RESPONSE_CODES.get(code, UNKNOWN).of(lang)
