"""Where the other areas come into the sign-in: self-check, number, password, a fresh sign-in."""

from typing import Literal

from msgspec.structs import replace

from ....basics.numbers import Login
from ....cup.values.badge import is_by_badge
from ....cup.values.phone import is_by_phone
from ..core.effects import CheckOffline, RunSelfCheck, SendGivenUp, SendVerify, StopPinEntry
from ..core.events import OperatorVerified
from ..core.routes import keys_meanwhile, nobody_here, password_entry
from ..core.state import State
from ..core.step import Part, Step, close_reader, elapsed_ms, go, remember_trace, take_trace
from ..words.text import Problem, Text
from .stages import CheckingOffline, LookingAround, SelfChecking, SignInNumber, SignInPassword, Verifying, WaitingTurn


def to_self_check(state: State, *, by_key: bool = False) -> Step:
    """Check the devices."""
    return go(state, SelfChecking(by_key=by_key), RunSelfCheck())


def to_number(state: State, notice: Text | None = None) -> Step:
    """Ask for the operator's number; the keys are fetched meanwhile, so that nobody waits for them."""
    state, forget = close_reader(replace(nobody_here(state), first_key_at=None))
    state, ask = keys_meanwhile(state)
    return go(state, SignInNumber(notice=notice), *forget, StopPinEntry(), *ask)


def give_up(
    state: State, facts: OperatorVerified, reason: Literal["given_up", "timed_out"], notice: Text | None = None
) -> Step:
    """Out of a sign-in whose password was right: the host ends its record, and somebody else may sign in."""
    told: tuple[Part, ...] = ()
    if state.keys == "ready":
        state, trace_no = take_trace(state)
        given_up = SendGivenUp(
            trace_no=trace_no,
            batch_no=state.batch_no,
            operator_no=facts.operator_no,
            record_no=facts.record_no,
            reason=reason,
        )
        told = (remember_trace(state), given_up)
    state, parts = to_number(state, notice)
    return state, (*told, *parts)


def to_fresh_sign_in(state: State, notice: Text | None = None) -> Step:
    """A new sign-in from the beginning, with new keys, and with a look around where the policy asks for one."""
    state = replace(nobody_here(state), keys="none" if state.keys == "ready" else state.keys, eyes=None)
    if not state.rules.check_eyes:
        return to_number(state, notice)
    state, forget = close_reader(state)
    state, ask = keys_meanwhile(state)
    return go(state, LookingAround(), *forget, StopPinEntry(), *ask)


def to_password(state: State, login: Login, problem: Problem | None = None, wait_s: int = 0) -> Step:
    """Let the PIN pad collect the password of this operator; after wrong tries, once the wait is over."""
    state, ask = keys_meanwhile(state)
    if wait_s and problem is not None:
        return go(state, WaitingTurn(login=login, problem=problem, wait_s=wait_s), *ask, StopPinEntry())
    entry = password_entry(login)
    return go(state, SignInPassword(login=login, problem=problem), *ask, entry)


def check_offline(state: State, login: Login) -> Step:
    """There is no line: let the PIN pad judge the password that was typed."""
    return go(state, CheckingOffline(login=login), CheckOffline(login=login, use=True))


def send_verify(state: State, login: Login, *, phone: str = "") -> Step:
    """Ask the host; `phone` names the code that a phone answered."""
    state, trace_no = take_trace(state)
    verify = SendVerify(
        trace_no=trace_no,
        batch_no=state.batch_no,
        login=login,
        checks=state.checks,
        eyes=state.eyes or "",
        elapsed_ms=elapsed_ms(state),
        steps=state.steps,
        phone=phone,
    )
    return go(state, Verifying(login=login, waits_for_keys=False), remember_trace(state), verify)


def needs_line(login: Login) -> bool:
    """Whether nobody but the host can say who it is."""
    return is_by_badge(login) or is_by_phone(login)
