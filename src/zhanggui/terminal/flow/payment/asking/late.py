"""What goes back at a wallet that does not say yes or no: it is put aside, other payments begin, and its outcome comes later.

    PAYING, or asked for again ─ "it goes on at the host" ─▶ put aside (`State.late`) ─ the host's order, or ten minutes ─▶ in doubt
                                                                  ▲                                                          │
                                                                  └───────────── "it goes on" ──────────────────────── asked for again

The host asks the wallet as long as it takes, so nothing of it depends on this terminal, and nobody is kept from paying by it. The
settlement asks first: its batch ends at the host only once all of its payments have an outcome.
"""

from msgspec.structs import replace

from .....basics.money import format_yuan
from ...core.aside import in_doubt_again
from ...core.effects import CloseReader, Effect, RememberLate
from ...core.events import StillLate
from ...core.payments import Attempt
from ...core.policy import LATE_MAX
from ...core.stage import Stage, Trouble
from ...core.state import State, Undo
from ...core.step import Step, go, leave, stay, with_line
from ...core.trouble import line_problem, problem_of
from ...core.ways import AskLate, ToStandby
from ...words.text import words
from ..outcome import answer_not_ours, in_doubt, with_pace
from ..stages import Paying, Undoing
from ..undo import not_yet, send, start
from .again import attempt_of


def first_late(state: State, stage: Paying, event: StillLate) -> Step:
    """The answer to the request itself; of another payment, or of a kind that a reversal undoes, it is none."""
    attempt, state = stage.attempt, with_pace(state)
    undo = state.undo
    if (
        undo is None
        or not attempt.repeated
        or (event.trace_no, event.amount_fen) != (attempt.trace_no, attempt.amount_fen)
    ):
        return answer_not_ours(state, stage)
    if len(state.late) >= LATE_MAX:
        return start(in_doubt(state, attempt.reversal()), CloseReader())
    state, kept = put_aside(state, undo, attempt)
    return said(state, attempt, CloseReader(), kept)


def still_late(state: State, stage: Stage, event: StillLate) -> Step:
    """It was asked for again, and the wallet has not decided it yet."""
    undo = state.undo
    again = undo.reversal.again if undo is not None and undo.under_way else None
    if undo is None or again is None:
        return stay(state)
    attempt = attempt_of(undo.reversal, again)
    if (event.trace_no, event.amount_fen) != (attempt.trace_no, attempt.amount_fen) or len(state.late) >= LATE_MAX:
        return not_yet(state, stage, False, line_problem("bad_answer"))
    state, kept = put_aside(state, undo, attempt)
    if not isinstance(stage, Undoing):
        return stay(state, kept)
    if stage.before_payment:
        state, effects = leave(state, ToStandby(words("again.late_on", trace=attempt.trace_no)))
        return state, (*effects, kept)
    return said(state, attempt, kept)


def put_aside(state: State, undo: Undo, attempt: Attempt) -> tuple[State, RememberLate]:
    """It keeps nothing back any more once the journal says so."""
    pending = replace(undo.reversal, attempts=0)
    undo, line = replace(undo, under_way=False, settling="late"), attempt.line("late")
    state = with_line(replace(state, undo=undo, late=(*state.late, pending), late_at=state.tick), line)
    return state, RememberLate(line=line, pending=pending)


def said(state: State, attempt: Attempt, *before: Effect) -> Step:
    """The operator may go on; what came of it stands in today's list later."""
    problem = problem_of(
        "T109", "again.late", amount=f"¥{format_yuan(attempt.amount_fen)}", kind=f"@kind.{attempt.kind}"
    )
    return go(state, Trouble(problem=problem, then=ToStandby(), settled=True), *before)


def ask(state: State, way: AskLate) -> Step:
    """Ask for it again now, where nothing else is in doubt or on the line."""
    if state.undo is not None or way.pending not in state.late:
        return stay(state)
    state, kept = in_doubt_again(state, way.pending)
    return send(state, kept)
