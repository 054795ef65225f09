"""The line from host to bank: the same fields without TPDU and header, a MAC under the zone key both ways, always.

Identity of a payment between host and bank is the acquirer code (32) with the reference number (37), which the host gives
before it asks; a repeat or a reversal carries the same two. The PIN travels under the zone PIN key with the card number.
A kind is a row of the catalogue here too: its message type, 3, 25 (when it is not the normal 00) and 60.1. A payment about an
earlier one names that by its reference number, in field 63.
"""

from collections.abc import Mapping
from typing import TypeAlias

import msgspec

from ...basics.errors import Defect
from ...basics.numbers import MerchantNo, Rrn, TerminalNo, TraceNo
from ...basics.secret import Pan, PayCode, Secret
from ...basics.visible import harmless
from ...iso8583.message import Message
from ..errors import MessageError, UnknownKind
from ..qr.field59 import Field59, read_field_59, write_field_59
from ..transactions import CATALOGUE, PAYMENTS, REVERSAL_MTI, Transaction, check_texts, kind_of, text_of, undone_kind
from ..values.entry_mode import SCANNED
from .balance import read_balance, write_balance
from .entry import check_entry
from .head import CURRENCY_YUAN, HostTime
from .payment import SECURITY_PIN_WITH_PAN, PaymentRequest, read_institutions

REQUIRED = (3, 11, 32, 37, 41, 42, 49, 60, 64)
"""Beside them 4, where the kind is about a sum."""
ECHOED = (3, 4, 11, 32, 37, 41, 42)
"""What an answer repeats of its request. The MAC proves who speaks; that it speaks of this payment, only these do."""
NO_BATCH = "000000"
CONDITION_NORMAL = "00"
_ECHOES = (3, 4, 11, 41, 42, 49, 60)
_ANSWER_MTIS = {row.mti: row.answer_mti for row in CATALOGUE.values()}
"""A request of another type is refused, and still answered."""
_TYPE_DIGITS = 2
BY_CODE = SCANNED + "2"


def _fixed(row: Transaction) -> dict[int, str | bytes]:
    """3, 49, 60 and, where it is not the normal one, the condition code: the same in all messages of a kind."""
    fields: dict[int, str | bytes] = {3: row.processing_code, 49: CURRENCY_YUAN, 60: row.type_code + NO_BATCH}
    if row.is_by_code:
        # A reversal says it too: by it alone these are told from payments by card.
        fields[22] = BY_CODE
    if row.condition_code != CONDITION_NORMAL:
        fields[25] = row.condition_code
    return fields


class _Form(msgspec.Struct, frozen=True):
    """What all messages of one kind have in common, taken from its row once."""

    name: str
    mti: str
    fixed: dict[int, str | bytes]
    has_amount: bool
    needs_card: bool
    needs_code: bool
    is_later: bool
    """It is about an earlier payment; whether its card was proven then is the host's to know."""


def _form(row: Transaction) -> _Form:
    return _Form(
        row.name,
        row.mti,
        _fixed(row),
        row.has_amount,
        row.card == "needed",
        row.is_by_code and not row.carries(61),
        row.carries(61),
    )


_FORMS: Mapping[str, _Form] = {name: _form(row) for name, row in PAYMENTS.items() if not row.is_at_wallet}
"""A code that the shop shows is a wallet's: no bank hears of it."""
_ANSWER_MTI: Mapping[str, str] = {
    row.mti: row.answer_mti for row in (*PAYMENTS.values(), CATALOGUE["reversal"], CATALOGUE["script_notice"])
}


class _Named(msgspec.Struct, frozen=True):
    """Which payment, between host and bank: what a request and its reversal both say. By position for speed (see `payment.py`)."""

    kind: str
    """Name of its row in the catalogue: of the payment itself, or of the one that is undone."""
    acquirer_code: str
    rrn: Rrn
    trace_no: TraceNo
    merchant_no: MerchantNo
    terminal_no: TerminalNo
    amount_fen: int


