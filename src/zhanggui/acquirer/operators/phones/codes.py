"""The life of a code: how long it is good, for whom, and what it proves."""

from msgspec.structs import replace

from ....basics.numbers import UnixMs
from ...rows.reasons import Reason
from ...rows.records import PhoneAttempt
from ..entry import Entered

CODE_S = 60
"""How long a phone may answer a code."""
TAKEN_UP_WITHIN_S = 30
"""How long what a phone proved waits for the terminal, which asks every few seconds."""
ANSWERS_MAX = 10
"""Answers to one code; waits and locks count as on a terminal, and nobody fills the records beside them."""
REPLAYS_RECORDED_MAX = 3
"""Looks at one code by others that become records, and so many answers more; what comes beyond says nothing more."""


def code_of(entered: Entered) -> PhoneAttempt | None:
    """The last code of this terminal."""
    return entered.draft.get(PhoneAttempt, entered.merchant.merchant_no, entered.terminal_no)


def is_over(attempt: PhoneAttempt, now: UnixMs) -> bool:
    """Whether its minute has passed; one from ahead was made by a clock that was put right."""
    return not 0 <= now - attempt.opened_ms < CODE_S * 1000


def left_s(attempt: PhoneAttempt, now: UnixMs) -> int:
    """Whole seconds for which it is still good."""
    return max(0, CODE_S - (now - attempt.opened_ms) // 1000)


def why_closed(attempt: PhoneAttempt | None, name: str, phone: str, now: UnixMs) -> Reason:
    """Why this phone can't answer the code of this name; empty while it can."""
    if attempt is None or attempt.name != name or is_over(attempt, now):
        return "phone_code_over"
    if attempt.state == "spent" or attempt.answers >= ANSWERS_MAX:
        return "phone_code_used"
    return "phone_of_another" if attempt.phone and attempt.phone != phone else ""


def why_not_proven(attempt: PhoneAttempt | None, name: str, now: UnixMs) -> Reason:
    """Why the code of this name proves nobody at a sign-in; empty when it does."""
    if attempt is None or attempt.name != name or attempt.state == "open":
        return "phone_not_proven"
    if attempt.state == "spent":
        return "phone_code_used"
    waited_ms = now - (attempt.known_ms or 0)
    return "" if 0 <= waited_ms < TAKEN_UP_WITHIN_S * 1000 else "phone_code_over"


def spend(entered: Entered, attempt: PhoneAttempt) -> None:
    """The code is good for nothing any more, and says no longer who answered it."""
    entered.draft.update(replace(attempt, state="spent", operator_no="", user_name=""))
