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
from ..cup.code_words import SHOWN, reason_of
from ..cup.next_steps import step_words
from ..cup.response_codes import UNKNOWN
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
    told, by_code = (_told_code(found[1], kind, lang) for kind in ("", SHOWN))
    return told if by_code == told else replace(told, by_code=by_code)


def _told_code(code: str, kind: str, lang: Lang) -> Told:
    row = reason_of(code, kind)
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
        by_code = {"by_code": _said(told.by_code)} if told.by_code is not None else {}
        print_json({told.key: told.word} | _said(told) | {key: text for key, text in more.items() if text} | by_code)
        return
    lines = [f"{shown}  {told.cause}" + (f" ({told.brand})" if told.brand else "")]
    if told.class_:
        lines.append(f"  {WORDS[f'class_{told.class_}'].of(lang)}")
    lines += _steps(told, lang)
    if told.by_code is not None:
        lines += [WORDS["paid_by_code"].fill(lang, cause=told.by_code.cause), *_steps(told.by_code, lang)]
    sys.stdout.write("\n".join(map(harmless, lines)) + "\n")


def _said(told: Told) -> dict[str, str]:
    return {"cause": told.cause, "cashier": told.cashier, "support": told.support}


def _steps(told: Told, lang: Lang) -> list[str]:
    steps = (("at_terminal", told.cashier), ("by_customer", told.customer), ("behind_it", told.support))
    return [WORDS[key].fill(lang, step=step) for key, step in steps if step]
