"""The line from host to bank: the same fields without TPDU and header, a MAC under the zone key both ways, always.

Identity of a payment between host and bank is the acquirer code (32) with the reference number (37), which the host gives
before it asks; a repeat or a reversal carries the same two. The PIN travels under the zone PIN key with the card number.
"""

import msgspec

from ...basics.numbers import MerchantNo, Rrn, TerminalNo, TraceNo
from ...basics.secret import Pan, Secret
from ...iso8583.message import Message
from ..errors import MessageError
from ..transactions import text_of
from .head import CURRENCY_YUAN, HostTime
from .payment import SECURITY_PIN_WITH_PAN, SaleRequest, read_institutions

SALE_FIELD_60 = "22"
REQUIRED = (3, 4, 11, 32, 37, 41, 42, 49, 60, 64)
_TYPE_AND_BATCH = SALE_FIELD_60 + "000000"


class BankSale(msgspec.Struct, frozen=True, kw_only=True):
    """0200 from host to bank."""

    acquirer_code: str
    rrn: Rrn
    trace_no: TraceNo
    merchant_no: MerchantNo
    terminal_no: TerminalNo
    amount_fen: int
    entry_mode: str
    pan: Pan
    expiry_yymm: str
    time: HostTime
    track2: Secret | None = None
    card_sequence: str = ""
    pin_block: bytes | None = None
    chip_data: bytes | None = None

    def message(self) -> Message:
        """Build the 0200 without its MAC."""
        fields: dict[int, str | bytes] = {
            2: self.pan.reveal(),
            3: "000000",
            4: f"{self.amount_fen:012d}",
            11: self.trace_no,
            12: self.time.field_12,
            13: self.time.field_13,
            22: self.entry_mode,
            32: self.acquirer_code,
            37: self.rrn,
            41: self.terminal_no,
            42: self.merchant_no,
            49: CURRENCY_YUAN,
            60: _TYPE_AND_BATCH,
        }
        if self.expiry_yymm:
            fields[14] = self.expiry_yymm
        if self.track2 is not None:
            fields[35] = self.track2.reveal()
        if self.card_sequence:
            fields[23] = self.card_sequence
        if self.pin_block is not None:
            fields[52] = self.pin_block
            fields[53] = SECURITY_PIN_WITH_PAN
        if self.chip_data is not None:
            fields[55] = self.chip_data
        return Message("0200", fields)


def bank_sale(request: SaleRequest, rrn: Rrn, acquirer_code: str, time: HostTime, pin_block: bytes | None) -> BankSale:
    """The bank's 0200 for a terminal's 0200, with the PIN block already under the zone PIN key."""
    return BankSale(
        acquirer_code=acquirer_code,
        rrn=rrn,
        trace_no=request.trace_no,
        merchant_no=request.merchant_no,
        terminal_no=request.terminal_no,
        amount_fen=request.amount_fen,
        entry_mode=request.entry_mode,
        pan=request.pan,
        expiry_yymm=request.expiry_yymm,
        time=time,
        track2=request.track2,
        card_sequence=request.card_sequence,
        pin_block=pin_block,
        chip_data=request.chip_data,
    )


def read_bank_sale(message: Message) -> BankSale:
    """Read the host's 0200. MessageError names the field that is missing or wrong."""
    _check(message)
    fields = message.fields
    track2 = fields.get(35)
    pin_block = fields.get(52)
    chip_data = fields.get(55)
    expiry = fields.get(14)
    sequence = fields.get(23)
    try:
        pan = Pan(text_of(message, 2))
    except ValueError:
        raise MessageError(2, "a card number of 12 to 19 digits", "another length") from None
    return BankSale(
        acquirer_code=text_of(message, 32),
        rrn=Rrn(text_of(message, 37)),
        trace_no=TraceNo(text_of(message, 11)),
        merchant_no=MerchantNo(text_of(message, 42)),
        terminal_no=TerminalNo(text_of(message, 41)),
        amount_fen=int(text_of(message, 4)),
        entry_mode=text_of(message, 22),
        pan=pan,
        expiry_yymm=expiry if type(expiry) is str else "",
        time=HostTime(text_of(message, 12), text_of(message, 13), ""),
        track2=Secret(track2) if type(track2) is str else None,
        card_sequence=sequence if type(sequence) is str else "",
        pin_block=pin_block if type(pin_block) is bytes else None,
        chip_data=chip_data if type(chip_data) is bytes else None,
    )


class BankReversal(msgspec.Struct, frozen=True, kw_only=True):
    """0400 from host to bank: the payment with this reference number is undone."""

    acquirer_code: str
    rrn: Rrn
    trace_no: TraceNo
    merchant_no: MerchantNo
    terminal_no: TerminalNo
    amount_fen: int
    reason: str

    def message(self) -> Message:
        """Build the 0400 without its MAC."""
        return Message(
            "0400",
            {
                3: "000000",
                4: f"{self.amount_fen:012d}",
                11: self.trace_no,
                32: self.acquirer_code,
                37: self.rrn,
                39: self.reason,
                41: self.terminal_no,
                42: self.merchant_no,
                49: CURRENCY_YUAN,
                60: _TYPE_AND_BATCH,
            },
        )


def read_bank_reversal(message: Message) -> BankReversal:
    """Read the host's 0400. MessageError names the field that is missing or wrong."""
    _check(message)
    return BankReversal(
        acquirer_code=text_of(message, 32),
        rrn=Rrn(text_of(message, 37)),
        trace_no=TraceNo(text_of(message, 11)),
        merchant_no=MerchantNo(text_of(message, 42)),
        terminal_no=TerminalNo(text_of(message, 41)),
        amount_fen=int(text_of(message, 4)),
        reason=text_of(message, 39),
    )


class BankAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """0210 or 0410 from bank to host."""

    acquirer_code: str
    rrn: Rrn
    response_code: str
    auth_code: str = ""
    settlement_date: str = ""
    issuer: str = ""
    remark: str = ""
    chip_data: bytes | None = None

    def message(self, request: Message) -> Message:
        """Build the answer to the host's request, without its MAC. The card number is not sent back."""
        asked = request.fields
        fields: dict[int, str | bytes] = {
            number: asked[number] for number in (3, 4, 11, 41, 42, 49, 60) if number in asked
        }
        fields[32] = self.acquirer_code
        fields[37] = self.rrn
        fields[39] = self.response_code
        if self.auth_code:
            fields[38] = self.auth_code
        if self.settlement_date:
            fields[15] = self.settlement_date
        if self.issuer:
            fields[44] = self.issuer
        if self.remark:
            fields[63] = self.remark
        if self.chip_data is not None:
            fields[55] = self.chip_data
        return Message(f"{int(request.mti) + 10:04d}", fields)


def read_bank_answer(message: Message) -> BankAnswer:
    """Read the bank's 0210 or 0410. MessageError names the field that is missing."""
    fields = message.fields
    auth_code = fields.get(38)
    date = fields.get(15)
    issuer = fields.get(44)
    remark = fields.get(63)
    chip_data = fields.get(55)
    return BankAnswer(
        acquirer_code=text_of(message, 32),
        rrn=Rrn(text_of(message, 37)),
        response_code=text_of(message, 39),
        auth_code=auth_code if type(auth_code) is str else "",
        settlement_date=date if type(date) is str else "",
        issuer=read_institutions(issuer)[0] if type(issuer) is str else "",
        remark=remark if type(remark) is str else "",
        chip_data=chip_data if type(chip_data) is bytes else None,
    )


def _check(message: Message) -> None:
    for number in REQUIRED:
        if number not in message.fields:
            raise MessageError(number, f"field {number}", "nothing")
