"""A new password of one's own (修改密码): typed twice on the PIN pad, which alone compares both; the host says whether it is good.

It is asked for when the host wants one before the session, when the operator wants one while it is still time, from standby, and
from a manager's menu.
"""

from typing import Literal

from msgspec.structs import replace

from ....basics.numbers import Login, OperatorNo
from ..core.effects import Effect, SendNewPassword, StartPinEntry, StopPinEntry
from ..core.events import HostFailed, KeyPressed, OperatorVerified, PasswordChanged, PinDone, PinDots, Refused
from ..core.policy import NEW_PASSWORD_DIGITS_MAX, NEW_PASSWORD_DIGITS_MIN, PIN_PAD_TIMEOUT_S, TRUSTLESS_CODES
from ..core.routes import force_sign_in, password_entry
from ..core.state import State
from ..core.step import Step, change, close_reader, go, leave, remember_trace, stay, take_trace
from ..core.trouble import line_problem, problem_of, refusal_problem, show
from ..core.ways import ToNumber, ToOldPassword, ToStandby
from ..words.text import Problem, words
from .entrances import give_up as leave_sign_in
from .entrances import to_number
from .stages import ChangingPassword, Confirming, EnteringNew, EnteringOld


def to_old(state: State, way: ToOldPassword) -> Step:
    """From standby, of who is signed in; or from the menu of somebody who never is."""
    session = state.session
    operator_no = way.operator_no or (session.operator_no if session is not None else None)
    return ask_old(state, operator_no) if operator_no is not None else to_number(state)


def ask_old(state: State, operator_no: OperatorNo, problem: Problem | None = None) -> Step:
    """The old password first."""
    state, forget = close_reader(state)
    stage = EnteringOld(operator_no=operator_no, problem=problem)
    return go(state, stage, *forget, password_entry(operator_no, "old_password"))


def new_entry(login: Login, purpose: Literal["new_password", "repeat_password"]) -> Effect:
    """Let the PIN pad collect the new password, or the new password once more."""
    return StartPinEntry(
        purpose=purpose,
        login=login,
        min_digits=NEW_PASSWORD_DIGITS_MIN,
        max_digits=NEW_PASSWORD_DIGITS_MAX,
        timeout_s=PIN_PAD_TIMEOUT_S,
    )


def ask_new(
    state: State,
    operator_no: OperatorNo,
    login: Login,
    facts: OperatorVerified | None,
    problem: Problem | None = None,
) -> Step:
    """The new password, for the first time."""
    stage = EnteringNew(operator_no=operator_no, login=login, facts=facts, problem=problem)
    return go(state, stage, new_entry(login, "new_password"))


def dots(state: State, stage: EnteringOld | EnteringNew, event: PinDots) -> Step:
    """One more dot, or one less."""
    return change(state, replace(stage, dots=event.count, problem=None))


def key(state: State, stage: EnteringOld | EnteringNew, event: KeyPressed) -> Step:
    """The PIN pad has the keys; `cancel` comes here only from a front that has its own."""
    return give_up(state, stage) if event.key == "cancel" else stay(state)


def old_done(state: State, stage: EnteringOld, event: PinDone) -> Step:
    """The old password waits in the PIN pad for the new one."""
    if event.outcome != "entered":
        return give_up(state, stage)
    return ask_new(state, stage.operator_no, stage.operator_no, None)


def new_done(state: State, stage: EnteringNew, event: PinDone) -> Step:
    """Typed once: once more. Typed twice alike: to the host. Typed differently: from the first again."""
    match event.outcome:
        case "entered" if not stage.again:
            repeat = replace(stage, again=True, dots=0, problem=None)
            return go(state, repeat, new_entry(stage.login, "repeat_password"))
        case "entered":
            return send_new(state, stage)
        case "differs":
            return ask_new(state, stage.operator_no, stage.login, stage.facts, problem_of("A111", "password.differs"))
        case _:
            return give_up(state, stage)


def give_up(state: State, stage: EnteringOld | EnteringNew | ChangingPassword) -> Step:
    """Nothing changed: back to standby, or out of a sign-in that cannot go on without."""
    if not isinstance(stage, EnteringOld) and stage.facts is not None:
        if stage.facts.needs_new_password:
            return leave_sign_in(state, stage.facts, "given_up")
        return go(state, Confirming(facts=stage.facts), StopPinEntry())
    state, effects = leave(state, ToStandby(words("password.kept")))
    return state, (StopPinEntry(), *effects)


def send_new(state: State, stage: EnteringNew) -> Step:
    """0820/405."""
    state, trace_no = take_trace(state)
    send = SendNewPassword(
        trace_no=trace_no,
        batch_no=state.batch_no,
        operator_no=stage.operator_no,
        login=stage.login,
        record_no=stage.facts.record_no if stage.facts is not None else None,
    )
    going = ChangingPassword(operator_no=stage.operator_no, login=stage.login, facts=stage.facts)
    return go(state, going, remember_trace(state), send)


def changed(state: State, stage: ChangingPassword, event: PasswordChanged) -> Step:
    """The new one counts: on with the sign-in, or back to standby."""
    if stage.facts is None:
        return leave(state, ToStandby(words("password.changed")))
    facts = replace(stage.facts, needs_new_password=False, days_left=None)
    return go(state, Confirming(facts=facts, password_changed=True))


def refused(state: State, stage: ChangingPassword, event: Refused) -> Step:
    """The rules refuse the new one: type another. The old one was wrong: type it again."""
    problem = refusal_problem(event)
    match event.response_code:
        case code if code in TRUSTLESS_CODES:
            return force_sign_in(state, problem)
        case "P4":
            return ask_new(state, stage.operator_no, stage.login, stage.facts, problem)
        case "P1" if stage.facts is None:
            return ask_old(state, stage.operator_no, problem)
    return show(state, problem, ToStandby() if stage.facts is None else ToNumber())


def failed(state: State, stage: ChangingPassword, event: HostFailed) -> Step:
    """No answer: nobody knows whether it changed. Both passwords are said to be worth a try."""
    if event.failure in ("bad_mac", "bad_keys"):
        return force_sign_in(state, line_problem(event.failure))
    known = event.failure in ("unreachable", "not_sent")
    problem = line_problem(event.failure) if known else problem_of("A112", "password.unsure")
    return show(state, problem, ToStandby() if stage.facts is None else ToNumber())
