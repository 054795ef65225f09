"""From what failed to what a person reads: what happened, what to do, and a short code for the phone.

Codes: A sign-in, N line and host, T payment, C card, D device, J storage (operators E.2); `R55` is response code 55.
"""

from msgspec.structs import replace

from ....basics.clock import format_time
from ....basics.money import format_yuan
from ....cup.transactions import PAYMENTS, with_card
from ....cup.values.reason import read_reason
from ..words.catalogue import BY_CODE, BY_CODE_LATER, BY_OUR_CODE, has_words
from ..words.screen_codes import all_screen_codes
from ..words.text import Problem, Text, words
from .events import CheckResult, Failure, OfflineChecked, Refused
from .stage import Trouble
from .state import State
from .step import Part, Step, go
from .ways import Way

SIGN_IN_CODES = {
    "P1": "A101",
    "P2": "A102",
    "P3": "A106",
    "P4": "A103",
    "P5": "A301",
    "P6": "A201",
    "P7": "A107",
    "P8": "A110",
    "P9": "A108",
    "PA": "A109",
    "PB": "A113",
}
"""Answers to operator messages (docs/concepts/sign-in.md) and their codes on the screen; any other answer `xy` is `Rxy`."""

FAILURE_CODES: dict[Failure, str] = {
    "unreachable": "N101",
    "not_sent": "N102",
    "no_answer": "N103",
    "bad_mac": "N104",
    "bad_answer": "N105",
    "bad_keys": "N106",
    "card_gone": "C101",
}


def problem_of(code: str, key: str, /, added: str = "", **values: str) -> Problem:
    """A problem whose words are `key` and `key.do`; without the second, what to do is the next step of its code, as everybody tells it."""
    row = all_screen_codes().get(code)
    if row is not None and row.on_screen and not has_words(f"{key}.do"):
        return Problem(code=code, what=words(key, **values), todo=words(f"step.{row.cashier}"), added=added)
    return Problem(code=code, what=words(key, **values), todo=words(f"{key}.do", **values), added=added)


def line_problem(failure: Failure) -> Problem:
    """No usable answer of the host."""
    return problem_of(FAILURE_CODES[failure], f"failure.{failure}")


def refusal_problem(refused: Refused, *, about: tuple[str, ...] = ()) -> Problem:
    """An answer other than 00, in the operator's words: the most exact ones that words.toml has for what was told.

    `about` is what else is known of the matter, each as a last word of the key, the most exact first (`about_payment`).
    """
    code = refused.response_code
    short = SIGN_IN_CODES.get(code, f"R{code}")
    reason = read_reason(refused.reason)
    match code:
        case "P1" if refused.tries_left:
            key = "code.P1.badge_tries" if "badge" in about else "code.P1.tries"
            return Problem(code=short, what=words(key, n=str(refused.tries_left)), todo=words(f"{key}.do"))
        case "P2" | "P3" if refused.locked_until is not None:
            time = format_time(refused.locked_until)
            return problem_of(short, f"code.{code}.until", added=refused.host_text, time=time)
        case "P5" if refused.notice.lstrip("-").isdigit():
            return problem_of(short, "code.P5.drift", s=refused.notice.lstrip("-"))
        case "P5" if refused.wait_s and refused.reason != "code_not_set":
            return problem_of(short, "code.P5.wait", s=str(refused.wait_s))
        case "P6" if refused.host_text:
            return problem_of(short, "code.P6.where", device=refused.host_text)
        case "P7" if refused.role:
            return problem_of("P101", "code.P7.role", who=f"@role.{refused.role}")
        case "P9" if reason.word == "self_check" and has_words(f"check.{reason.parameter}"):
            return problem_of(short, "code.P9.item", item=f"@check.{reason.parameter}")
        case "P2" | "P4" | "P5" | "P8" | "P9" | "PB" if reason.word and has_words(f"code.{code}.{reason.word}"):
            return problem_of(short, f"code.{code}.{reason.word}", added=refused.host_text)
    if key := refusal_key(code, about):
        return problem_of(short, key, added=refused.host_text)
    return problem_of(short, "code.other", added=refused.host_text, code=code)


