"""A payment that no reversal undoes is asked for again, with its own number, until the host has said what became of it.

Asked for once more with the same contents it is the same payment (the host answers it as the first time, or does it now). It waits
in the journal where a reversal would (`PendingReversal.again`), goes out when a reversal would, and keeps other payments back.
"""

from msgspec.structs import replace

from .....cup.response_codes import may_be_held
from ...core.effects import RememberDecline
from ...core.events import Again, OutcomeKnown, PaymentApproved, PendingReversal, Refused
from ...core.payments import Attempt, Card, Doing
from ...core.policy import TRUSTLESS_CODES
from ...core.stage import Stage, Trouble
from ...core.state import State
from ...core.step import Step, close_reader, go, leave, stay, with_line
from ...core.trouble import about_payment, line_problem, refusal_problem
from ...core.ways import ToSlips, ToStandby
from ...words.text import words
from ..kinds import KINDS
from ..outcome import is_of_another, keep
from ..stages import Arrived, ShowingCode, Undoing
from ..undo import not_yet


def outcome_known(state: State, stage: Stage, event: OutcomeKnown) -> Step:
    """The host said what became of it."""
    undo = state.undo
    again = undo.reversal.again if undo is not None and undo.under_way else None
    if undo is None or again is None:
        return stay(state)
    attempt = attempt_of(undo.reversal, again)
    if event.refused is not None:
        return refused(state, stage, attempt, event.refused)
    if event.approved is None or is_of_another(attempt, event.approved):
        return not_yet(state, stage, False, line_problem("bad_answer"))
    return approved(state, stage, attempt, event.approved)


def attempt_of(pending: PendingReversal, again: Again) -> Attempt:
    """The payment as it left, from what the journal holds of it."""
    kind = KINDS[pending.kind]
    return Attempt(
        doing=Doing(
            kind=pending.kind,
            amount_fen=pending.amount_fen,
            card=Card(way=again.way, masked_pan=pending.masked_pan, expiry_yymm="", label="")
            if has_card(again)
            else None,
            original=pending.original,
            brand=again.brand,
            received=again.received,
        ),
        trace_no=pending.trace_no,
        batch_no=pending.batch_no,
        operator_no=again.operator_no,
        time=again.time,
        reversible=True,
        sign=kind.sign,
        repeated=True,
        epoch=pending.epoch,
    )


def has_card(again: Again) -> bool:
    """Whether it left with a card: what is about a payment by code needs neither card nor code, and shows the earlier one's."""
    return again.way != "scan"


def approved(state: State, stage: Stage, attempt: Attempt, answer: PaymentApproved) -> Step:
    """It stands: its slips come at once where somebody waits or nothing goes on; behind a lock with the unlock, otherwise with the next
    reprint."""
    state, payment, kept = keep(state, attempt, answer)
    if isinstance(stage, ShowingCode) or (attempt.doing.received and (stage.home or isinstance(stage, Undoing))):
        state, forget = close_reader(state)
        state, effects = go(state, Arrived(payment=payment))
        return state, (kept, *forget, *effects)
    waits = (stage.quiet and state.lock is None) or isinstance(stage, Undoing)
    return state, (kept, ToSlips(payment)) if waits else (kept,)


def refused(state: State, stage: Stage, attempt: Attempt, answer: Refused) -> Step:
    """It does not stand, now for certain; without a session or keys nobody said anything about it."""
    code, undo = answer.response_code, state.undo
    problem = refusal_problem(answer, about=about_payment(attempt.kind, about_another=True))
    if undo is None or code in TRUSTLESS_CODES:
        return not_yet(state, stage, True, problem)
    line = attempt.line("returning" if may_be_held(code) else "declined", code=code)
    state = with_line(replace(state, undo=replace(undo, under_way=False, settling="decline")), line)
    kept = RememberDecline(line=line)
    if not isinstance(stage, Undoing | ShowingCode):
        return stay(state, kept)
    if isinstance(stage, Undoing) and stage.before_payment:
        state, effects = leave(state, ToStandby(words("again.not_done", trace=attempt.trace_no)))
        return state, (*effects, kept)
    return go(state, Trouble(problem=problem, then=ToStandby(), settled=True), kept)
