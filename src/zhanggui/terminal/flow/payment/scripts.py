"""Issuer scripts: kept with the outcome of their payment, run on the card in hand, told to the host until it knows (脚本通知).

    answer with scripts ─▶ outcome and notice kept in one step ─▶ scripts run ─▶ results kept ─▶ 0620 ─▶ taken
                                        └── power cut: the notice says that nothing was done, and the issuer has its chip told again

What becomes of a script never changes its payment. A notice has a number of its own and comes again with it.
"""

from msgspec.structs import replace

from ....cup.response_codes import means_for_notice
from ..core.effects import RememberScript, RunScripts
from ..core.events import (
    HostFailed,
    Original,
    PendingReversal,
    Refused,
    ScriptNotice,
    ScriptsRun,
    ScriptsSaid,
    ScriptTaken,
)
from ..core.payments import Attempt
from ..core.routes import notice_due
from ..core.stage import Stage
from ..core.state import State
from ..core.step import Step, stay, take_trace


def noted(
    state: State, attempt: Attempt, said: ScriptsSaid | None
) -> tuple[State, ScriptNotice | None, tuple[RunScripts, ...]]:
    """The notice that is kept with a payment's outcome, and what is run behind that record."""
    if said is None:
        return state, None, ()
    state, trace_no = take_trace(state)
    notice = ScriptNotice(
        batch_no=state.batch_no,
        trace_no=trace_no,
        kind=attempt.kind,
        payment=Original(
            trace_no=attempt.trace_no,
            batch_no=attempt.batch_no,
            amount_fen=attempt.amount_fen,
            masked_pan=attempt.masked_pan,
            rrn=said.rrn,
            date=said.date,
        ),
        acquirer_code=said.acquirer_code,
        results=said.results,
        before=said.before,
    )
    # It is news: whatever became of earlier tries, this one may go at once.
    state = replace(state, scripts=(*state.scripts, notice), script_tried_at=None)
    run = RunScripts(batch_no=attempt.batch_no, trace_no=attempt.trace_no, to_run=said.to_run) if said.to_run else None
    return state, notice, (run,) if run is not None else ()


def dropped(state: State, payment: PendingReversal) -> State:
    """The outcome of this payment could not be kept, and the scripts with it: nothing was run, and the issuer is told nothing."""
    left = tuple(one for one in state.scripts if not one.is_of(payment.batch_no, payment.trace_no))
    return replace(state, scripts=left)


def ran(state: State, stage: Stage, event: ScriptsRun) -> Step:
    """Keep what became of them."""
    known = next((one for one in state.scripts if one.is_of(event.batch_no, event.trace_no)), None)
    if known is None:
        return stay(state)
    before = known.results[: max(len(known.results) - len(event.results), 0)]
    told = replace(known, results=before + event.results)
    scripts = tuple(told if one is known else one for one in state.scripts)
    return stay(replace(state, scripts=scripts), RememberScript(notice=told))


def tell_when_quiet(state: State) -> Step:
    """The oldest notice, where nothing else is going on."""
    if not state.stage.quiet:
        return stay(state)
    state, notice = notice_due(state)
    return stay(state, *notice)


def taken(state: State, stage: Stage, event: ScriptTaken) -> Step:
    """The next one may go at once."""
    known = next((one for one in state.scripts if one.is_of(event.batch_no, event.trace_no)), None)
    if known is None:
        return stay(state)
    left = tuple(one for one in state.scripts if one is not known)
    state = replace(state, scripts=left, script_tried_at=None, script_tries=0)
    return stay(state, RememberScript(notice=known, is_over=True))


def refused(state: State, stage: Stage, event: Refused) -> Step:
    """What the host will never take is not sent for ever; anything else comes again."""
    if means_for_notice(event.response_code) == "stands_not" and state.scripts:
        # The first one is the one that was sent: they go in order, one at a time.
        payment = state.scripts[0].payment
        return taken(state, stage, ScriptTaken(now=event.now, batch_no=payment.batch_no, trace_no=payment.trace_no))
    return in_vain(state)


def failed(state: State, stage: Stage, event: HostFailed) -> Step:
    """Nobody has it: it comes again."""
    return in_vain(state)


def in_vain(state: State) -> Step:
    """One more try that told nobody."""
    return stay(replace(state, script_tries=state.script_tries + 1))
