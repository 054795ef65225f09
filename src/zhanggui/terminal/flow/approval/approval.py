"""A supervisor's approval on the spot (主管授权): number and password on this terminal, bound to one action, good for one use.

Whoever needs one leaves for ToApproval with an `Ask`, which says what for, and where it goes on with and without it.
"""

from msgspec.structs import replace

from ....basics.numbers import Login, OperatorNo, UserName, is_digits
from ....cup.values.user_name import USER_NAME
from ..core.effects import SendApproval
from ..core.events import Approved, HostFailed, KeyPressed, PinDone, PinDots, Refused, SignedOn, Ticked
from ..core.policy import APPROVAL_IDLE_S, OPERATOR_DIGITS, TRUSTLESS_CODES
from ..core.routes import adopt, force_sign_in, need_keys, password_entry
from ..core.state import State
from ..core.step import Step, change, go, idle_for_s, leave, remember_trace, stay, take_trace
from ..core.trouble import line_problem, refusal_problem, supervisor_problem
from ..core.ways import Ask, ToApproval, Unlock
from ..screens.name_keys import LETTERS, NameTyped, with_key
from ..words.text import Problem, words
from .stages import ApprovalNumber, ApprovalPassword, Approving


def to_approval(state: State, way: ToApproval) -> Step:
    """The supervisor's number first, unless it is known who has to come."""
    if way.ask.by is not None:
        return ask_password(state, way.ask, way.ask.by)
    return go(state, ApprovalNumber(ask=way.ask))


def number_key(state: State, stage: ApprovalNumber, event: KeyPressed) -> Step:
    """Two digits, and the password is asked; or a user name."""
    if stage.name is not None:
        return name_key(state, stage, stage.name, event)
    if state.rules.user_names and (event.key == "user_name" or event.key in LETTERS):
        return name_key(state, stage, NameTyped(), event)
    match event.key:
        case "clear":
            return change(state, replace(stage, digits=stage.digits[:-1], notice=None))
        case "cancel":
            return back(state, stage.ask)
        case "enter":
            return change(state, replace(stage, notice=words("sign_in.two_digits")))
    digits = stage.digits + event.key
    if not is_digits(digits, len(digits)) or len(digits) > OPERATOR_DIGITS:
        return stay(state)
    if len(digits) < OPERATOR_DIGITS:
        return change(state, replace(stage, digits=digits, notice=None))
    return ask_password(state, stage.ask, OperatorNo(digits))


def name_key(state: State, stage: ApprovalNumber, typed: NameTyped, event: KeyPressed) -> Step:
    """One more character of the supervisor's user name."""
    match event.key:
        case "cancel":
            return change(state, ApprovalNumber(ask=stage.ask))
        case "enter" if USER_NAME.fullmatch(typed.text) is None:
            return change(state, replace(stage, notice=words("sign_in.whole_user_name")))
        case "enter":
            return ask_password(state, stage.ask, UserName(typed.text))
    by_presses = not state.machine.profile.touch
    name = with_key(typed, event.key, event.now, by_presses=by_presses)
    return change(state, ApprovalNumber(ask=stage.ask, name=name))


def ask_password(state: State, ask: Ask, supervisor: Login, problem: Problem | None = None) -> Step:
    """Let the PIN pad collect the supervisor's password."""
    stage = ApprovalPassword(ask=ask, supervisor=supervisor, problem=problem)
    return go(state, stage, password_entry(supervisor))


def password_dots(state: State, stage: ApprovalPassword, event: PinDots) -> Step:
    """One more dot, or one less."""
    return change(state, replace(stage, dots=event.count, problem=None))


def password_key(state: State, stage: ApprovalPassword, event: KeyPressed) -> Step:
    """The PIN pad has the keys; `cancel` comes here only from a front that has its own."""
    return back(state, stage.ask) if event.key == "cancel" else stay(state)


def password_done(state: State, stage: ApprovalPassword, event: PinDone) -> Step:
    """Ask the host. To release a terminal, the supervisor's password unlocks it and ends the session there."""
    ask = stage.ask
    if event.outcome != "entered":
        return back(state, ask)
    if isinstance(ask.given, Unlock):
        return leave(state, Unlock(stage.supervisor))
    if state.keys != "ready":
        state, keys = need_keys(state)
        return go(state, Approving(ask=ask, supervisor=stage.supervisor, waits=True), *keys)
    return send(state, ask, stage.supervisor)


def send(state: State, ask: Ask, supervisor: Login) -> Step:
    """0820/406 with the password from the PIN pad."""
    state, trace_no = take_trace(state)
    asked = SendApproval(
        trace_no=trace_no,
        batch_no=state.batch_no,
        login=supervisor,
        action=ask.action,
        amount_fen=ask.amount_fen,
        record_no=ask.record_no,
        original=ask.original,
    )
    return go(state, Approving(ask=ask, supervisor=supervisor), remember_trace(state), asked)


def keys_came(state: State, stage: Approving, event: SignedOn) -> Step:
    """Now the host can be asked."""
    if state.keys != "under_way":
        return stay(state)
    state, kept = adopt(state, event)
    if not stage.waits:
        return state, kept
    state, parts = send(state, stage.ask, stage.supervisor)
    return state, (*kept, *parts)


def no_keys(state: State, stage: Approving, event: HostFailed | Refused) -> Step:
    """Without keys nobody can be asked."""
    if state.keys != "under_way":
        return stay(state)
    state = replace(state, keys="failed")
    if not stage.waits:
        return stay(state)
    problem = line_problem(event.failure) if isinstance(event, HostFailed) else refusal_problem(event)
    return back(state, stage.ask, problem)


def given(state: State, stage: Approving, event: Approved) -> Step:
    """Use it at once: it lives for a minute."""
    way = stage.ask.given
    if isinstance(way, Unlock):
        return back(state, stage.ask)
    return leave(state, replace(way, approval_no=event.approval_no))


def refused(state: State, stage: Approving, event: Refused) -> Step:
    """A wrong number or password may be tried again; anything else goes back to where it was asked for."""
    problem = supervisor_problem(event)
    if event.response_code in TRUSTLESS_CODES:
        return force_sign_in(state, problem)
    if event.response_code == "P1" and not event.wait_s:
        return ask_password(state, stage.ask, stage.supervisor, problem)
    return back(state, stage.ask, problem)


def failed(state: State, stage: Approving, event: HostFailed) -> Step:
    """No answer: the supervisor may try again."""
    problem = line_problem(event.failure)
    if event.failure in ("bad_mac", "bad_keys"):
        return force_sign_in(state, problem)
    return back(state, stage.ask, problem)


def idle_tick(state: State, stage: ApprovalNumber | ApprovalPassword, event: Ticked) -> Step:
    """Nobody came."""
    return back(state, stage.ask) if idle_for_s(state) >= APPROVAL_IDLE_S else stay(state)


def back(state: State, ask: Ask, problem: Problem | None = None) -> Step:
    """To where the approval was asked for."""
    return leave(state, replace(ask.back, problem=problem))
