"""The operator's own password in the middle of a session that a badge alone began (404): from then on it has all rights.

standby ── what a badge is not enough for ──▶ PROVING ── right ──▶ there      PROVING ── cancel, no answer ──▶ standby
"""

from msgspec.structs import replace

from ..core.effects import SendLock, StopPinEntry
from ..core.events import HostFailed, KeyPressed, LockAnswered, PinDone, PinDots, Refused
from ..core.policy import PASSWORD_DIGITS_MAX, TRUSTLESS_CODES
from ..core.routes import force_sign_in, password_entry
from ..core.state import State
from ..core.step import Step, change, close_reader, go, leave, operator_name, remember_trace, stay, take_trace
from ..core.trouble import line_problem, refusal_problem, show
from ..core.ways import ProveFirst, ToNumber, ToStandby, Way
from ..screens.frame import CANCEL, CLEAR, ENTER, busy, pair, plain, problem_lines, screen, strong
from ..screens.screens import Entry, Screen
from ..words.text import Problem, words
from .stages import Proving, ProvingSent


def prove_first(state: State, way: ProveFirst) -> Step:
    """Ask for the password of who is signed in."""
    return ask(state, way.then)


def ask(state: State, then: Way, problem: Problem | None = None) -> Step:
    """Let the PIN pad collect it; a card that was read meanwhile is let go."""
    session = state.session
    if session is None:
        return leave(state, ToNumber())
    state, forget = close_reader(state)
    state, entry = go(state, Proving(then=then, problem=problem), password_entry(session.operator_no))
    return state, (*forget, *entry)


def dots(state: State, stage: Proving, event: PinDots) -> Step:
    """One more dot, or one less; what was refused has been read."""
    return change(state, replace(stage, dots=event.count, problem=None))


def key(state: State, stage: Proving, event: KeyPressed) -> Step:
    """The PIN pad has the keys; `cancel` comes here only from a front that has its own."""
    return (state, (StopPinEntry(), ToStandby())) if event.key == "cancel" else stay(state)


def done(state: State, stage: Proving, event: PinDone) -> Step:
    """404, as an unlock: the host checks the password and makes the session whole."""
    session = state.session
    if event.outcome != "entered" or session is None:
        return leave(state, ToStandby())
    if state.keys != "ready":
        return show(state, line_problem("not_sent"), ToStandby(), StopPinEntry())
    state, trace_no = take_trace(state)
    sent = SendLock(trace_no=trace_no, batch_no=state.batch_no, login=session.operator_no, verdict="unlock")
    return go(state, ProvingSent(then=stage.then), remember_trace(state), sent)


def proven(state: State, stage: ProvingSent, event: LockAnswered) -> Step:
    """On, with all rights."""
    if state.session is None or event.verdict != "unlock":
        return stay(state)
    return leave(replace(state, session=replace(state.session, by_badge=False)), stage.then)


def refused(state: State, stage: ProvingSent, event: Refused) -> Step:
    """A wrong password may be typed again, once a wait is over; anything else leads back to standby, with the reason."""
    problem = refusal_problem(event)
    if event.response_code in TRUSTLESS_CODES or event.response_code == "PA":
        return force_sign_in(state, problem)
    if event.response_code == "P1" and not event.wait_s:
        return ask(state, stage.then, problem)
    return show(state, problem, ToStandby(), StopPinEntry())


def failed(state: State, stage: ProvingSent, event: HostFailed) -> Step:
    """No answer: nothing was done."""
    if event.failure in ("bad_mac", "bad_keys"):
        return force_sign_in(state, line_problem(event.failure))
    return show(state, line_problem(event.failure), ToStandby(), StopPinEntry())


def proving(state: State, stage: Proving) -> Screen:
    """Who, why, and dots."""
    problem = stage.problem
    shown = screen(
        state,
        "own_password",
        words("prove.title"),
        pair("fact.operator", operator_name(state)),
        *((strong(problem.what), *problem_lines(state, problem)) if problem else (plain(words("prove.why")),)),
        tone="bad" if problem else "calm",
        choices=(CANCEL, CLEAR, ENTER),
        digits=True,
    )
    entry = Entry(words("sign_in.password"), "•" * stage.dots, "secret", PASSWORD_DIGITS_MAX)
    return replace(shown, entry=entry, code=problem.code if problem else "")


def proving_sent(state: State, stage: ProvingSent) -> Screen:
    """The host looks at it."""
    return busy(state, "own_password_sent", words("sign_in.verifying"), pair("fact.operator", operator_name(state)))
