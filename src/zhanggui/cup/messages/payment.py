"""Sale (消费), its reversal (冲正) and their answers. Source: domain reference §4.2 and §4.4 [CJ][NL][LY]."""

from typing import Literal

import msgspec

from ...basics.numbers import BatchNo, MerchantNo, OperatorNo, Rrn, TerminalNo, TraceNo
from ...basics.secret import Pan, Secret
from ...iso8583.message import Message
from ..errors import MessageError
from ..field60 import financial, parse_field_60
from ..transactions import CATALOGUE, text_of
from .head import CURRENCY_YUAN, HostTime

SALE = CATALOGUE["sale"]
REVERSAL = CATALOGUE["reversal"]

SALE_TYPE = "22"
CONDITION_NORMAL = "00"
PIN_DIGITS_MAX = "06"
"""Field 26 of our terminals."""
SECURITY_PIN_WITH_PAN = "2600000000000000"
"""Field 53: PIN format with card number, double-length keys, tracks in clear."""
OPERATOR_PAD = 3
"""63.1 has three characters: `01 `."""

ReversalReason = Literal["98", "A0", "06", "96"]
"""98 no answer in time; A0 answer with a wrong MAC; 06 answer malformed or chip declined; 96 terminal failed."""


class SaleRequest(msgspec.Struct, frozen=True, kw_only=True):
    """0200 as terminal and host mean it. Card data are secrets; field 52 and 55 pass through as bytes."""

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    batch_no: BatchNo
    trace_no: TraceNo
    amount_fen: int
    entry_mode: str
    """Field 22: 021, 022, 051, 052, 071, 072, …"""
    operator_no: OperatorNo | None
    """63.1; None when the terminal does not say."""
    pan: Pan
    expiry_yymm: str = ""
    track2: Secret | None = None
    track3: Secret | None = None
    card_sequence: str = ""
    pin_block: bytes | None = None
    security_control: str = ""
    """Field 53 as it stands; empty when absent."""
    chip_data: bytes | None = None

    def message(self) -> Message:
        """Build the 0200 without its MAC."""
        fields: dict[int, str | bytes] = {
            3: "000000",
            4: f"{self.amount_fen:012d}",
            11: self.trace_no,
            22: self.entry_mode,
            25: CONDITION_NORMAL,
            41: self.terminal_no,
            42: self.merchant_no,
            49: CURRENCY_YUAN,
            60: financial(SALE_TYPE, self.batch_no),
            63: (self.operator_no or "").ljust(OPERATOR_PAD),
        }
        if self.track2 is None or self.chip_data is not None:
            fields[2] = self.pan.reveal()
            if self.expiry_yymm:
                fields[14] = self.expiry_yymm
        if self.card_sequence:
            fields[23] = self.card_sequence
        if self.track2 is not None:
            fields[35] = self.track2.reveal()
        if self.track3 is not None:
            fields[36] = self.track3.reveal()
        if self.pin_block is not None:
            fields[26] = PIN_DIGITS_MAX
            fields[52] = self.pin_block
        if self.security_control:
            fields[53] = self.security_control
        if self.chip_data is not None:
            fields[55] = self.chip_data
        return Message("0200", fields)


def read_sale(message: Message) -> SaleRequest:
    """Read a 0200 whose presence was checked. MessageError names the field that is wrong."""
    fields = message.fields
    amount = text_of(message, 4)
    field_60 = parse_field_60(text_of(message, 60))
    track2 = fields.get(35)
    pin_block = fields.get(52)
    chip_data = fields.get(55)
    track3 = fields.get(36)
    return SaleRequest(
        merchant_no=MerchantNo(text_of(message, 42)),
        terminal_no=TerminalNo(text_of(message, 41)),
        batch_no=BatchNo(field_60.batch_no),
        trace_no=TraceNo(text_of(message, 11)),
        amount_fen=int(amount),
        entry_mode=text_of(message, 22),
        operator_no=read_operator_no(fields.get(63)),
        pan=_card_number(fields.get(2), track2),
        expiry_yymm=_expiry(fields.get(14), track2),
        track2=Secret(track2) if type(track2) is str else None,
        track3=Secret(track3) if type(track3) is str else None,
        card_sequence=_optional_text(fields.get(23)),
        pin_block=pin_block if type(pin_block) is bytes else None,
        security_control=_optional_text(fields.get(53)),
        chip_data=chip_data if type(chip_data) is bytes else None,
    )


def read_operator_no(field_63: str | bytes | None) -> OperatorNo | None:
    """63.1, the operator number, two digits and a blank; None when it is absent or blank."""
    if type(field_63) is not str:
        return None
    digits = field_63[:OPERATOR_PAD].strip()
    if not digits:
        return None
    if len(digits) != 2 or not digits.isdigit() or not digits.isascii():
        raise MessageError(63, "an operator number of two digits in 63.1", "other characters")
    return OperatorNo(digits)


def _card_number(field_2: str | bytes | None, track2: str | bytes | None) -> Pan:
    """The card number: field 2 if sent, else track 2 before the separator (domain reference §5.3)."""
    if type(field_2) is str:
        digits, where = field_2, 2
    elif type(track2) is str:
        digits, where = track2.partition("=")[0], 35
    else:
        raise MessageError(2, "a card number in field 2 or track 2", "neither")
    try:
        return Pan(digits)
    except ValueError:
        raise MessageError(where, "a card number of 12 to 19 digits", "another length or other characters") from None