def refusal_key(code: str, about: tuple[str, ...]) -> str:
    """The most exact words that there are for an answer; empty where it has none."""
    return next(filter(has_words, (*(f"code.{code}.{word}" for word in about), f"code.{code}")), "")


def about_payment(kind: str, *, about_another: bool) -> tuple[str, ...]:
    """What is known of a payment that did not come about, the most exact first: its kind, whether a code stood in the place of the card,
    and whether it is about an earlier payment."""
    row, last = PAYMENTS.get(kind), "original" if about_another else "payment"
    if row is None or row.takes_card:
        return (kind, last)
    if row.is_at_wallet:
        return (kind, BY_OUR_CODE, last)
    return (kind, with_card(kind), BY_CODE if row.shows_code else BY_CODE_LATER, last)


def supervisor_problem(refused: Refused) -> Problem:
    """The same, to somebody who came to approve or release: a password that must be changed is changed by signing in."""
    if refused.response_code == "P4" and refused.reason == "change_first":
        return problem_of(SIGN_IN_CODES["P4"], "code.P4.supervisor_first")
    return refusal_problem(refused)


def offline_problem(checked: OfflineChecked) -> Problem:
    """Why the PIN pad does not let an operator on without network."""
    match checked.outcome:
        case "wrong":
            return Problem(
                code="A101",
                what=words("offline.wrong", n=str(checked.tries_left)),
                todo=words("offline.wrong.do"),
            )
        case "used_up":
            return problem_of("D106", "offline.used_up")
        case "clock":
            return problem_of("D106", "offline.clock")
        case _:
            return problem_of("D106", "offline.over")


def device_words(result: CheckResult) -> tuple[Text, Text]:
    """What is the matter with a device and what to do; a reason without words of its own gets the item's general ones."""
    for key in (result.reason, f"check.{result.item}.{result.state}"):
        if key and has_words(key) and has_words(f"{key}.do"):
            return words(key), words(f"{key}.do")
    return words("check.unknown", item=f"@check.{result.item}"), words("check.unknown.do")


def how_it_stands(state: State) -> Text | None:
    """What became of the money, for somebody whose work is broken off: the payment in doubt, the one whose slips are not out yet, what
    was only in hand, or else the newest of today. None when there was none."""
    undo, pending = state.undo, state.print_pending
    if undo is not None and not undo.settling:
        doubt = undo.reversal
        word = "money.in_doubt" if doubt.again is None else "money.in_doubt_again"
        return _money(word, doubt.kind, doubt.amount_fen, doubt.trace_no)
    if pending is not None:
        return _money("money.slips_due", pending.kind, pending.amount_fen, pending.trace_no)
    begun = state.stage.begun()
    is_new = begun is not None and begun.original is None and begun.replaces is None
    if state.stage.in_hand() and begun is not None and begun.amount_fen and is_new:
        return words("money.kept", amount=f"¥{format_yuan(begun.amount_fen)}")
    if state.stage.in_hand():
        return words("money.in_hand")
    if not state.today:
        return None
    newest = state.today[0]
    gives_back = newest.state in ("declined", "returned") and newest.sign <= 0
    word = "waiting" if newest.is_paid_elsewhere else "not_done" if gives_back else newest.state
    return _money(f"money.{word}", newest.kind, newest.amount_fen, newest.trace_no)


def _money(key: str, kind: str, amount_fen: int, trace_no: str) -> Text:
    never = f"@money.never.{side_of(kind)}"
    return words(key, kind=f"@kind.{kind}", amount=f"¥{format_yuan(amount_fen)}", trace=trace_no, never=never)


def side_of(kind: str) -> str:
    """What a payment of this kind does with the money, as words are called: `debit` takes it, `credit` gives it back, `held` does neither."""
    row = PAYMENTS.get(kind)
    return (row.total if row is not None else "") or "held"


def with_money(state: State, problem: Problem) -> Problem:
    """The same problem, and how the payment stands that it came upon."""
    return problem if problem.money is not None else replace(problem, money=how_it_stands(state))


def show(state: State, problem: Problem, then: Way, *effects: Part, retries: bool = False) -> Step:
    """Enter the trouble screen."""
    return go(state, Trouble(problem=problem, then=then, retries=retries), *effects)
