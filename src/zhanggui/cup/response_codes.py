"""Response codes (应答码, field 39) with meaning and class, from `response_codes.toml`."""

from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import Literal

import msgspec

CodeClass = Literal["A", "B", "C", "D", "E"]


class ResponseCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"class_": "class"}):
    """One code: its action class and its short words."""

    class_: CodeClass
    zh: str
    en: str


def _load() -> Mapping[str, ResponseCode]:
    text = resources.files(__package__).joinpath("response_codes.toml").read_bytes()
    return MappingProxyType(msgspec.toml.decode(text, type=dict[str, ResponseCode]))


RESPONSE_CODES = _load()
UNKNOWN = ResponseCode("C", "交易失败", "Transaction failed")
"""What an unknown code means to a terminal (domain reference §6)."""

APPROVED = frozenset({"00", "11", "A2", "A4", "A5", "A6"})
"""The payment stands, with the amount that was asked for (domain reference §6, [NL])."""
PARTLY_APPROVED = "10"
"""Approved for less than was asked; nobody here asks for it (60.6 is not sent), so the host undoes it."""
REVERSAL_DONE = frozenset({"00", "12", "25"})
"""Answers to a reversal that all mean: the payment is undone (domain reference §4.4)."""


def words_of(code: str, lang: str) -> str:
    """The short words of a code in `zh` or `en`."""
    row = RESPONSE_CODES.get(code, UNKNOWN)
    return row.zh if lang == "zh" else row.en
