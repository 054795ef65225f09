"""`zhanggui explain`: a reason word or a response code, in words."""

import sys

from ..acquirer.rows.reasons import tell_reason
from ..basics.errors import Misuse
from ..basics.visible import harmless
from ..basics.words import Lang
from ..cup.response_codes import RESPONSE_CODES
from .output import print_json
from .words import WORDS

WORD_SHOWN_MAX = 80
"""Characters of what was asked that are said again: reasons are shorter."""


def explain(word: str, lang: Lang, *, as_json: bool) -> None:
    """Print what a reason (`no_session`, `released:00`) or a response code (`77`) means and what to do next."""
    shown = harmless(word[:WORD_SHOWN_MAX])
    told = tell_reason(word, lang)
    code = RESPONSE_CODES.get(word)
    if told is None and code is None:
        raise Misuse(
            f"'{shown}' is neither a reason nor a response code; docs/reference has reasons.md and response-codes.md"
        )
    if as_json:
        said = {"response_code": word, "class": code.class_, "cause": code.of(lang)} if code is not None else told
        print_json(said)
        return
    lines = [f"{shown}  {told.cause if told is not None else code.of(lang) if code is not None else ''}"]
    if code is not None:
        lines.append(f"  {WORDS[f'class_{code.class_}'].of(lang)}")
    if told is not None:
        lines += [
            WORDS[key].fill(lang, step=step)
            for key, step in (("at_terminal", told.cashier), ("behind_it", told.support))
            if step
        ]
    sys.stdout.write("\n".join(map(harmless, lines)) + "\n")
