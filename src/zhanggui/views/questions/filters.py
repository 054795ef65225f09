"""The kinds of filter that a list may have: each reads text, writes it back in one way, and says what it asks of the rows.

    text (address, REST parameter, CLI option) ── read ─▶ value ── write ─▶ the one text of that value
                                                            └──── conditions ─▶ what the store is asked (`store/lists/asked.py`)

A filter is a row of its list's table; a list has those of its view and no others, and whoever shows the list offers those.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import get_args, get_type_hints

import msgspec

from ...basics.money import format_yuan, parse_yuan
from ...basics.numbers import UnixMs
from ...basics.visible import is_visible
from ...basics.words import Lang
from ...store.lists.asked import Cell, Condition, Ends, Holds, Is, Within
from .shops import Shops
from .wrong import AskedWrong

Value = str | int | tuple[str, ...]
"""What a filter was given, read: text, a number (fen, an instant), or several words."""
TEXT_MAX = 64
"""Characters of a word that a list is filtered by."""
VALUES_MAX = 50
"""Words of one filter at most."""


@dataclass(frozen=True, slots=True)
class Asking:
    """When is asked, and when the days of the shop that is asked about begin: `today` follows from both."""

    now: UnixMs
    starts_hour: int = 0


@dataclass(frozen=True, slots=True)
class Guess:
    """What a text in the search box may be: this value of a filter, the likelier the smaller `rank`."""

    text: str
    rank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One filter of one list. `name` stands in addresses, parameters and options; its words are `filter.name` in `words.toml`."""

    name: str
    read: Callable[[str, Asking], Value]
    """Raises AskedWrong."""
    conditions: Callable[[Value, Shops], tuple[Condition, ...]]
    write: Callable[[Value], str] = str
    said: Callable[[Value, Lang], str] | None = None
    """The value as a person reads it; None: as it is written."""
    choices: tuple[str, ...] = ()
    """All that it may be, where that is a few words."""
    is_personal: bool = False
    """Its values may be names of people: they stand in no note."""
    guess: Callable[[str], Guess | None] = field(default=lambda text: None)
    """What a text of the search box would be here; None: nothing."""

    def say(self, value: Value, lang: Lang) -> str:
        """The value as a person reads it."""
        return self.write(value) if self.said is None else self.said(value, lang)


def digits(name: str, column: str, width: int, *, rank: int = 1, fills: bool = True) -> Filter:
    """A number of fixed width, such as a trace number; a shorter one is filled with zeros, unless every digit of it counts."""

    def read(text: str, asking: Asking) -> Value:
        if not _is_digits(text) or len(text) > width or (not fills and len(text) < width):
            raise AskedWrong(name, "digits", digits=str(width))
        return text.zfill(width)

    def guess(text: str) -> Guess | None:
        if not _is_digits(text) or len(text) > width or (not fills and len(text) < width):
            return None
        return Guess(text.zfill(width), rank if len(text) == width else rank + 3)

    return Filter(name=name, read=read, conditions=_equal(column), guess=guess)


def count(name: str, column: str, *, rank: int = 4) -> Filter:
    """A number that only grows, such as a record's."""

    def read(text: str, asking: Asking) -> Value:
        if not _is_digits(text) or len(text) > 15:
            raise AskedWrong(name, "count")
        return int(text)

    def guess(text: str) -> Guess | None:
        return Guess(str(int(text)), rank) if _is_digits(text) and len(text) <= 9 else None

    return Filter(name=name, read=read, conditions=_equal(column), guess=guess)


def word(name: str, column: str, *, pattern: str = r".+", rank: int = 0, is_guessed: bool = False) -> Filter:
    """A word that the rows have exactly so. `pattern`: how such a word looks, for the search box."""
    looks = re.compile(pattern)

    def read(text: str, asking: Asking) -> Value:
        return _plain_text(name, text)

    def guess(text: str) -> Guess | None:
        return Guess(text, rank) if is_guessed and looks.fullmatch(text) else None

    return Filter(name=name, read=read, conditions=_equal(column), guess=guess)


def terminal() -> Filter:
    """A terminal by its number."""
    return word("terminal", "terminal_no", pattern=r"[0-9A-Za-z]{8}", is_guessed=True, rank=1)


def part(name: str, column: str, *, rank: int = 8) -> Filter:
    """Text that the rows hold somewhere."""

    def read(text: str, asking: Asking) -> Value:
        return _plain_text(name, text)

    def guess(text: str) -> Guess | None:
        return Guess(text, rank) if not _is_digits(text) and len(text) <= TEXT_MAX and is_visible(text) else None

    return Filter(
        name=name,
        read=read,
        conditions=lambda value, shops: (Holds(column, str(value)),),
        is_personal=True,
        guess=guess,
    )


def choice(
    name: str,
    column: str,
    words: Sequence[str],
    said: Callable[[str, Lang], str] | None = None,
    *,
    kept: Mapping[str, Cell] | None = None,
) -> Filter:
    """One or several of a few words, with commas between them. `kept`: what the rows have instead of a word."""
    in_rows = kept or {}

    def read(text: str, asking: Asking) -> Value:
        asked = {one.strip() for one in text.split(",")}
        if not asked <= set(words):
            raise AskedWrong(name, "choice", choices=", ".join(words))
        return tuple(one for one in words if one in asked)

    def conditions(value: Value, shops: Shops) -> tuple[Condition, ...]:
        return (Is(column, tuple(in_rows.get(one, one) for one in _several(value))),)

    def say(value: Value, lang: Lang) -> str:
        return "、".join(_said_word(one, lang) for one in _several(value))

    def _said_word(one: str, lang: Lang) -> str:
        return one if said is None else said(one, lang)

    return Filter(
        name=name,
        read=read,
        conditions=conditions,
        write=lambda value: ",".join(_several(value)),
        said=say,
        choices=tuple(words),
    )


