"""From what failed to what a person reads: what happened, what to do, and a short code for the phone.

Codes: A sign-in, N line and host, T payment, C card, D device, J storage (operators E.2); `R55` is response code 55.
"""

from ...basics.clock import format_time
from .effects import Effect
from .events import CheckResult, Failure, Refused
from .screens import Text
from .stages import Problem, Then, Trouble
from .state import State
from .step import Step, go, words
from .words import has_words

SIGN_IN_CODES = {
    "P1": "A101",
    "P2": "A102",
    "P3": "A106",
    "P4": "A103",
    "P5": "A301",
    "P6": "A201",
    "P7": "A107",
    "P9": "A108",
    "PA": "A109",
}
"""Answers to operator messages (design §5) and their codes on the screen; any other answer `xy` is `Rxy`."""

FAILURE_CODES: dict[Failure, str] = {
    "unreachable": "N101",
    "not_sent": "N102",
    "no_answer": "N103",
    "bad_mac": "N104",
    "bad_answer": "N105",
    "bad_keys": "N106",
}


def problem_of(code: str, key: str, /, added: str = "", **values: str) -> Problem:
    """A problem whose words are `key` and `key.do`."""
    return Problem(code=code, what=words(key, **values), todo=words(f"{key}.do", **values), added=added)


def line_problem(failure: Failure) -> Problem:
    """No usable answer of the host."""
    return problem_of(FAILURE_CODES[failure], f"failure.{failure}")


def refusal_problem(refused: Refused) -> Problem:
    """An answer other than 00, in the operator's words."""
    code = refused.response_code
    short = SIGN_IN_CODES.get(code, f"R{code}")
    match code:
        case "P1" if refused.tries_left is not None:
            return problem_of(short, "code.P1.tries", n=str(refused.tries_left))
        case "P2" if refused.locked_until is not None:
            return problem_of(short, "code.P2.until", added=refused.host_text, time=format_time(refused.locked_until))
        case "P6" if refused.host_text:
            return problem_of(short, "code.P6.where", device=refused.host_text)
    key = f"code.{code}"
    if has_words(key):
        return problem_of(short, key, added=refused.host_text)
    return problem_of(short, "code.other", added=refused.host_text, code=code)


def device_words(result: CheckResult) -> tuple[Text, Text]:
    """What is the matter with a device and what to do; a reason without words of its own gets the item's general ones."""
    for key in (result.reason, f"check.{result.item}.{result.state}"):
        if key and has_words(key) and has_words(f"{key}.do"):
            return words(key), words(f"{key}.do")
    return words("check.unknown", item=f"@check.{result.item}"), words("check.unknown.do")


def show(state: State, problem: Problem, then: Then, *effects: Effect, retries: bool = False) -> Step:
    """Enter the trouble screen."""
    return go(state, Trouble(problem=problem, then=then, retries=retries), *effects)
