"""The terminal's own sign-on (0800), in the background: keys, batch and host time come while the operator types."""

from msgspec.structs import replace

from ..core.effects import Effect, StopPinEntry
from ..core.events import HostFailed, JournalFailed, Refused, SignedOn
from ..core.proof_stages import LookingAround, Unlocking
from ..core.routes import check_offline, tell_host, to_locked
from ..core.stage import Problem, Stage
from ..core.stages import SignInNumber, SignInPassword, Trouble, Undoing, Verifying
from ..core.state import State
from ..core.step import Step, change, go, remember_trace, stay, words
from ..core.trouble import line_problem, problem_of, refusal_problem
from ..payment.undo import journal_failed as undo_journal_failed
from ..payment.undo import send_if_quiet


def adopt(state: State, event: SignedOn) -> tuple[State, tuple[Effect, ...]]:
    """Take over what the host gave; the batch is the host's to decide (domain reference §4.3)."""
    state = replace(state, keys="ready", batch_no=event.batch_no, drift_s=event.drift_s, without_line=False)
    return state, (remember_trace(state),)


def signed_on(state: State, stage: Stage, event: SignedOn) -> Step:
    """Keys are there: what was done without the host is told, and a payment in doubt undone, before anything else."""
    if state.keys != "under_way":
        return stay(state)
    if state.without_line and isinstance(state.stage, SignInNumber):
        state = replace(state, stage=replace(state.stage, notice=None))
    state, kept = adopt(state, event)
    if state.owed and not isinstance(state.stage, Undoing):
        state, tell = tell_host(state)
        return state, (*kept, *tell)
    state, undo = send_if_quiet(state)
    return state, (*kept, *undo)


def sign_on_failed(state: State, stage: Stage, event: HostFailed) -> Step:
    """The line failed; a typing operator is told at once, unless policy lets the PIN pad check the password alone."""
    if event.failure == "unreachable" and state.rules.offline and state.keys == "under_way":
        return without_line(replace(state, keys="failed", without_line=True, line_tried_at=state.tick))
    return without_keys(state, line_problem(event.failure))


def without_line(state: State) -> Step:
    """Who types goes on typing; who waits is judged by the PIN pad."""
    match state.stage:
        case SignInNumber() as stage:
            return change(state, replace(stage, notice=words("offline.possible")))
        case Verifying(operator_no=operator_no, waits_for_keys=True):
            return check_offline(state, operator_no)
        case SignInPassword() | LookingAround():
            return stay(state)
    return without_keys(replace(state, keys="under_way"), line_problem("unreachable"))


def sign_on_refused(state: State, stage: Stage, event: Refused) -> Step:
    """The host does not let this terminal on."""
    return without_keys(state, refusal_problem(event))


def without_keys(state: State, problem: Problem) -> Step:
    """Show why there are no keys where somebody waits for them; elsewhere they are asked for when needed."""
    if state.keys != "under_way":
        return stay(state)
    state = replace(state, keys="failed")
    match state.stage:
        case SignInNumber():
            return go(state, Trouble(problem=problem, then="number", retries=True))
        case SignInPassword(operator_no=operator_no) | Verifying(operator_no=operator_no):
            trouble = Trouble(problem=problem, then="password", retries=True, operator_no=operator_no)
            return go(state, trouble, StopPinEntry())
        case Undoing() as undoing:
            return change(state, replace(undoing, stuck=True))
        case Unlocking():
            return to_locked(state, problem)
        case _:
            return stay(state)


def trace_or_undo(state: State, stage: Stage, event: JournalFailed) -> Step:
    """The counters could not be made durable, so the message behind them never left; other records are the payment's."""
    if event.what != "trace":
        return undo_journal_failed(state, stage, event)
    keys = "failed" if state.keys == "under_way" else state.keys
    state = replace(state, telling=None)
    trouble = Trouble(problem=problem_of("J101", "journal.trace"), then="standby", retries=True, may_restart=True)
    return go(replace(state, keys=keys), trouble, StopPinEntry())
