"""What became of a payment that the bank did not answer: tag UNDOING asks after one in a heartbeat, and tells it in the answer.

request   batch,trace             the payment that was answered with 98 or its like
answer    batch,trace,state       done: nothing is held any more; due: the bank has not taken the reversal yet
"""

from typing import Literal

import msgspec

from ...basics.numbers import BatchNo, TraceNo, is_digits

UndoingState = Literal["due", "done"]
DIGITS = 6


class Undoing(msgspec.Struct, frozen=True, kw_only=True):
    """A payment, and how its undoing at the bank stands; None while it is only asked after."""

    batch_no: BatchNo
    trace_no: TraceNo
    state: UndoingState | None = None


def write_undoing(undoing: Undoing | None) -> str:
    """The text of tag UNDOING; empty for None.

    >>> write_undoing(Undoing(batch_no=BatchNo("000001"), trace_no=TraceNo("000012"), state="done"))
    '000001,000012,done'
    """
    if undoing is None:
        return ""
    state = (undoing.state,) if undoing.state is not None else ()
    return ",".join((undoing.batch_no, undoing.trace_no, *state))


def read_undoing(text: str) -> Undoing | None:
    """Read tag UNDOING; None when it names no payment. A state that nobody knows is none.

    >>> read_undoing("000001,000012").state is None, read_undoing("1,2"), read_undoing("")
    (True, None, None)
    """
    batch_no, _, rest = text.partition(",")
    trace_no, _, state = rest.partition(",")
    if not (is_digits(batch_no, DIGITS) and is_digits(trace_no, DIGITS)):
        return None
    known: UndoingState | None = "done" if state == "done" else "due" if state == "due" else None
    return Undoing(batch_no=BatchNo(batch_no), trace_no=TraceNo(trace_no), state=known)