class BankPayment(_Named, frozen=True, kw_only=True):
    """A payment from host to bank."""

    entry_mode: str
    pan: Pan | None
    """None only where the original tells the card."""
    expiry_yymm: str
    time: HostTime
    track2: Secret | None = None
    card_sequence: str = ""
    pin_block: bytes | None = None
    chip_data: bytes | None = None
    original_rrn: str = ""
    """Reference number of the payment that this one is about; empty when it is about none."""
    code: PayCode | None = None
    """The payment code that stands in the card's place."""
    original_pay_voucher: str = ""
    """付款凭证号 of the payment that this one is about, where that was paid by code."""

    @property
    def card_number(self) -> Pan:
        """The card number, for checks of the card. Defect where none was sent: then there is no card to check."""
        if self.pan is None:
            raise Defect("a card is checked that was not sent")
        return self.pan

    def message(self) -> Message:
        """Build the request without its MAC."""
        form = _FORMS[self.kind]
        fields: dict[int, str | bytes] = {
            **form.fixed,
            11: self.trace_no,
            12: self.time.field_12,
            13: self.time.field_13,
            22: self.entry_mode,
            32: self.acquirer_code,
            37: self.rrn,
            41: self.terminal_no,
            42: self.merchant_no,
        }
        if self.pan is not None:
            fields[2] = self.pan.reveal()
        if form.has_amount:
            fields[4] = f"{self.amount_fen:012d}"
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
        if self.original_rrn:
            fields[63] = self.original_rrn
        if self.code is not None or self.original_pay_voucher:
            fields[59] = write_field_59(Field59(code=self.code, pay_voucher=self.original_pay_voucher))
        return Message(form.mti, fields)


def bank_payment(
    request: PaymentRequest,
    rrn: Rrn,
    acquirer_code: str,
    time: HostTime,
    pin_block: bytes | None,
    original_rrn: str = "",
    original_pay_voucher: str = "",
) -> BankPayment:
    """The bank's request for a terminal's, with the PIN block already under the zone PIN key."""
    return BankPayment(
        request.kind,
        acquirer_code,
        rrn,
        request.trace_no,
        request.merchant_no,
        request.terminal_no,
        request.amount_fen,
        entry_mode=request.entry_mode,
        pan=request.pan,
        expiry_yymm=request.expiry_yymm,
        time=time,
        track2=request.track2,
        card_sequence=request.card_sequence,
        pin_block=pin_block,
        chip_data=request.chip_data,
        original_rrn=original_rrn,
        code=request.code,
        original_pay_voucher=original_pay_voucher,
    )


def read_bank_payment(message: Message) -> BankPayment:
    """Read the host's request. MessageError names the field that is missing or wrong, UnknownKind is one of them."""
    _check(message)
    fields = message.fields
    form = _FORMS[_kind_of(message)]
    original_rrn = fields.get(63)
    track2 = fields.get(35)
    pin_block = fields.get(52)
    chip_data = fields.get(55)
    expiry = fields.get(14)
    sequence = fields.get(23)
    said = read_field_59(text_of(message, 59)) if 59 in fields else Field59()
    if form.needs_code and said.code is None:
        raise MessageError(59, "a payment code in tag A3", "none")
    entry_mode = text_of(message, 22)
    check_entry(entry_mode, fields, is_later=form.is_later, is_proven=form.is_later)
    return BankPayment(
        form.name,
        text_of(message, 32),
        Rrn(text_of(message, 37)),
        TraceNo(text_of(message, 11)),
        MerchantNo(text_of(message, 42)),
        TerminalNo(text_of(message, 41)),
        int(text_of(message, 4)) if form.has_amount else 0,
        entry_mode=entry_mode,
        pan=_card_number(message) if form.needs_card or 2 in fields else None,
        expiry_yymm=expiry if type(expiry) is str else "",
        time=HostTime(text_of(message, 12), text_of(message, 13), ""),
        track2=Secret(track2) if type(track2) is str else None,
        card_sequence=sequence if type(sequence) is str else "",
        pin_block=pin_block if type(pin_block) is bytes else None,
        chip_data=chip_data if type(chip_data) is bytes else None,
        original_rrn=original_rrn if type(original_rrn) is str else "",
        code=said.code,
        original_pay_voucher=said.pay_voucher,
    )


def _card_number(message: Message) -> Pan:
    try:
        return Pan(text_of(message, 2))
    except ValueError:
        raise MessageError(2, "a card number of 12 to 19 digits", "another length") from None


def _kind_of(message: Message) -> str:
    """The kind that 3, 25 and 60.1 name; for a 0400 the kind that it undoes."""
    fields = message.fields
    condition = text_of(message, 25) if 25 in fields else CONDITION_NORMAL
    processing_code, type_code = text_of(message, 3), text_of(message, 60)[:_TYPE_DIGITS]
    if message.mti == REVERSAL_MTI:
        row = undone_kind(processing_code, condition, type_code, fields.get(22))
    else:
        row = kind_of(message.mti, processing_code, condition, type_code, fields.get(22))
    if row is None or row.name not in _FORMS:
        raise UnknownKind()
    return row.name


