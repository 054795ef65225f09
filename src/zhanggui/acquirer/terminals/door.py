"""What passes the terminals' HTTP door: a turn that is new, at about the host's own time.

    seal does not fit, or no such terminal ─▶ nothing is said of any terminal
    its time is far off ─▶ door_wrong_time: nothing is taken        turn not above the last ─▶ door_turn_taken: nothing is done
    else ─▶ the turn is taken in the commit of what it does

How a terminal stands it may ask in every state; all else is for a terminal that is admitted, as at the other door (`gate.py`).
"""

from ...basics.errors import Defect
from ...basics.numbers import MerchantNo, TerminalNo, UnixMs
from ...cup.door.asks import AskStanding, Standing
from ...cup.door.calls import DoorCall, is_near
from ..rows.decision import Decision, DoorReply
from ..rows.reasons import Reason
from ..rows.records import Counter, Terminal
from ..rows.state import Change, Insert, Needs, State, Update


def turn_counter(terminal_no: TerminalNo) -> str:
    """The name of the counter of a terminal's turns at the door."""
    return f"door:{terminal_no}"


def turn_needs(merchant_no: MerchantNo, terminal_no: TerminalNo) -> Needs:
    """The rows of any call: the terminal, whose key proves it, and its last turn."""
    return Needs({Terminal: [(merchant_no, terminal_no)], Counter: [(merchant_no, turn_counter(terminal_no))]})


def last_turn(state: State, call: DoorCall) -> int:
    """The last turn of this terminal that was taken; 0 before the first."""
    counter = state.get(Counter, call.merchant_no, turn_counter(call.terminal_no))
    return counter.value if counter is not None else 0


def why_not_in_turn(state: State, call: DoorCall, now: UnixMs) -> Reason:
    """Why a call that is proven is not heard; empty when it is its turn."""
    if not is_near(call.said_ms, now):
        return "door_wrong_time"
    return "" if call.turn > last_turn(state, call) else "door_turn_taken"


def taken_turn(state: State, call: DoorCall) -> Change:
    """What takes the turn; to be committed with what the call does."""
    taken = Counter(merchant_no=call.merchant_no, name=turn_counter(call.terminal_no), value=call.turn)
    return Update(taken) if last_turn(state, call) else Insert(taken)


def decide_standing(state: State, call: DoorCall, asked: AskStanding, now: UnixMs) -> Decision:
    """How a terminal stands; changes nothing."""
    terminal = state.get(Terminal, call.merchant_no, call.terminal_no)
    if terminal is None:
        raise Defect("a call is decided that no terminal can have proven")
    live = state.live_sessions_on(call.merchant_no, call.terminal_no)
    said = Standing(
        state=terminal.state, batch_no=terminal.batch_no, signed_in=tuple(session.operator_no for session in live)
    )
    return Decision(reply=DoorReply(said))
