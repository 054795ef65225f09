"""What is done about a payment from its line: taken back, or given back. As by the entries of the menu, but its number need not be typed."""

from collections.abc import Callable

from msgspec.structs import replace

from .....cup.transactions import PAYMENTS
from ...core.events import DayLine
from ...core.payments import Doing
from ...core.state import State
from ...core.step import Step, stay
from ..kinds import Kind, offered
from ..paying import ask_after_session, bar, reader_for
from ..steps.original import EnteringOriginal, taken, why_not


def kinds_about(state: State, line: DayLine) -> tuple[Kind, ...]:
    """By which kinds whoever is signed in may take this payment back, and give some of it back: one each, where there is one."""
    taking_back = first_about(state, line, lambda kind: kind.closes == "undone")
    giving_back = first_about(state, line, lambda kind: kind.adjusts == -1)
    return tuple(kind for kind in (taking_back, giving_back) if kind is not None)


def first_about(state: State, line: DayLine, is_such: Callable[[Kind], bool]) -> Kind | None:
    """The first such kind that takes this payment; where it was paid by a code, one by code rather than its neighbour."""
    fitting = [kind for kind in offered(state) if is_such(kind) and asked_by(state, kind, line) is not None]
    is_by_code = bool(line.pay_voucher)
    return min(fitting, key=lambda kind: PAYMENTS[kind.name].is_by_code != is_by_code, default=None)


def asked_by(state: State, kind: Kind, line: DayLine) -> EnteringOriginal | None:
    """The stage that would ask for its number; None where the kind asks for none, or does not take this payment."""
    stage = kind.steps[0].ask(state, Doing(kind=kind.name))[0].stage
    return stage if isinstance(stage, EnteringOriginal) and not why_not(state, stage, line) else None


def begin_about(state: State, line: DayLine, kind_name: str) -> Step:
    """Begin this kind about this payment; what bars any payment bars it."""
    kind = next((kind for kind in kinds_about(state, line) if kind.name == kind_name), None)
    stage = asked_by(state, kind, line) if kind is not None else None
    if kind is None or stage is None:
        return stay(state)
    barred = bar(state, kind)
    if barred is not None:
        return barred
    state, wait = reader_for(replace(ask_after_session(state), tray=()), kind)
    state, on = taken(state, stage, line)
    return state, (*wait, *on)
