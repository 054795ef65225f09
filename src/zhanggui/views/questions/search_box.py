"""The one search box: what a text may be (an amount, a card's tail, a voucher, an RRN, an operator …), as questions to the list.

A number alone can be several things: `0012` is the tail of a card, and `12` an operator, a trace number or an amount. So the answer is
all of them, the likeliest first; with one answer a page goes there at once, with several it offers each.
"""

from typing import Any

import msgspec

from ...basics.words import Lang
from ...cup.values.card_number import CARD_DIGITS_MAX, has_check_digit
from .asked_list import AskedList
from .filters import TEXT_MAX
from .wrong import filter_name

TAIL_DIGITS = 4
CARD_DIGITS = range(16, CARD_DIGITS_MAX + 1)
"""Digits of a whole card number; shorter ones could be a merchant's number or a reference."""


class Candidate(msgspec.Struct, frozen=True):
    """One thing that the text may be: `filter` of the list with this text."""

    filter: str
    text: str

    def say(self, lang: Lang) -> str:
        """As a person is offered it."""
        return f"{filter_name(self.filter, lang)} {self.text}"


def candidates(asked_list: AskedList[Any], text: str) -> tuple[Candidate, ...]:
    """What the text may be in this list, the likeliest first; none where the list has nothing of the kind."""
    plain = text.strip()
    digits = plain.replace(" ", "")
    if _is_card(digits):
        # A whole number goes into no address and no log: its tail finds the same payments.
        plain = digits[-TAIL_DIGITS:]
        return tuple(Candidate(one.name, plain) for one in asked_list.filters if one.name == "card")
    if not plain or len(plain) > TEXT_MAX:
        return ()
    guesses = [(one, guess) for one in asked_list.filters if (guess := one.guess(plain)) is not None]
    return tuple(Candidate(one.name, guess.text) for one, guess in sorted(guesses, key=lambda pair: pair[1].rank))


def _is_card(digits: str) -> bool:
    return digits.isascii() and digits.isdigit() and len(digits) in CARD_DIGITS and has_check_digit(digits)
