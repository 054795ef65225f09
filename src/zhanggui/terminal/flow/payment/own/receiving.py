"""A payment by the code on the counter (台牌): the host says that it came, and the terminal takes it into its batch.

    order `code_paid` ─▶ remembered under the next number ─▶ 0200, asked for again until the host has said ─▶ ARRIVED ─▶ slips

Nobody has begun it and nobody waits for it: it goes beside standby, as what a power cut left behind does (`again.py`), and the screen
shows it once the host has put it into the batch. What is refused is said to nobody: the money waits at the host, which tells of it again.
"""

from msgspec.structs import replace

from .....cup.transactions import PAYMENTS
from ...core.effects import RememberPayment
from ...core.payments import Attempt, Doing
from ...core.state import State, Undo
from ...core.step import Step, clock_time, stay, take_trace, with_line
from ...core.ways import TakeReceived
from ..kinds import KINDS
from ..undo import send

RECEIVED = next(kind for kind in KINDS.values() if PAYMENTS[kind.name].is_received)


def begin(state: State, way: TakeReceived) -> Step:
    """Remember it, then ask for it: in this order, in one step, or not at all."""
    session = state.session
    if session is None or state.undo is not None:
        return stay(state)
    state, trace_no = take_trace(state)
    attempt = Attempt(
        doing=Doing(kind=RECEIVED.name, amount_fen=way.sheet.amount_fen, received=way.sheet.voucher),
        trace_no=trace_no,
        batch_no=state.batch_no,
        operator_no=session.operator_no,
        time=clock_time(state),
        reversible=True,
        sign=RECEIVED.sign,
        epoch=state.epoch,
        repeated=True,
    )
    state = with_line(replace(state, undo=Undo(reversal=attempt.reversal())), attempt.line("reversing"))
    return send(state, RememberPayment(attempt=attempt))
