"""Orders in tags: ORDER holds one that the host gives, ORDER_ANSWERS what became of some, ORDERS_TAKEN which answers the host has.

ORDER            number,kind,until,more,text     until: YYYYMMDDhhmmss; more: 1 where others wait behind it; text may be empty
ORDER_ANSWERS    number:state:word,…             state done, refused or expired; the word says more, or is empty
ORDERS_TAKEN     number,…
"""

from collections.abc import Iterable
from typing import Literal

import msgspec

from ...basics.numbers import UnixMs
from .clock import read_clock, write_clock
from .numbers import read_number

AnswerState = Literal["done", "refused", "expired"]
_STATES: dict[str, AnswerState] = {"done": "done", "refused": "refused", "expired": "expired"}
ANSWERS_MAX = 4
"""Answers in one heartbeat; the others come with the next."""
WORD_MAX = 40
"""Characters of an answer's word that are kept."""


class OrderSheet(msgspec.Struct, frozen=True, kw_only=True):
    """An order as its terminal gets it."""

    number: int
    """It only grows from order to order of one terminal."""
    kind: str
    """A row of `../order_kinds.toml`, or one that only the other side knows."""
    until_ms: int
    """Host time from which on it is not carried out any more."""
    contents: str = ""
    more: bool = False
    """Whether others wait behind it."""


class OrderAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an order at its terminal."""

    number: int
    state: AnswerState
    word: str = ""
    """A reason word, where the state does not say it all."""


def write_order(sheet: OrderSheet | None) -> str:
    """The text of tag ORDER; empty for None.

    >>> write_order(OrderSheet(number=7, kind="announcement", until_ms=1_795_406_400_000, contents="盘点, 22:00"))
    '7,announcement,20261123120000,0,盘点, 22:00'
    """
    if sheet is None:
        return ""
    until = write_clock(UnixMs(sheet.until_ms))
    return ",".join((str(sheet.number), sheet.kind, until, str(int(sheet.more)), sheet.contents))


def read_order(text: str) -> OrderSheet | None:
    """Read tag ORDER; None when it is none, or none that can be read.

    >>> read_order("7,announcement,20261123120000,1,盘点, 22:00").contents
    '盘点, 22:00'
    >>> read_order("7,remote_lock,soon,0,") is None
    True
    """
    parts = text.split(",", 4)
    if len(parts) < 5:
        return None
    number, until = read_number(parts[0]), read_clock(parts[2])
    if not number or until is None:
        return None
    return OrderSheet(number=number, kind=parts[1], until_ms=until, more=parts[3] == "1", contents=parts[4])


def write_answers(answers: Iterable[OrderAnswer]) -> str:
    """The text of tag ORDER_ANSWERS.

    >>> write_answers([OrderAnswer(number=7, state="done"), OrderAnswer(number=8, state="refused", word="unknown_kind")])
    '7:done:,8:refused:unknown_kind'
    """
    return ",".join(f"{answer.number}:{answer.state}:{answer.word}" for answer in answers)


def read_answers(text: str) -> tuple[OrderAnswer, ...]:
    """Read tag ORDER_ANSWERS, ANSWERS_MAX at most; what is no answer is passed over.

    >>> read_answers("7:done:,x:done:,8:gone:")
    (OrderAnswer(number=7, state='done', word=''),)
    """
    return tuple(answer for part in text.split(",")[:ANSWERS_MAX] if (answer := _read_answer(part)) is not None)


def _read_answer(part: str) -> OrderAnswer | None:
    number, _, rest = part.partition(":")
    state, _, word = rest.partition(":")
    known, which = _STATES.get(state), read_number(number)
    if known is None or not which:
        return None
    return OrderAnswer(number=which, state=known, word=word[:WORD_MAX])


def write_taken(taken: Iterable[int]) -> str:
    """The text of tag ORDERS_TAKEN."""
    return ",".join(map(str, taken))


def read_taken(text: str) -> tuple[int, ...]:
    """Read tag ORDERS_TAKEN.

    >>> read_taken("7,,8"), read_taken("")
    ((7, 8), ())
    """
    return tuple(number for part in text.split(",") if (number := read_number(part)))
