"""The ways between the large parts of the flow: to the self-check, to sign-in, to standby."""

from typing import Literal, assert_never

from msgspec.structs import replace

from ....basics.numbers import OperatorNo
from ..screens.screens import Text
from .effects import CheckOffline, Effect, RunSelfCheck, SendOffline, SendSignOn, StartPinEntry, StopPinEntry
from .policy import PASSWORD_DIGITS_MAX, PASSWORD_DIGITS_MIN, PIN_PAD_TIMEOUT_S
from .proof_stages import CheckingOffline, Locked, LookingAround, WaitingTurn
from .stage import Problem, Then
from .stages import SelfChecking, SignInNumber, SignInPassword, Standby
from .state import Session, State
from .step import Step, close_reader, go, open_reader, remember_trace, stay, take_trace
from .trouble import show


def start_sign_on(state: State) -> Step:
    """Fetch fresh working keys (0800), unless that is under way."""
    if state.keys == "under_way":
        return state, ()
    counted, trace_no = take_trace(replace(state, keys="under_way"))
    return counted, (remember_trace(counted), SendSignOn(trace_no=trace_no, batch_no=counted.batch_no))


def need_keys(state: State) -> Step:
    """Start the sign-on if there are no keys and none are coming."""
    return (state, ()) if state.keys == "ready" else start_sign_on(state)


def keys_meanwhile(state: State) -> Step:
    """Fetch the keys while somebody types; without a line the background asks for them, so that nobody is interrupted."""
    return (state, ()) if state.without_line else need_keys(state)


def to_self_check(state: State) -> Step:
    """Check the devices."""
    return go(state, SelfChecking(), RunSelfCheck())


def nobody_here(state: State) -> State:
    """No session, and nothing left of one."""
    return replace(state, session=None, lock=None, forced=None)


def to_number(state: State, notice: Text | None = None) -> Step:
    """Ask for the operator's number; the keys are fetched meanwhile, so that nobody waits for them."""
    state, forget = close_reader(replace(nobody_here(state), first_key_at=None))
    state, ask = keys_meanwhile(state)
    return go(state, SignInNumber(notice=notice), *forget, StopPinEntry(), *ask)


def to_fresh_sign_in(state: State, notice: Text | None = None) -> Step:
    """A new sign-in from the beginning, with new keys, and with a look around where the policy asks for one."""
    state = replace(nobody_here(state), keys="none" if state.keys == "ready" else state.keys, eyes=None)
    if not state.rules.check_eyes:
        return to_number(state, notice)
    state, forget = close_reader(state)
    state, ask = keys_meanwhile(state)
    return go(state, LookingAround(), *forget, StopPinEntry(), *ask)


def password_entry(operator_no: OperatorNo | None, purpose: Literal["password", "old_password"] = "password") -> Effect:
    """Let the PIN pad collect an operator's password."""
    return StartPinEntry(
        purpose=purpose,
        operator_no=operator_no,
        min_digits=PASSWORD_DIGITS_MIN,
        max_digits=PASSWORD_DIGITS_MAX,
        timeout_s=PIN_PAD_TIMEOUT_S,
    )


def to_password(state: State, operator_no: OperatorNo, problem: Problem | None = None, wait_s: int = 0) -> Step:
    """Let the PIN pad collect the password of this operator; after wrong tries, once the wait is over."""
    state, ask = keys_meanwhile(state)
    if wait_s and problem is not None:
        return go(state, WaitingTurn(operator_no=operator_no, problem=problem, wait_s=wait_s), *ask, StopPinEntry())
    entry = password_entry(operator_no)
    return go(state, SignInPassword(operator_no=operator_no, problem=problem), *ask, entry)


def start_password_entry(session: Session | None) -> Effect:
    """Let the PIN pad collect the password of who is signed in."""
    return password_entry(session.operator_no if session else None)


def to_locked(state: State, problem: Problem | None = None, wait_s: int = 0) -> Step:
    """The locked screen. While a wait runs, nothing can be typed."""
    if wait_s:
        return go(state, Locked(problem=problem, wait_until=state.tick + wait_s), StopPinEntry())
    return go(state, Locked(problem=problem), start_password_entry(state.session))


def check_offline(state: State, operator_no: OperatorNo) -> Step:
    """There is no line: let the PIN pad judge the password that was typed."""
    return go(state, CheckingOffline(operator_no=operator_no), CheckOffline(operator_no=operator_no, use=True))


def tell_host(state: State) -> Step:
    """0820/407 for the operator who signed in first without the host."""
    if not state.owed or state.telling is not None:
        return stay(state)
    state, trace_no = take_trace(replace(state, telling=state.owed[0], line_tried_at=state.tick))
    told = SendOffline(trace_no=trace_no, batch_no=state.batch_no, operator_no=state.owed[0])
    return state, (remember_trace(state), told)


def to_standby(state: State, notice: Text | None = None) -> Step:
    """Ready for the next payment; without a session there is only sign-in."""
    if state.session is None:
        return to_number(state, notice)
    if state.lock is not None:
        return to_locked(state)
    state, forget = close_reader(state)
    state, wait = open_reader(state)
    return go(state, Standby(notice=notice), *forget, *wait)


def leave(state: State, then: Then, operator_no: OperatorNo | None = None) -> Step:
    """Go where a screen that was read leads."""
    match then:
        case "standby":
            return to_standby(state)
        case "password" if operator_no is not None:
            return to_password(state, operator_no)
        case "number" | "password":
            return to_number(state)
        case "self_check":
            return to_self_check(state)
        case "look_around":
            return to_fresh_sign_in(state)
    assert_never(then)


def force_sign_in(state: State, problem: Problem) -> Step:
    """The keys are not to be trusted any more: fetch new ones at once and let the operator sign in again."""
    state, forget = close_reader(replace(nobody_here(state), keys="none"))
    state, ask = start_sign_on(state)
    return show(state, problem, "number", *forget, StopPinEntry(), *ask)
