"""Our code (收款码) on the screen: a customer's phone pays it, and what came of it arrives by itself.

    PAYING ─ the host has the code ─▶ SHOWING CODE ─┬─ paid ─▶ ARRIVED ─▶ slips
                                       │    ▲        ├─ not paid in time ─▶ trouble, in words
                                       └────┘ asked  └─ cancel ─▶ UNDOING: the order is given up at the host, money of the last
                                              again              moment goes back

The payment left, and its outcome is open until the host says it: it waits in the journal as one that is asked for again (`again.py`).
So a terminal that was off asks what became of it, and shows the code again while it may be paid. The host's order to look
(`payment_result`) only makes it ask sooner; whoever forges, doubles or loses one changes nothing.
"""

from msgspec.structs import replace

from ...core.effects import RememberDoubt
from ...core.events import CodeOffered, KeyPressed, Ticked
from ...core.policy import ARRIVED_SHOWN_S, OWN_CODE_ASKED_S
from ...core.stage import Stage
from ...core.state import State, Undo
from ...core.step import Step, close_reader, go, here_for_s, leave, stay
from ...core.trouble import line_problem
from ...core.ways import ToSlips
from .. import paying
from ..asking.again import attempt_of
from ..outcome import answer_not_ours, with_pace
from ..stages import Arrived, Paying, ShowingCode, Undoing
from ..undo import has_waited, not_yet, send, start


def offered(state: State, stage: Paying, event: CodeOffered) -> Step:
    """The host has a code for it; one of another payment is not ours to show."""
    attempt, state = stage.attempt, with_pace(state)
    undo = state.undo
    if undo is None or (event.trace_no, event.amount_fen) != (attempt.trace_no, attempt.amount_fen):
        return answer_not_ours(state, stage)
    state = replace(state, undo=replace(undo, tried_at=state.tick))
    return go(state, ShowingCode(attempt=attempt, text=event.text, left_s=event.left_s))


def still_open(state: State, stage: Stage, event: CodeOffered) -> Step:
    """The host was asked what became of it: nothing yet. Where an operator stands before standby, or waits for it, the code is shown."""
    undo = state.undo
    again = undo.reversal.again if undo is not None and undo.under_way else None
    if undo is None or again is None:
        return stay(state)
    attempt = attempt_of(undo.reversal, again)
    if (event.trace_no, event.amount_fen) != (attempt.trace_no, attempt.amount_fen):
        return not_yet(state, stage, False, line_problem("bad_answer"))
    state = replace(state, undo=replace(undo, under_way=False, reversal=replace(undo.reversal, attempts=0)))
    is_here = state.session is not None and state.lock is None
    if isinstance(stage, ShowingCode) or not (isinstance(stage, Undoing) or (stage.home and is_here)):
        return stay(state)
    state, forget = close_reader(state)
    return go(state, ShowingCode(attempt=attempt, text=event.text, left_s=event.left_s), *forget)


def key(state: State, stage: ShowingCode, event: KeyPressed) -> Step:
    """Ask again now, or give it up: then it is undone as any payment in doubt, and money that still came goes back."""
    undo = state.undo
    match event.key:
        case paying.ASK_AGAIN_KEY:
            return send(state)
        case "cancel" if undo is not None and not undo.settling:
            reversal = replace(undo.reversal, again=None, attempts=0)
            state = replace(state, undo=Undo(reversal=reversal))
            return start(state, RememberDoubt(reversal=reversal), given_up=True)
    return stay(state)


def ticked(state: State, stage: ShowingCode, event: Ticked) -> Step:
    """It is asked after now and then: whoever waits for an order alone may wait in vain."""
    undo = state.undo
    return send(state) if undo is not None and has_waited(state, undo, OWN_CODE_ASKED_S) else stay(state)


def left_s(state: State, stage: ShowingCode) -> int:
    """Seconds in which it can still be paid, as the host said."""
    return max(stage.left_s - here_for_s(state), 0)


def is_unheard(state: State) -> bool:
    """Whether the host did not answer when it was last asked what became of it: what a phone paid by now does not show here yet."""
    undo = state.undo
    return undo is not None and undo.reversal.attempts > 0


def arrived_key(state: State, stage: Arrived, event: KeyPressed) -> Step:
    """It was seen."""
    return leave(state, ToSlips(stage.payment)) if event.key == "enter" else stay(state)


def arrived_tick(state: State, stage: Arrived, event: Ticked) -> Step:
    """The slips come by themselves."""
    return leave(state, ToSlips(stage.payment)) if here_for_s(state) >= ARRIVED_SHOWN_S else stay(state)