def said_in(record: type[msgspec.Struct], name: str) -> tuple[str, ...]:
    """The words that a field of a record may have, as its type names them.

    >>> from zhanggui.acquirer.rows.records import SupportCase
    >>> said_in(SupportCase, "state")
    ('open', 'closed')
    """
    return tuple(one for one in get_args(get_type_hints(record)[name]) if one)


def yes_no(name: str, yes: tuple[Condition, ...], no: tuple[Condition, ...]) -> Filter:
    """Whether something holds of the rows."""

    def read(text: str, asking: Asking) -> Value:
        if text not in ("yes", "no"):
            raise AskedWrong(name, "choice", choices="yes, no")
        return text

    return Filter(
        name=name,
        read=read,
        conditions=lambda value, shops: yes if value == "yes" else no,
        choices=("yes", "no"),
    )


def shop(column: str = "merchant_no") -> Filter:
    """The shops by their numbers, with commas between them."""

    def read(text: str, asking: Asking) -> Value:
        asked = tuple(sorted({one.strip() for one in text.split(",")}))
        if len(asked) > VALUES_MAX or not all(_SHOP_OR_ALL.fullmatch(one) for one in asked):
            raise AskedWrong("shop", "shop")
        return asked

    return Filter(
        name="shop",
        read=read,
        conditions=lambda value, shops: (Is(column, _several(value)),),
        write=lambda value: ",".join(_several(value)),
        guess=lambda text: Guess(text, 0) if _SHOP_NO.fullmatch(text) else None,
    )


def amounts(column: str = "amount_fen") -> tuple[Filter, Filter, Filter]:
    """An amount in yuan, and bounds of it."""

    def fen_of(name: str) -> Callable[[str, Asking], Value]:
        def read(text: str, asking: Asking) -> Value:
            try:
                return parse_yuan(text)
            except ValueError:
                raise AskedWrong(name, "amount") from None

        return read

    def bound(name: str, conditions: Callable[[int], Condition], guess: Callable[[str], Guess | None]) -> Filter:
        return Filter(
            name=name,
            read=fen_of(name),
            conditions=lambda value, shops: (conditions(int(str(value))),),
            write=_yuan,
            said=lambda value, lang: f"¥{format_yuan(int(str(value)))}",
            guess=guess,
        )

    return (
        bound("amount", lambda fen: Is(column, (fen,)), _guess_amount),
        bound("amount_from", lambda fen: Within(column, fen, None), lambda text: None),
        bound("amount_to", lambda fen: Within(column, None, fen + 1), lambda text: None),
    )


def card_tail(column: str = "masked_pan") -> Filter:
    """The last four digits of a card; a whole number is not asked for, and not taken."""

    def read(text: str, asking: Asking) -> Value:
        if not _TAIL.fullmatch(text):
            raise AskedWrong("card", "card")
        return text

    def guess(text: str) -> Guess | None:
        masked = _MASKED.fullmatch(text)
        if masked is not None:
            return Guess(masked[1], 0)
        return Guess(text, 1) if _TAIL.fullmatch(text) else None

    return Filter(
        name="card",
        read=read,
        conditions=lambda value, shops: (Ends(column, str(value)),),
        said=lambda value, lang: f"*{value}",
        guess=guess,
    )


_TAIL = re.compile(r"\d{4}", re.ASCII)
_MASKED = re.compile(r"(?:尾号|\d{0,10}\*+)\s?(\d{4})", re.ASCII)
_SHOP_NO = re.compile(r"[0-9A-Za-z]{15}", re.ASCII)
_SHOP_OR_ALL = re.compile(r"[0-9A-Za-z]{15}|\*", re.ASCII)
"""`*`: what belongs to no shop, such as a note about one of the acquirer's own people."""
_MONEY = re.compile(r"[¥￥]\s?[\d,]+(?:\.\d{1,2})?|[\d,]+\.\d{1,2}|[\d,]+(?:\.\d{1,2})?\s?元", re.ASCII)
_WHOLE_YUAN_DIGITS_MAX = 7


def _guess_amount(text: str) -> Guess | None:
    is_whole = _is_digits(text) and len(text) <= _WHOLE_YUAN_DIGITS_MAX
    if not is_whole and not _MONEY.fullmatch(text):
        return None
    try:
        return Guess(_yuan(parse_yuan(text.removesuffix("元").replace(" ", ""))), 5 if is_whole else 0)
    except ValueError:
        return None


def _yuan(value: Value) -> str:
    return format_yuan(int(str(value))).replace(",", "")


def _equal(column: str) -> Callable[[Value, Shops], tuple[Condition, ...]]:
    return lambda value, shops: (Is(column, (value if isinstance(value, int) else str(value),)),)


def _several(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (str(value),)


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _plain_text(name: str, text: str) -> str:
    if len(text) > TEXT_MAX or not is_visible(text):
        raise AskedWrong(name, "text", most=str(TEXT_MAX))
    return text
