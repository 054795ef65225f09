"""Signed in elsewhere (P6): say where and since when, and what can be done about it here."""

from msgspec.structs import replace

from ....basics.numbers import OperatorNo
from ....cup.values.take_over import TakeOver, write_take_over
from ..core.effects import StopPinEntry
from ..core.events import Elsewhere, KeyPressed, OperatorVerified, Ticked
from ..core.policy import APPROVAL_IDLE_S, STALE_REASONS
from ..core.state import State
from ..core.step import Step, go, host_now, idle_for_s, leave, stay
from ..core.ways import Ask, MoveHere, ToApproval, ToElsewhere
from .confirm import adopt_facts, ask_code, send_confirm
from .entrances import to_number
from .stages import SignedInElsewhere


def to_elsewhere(state: State, way: ToElsewhere) -> Step:
    """No approval came: the same question again, with why."""
    stage = SignedInElsewhere(operator_no=way.operator_no, found=way.found, problem=way.problem)
    return go(state, stage, StopPinEntry())


def approved(state: State, way: MoveHere) -> Step:
    """A supervisor lets the session move here."""
    return take_over(state, way.operator_no, way.found, write_take_over(TakeOver(approval_no=way.approval_no)))


def elsewhere_key(state: State, stage: SignedInElsewhere, event: KeyPressed) -> Step:
    """Sign out there, let a supervisor move the session here, or say why that terminal is not heard of any more."""
    way = stage.found.way
    if stage.choosing_reason:
        if event.key == "cancel":
            return go(state, replace(stage, choosing_reason=False))
        if event.key in STALE_REASONS:
            return take_over(state, stage.operator_no, stage.found, write_take_over(TakeOver(stale_reason=event.key)))
        return stay(state)
    match event.key:
        case "cancel":
            return to_number(state)
        case "enter" if not way:
            return to_number(state)
        case "supervisor" if way == "supervisor":
            way_back = ToElsewhere(operator_no=stage.operator_no, found=stage.found)
            ask = Ask(
                action="take_over",
                operator_no=stage.operator_no,
                record_no=stage.found.record_no,
                given=MoveHere(operator_no=stage.operator_no, found=stage.found),
                back=way_back,
            )
            return leave(state, ToApproval(ask))
        case "stale" if way == "stale":
            return go(state, replace(stage, choosing_reason=True))
    return stay(state)


def idle_tick(state: State, stage: SignedInElsewhere, event: Ticked) -> Step:
    """Nobody does anything about it: the terminal is free for others."""
    return to_number(state) if idle_for_s(state) >= APPROVAL_IDLE_S else stay(state)


def take_over(state: State, operator_no: OperatorNo, found: Elsewhere, how: str) -> Step:
    """403 with the approval's number or the reason; where policy wants a code, that comes first."""
    facts = facts_of(state, operator_no, found)
    state, kept = adopt_facts(state, facts)
    state, effects = with_code_or_without(state, facts, how)
    return state, (*effects, *kept)


def with_code_or_without(state: State, facts: OperatorVerified, how: str) -> Step:
    """The code first, where one is needed."""
    if facts.needs_code:
        return ask_code(state, facts, take_over=how)
    return send_confirm(state, facts, take_over=how)


def facts_of(state: State, operator_no: OperatorNo, found: Elsewhere) -> OperatorVerified:
    """What is known of a sign-in that was answered with P6; only cashiers sign in."""
    return OperatorVerified(
        now=state.now,
        record_no=found.record_no,
        operator_no=operator_no,
        login=found.login or operator_no,
        operator_name=found.operator_name,
        role="cashier",
        merchant_name=found.merchant_name or state.merchant_name,
        place=found.place or state.place,
        host_now=host_now(state),
        drift_s=state.drift_s,
        needs_code=found.needs_code,
        rules=found.rules,
        degraded=found.degraded,
    )