class BankReversal(_Named, frozen=True, kw_only=True):
    """0400 from host to bank: the payment with this reference number is undone."""

    reason: str

    def message(self) -> Message:
        """Build the 0400 without its MAC."""
        return Message(
            REVERSAL_MTI,
            {
                **_FORMS[self.kind].fixed,
                4: f"{self.amount_fen:012d}",
                11: self.trace_no,
                32: self.acquirer_code,
                37: self.rrn,
                39: self.reason,
                41: self.terminal_no,
                42: self.merchant_no,
            },
        )


def read_bank_reversal(message: Message) -> BankReversal:
    """Read the host's 0400. MessageError names the field that is missing or wrong, UnknownKind is one of them."""
    _check(message)
    return BankReversal(
        kind=_kind_of(message),
        acquirer_code=text_of(message, 32),
        rrn=Rrn(text_of(message, 37)),
        trace_no=TraceNo(text_of(message, 11)),
        merchant_no=MerchantNo(text_of(message, 42)),
        terminal_no=TerminalNo(text_of(message, 41)),
        amount_fen=int(text_of(message, 4)),
        reason=text_of(message, 39),
    )


class BankAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the bank answers to a payment or a reversal."""

    acquirer_code: str
    rrn: Rrn
    response_code: str
    auth_code: str = ""
    settlement_date: str = ""
    issuer: str = ""
    remark: str = ""
    chip_data: bytes | None = None
    balance_fen: int | None = None
    """What the account holds, where that was asked."""
    pay_voucher: str = ""
    """付款凭证号 of a payment by code."""

    def message(self, request: Message) -> Message:
        """Build the answer to the host's request, without its MAC. The card number is not sent back."""
        asked = request.fields
        fields: dict[int, str | bytes] = {number: asked[number] for number in _ECHOES if number in asked}
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
        if self.balance_fen is not None:
            fields[54] = write_balance(self.balance_fen)
        if self.chip_data is not None:
            fields[55] = self.chip_data
        if self.pay_voucher:
            fields[59] = write_field_59(Field59(pay_voucher=self.pay_voucher))
        return Message(_ANSWER_MTIS.get(request.mti) or f"{int(request.mti) + 10:04d}", fields)


def read_bank_answer(message: Message) -> BankAnswer:
    """Read the bank's answer. MessageError names the field that is missing or wrong.

    Its name and its remark are words for people: what would steer a screen is made harmless and not refused, since money hangs on it.
    """
    check_texts(message)
    fields = message.fields
    auth_code = fields.get(38)
    date = fields.get(15)
    issuer = fields.get(44)
    remark = fields.get(63)
    chip_data = fields.get(55)
    said = read_field_59(text_of(message, 59)) if 59 in fields else Field59()
    return BankAnswer(
        acquirer_code=text_of(message, 32),
        rrn=Rrn(text_of(message, 37)),
        response_code=text_of(message, 39),
        auth_code=auth_code if type(auth_code) is str else "",
        settlement_date=date if type(date) is str else "",
        issuer=harmless(read_institutions(issuer)[0]) if type(issuer) is str else "",
        remark=harmless(remark) if type(remark) is str else "",
        chip_data=chip_data if type(chip_data) is bytes else None,
        balance_fen=read_balance(message),
        pay_voucher=said.pay_voucher,
    )


Echo: TypeAlias = tuple[object, ...]
"""Message type and repeated fields that the answer to a request must have; None where the request has no such field."""


def echo_of(request: Message) -> Echo:
    """What the answer to this request must repeat."""
    return (_ANSWER_MTI[request.mti], *map(request.fields.get, ECHOED))


def differs_from(echo: Echo, answer: Message) -> str:
    """Where an answer is not one to what was asked: `mti`, or the number of the first field that differs. Empty when it is."""
    fields = answer.fields
    if echo == (answer.mti, *map(fields.get, ECHOED)):
        return ""
    if not echo or answer.mti != echo[0]:
        return "mti"
    return next(str(number) for number, asked in zip(ECHOED, echo[1:], strict=True) if fields.get(number) != asked)


def _check(message: Message) -> None:
    for number in REQUIRED:
        if number not in message.fields:
            raise MessageError(number, f"field {number}", "nothing")
