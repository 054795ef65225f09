"""What a reply of the host says to whoever holds the phone: one outcome, what happened, what to do."""

from typing import Literal

import msgspec

from ..acquirer.rows.decision import PhoneReply
from ..basics.clock import format_time
from ..basics.words import Lang, load_words
from ..cup.code_words import reason_of
from ..cup.messages.operator_outcomes import RefusedOperator
from ..cup.next_steps import step_words

WORDS = load_words(__package__, "words.toml")
Outcome = Literal["known", "again", "over"]
"""known: go on at the terminal; again: the same code may be answered once more; over: it may not."""
CODE_IS_CLOSED = "P9"
"""The code itself is refused, whoever answers it."""


class Said(msgspec.Struct, frozen=True):
    """An answer as the page shows it."""

    outcome: Outcome
    what: str
    todo: str
    code: str = ""
    """What to say to support; empty where nothing was refused."""
    wait_s: int = 0
    """Seconds until the next try is taken."""


def said_of(reply: PhoneReply, lang: Lang) -> Said:
    """In one language. An unknown number and a wrong password have the same words, as on a terminal."""
    code, told = reply.response_code, reply.said
    if code == "00":
        return Said("known", WORDS["known"].of(lang), WORDS["known.do"].of(lang))
    if code == CODE_IS_CLOSED:
        key = f"closed.{told.reason}" if f"closed.{told.reason}" in WORDS else "closed.phone_code_over"
        return Said("over", WORDS[key].of(lang), WORDS["closed.do"].of(lang), code)
    return Said("again", *_refused(code, told, lang), code, told.wait_s)


def _refused(code: str, told: RefusedOperator, lang: Lang) -> tuple[str, str]:
    """What happened and what to do: the most exact words that there are for what was told."""
    if told.locked_until is not None and f"locked.{code}" in WORDS:
        what = WORDS[f"locked.{code}"].fill(lang, time=format_time(told.locked_until))
        return what, WORDS["locked.do"].of(lang)
    if code == "P1":
        what = WORDS["wrong_tries"].fill(lang, n=told.tries_left) if told.tries_left else WORDS["wrong"].of(lang)
        return what, WORDS["wait"].fill(lang, s=told.wait_s) if told.wait_s else WORDS["wrong.do"].of(lang)
    key = f"{code}.{told.reason}"
    if key in WORDS:
        return WORDS[key].of(lang), WORDS[f"{key}.do"].of(lang)
    reason = reason_of(code)
    return reason.of(lang), step_words(reason.cashier, lang)
