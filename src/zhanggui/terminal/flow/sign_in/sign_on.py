"""The terminal's own sign-on (0800), in the background: keys, batch and host time come while the operator types."""

from msgspec.structs import replace

from ....basics.numbers import Login
from ....cup.values.phone import is_by_phone
from ..core.effects import StopPinEntry
from ..core.events import GivenUp, HostFailed, JournalFailed, Refused, SignedOn
from ..core.routes import adopt, may_do_without, tell_host, without_keys
from ..core.stage import Stage, Trouble
from ..core.state import State
from ..core.step import Step, change, go, leave, stay
from ..core.trouble import problem_of, refusal_problem
from ..core.ways import RecordFailed, ToNumber, ToPassword, ToStandby, UndoIfQuiet
from ..words.text import Problem, words
from .entrances import check_offline
from .stages import SignInNumber, SignInPassword, Verifying


def signed_on(state: State, stage: Stage, event: SignedOn) -> Step:
    """Keys are there: what was done without the host is told, and a payment in doubt undone, before anything else."""
    if state.keys != "under_way":
        return stay(state)
    state, kept = adopt(state, event)
    if state.owed:
        state, tell = tell_host(state)
        return state, (*kept, *tell)
    return state, (*kept, UndoIfQuiet())


def number_keys_came(state: State, stage: SignInNumber, event: SignedOn) -> Step:
    """The line is back: the notice that it is away goes."""
    if state.keys == "under_way" and state.without_line:
        state = replace(state, stage=replace(stage, notice=None))
    return signed_on(state, stage, event)


# ── no keys ──────────────────────────────────────────────────────────────────
#
# Where somebody waits for them, why is said at once; elsewhere they are asked for again when they are needed. Stages of other
# areas that wait for keys have rows of their own.


def sign_on_failed(state: State, stage: Stage, event: HostFailed) -> Step:
    """The line failed, and nobody here waits for it."""
    if state.keys != "under_way":
        return stay(state)
    state, _ = without_keys(state, event)
    return stay(state)


def sign_on_refused(state: State, stage: Stage, event: Refused) -> Step:
    """The host does not let this terminal on."""
    return stay(replace(state, keys="failed")) if state.keys == "under_way" else stay(state)


def number_failed(state: State, stage: SignInNumber, event: HostFailed) -> Step:
    """Who types is told at once, unless policy lets the PIN pad check the password alone."""
    if state.keys != "under_way":
        return stay(state)
    state, problem = without_keys(state, event)
    if may_do_without(state, event):
        return change(state, replace(stage, notice=words("offline.possible")))
    return go(state, Trouble(problem=problem, then=ToNumber(), retries=True))


def number_refused(state: State, stage: SignInNumber, event: Refused) -> Step:
    """The host does not let this terminal on."""
    if state.keys != "under_way":
        return stay(state)
    return go(replace(state, keys="failed"), Trouble(problem=refusal_problem(event), then=ToNumber(), retries=True))


def password_failed(state: State, stage: SignInPassword, event: HostFailed) -> Step:
    """Who types goes on typing where the PIN pad may judge it alone."""
    if state.keys != "under_way":
        return stay(state)
    state, problem = without_keys(state, event)
    if may_do_without(state, event):
        return stay(state)
    return password_again(state, stage.login, problem)


def password_refused(state: State, stage: SignInPassword | Verifying, event: Refused) -> Step:
    """The host does not let this terminal on; the number is kept."""
    if state.keys != "under_way":
        return stay(state)
    return password_again(replace(state, keys="failed"), stage.login, refusal_problem(event))


def verifying_failed(state: State, stage: Verifying, event: HostFailed) -> Step:
    """Who waits is judged by the PIN pad where it may."""
    if state.keys != "under_way":
        return stay(state)
    state, problem = without_keys(state, event)
    if may_do_without(state, event) and stage.waits_for_keys:
        return check_offline(state, stage.login)
    return password_again(state, stage.login, problem)


def password_again(state: State, login: Login, problem: Problem) -> Step:
    """Why there are no keys; the same operator tries again."""
    then = ToNumber() if is_by_phone(login) else ToPassword(login)
    return go(state, Trouble(problem=problem, then=then, retries=True), StopPinEntry())


def given_up(state: State, stage: Stage, event: GivenUp | Refused | HostFailed) -> Step:
    """The record of a sign-in that nobody goes on with is ended, or it runs out by itself at the host."""
    return stay(state)


# ── counters ─────────────────────────────────────────────────────────────────


def trace_lost(state: State, stage: Stage, event: JournalFailed) -> Step:
    """The counters could not be made durable, so the message behind them never left; other records are the payment's."""
    if event.what != "trace":
        return leave(state, RecordFailed(event.what))
    keys = "failed" if state.keys == "under_way" else state.keys
    state = replace(state, telling=None, keys=keys)
    trouble = Trouble(problem=problem_of("J101", "journal.trace"), then=ToStandby(), retries=True, may_restart=True)
    return go(state, trouble, StopPinEntry())
