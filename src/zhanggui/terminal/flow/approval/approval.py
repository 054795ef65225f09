"""A supervisor's approval on the spot (主管授权): number and password on this terminal, bound to one action, good for one use.

Whoever needs one enters ApprovalNumber with an `Ask`; `given` says where it goes on.
"""

from msgspec.structs import replace

from ....basics.numbers import OperatorNo, is_digits
from ....cup.values.take_over import TakeOver, write_take_over
from ..core.effects import SendApproval, StopPinEntry
from ..core.events import Approved, HostFailed, KeyPressed, PinDone, PinDots, Refused, Ticked
from ..core.policy import APPROVAL_IDLE_S, OPERATOR_DIGITS, TRUSTLESS_CODES
from ..core.proof_stages import ApprovalNumber, ApprovalPassword, Approving, Ask, SignedInElsewhere
from ..core.routes import force_sign_in, password_entry, to_locked, to_number
from ..core.stage import Problem
from ..core.state import State
from ..core.step import Step, change, go, idle_for_s, remember_trace, stay, take_trace
from ..core.trouble import line_problem, problem_of, show, supervisor_problem
from ..duty.lock import unlock
from ..sign_in.elsewhere import take_over


def number_key(state: State, stage: ApprovalNumber, event: KeyPressed) -> Step:
    """Two digits, and the password is asked."""
    match event.key:
        case "clear":
            return change(state, replace(stage, digits=stage.digits[:-1]))
        case "cancel":
            return back(state, stage.ask)
    digits = stage.digits + event.key
    if not is_digits(digits, len(digits)) or len(digits) > OPERATOR_DIGITS:
        return stay(state)
    if len(digits) < OPERATOR_DIGITS:
        return change(state, replace(stage, digits=digits))
    return ask_password(state, stage.ask, OperatorNo(digits))


def ask_password(state: State, ask: Ask, supervisor_no: OperatorNo, problem: Problem | None = None) -> Step:
    """Let the PIN pad collect the supervisor's password."""
    stage = ApprovalPassword(ask=ask, supervisor_no=supervisor_no, problem=problem)
    return go(state, stage, password_entry(supervisor_no))


def password_dots(state: State, stage: ApprovalPassword, event: PinDots) -> Step:
    """One more dot, or one less."""
    return change(state, replace(stage, dots=event.count, problem=None))


def password_key(state: State, stage: ApprovalPassword, event: KeyPressed) -> Step:
    """The PIN pad has the keys; `cancel` comes here only from a front that has its own."""
    return back(state, stage.ask) if event.key == "cancel" else stay(state)


def password_done(state: State, stage: ApprovalPassword, event: PinDone) -> Step:
    """Ask the host. To release a terminal, the supervisor's password unlocks it and ends the session there."""
    if event.outcome != "entered":
        return back(state, stage.ask)
    if stage.ask.action == "release":
        return unlock(state, stage.supervisor_no)
    state, trace_no = take_trace(state)
    send = SendApproval(
        trace_no=trace_no,
        batch_no=state.batch_no,
        operator_no=stage.supervisor_no,
        action=stage.ask.action,
        record_no=stage.ask.found.record_no if stage.ask.found else None,
    )
    return go(state, Approving(ask=stage.ask, supervisor_no=stage.supervisor_no), remember_trace(state), send)


def given(state: State, stage: Approving, event: Approved) -> Step:
    """Use it at once: it lives for a minute."""
    found = stage.ask.found
    if found is None:
        return back(state, stage.ask)
    return take_over(state, stage.ask.operator_no, found, write_take_over(TakeOver(approval_no=event.approval_no)))


def refused(state: State, stage: Approving, event: Refused) -> Step:
    """A wrong number or password may be tried again; anything else goes back to where it was asked for."""
    problem = supervisor_problem(event)
    if event.response_code in TRUSTLESS_CODES:
        return force_sign_in(state, problem)
    if event.response_code == "P1" and not event.wait_s:
        return ask_password(state, stage.ask, stage.supervisor_no, problem)
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
    if ask.action == "release":
        return to_locked(state, problem) if state.lock is not None else to_number(state)
    if ask.found is None:
        return show(state, problem or problem_of("A110", "code.P8"), "number")
    stage = SignedInElsewhere(operator_no=ask.operator_no, found=ask.found, problem=problem)
    return go(state, stage, StopPinEntry())
