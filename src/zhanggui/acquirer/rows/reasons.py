"""Reasons: one word for why something was refused, undone or ended. It stands in records, answers and the log.

What a word says to a person stands in `reasons.toml`: the cause, and what to do next, for the cashier and for support. A word
may carry one parameter after a colon: `released:00`, `self_check:printer`. A test finds a word that the source uses and the
catalogue lacks, and one that nobody uses.
"""

import re
from collections.abc import Mapping
from functools import cache

import msgspec

from ...basics.words import Lang, Word, load_rows, load_words
from ...cup.brands import BRANDS
from ...cup.next_steps import step_words
from ...cup.transactions import PAYMENTS
from ...cup.values.reason import read_reason

Reason = str
"""A function that answers with a reason (empty when nothing is against it) says so with this name; the test reads it."""


class ReasonWords(Word, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The cause in words, with `{parameter}` where the reason carries one, and the names of the next steps."""

    cashier: str = ""
    support: str = ""


class ToldReason(msgspec.Struct, frozen=True, kw_only=True):
    """A reason in one language. A step is empty where there is none to take."""

    reason: Reason
    cause: str
    cashier: str
    support: str


_WORD = re.compile(r"[a-z]+(_[a-z]+)*")


@cache
def parameter_words() -> Mapping[str, Word]:
    """What may stand behind the colon, in words: ours, the names of the kinds of payment, and the brands of payment codes."""
    return {**load_words(__package__, "reason_parameters.toml"), **PAYMENTS, **BRANDS}


def _parameter_word(word: str, lang: Lang) -> str:
    known = parameter_words().get(word)
    return word if known is None else known.of(lang)


@cache
def all_reasons() -> Mapping[str, ReasonWords]:
    """The catalogue, by word."""
    return load_rows(__package__, "reasons.toml", ReasonWords)


def sentence_of(reason: Reason, lang: Lang) -> str:
    """A reason as one sentence to whoever is behind the counter: the cause, and the step where there is one to take.

    >>> sentence_of("not_locked", "en"), sentence_of("unknown_operator", "zh").count("；"), sentence_of("of_a_later_version", "zh")
    ('it is not locked; there is nothing to undo', 1, 'of_a_later_version')
    """
    told = tell_reason(reason, lang)
    if told is None:
        return reason
    # A cause that ends a matter says so itself.
    step = "" if told.support == step_words("nothing", lang) else told.support
    return ("；" if lang == "zh" else "; ").join(filter(None, (told.cause, step)))


def tell_reason(reason: Reason, lang: Lang) -> ToldReason | None:
    """A reason in words; None for a word that is none of ours.

    >>> tell_reason("released:00", "en").cause
    'released by supervisor 00'
    >>> tell_reason("self_check:printer,card_reader", "en").cause
    'the self-check failed: printer; card reader'
    >>> tell_reason("brand_not_taken:alipay", "zh").cause
    '本收单方未接入此付款码：支付宝'
    """
    word, parameter = read_reason(reason)
    row = all_reasons().get(word)
    if row is None:
        return None
    # Pairs of rules (`less>more,…`) and lists of items come packed; a person reads them with room between.
    shown = _WORD.sub(lambda found: _parameter_word(found[0], lang), parameter).replace(",", "; ").replace(">", " > ")
    return ToldReason(
        reason=reason,
        cause=row.fill(lang, parameter=shown),
        cashier=step_words(row.cashier, lang),
        support=step_words(row.support, lang),
    )
