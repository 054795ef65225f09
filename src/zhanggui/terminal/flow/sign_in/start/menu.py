"""The start screen: what stands there until somebody signs in, by model.

A touch screen has one large key, 签到, and what the counter is. A keypad model has the numbered menu of classic machines. Both take the
operator's number at once: a digit is the number's first, and on the menu a digit with `enter` behind it is the entry of that number. So
neither a key nor a moment is added for who knows the number.
"""

from msgspec.structs import replace

from .....basics.numbers import OperatorNo
from ...core.state import State
from ...core.step import Step, change
from ...words.text import words
from ..entrances import to_self_check
from ..stages import SignInNumber

MENU = ("sign_in", "self_check", "language", "manage")
"""Entries of the keypad model's menu, from 1 on."""
RECENT_KEY = "as."
"""Begins the key of an operator who signed in here lately: `as.01`."""


def entry_of(state: State, stage: SignInNumber) -> str | None:
    """The entry of the menu that one digit and `enter` mean."""
    digits = stage.digits
    if not stage.from_menu or len(digits) != 1 or not 1 <= int(digits) <= len(MENU):
        return None
    return MENU[int(digits) - 1]


def enter(state: State, entry: str) -> Step:
    """What an entry of the menu does."""
    match entry:
        case "self_check":
            return to_self_check(state)
        case "language":
            return change(replace(state, lang="en" if state.lang == "zh" else "zh"), SignInNumber())
        case "manage":
            return change(state, SignInNumber(asked=True, notice=words("start.manager_signs_in")))
    return change(state, SignInNumber(asked=True))


def recent_by(state: State, key: str) -> OperatorNo | None:
    """Whose key it is, among the operators whose names stand there."""
    shown = state.counter.recent[: state.rules.recent_operators]
    return next((known.operator_no for known in shown if key == f"{RECENT_KEY}{known.operator_no}"), None)
