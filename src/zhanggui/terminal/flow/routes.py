"""The ways between the large parts of the flow: to the self-check, to sign-in, to standby."""

from typing import assert_never

from msgspec.structs import replace

from ...basics.numbers import OperatorNo
from .effects import RunSelfCheck, SendSignOn, StartPinEntry, StopPinEntry
from .policy import PASSWORD_DIGITS_MAX, PASSWORD_DIGITS_MIN, PIN_PAD_TIMEOUT_S
from .screens import Text
from .stages import Problem, SelfChecking, SignInNumber, SignInPassword, Standby, Then
from .state import State
from .step import Step, close_reader, go, open_reader, remember_trace, take_trace
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


def to_self_check(state: State) -> Step:
    """Check the devices."""
    return go(state, SelfChecking(), RunSelfCheck())


def to_number(state: State, notice: Text | None = None) -> Step:
    """Ask for the operator's number; the keys are fetched meanwhile, so that nobody waits for them."""
    state, forget = close_reader(replace(state, session=None))
    state, ask = need_keys(state)
    return go(state, SignInNumber(notice=notice), *forget, StopPinEntry(), *ask)


def to_fresh_sign_in(state: State) -> Step:
    """A new sign-in from the beginning, with new keys."""
    return to_number(replace(state, keys="none") if state.keys == "ready" else state)


def to_password(state: State, operator_no: OperatorNo, problem: Problem | None = None) -> Step:
    """Let the PIN pad collect the password of this operator."""
    state, ask = need_keys(state)
    entry = StartPinEntry(
        purpose="password",
        operator_no=operator_no,
        min_digits=PASSWORD_DIGITS_MIN,
        max_digits=PASSWORD_DIGITS_MAX,
        timeout_s=PIN_PAD_TIMEOUT_S,
    )
    return go(state, SignInPassword(operator_no=operator_no, problem=problem), *ask, entry)


def to_standby(state: State, notice: Text | None = None) -> Step:
    """Ready for the next payment; without a session there is only sign-in."""
    if state.session is None:
        return to_number(state, notice)
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
    assert_never(then)


def force_sign_in(state: State, problem: Problem) -> Step:
    """The keys are not to be trusted any more: fetch new ones at once and let the operator sign in again."""
    state, forget = close_reader(replace(state, session=None, keys="none"))
    state, ask = start_sign_on(state)
    return show(state, problem, "number", *forget, StopPinEntry(), *ask)
