"""What bars a payment, and what every step of one needs: the card on a screen, giving up."""

from ....basics.money import format_yuan
from ..core.effects import CloseReader, StopPinEntry
from ..core.events import FIRST_KIND, DayLine
from ..core.payments import Card, Doing
from ..core.policy import SALE_IDLE_S
from ..core.stage import Trouble
from ..core.state import State
from ..core.step import Step, check_of, go, idle_for_s, leave, stay
from ..core.trouble import device_words, problem_of, show, side_of
from ..core.ways import LeavePayment, ResumeSettlement, ToNumber, ToPassword, ToStandby
from ..screens.frame import pair, yuan
from ..screens.screens import Line
from ..words.text import Problem, words


def why_barred(state: State) -> Step | None:
    """Why no payment begins now, whatever its kind; None when it may."""
    session = state.session
    if session is None:
        return leave(state, ToNumber())
    if state.settlement is not None:
        return leave(state, ResumeSettlement())
    barred = why_barred_for(state)
    if barred is not None:
        return barred
    if "card" in session.degraded:
        return show(state, problem_of("D105", "degraded.no_card"), ToStandby())
    power = check_of(state, "power")
    if power is not None and power.state == "fail":
        what, todo = device_words(power)
        return show(state, Problem(code="D104", what=what, todo=todo), ToStandby())
    reader = check_of(state, "card_reader")
    if reader is not None and reader.state == "fail":
        what, todo = device_words(reader)
        return show(state, Problem(code="D105", what=what, todo=todo), ToStandby())
    return None


def why_barred_for(state: State, amount_fen: int = 0) -> Step | None:
    """Without the host there is no payment; with a limited session none over its limit. None when it may go on."""
    session = state.session
    if session is None or session.limits is None:
        return None
    if session.offline:
        return show(state, problem_of("D101", "offline.sale_waits"), ToStandby())
    limit_fen = session.limits.sale_limit_fen
    if amount_fen > limit_fen:
        problem = problem_of("D107", "offline.over_limit", limit=f"¥{format_yuan(limit_fen)}")
        trouble = Trouble(problem=problem, then=ToPassword(session.operator_no), settled=True, may_decline=True)
        return go(state, trouble)
    return None


def card_pair(card: Card) -> Line:
    """The card or the code on a screen, masked."""
    return pair("card.code" if card.way == "scan" else "card.number", words(f"card.by.{card.way}", pan=card.masked_pan))


def original_lines(line: DayLine) -> tuple[Line, ...]:
    """The amount of an earlier payment as its slip has it; and what can still go back or is held by now, where that is another sum."""
    amount = pair("original.amount", yuan(line.amount_fen))
    if not line.adjusted_fen:
        return (amount,)
    now = "original.left" if line.adjusted_fen < 0 else "original.held"
    return amount, pair(now, yuan(line.standing_fen), is_strong=True)


def give_up(state: State, why: str, kind: str = "") -> Step:
    """Back to standby before anything left the terminal; the words fit what the money would have done."""
    doing = getattr(state.stage, "doing", None)
    side = side_of(doing.kind if isinstance(doing, Doing) else kind or FIRST_KIND)
    return state, (StopPinEntry(), ToStandby(words(f"standby.{why}.{side}")))


def left(state: State, way: LeavePayment) -> Step:
    """Nobody approved it: back to standby, with the reason if there is one."""
    state, effects = show(state, way.problem, ToStandby()) if way.problem else give_up(state, "cancelled", way.kind)
    return state, (CloseReader(), *effects)


def left_alone(state: State) -> Step:
    """A payment that nobody goes on with is left, so that the next one does not inherit it."""
    return give_up(state, "idle") if idle_for_s(state) >= SALE_IDLE_S else stay(state)
