"""The upload of an electronic signature (0820, 60.3 = 800) and its answer. Source: domain reference §4.8 and the row of §4.2.

What is longer than a message comes in parts, 801 where more follows and 800 with the last (`values/parts.py`).
It repeats the receipt elements of its payment, 11 and 60.2 included, so that it names the payment by itself and sent again it is the
same. The feature code is not sent: both sides have what it is made of.
"""

import msgspec

from ...basics.numbers import BatchNo, MerchantNo, Rrn, TerminalNo, TraceNo
from ...iso8583.message import Message
from ..errors import MessageError
from ..field60 import management, parse_field_60
from ..transactions import CATALOGUE, Transaction, identify, text_of
from ..values.feature_code import NO_DATE
from ..values.parts import Part, is_part, read_part, write_part
from .head import HostTime

SIGNATURE, SIGNATURE_PART = CATALOGUE["signature"], CATALOGUE["signature_part"]
_ECHOES = (4, 11, 41, 42, 60)


class SignatureUpload(msgspec.Struct, frozen=True, kw_only=True):
    """What a cardholder signed, and for which payment."""

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    batch_no: BatchNo
    trace_no: TraceNo
    amount_fen: int
    rrn: Rrn
    settle_date: str = NO_DATE
    """Field 15, MMDD; `0000` where the payment's answer named none."""
    content: bytes = b""
    """Strokes (`values/strokes.py`), or another maker's picture; nothing beside a part."""
    part: Part | None = None
    """One part of what does not fit a message."""

    @property
    def transaction(self) -> Transaction:
        """Its row: whether more follows."""
        return SIGNATURE if self.part is None or self.part.is_last else SIGNATURE_PART

    def message(self) -> Message:
        """Build the 0820 without its MAC."""
        return Message(
            self.transaction.mti,
            {
                4: f"{self.amount_fen:012d}",
                11: self.trace_no,
                15: self.settle_date,
                37: self.rrn,
                41: self.terminal_no,
                42: self.merchant_no,
                60: management(self.batch_no, self.transaction.network_code),
                62: self.content if self.part is None else write_part(self.part),
            },
        )


def read_signature(message: Message) -> SignatureUpload:
    """Read a 0820/800 or 801 whose presence was checked. MessageError names the field that is wrong."""
    content = message.fields[62]
    if not isinstance(content, bytes) or not content:
        raise MessageError(62, "what was signed", "nothing")
    part = _part(content, more_follows=identify(message) is SIGNATURE_PART)
    return SignatureUpload(
        merchant_no=MerchantNo(text_of(message, 42)),
        terminal_no=TerminalNo(text_of(message, 41)),
        batch_no=BatchNo(parse_field_60(text_of(message, 60)).batch_no),
        trace_no=TraceNo(text_of(message, 11)),
        amount_fen=int(text_of(message, 4)),
        rrn=Rrn(text_of(message, 37)),
        settle_date=text_of(message, 15),
        content=b"" if part is not None else content,
        part=part,
    )


def _part(content: bytes, *, more_follows: bool) -> Part | None:
    """A part of ours; None for what came whole. Nobody could join another maker's pieces, which do not say which they are."""
    if not is_part(content):
        if more_follows:
            raise MessageError(62, "a part that says which one it is", "something else")
        return None
    try:
        part = read_part(content)
    except ValueError as error:
        raise MessageError(62, "a part of ours", str(error)) from None
    if part.is_last is more_follows:
        raise MessageError(60, "800 with the last part and 801 before", "the other")
    return part


def signature_answer(
    request: Message, time: HostTime, rrn: str, response_code: str, acquirer_code: str, said: bytes = b""
) -> Message:
    """Build the 0830 without its MAC. Its 37 is the answer's own number, as in every answer; `said`: of parts, how many there are."""
    asked = request.fields
    fields: dict[int, str | bytes] = {number: asked[number] for number in _ECHOES if number in asked}
    fields |= {12: time.field_12, 13: time.field_13, 32: acquirer_code, 37: rrn, 39: response_code}
    if said:
        fields[62] = said
    return Message(SIGNATURE.answer_mti, fields)
