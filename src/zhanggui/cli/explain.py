"""`zhanggui explain`: a reason word, a response code, a wallet's code or the code on a terminal's screen, in words, with the next step."""

import re
import sys

import msgspec
from msgspec.structs import replace

from ..acquirer.rows.reasons import tell_reason
from ..basics.errors import Misuse
from ..basics.visible import harmless
from ..basics.words import Lang
from ..cup.brands import BRANDS
from ..cup.code_words import reason_by_code, reason_by_our_code, reason_of, says_more_by_our_code
from ..cup.next_steps import step_words
from ..cup.response_codes import UNKNOWN, ResponseCode
from ..cup.wallets.codes import find_code
from ..terminal.flow.words.screen_codes import RESPONSE_PREFIX, all_screen_codes
from .output import print_json
from .words import WORDS

WORD_SHOWN_MAX = 80
"""Characters of what was asked that are said again: reasons are shorter."""
_CODE = re.compile(rf"{RESPONSE_PREFIX}?([0-9A-Z]{{2}})")


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What is printed of a word: a step is empty where there is none to take."""

    key: str
    """`reason`, `response_code`, `wallet_code` or `screen_code`."""
    word: str
    cause: str
    cashier: str
    support: str
    class_: str = ""
    """The action class of a response code."""
    customer: str = ""
    """What the customer does, where a wallet's code says so."""
    brand: str = ""
    """Whose code it is, where it is a wallet's."""
    by_code: "Told | None" = None
    """What a response code says where the customer paid by code, as far as that is something else."""
    by_our_code: "Told | None" = None
    """The same where the shop showed the code."""


def told_of(word: str, lang: Lang) -> Told | None:
    """Cause and next steps; None for a word that is nobody's.

    A response code of no table is told too: hosts have private ones, and what a terminal makes of them is the same for all.
    """
    reason = tell_reason(word, lang)
    if reason is not None:
        return Told(key="reason", word=word, cause=reason.cause, cashier=reason.cashier, support=reason.support)
    shown = all_screen_codes().get(word)
    if shown is not None:
        return Told(
            key="screen_code",
            word=word,
            cause=shown.of(lang),
            cashier=step_words(shown.cashier, lang),
            support=step_words(shown.support, lang),
        )
    of_wallet = find_code(word)
    if of_wallet is not None:
        brand, bare, row = of_wallet
        return Told(
            key="wallet_code",
            word=bare,
            cause=row.of(lang),
            cashier=step_words(row.cashier, lang),
            support="",
            customer=step_words(row.customer, lang),
            brand=BRANDS[brand].of(lang),
        )
    found = _CODE.fullmatch(word)
    if found is None:
        return None
    code = found[1]
    told, by_code = (_told_code(code, row, lang) for row in (reason_of(code), reason_by_code(code)))
    by_our_code = _told_code(code, reason_by_our_code(code), lang) if says_more_by_our_code(code) else None
    return replace(told, by_code=None if by_code == told else by_code, by_our_code=by_our_code)


def _told_code(code: str, row: ResponseCode, lang: Lang) -> Told:
    return Told(
        key="response_code",
        word=code,
        cause=WORDS["code_of_no_table"].of(lang) if row is UNKNOWN else row.of(lang),
        class_="" if row is UNKNOWN else row.class_,
        cashier=step_words(row.cashier, lang),
        support=step_words(row.support, lang),
    )


def explain(word: str, lang: Lang, *, as_json: bool) -> None:
    """Print what a reason (`no_session`, `released:00`), a response code (`77`), a wallet's code (`USERPAYING`, `unionpay:64`) or a
    screen's code (`N103`, `R55`) means and what to do next."""
    shown = harmless(word[:WORD_SHOWN_MAX])
    told = told_of(word, lang)
    if told is None:
        raise Misuse(
            f"'{shown}' is neither a reason nor a response code nor a code of a wallet or of a terminal's screen; "
            "docs/reference has reasons.md, response-codes.md and wallet-codes.md"
        )
    if as_json:
        more = {"class": told.class_, "customer": told.customer, "brand": told.brand}
        ways = {"by_code": told.by_code, "by_our_code": told.by_our_code}
        by_ways = {key: _said(way) for key, way in ways.items() if way is not None}
        print_json({told.key: told.word} | _said(told) | {key: text for key, text in more.items() if text} | by_ways)
        return
    lines = [f"{shown}  {told.cause}" + (f" ({told.brand})" if told.brand else "")]
    if told.class_:
        lines.append(f"  {WORDS[f'class_{told.class_}'].of(lang)}")
    lines += _steps(told, lang)
    for key, way in (("paid_by_code", told.by_code), ("paid_by_our_code", told.by_our_code)):
        if way is not None:
            lines += [WORDS[key].fill(lang, cause=way.cause), *_steps(way, lang)]
    sys.stdout.write("\n".join(map(harmless, lines)) + "\n")


def _said(told: Told) -> dict[str, str]:
    return {"cause": told.cause, "cashier": told.cashier, "support": told.support}


def _steps(told: Told, lang: Lang) -> list[str]:
    steps = (("at_terminal", told.cashier), ("by_customer", told.customer), ("behind_it", told.support))
    return [WORDS[key].fill(lang, step=step) for key, step in steps if step]
