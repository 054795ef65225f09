"""Sign-in of the terminal (0800), sign-off and echo (0820), and their answers. Source: domain reference §4.3 and §4.6."""

import msgspec

from ...basics.numbers import BatchNo, MerchantNo, OperatorNo, TerminalNo, TraceNo
from ...iso8583.message import Message
from ..field60 import Field60, management, parse_field_60
from ..transactions import SIGN_ON_MTI, Transaction, text_of
from ..values.epoch import Beginning, write_beginning
from .head import HostTime
from .payment import OPERATOR_PAD, read_operator_no

SIGN_ON_DOUBLE = "003"
SIGN_ON_TRACK = "004"
SIGN_ON_SINGLE = "001"


class SignOnRequest(msgspec.Struct, frozen=True, kw_only=True):
    """0800: the terminal asks for working keys, batch and time. 63.1 is blank on terminals whose operators the host checks."""

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    batch_no: BatchNo
    trace_no: TraceNo
    network_code: str = SIGN_ON_TRACK
    operator_no: OperatorNo | None = None

    def message(self) -> Message:
        """Build the 0800. It carries no MAC."""
        return Message(
            SIGN_ON_MTI,
            {
                11: self.trace_no,
                41: self.terminal_no,
                42: self.merchant_no,
                60: management(self.batch_no, self.network_code),
                63: (self.operator_no or "").ljust(OPERATOR_PAD),
            },
        )


def read_sign_on(message: Message) -> SignOnRequest:
    """Read a 0800 whose presence was checked. MessageError names the field that is wrong."""
    field_60 = parse_field_60(text_of(message, 60))
    return SignOnRequest(
        merchant_no=MerchantNo(text_of(message, 42)),
        terminal_no=TerminalNo(text_of(message, 41)),
        batch_no=BatchNo(field_60.batch_no),
        trace_no=TraceNo(text_of(message, 11)),
        network_code=field_60.network_code,
        operator_no=read_operator_no(message.fields.get(63)),
    )


def management_request(
    transaction: Transaction, merchant_no: MerchantNo, terminal_no: TerminalNo, batch_no: BatchNo, trace_no: TraceNo
) -> Message:
    """Build a sign-off or an echo test: 11, 41, 42, 60 and nothing else."""
    return Message(
        transaction.mti,
        {11: trace_no, 41: terminal_no, 42: merchant_no, 60: management(batch_no, transaction.network_code)},
    )


class ManagementAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """0810 or 0830: the host's time, batch and, after a sign-in, the working keys in field 62."""

    time: HostTime
    rrn: str
    response_code: str
    acquirer_code: str
    batch_no: BatchNo | None = None
    """The host's batch; None echoes the request's."""
    keys: bytes | None = None
    """Field 62, only beside 39 = 00 (layouts in domain reference §4.3)."""
    beginning: Beginning | None = None
    """Field 63 behind a blank 63.1, in the answer to a sign-in of a terminal of ours."""

    def message(self, request: Message) -> Message:
        """Build the answer to a management request, without a MAC."""
        asked = request.fields
        fields: dict[int, str | bytes] = {number: asked[number] for number in (11, 41, 42, 60) if number in asked}
        fields[12] = self.time.field_12
        fields[13] = self.time.field_13
        fields[32] = self.acquirer_code
        fields[37] = self.rrn
        fields[39] = self.response_code
        if self.batch_no is not None:
            asked_60 = parse_field_60(text_of(request, 60))
            fields[60] = Field60(asked_60.type_code, self.batch_no, asked_60.network_code, asked_60.rest).text()
        if self.keys is not None:
            fields[62] = self.keys
        if self.beginning is not None:
            fields[63] = " " * OPERATOR_PAD + write_beginning(self.beginning)
        return Message(f"{int(request.mti) + 10:04d}", fields)
