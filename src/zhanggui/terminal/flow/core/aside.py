"""What goes back at a wallet that has not decided it, as the state holds it beside the payment in doubt (`payment/asking/late.py`)."""

from msgspec.structs import replace

from .effects import RememberAskedAfter
from .events import PendingReversal
from .policy import LATE_ASKED_S
from .state import State, Undo


def in_doubt_again(state: State, pending: PendingReversal) -> tuple[State, RememberAskedAfter]:
    """It is asked for again, and is the one payment in doubt until that is answered."""
    late = tuple(one for one in state.late if one != pending)
    return replace(state, late=late, late_at=state.tick, undo=Undo(reversal=pending)), RememberAskedAfter(
        pending=pending
    )


def is_due(state: State) -> bool:
    """Whether the next of them is to be asked for by itself: nothing else is in doubt or going on."""
    is_free = state.undo is None and state.keys == "ready" and state.stage.quiet
    return bool(state.late) and is_free and state.tick - state.late_at >= LATE_ASKED_S


def without(state: State, pending: PendingReversal) -> State:
    """The journal could not put it aside."""
    key = (pending.batch_no, pending.trace_no)
    return replace(state, late=tuple(one for one in state.late if (one.batch_no, one.trace_no) != key))