def _expiry(field_14: str | bytes | None, track2: str | bytes | None) -> str:
    if type(field_14) is str:
        return field_14
    if type(track2) is str:
        return track2.partition("=")[2][:4]
    return ""


def _optional_text(value: str | bytes | None) -> str:
    return value if type(value) is str else ""


class SaleAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a 0210 adds to its request. Kept as it is for repeats: it holds no card number, PIN or key."""

    time: HostTime
    rrn: Rrn | str
    response_code: str
    settlement_date: str
    acquirer_code: str
    auth_code: str = ""
    issuer: str = ""
    acquirer: str = ""
    card_org: str = "CUP"
    remark: str = ""
    """63.2 as one text, up to 120 bytes."""
    chip_data: bytes | None = None

    def message(self, request: Message, pan: Pan) -> Message:
        """Build the 0210 for its 0200, without the MAC."""
        asked = request.fields
        fields: dict[int, str | bytes] = {number: asked[number] for number in _SALE_ECHOES if number in asked}
        fields[2] = pan.reveal()
        fields[12] = self.time.field_12
        fields[13] = self.time.field_13
        fields[15] = self.settlement_date
        fields[32] = self.acquirer_code
        fields[37] = self.rrn
        fields[39] = self.response_code
        fields[44] = _institution(self.issuer) + _institution(self.acquirer)
        fields[63] = self.card_org + _cut(self.remark, REMARK_BYTES)
        if self.auth_code:
            fields[38] = self.auth_code
        if self.chip_data is not None:
            fields[55] = self.chip_data
        return Message("0210", fields)


_SALE_ECHOES = (3, 4, 11, 14, 23, 25, 41, 42, 49, 53, 60)
INSTITUTION_BYTES = 11
REMARK_BYTES = 120
"""63.2 has 120 bytes; what the bank says beyond them is cut off, because an answer must go out."""


def _institution(name: str) -> str:
    """Half of field 44: eleven bytes, blank padded (a Chinese character takes two)."""
    text = _cut(name, INSTITUTION_BYTES)
    return text + " " * (INSTITUTION_BYTES - len(text.encode("gb18030")))


def _cut(text: str, bytes_max: int) -> str:
    """As much of a text as fits, whole characters."""
    return text.encode("gb18030")[:bytes_max].decode("gb18030", "ignore")


def read_institutions(field_44: str) -> tuple[str, str]:
    """Issuer and acquirer of field 44."""
    encoded = field_44.encode("gb18030")
    issuer, acquirer = encoded[:INSTITUTION_BYTES], encoded[INSTITUTION_BYTES:]
    return issuer.decode("gb18030", "ignore").strip(), acquirer.decode("gb18030", "ignore").strip()


class ReversalRequest(msgspec.Struct, frozen=True, kw_only=True):
    """0400: the payment of the same trace number is undone. It never carries tracks or a PIN block."""

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    batch_no: BatchNo
    trace_no: TraceNo
    amount_fen: int
    entry_mode: str
    reason: ReversalReason | str
    type_code: str = SALE_TYPE
    pan: Pan | None = None
    auth_code: str = ""
    card_sequence: str = ""
    chip_data: bytes | None = None

    def message(self) -> Message:
        """Build the 0400 without its MAC."""
        fields: dict[int, str | bytes] = {
            3: "000000",
            4: f"{self.amount_fen:012d}",
            11: self.trace_no,
            22: self.entry_mode,
            25: CONDITION_NORMAL,
            39: self.reason,
            41: self.terminal_no,
            42: self.merchant_no,
            49: CURRENCY_YUAN,
            60: financial(self.type_code, self.batch_no),
        }
        if self.pan is not None:
            fields[2] = self.pan.reveal()
        if self.card_sequence:
            fields[23] = self.card_sequence
        if self.auth_code:
            fields[38] = self.auth_code
        if self.chip_data is not None:
            fields[55] = self.chip_data
        return Message("0400", fields)


def read_reversal(message: Message) -> ReversalRequest:
    """Read a 0400 whose presence was checked. MessageError names the field that is wrong."""
    fields = message.fields
    field_60 = parse_field_60(text_of(message, 60))
    pan = fields.get(2)
    chip_data = fields.get(55)
    return ReversalRequest(
        merchant_no=MerchantNo(text_of(message, 42)),
        terminal_no=TerminalNo(text_of(message, 41)),
        batch_no=BatchNo(field_60.batch_no),
        trace_no=TraceNo(text_of(message, 11)),
        amount_fen=int(text_of(message, 4)),
        entry_mode=text_of(message, 22),
        reason=text_of(message, 39),
        type_code=field_60.type_code,
        pan=_card_number(pan, None) if pan is not None else None,
        auth_code=_optional_text(fields.get(38)),
        card_sequence=_optional_text(fields.get(23)),
        chip_data=chip_data if type(chip_data) is bytes else None,
    )


def reversal_answer(request: Message, time: HostTime, rrn: str, response_code: str, acquirer_code: str) -> Message:
    """Build the 0410 for a 0400, without the MAC."""
    asked = request.fields
    fields: dict[int, str | bytes] = {
        number: asked[number] for number in (3, 4, 11, 25, 41, 42, 49, 60) if number in asked
    }
    fields[12] = time.field_12
    fields[13] = time.field_13
    fields[32] = acquirer_code
    fields[37] = rrn
    fields[39] = response_code
    return Message("0410", fields)
