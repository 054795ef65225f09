"""A timeline (经过): what happened to one thing, in the order of time, each moment with where it was and what was said.

Payments, sign-ins and whatever has a story later are told by the same rows; a page draws them as a line, REST sends them as JSON.
"""

from typing import Literal

import msgspec

from ..basics.numbers import UnixMs
from ..basics.words import Word, load_words
from .listing import iso

Where = Literal["terminal", "host", "bank", "wallet", "ledger", "office"]
Tone = Literal["", "good", "warn", "bad"]
MOMENT_WORDS = load_words(__package__, "moments.toml")
"""What a moment is called, by its word; `where.…` are the places."""


class MessageField(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a message, as the record keeps it: a card is a mask; PIN, tracks, chip data and MAC are never kept."""

    number: int
    name: str
    value: str
    """As it stands on the wire, amounts in fen; in digits that are masked a star stands for each, and … where the record keeps less."""


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened. `at` is None where the record does not say when: then it stands where it must have been."""

    at: str | None
    where: Where
    what: str
    """A word of `moments.toml`."""
    tone: Tone = ""
    zh: str
    en: str
    message: tuple[MessageField, ...] = ()
    link: str = ""
    """What else it leads to, as `kind:key`, where that has a page of its own."""


def moment(
    at: UnixMs | None,
    where: Where,
    what: str,
    *,
    tone: Tone = "",
    said: Word | None = None,
    message: tuple[MessageField, ...] = (),
    link: str = "",
    **values: object,
) -> Moment:
    """A moment in both languages. `said` is a word of another catalogue that stands at `{said}`."""
    words = MOMENT_WORDS[what]
    return Moment(
        at=iso(at),
        where=where,
        what=what,
        tone=tone,
        zh=words.fill("zh", said=said.zh if said is not None else "", **values),
        en=words.fill("en", said=said.en if said is not None else "", **values),
        message=message,
        link=link,
    )
