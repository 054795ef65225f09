"""Merchant copies ticked off at their terminal (0820, 60.3 = 411) and the answer. Ours; the mechanism is `acquirer/slips/ticking.py`.

Field 62 is a verb and the copies that it is about, each by batch and voucher number; the answer has one mark for each, in their order:

    look:000002000012,000002000013          10     the first is in hand, the second is missing
    tick:000002000013                       1      now it is
    untick:000002000013                     0      it was ticked by mistake, and is missing again
"""

from typing import Literal

import msgspec

from ...basics.numbers import BatchNo, MerchantNo, OperatorNo, TerminalNo, TraceNo, is_digits
from ...iso8583.message import Message
from ..errors import MessageError
from ..field60 import management
from ..transactions import CATALOGUE, text_of
from .head import HostTime
from .payment import OPERATOR_PAD, read_operator_no

SLIP_TICKS = CATALOGUE["slip_ticks"]
COPIES_MAX = 36
"""Of one message: thirteen characters each, within the 480 bytes that a message takes."""
KEY_DIGITS, BATCH_DIGITS = 12, 6
_ECHOES = (11, 41, 42, 60)

TickVerb = Literal["look", "tick", "untick"]
SlipKey = tuple[BatchNo, TraceNo]
Mark = Literal["1", "0", "-"]
"""In hand, missing, or no payment of this terminal that stands has such a copy."""
_MARKS: dict[str, Mark] = {"1": "1", "0": "0", "-": "-"}
_VERBS: dict[str, TickVerb] = {"look": "look", "tick": "tick", "untick": "untick"}


class SlipTicks(msgspec.Struct, frozen=True, kw_only=True):
    """Which copies are in hand, or that these are, or are not after all."""

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    trace_no: TraceNo
    batch_no: BatchNo
    operator_no: OperatorNo
    verb: TickVerb
    slips: tuple[SlipKey, ...]

    def message(self) -> Message:
        """Build the 0820 without its MAC."""
        keys = ",".join(batch_no + trace_no for batch_no, trace_no in self.slips)
        return Message(
            SLIP_TICKS.mti,
            {
                11: self.trace_no,
                41: self.terminal_no,
                42: self.merchant_no,
                60: management(self.batch_no, SLIP_TICKS.network_code),
                62: f"{self.verb}:{keys}".encode("ascii"),
                63: self.operator_no.ljust(OPERATOR_PAD),
            },
        )


def read_slip_ticks(message: Message) -> SlipTicks:
    """Read a 0820/411 whose presence was checked. MessageError names the field that is wrong."""
    content = message.fields[62]
    text = content.decode("ascii", "replace") if isinstance(content, bytes) else ""
    word, _, keys = text.partition(":")
    verb, listed = _VERBS.get(word), keys.split(",")
    if verb is None or len(listed) > COPIES_MAX or not all(is_digits(key, KEY_DIGITS) for key in listed):
        raise MessageError(
            62, f"look, tick or untick, and 1 to {COPIES_MAX} copies of {KEY_DIGITS} digits", "something else"
        )
    operator_no = read_operator_no(message.fields.get(63))
    if operator_no is None:
        raise MessageError(63, "an operator number of two digits in 63.1", "nothing")
    slips = tuple((BatchNo(key[:BATCH_DIGITS]), TraceNo(key[BATCH_DIGITS:])) for key in listed)
    return SlipTicks(
        merchant_no=MerchantNo(text_of(message, 42)),
        terminal_no=TerminalNo(text_of(message, 41)),
        trace_no=TraceNo(text_of(message, 11)),
        batch_no=BatchNo(text_of(message, 60)[2:8]),
        operator_no=operator_no,
        verb=verb,
        slips=slips,
    )


def slip_ticks_answer(
    request: Message, time: HostTime, rrn: str, response_code: str, acquirer_code: str, marks: tuple[Mark, ...] = ()
) -> Message:
    """Build the 0830 without its MAC."""
    asked = request.fields
    fields: dict[int, str | bytes] = {number: asked[number] for number in _ECHOES if number in asked}
    fields |= {12: time.field_12, 13: time.field_13, 32: acquirer_code, 37: rrn, 39: response_code}
    if marks:
        fields[62] = "".join(marks).encode("ascii")
    return Message(SLIP_TICKS.answer_mti, fields)


def read_marks(answer: Message, count: int) -> tuple[Mark, ...]:
    """The marks of so many copies. MessageError when there are others."""
    content = answer.fields.get(62)
    text = content.decode("ascii", "replace") if isinstance(content, bytes) else ""
    marks = tuple(_MARKS[mark] for mark in text if mark in _MARKS)
    if len(text) != count or len(marks) != count:
        raise MessageError(62, f"{count} marks", "others")
    return marks
