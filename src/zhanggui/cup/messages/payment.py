"""Payments of every kind, their reversal (冲正) and their answers. Source: domain reference §4.2 and §4.4 [CJ][NL][LY].

A kind is a row of the catalogue. Its message type, 3, 25 and 60.1 and whether it carries an amount or an original are taken
from the row, for writing and for reading, so what the catalogue says is what stands on the line.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

from ...basics.numbers import BatchNo, MerchantNo, OperatorNo, Rrn, TerminalNo, TraceNo
from ...basics.secret import Pan, PayCode, Secret
from ...iso8583.message import Message
from ..errors import MessageError, UnknownKind
from ..field60 import FINANCIAL_REST, READING_DIGITS, financial, parse_field_60
from ..operator_tags import Tag, Tags, pack_tags, unpack_tags
from ..qr.field59 import Field59, read_field_59, write_field_59
from ..transactions import PAYMENTS, REVERSAL_ANSWER_MTI, REVERSAL_MTI, Transaction, reversed_kind, text_of
from ..values.entry_mode import line_mode
from ..values.epoch import is_epoch
from ..values.fallback import heard, is_fallback
from ..values.numbers import read_number
from .balance import write_balance
from .entry import check_entry
from .head import CURRENCY_YUAN, HostTime
from .institutions import cut_to, write_institution
from .institutions import read_institutions as read_institutions
from .original import DATE_DIGITS, NO_DATE, ORIGINAL_DIGITS
from .original import Original as Original

PIN_DIGITS_MAX = "06"
"""Field 26 of our terminals."""
SECURITY_PIN_WITH_PAN = "2600000000000000"
"""Field 53: PIN format with card number, double-length keys, tracks in clear."""
OPERATOR_PAD = 3
"""63.1 has three characters: `01 `."""
UNSPECIFIED = "00"
"""First two digits of field 22: nobody says how the card was read."""
CARD_FIELDS = (2, 35, 36, 52, 55)
"""What comes of a card that somebody read or keyed."""
NOTHING_SAID = Field59()
NO_REFERENCE = "0 "
"""Characters of a field 37 that names nothing."""

ReversalReason = Literal["98", "A0", "06", "96"]
"""98 no answer in time; A0 answer with a wrong MAC; 06 answer malformed or chip declined; 96 terminal failed."""


class _Form(msgspec.Struct, frozen=True):
    """What all messages of one kind have in common: made once from its row, so that a message costs no look at the row."""

    mti: str
    answer_mti: str
    type_code: str
    fixed: dict[int, str | bytes]
    """3, 25 and 49."""
    has_amount: bool
    has_original: bool
    has_rrn: bool
    has_auth_code: bool
    """37 and 38 of the request: they are the original's."""
    has_59: bool
    """59 of the request: the payment code, or the payment voucher of the original, or whose phone is to pay by our code."""
    has_tags: bool
    """62 of the request: tags of our own terminals."""
    is_dated: bool
    """61.3: the day of the original."""
    has_chip: bool
    """55 of the request, and 23 and 26 likewise: what a kind does not carry is not sent, whatever the card can do."""
    has_sequence: bool
    has_pin_length: bool
    has_date: bool
    """15 in the answer: where money moves, the day on which it is cleared."""
    has_balance: bool


def _form(row: Transaction) -> _Form:
    return _Form(
        mti=row.mti,
        answer_mti=row.answer_mti,
        type_code=row.type_code,
        fixed={3: row.processing_code, 25: row.condition_code, 49: CURRENCY_YUAN},
        has_amount=row.has_amount,
        has_original=row.carries(61),
        has_rrn=row.carries(37),
        has_auth_code=row.carries(38),
        has_59=row.is_by_code or row.is_at_wallet,
        has_tags=row.carries(62),
        is_dated=row.dated,
        has_chip=row.carries(55),
        has_sequence=row.carries(23),
        has_pin_length=row.carries(26),
        has_date=15 in row.answer,
        has_balance=54 in row.answer,
    )


_FORMS: Mapping[str, _Form] = {name: _form(row) for name, row in PAYMENTS.items()}


class _Named(msgspec.Struct, frozen=True):
    """Which payment, and how its card was read: what a request and its reversal both say.

    These may be given by position. A call with more than fifteen keywords costs CPython 3.11 a dict, three times the struct itself.
    """

    kind: str
    """Name of its row in the catalogue: of the payment itself, or of the one that is undone."""
    merchant_no: MerchantNo
    terminal_no: TerminalNo
    batch_no: BatchNo
    trace_no: TraceNo
    entry_mode: str
    """Field 22: 021, 022, 051, 052, 071, 072, …; of what was read, one word for one way (`values/entry_mode.py`)."""


class PaymentRequest(_Named, frozen=True, kw_only=True):
    """A payment as terminal and host mean it. Card data are secrets; field 52 and 55 pass through as bytes."""

    amount_fen: int = 0
    """0 in a kind that is not about a sum."""
    operator_no: OperatorNo | None
    """63.1; None when the terminal does not say."""
    pan: Pan | None
    """None only where the kind does not need the card, because its original tells it, or a code stands in its place."""
    code: PayCode | None = None
    """The customer's payment code, in a kind that is paid by one."""
    brand: str = ""
    """Whose phone is to pay, in a kind in which the shop shows a code."""
    received: str = ""
    """The payment voucher of what a customer has paid by the code on the counter, in the kind that takes it."""
    expiry_yymm: str = ""
    track2: Secret | None = None
    track3: Secret | None = None
    card_sequence: str = ""
    pin_block: bytes | None = None
    security_control: str = ""
    """Field 53 as it stands; empty when absent."""
    chip_data: bytes | None = None
    original: Original | None = None
    approval_no: int | None = None
    """The supervisor's approval (406) that permits it: field 62 of our own terminals, where one was needed."""
    epoch: str = ""
    """The sign-on under which it leaves, as the 0810 named it: field 62 of our own terminals; empty from others."""
    reading: str = FINANCIAL_REST
    """60.4 and 60.5 as they stand: whether the terminal reads chips, and whether one could not be read (`values/fallback.py`)."""

    @property
    def is_fallback(self) -> bool:
        """Whether a chip card's stripe was swiped because its chip could not be read."""
        track2 = self.track2.reveal() if self.track2 is not None else ""
        return is_fallback(
            self.entry_mode,
            self.reading,
            track2,
            has_chip_data=self.chip_data is not None,
            is_later=self.original is not None,
        )

    def message(self) -> Message:
        """Build the request without its MAC."""
        form = _FORMS[self.kind]
        fields: dict[int, str | bytes] = {
            **form.fixed,
            11: self.trace_no,
            22: self.entry_mode,
            41: self.terminal_no,
            42: self.merchant_no,
            60: financial(form.type_code, self.batch_no, self.reading),
            63: (self.operator_no or "").ljust(OPERATOR_PAD),
        }
        if form.has_amount:
            fields[4] = f"{self.amount_fen:012d}"
        chip_data = self.chip_data if form.has_chip else None
        if self.pan is not None and (self.track2 is None or chip_data is not None):
            fields[2] = self.pan.reveal()
            if self.expiry_yymm:
                fields[14] = self.expiry_yymm
        if self.card_sequence and form.has_sequence:
            fields[23] = self.card_sequence
        if self.track2 is not None:
            fields[35] = self.track2.reveal()
        if self.track3 is not None:
            fields[36] = self.track3.reveal()
        if self.original is not None:
            _write_original(fields, form, self.original)
        if self.pin_block is not None:
            if form.has_pin_length:
                fields[26] = PIN_DIGITS_MAX
            fields[52] = self.pin_block
        if self.security_control:
            fields[53] = self.security_control
        if chip_data is not None:
            fields[55] = chip_data
        if form.has_59:
            pay_voucher = self.original.pay_voucher if self.original is not None else self.received
            said = write_field_59(Field59(code=self.code, pay_voucher=pay_voucher, brand=self.brand))
            if said:
                fields[59] = said
        if form.has_tags and (self.epoch or self.approval_no is not None):
            approval_no = "" if self.approval_no is None else str(self.approval_no)
            fields[62] = pack_tags({Tag.APPROVAL_NO: approval_no, Tag.EPOCH: self.epoch})
        return Message(form.mti, fields)


def _write_original(fields: dict[int, str | bytes], form: _Form, original: Original) -> None:
    """37 and 38 as far as they are known, and 61, in a kind that carries them."""
    if form.has_rrn and original.rrn:
        fields[37] = original.rrn
    if form.has_auth_code and original.auth_code:
        fields[38] = original.auth_code
    if form.has_original:
        fields[61] = original.field_61(dated=form.is_dated)


def read_payment(message: Message, row: Transaction) -> PaymentRequest:
    """Read a request of this kind whose presence was checked. MessageError names the field that is wrong."""
    fields = message.fields
    field_60 = parse_field_60(text_of(message, 60))
    track2, track3 = fields.get(35), fields.get(36)
    pin_block = fields.get(52)
    chip_data = fields.get(55)
    form = _FORMS[row.name]
    tags = _read_tags(fields.get(62)) if 62 in fields else None
    # Whoever sends a PIN or a chip's data without the card they belong to is told that the card is missing.
    has_no_card = row.card != "needed" and not any(number in fields for number in (2, 35, 52, 55))
    said = _read_59(fields, row) if form.has_59 else NOTHING_SAID
    epoch = _read_epoch(tags) if tags else ""
    entry_mode = _entry_mode(message)
    # What ours ask for again until they know, after a power cut too, has lost what proved its card: it is never kept.
    is_again = bool(epoch) and form.has_original and not row.reversible
    check_entry(entry_mode, fields, is_later=form.has_original, is_proven=is_again)
    entry_mode, reading = heard(entry_mode, field_60.rest[:READING_DIGITS])
    request = PaymentRequest(
        row.name,
        MerchantNo(text_of(message, 42)),
        TerminalNo(text_of(message, 41)),
        BatchNo(field_60.batch_no),
        TraceNo(text_of(message, 11)),
        entry_mode,
        amount_fen=int(text_of(message, 4)) if form.has_amount else 0,
        operator_no=read_operator_no(fields.get(63)),
        pan=None if has_no_card else _card_number(fields.get(2), track2),
        code=said.code,
        expiry_yymm=_expiry(fields.get(14), track2),
        track2=Secret(track2) if type(track2) is str else None,
        track3=Secret(track3) if type(track3) is str else None,
        card_sequence=_optional_text(fields.get(23)),
        pin_block=pin_block if type(pin_block) is bytes else None,
        security_control=_optional_text(fields.get(53)),
        chip_data=chip_data if type(chip_data) is bytes else None,
        original=_read_original(fields, form, said.pay_voucher) if form.has_original else None,
        approval_no=read_number(tags.get(Tag.APPROVAL_NO, "")) if tags else None,
        epoch=epoch,
        reading=reading,
    )
    if row.is_our_code:
        return msgspec.structs.replace(request, brand=said.brand)
    return msgspec.structs.replace(request, received=said.pay_voucher) if row.is_received else request


def _read_59(fields: Mapping[int, str | bytes], row: Transaction) -> Field59:
    """Field 59 of a kind that is paid by code. Where it is about no earlier payment, the code must be there, and no card beside it."""
    said = read_field_59(_optional_text(fields.get(59)))
    if any(number in fields for number in CARD_FIELDS):
        raise MessageError(22, "a card, or a payment code", "both")
    if row.is_at_wallet and not (said.brand if row.is_our_code else said.pay_voucher):
        raise MessageError(59, "whose phone is to pay (Z1), or the voucher of what was paid (A4)", "nothing")
    if said.code is None and not row.carries(61) and not row.is_at_wallet:
        raise MessageError(59, "a payment code in tag A3", "none")
    return said


def _read_tags(field_62: str | bytes | None) -> Tags:
    """The tags of our own terminals. Others have a use of their own for 62 (domain reference, §2.1), which is not ours to judge."""
    try:
        return unpack_tags(field_62) if type(field_62) is bytes else {}
    except MessageError:
        return {}


def _read_epoch(tags: Tags) -> str:
    epoch = tags.get(Tag.EPOCH, "")
    return epoch if is_epoch(epoch) else ""


def _read_original(fields: Mapping[int, str | bytes], form: _Form, pay_voucher: str = "") -> Original | None:
    """The original of field 61, and of 37 and 38 where they are the original's; None when there is no field 61."""
    field_61 = fields.get(61)
    if type(field_61) is not str:
        return None
    digits_min = ORIGINAL_DIGITS + (DATE_DIGITS if form.is_dated else 0)
    if len(field_61) < digits_min:
        raise MessageError(
            61, f"batch and trace of the original{' and its day' * form.is_dated}, {digits_min} digits", "fewer"
        )
    return Original(
        batch_no=BatchNo(field_61[:6]),
        trace_no=TraceNo(field_61[6:ORIGINAL_DIGITS]),
        date=_date(field_61[ORIGINAL_DIGITS : ORIGINAL_DIGITS + DATE_DIGITS]),
        rrn=_reference(fields.get(37)) if form.has_rrn else "",
        auth_code=_optional_text(fields.get(38)) if form.has_auth_code else "",
        pay_voucher=pay_voucher,
    )


def _reference(field_37: str | bytes | None) -> str:
    """The original's reference number; empty where none is named. Zeros stand for one that is not known, as in 61 (domain reference,
    QR, §5.3); no host gives that number."""
    text = _optional_text(field_37)
    return "" if not text.strip(NO_REFERENCE) else text


def _date(digits: str) -> str:
    return "" if digits == NO_DATE else digits


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


def _entry_mode(message: Message) -> str:
    """Field 22. Its three digits stand left; filled on the left, `021` would be read as `002`, which says nothing of the card."""
    mode = text_of(message, 22)
    if mode.startswith(UNSPECIFIED) and any(number in message.fields for number in CARD_FIELDS):
        raise MessageError(22, "how the card was read, in the first two digits", "00, as in a field filled on the left")
    return mode


def _expiry(field_14: str | bytes | None, track2: str | bytes | None) -> str:
    if type(field_14) is str:
        return field_14
    if type(track2) is str:
        return track2.partition("=")[2][:4]
    return ""


def _optional_text(value: str | bytes | None) -> str:
    return value if type(value) is str else ""


class PaymentAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer adds to its request. Kept as it is for repeats: it holds no card number, PIN or key."""

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
    balance_fen: int | None = None
    """What the account holds, in a kind that answers it."""
    pay_voucher: str = ""
    """付款凭证号, in a kind that is paid by code."""

    def message(self, kind: str, request: Message, pan: Pan | None) -> Message:
        """Build the answer to a request of this kind, without the MAC."""
        form = _FORMS[kind]
        asked = request.fields
        fields: dict[int, str | bytes] = {number: asked[number] for number in _ECHOES if number in asked}
        if pan is not None:
            fields[2] = pan.reveal()
        fields[12] = self.time.field_12
        fields[13] = self.time.field_13
        if form.has_date:
            fields[15] = self.settlement_date
        fields[32] = self.acquirer_code
        fields[37] = self.rrn
        fields[39] = self.response_code
        fields[44] = write_institution(self.issuer) + write_institution(self.acquirer)
        fields[63] = self.card_org + cut_to(self.remark, REMARK_BYTES)
        if self.auth_code:
            fields[38] = self.auth_code
        if form.has_balance and self.balance_fen is not None:
            fields[54] = write_balance(self.balance_fen)
        if self.chip_data is not None:
            fields[55] = self.chip_data
        if self.pay_voucher:
            fields[59] = write_field_59(Field59(pay_voucher=self.pay_voucher))
        return Message(form.answer_mti, fields)


_ECHOES = (3, 4, 11, 14, 23, 25, 41, 42, 49, 53, 60)
REMARK_BYTES = 120
"""63.2 has 120 bytes; what the bank says beyond them is cut off, because an answer must go out."""


class ReversalRequest(_Named, frozen=True, kw_only=True):
    """0400: the payment of the same trace number is undone; 3, 25 and 60.1 are its. It never carries tracks or a PIN block."""

    amount_fen: int
    reason: ReversalReason | str
    pan: Pan | None = None
    auth_code: str = ""
    card_sequence: str = ""
    chip_data: bytes | None = None
    original: Original | None = None
    """The original of the payment that is undone, when that had one; only 61 of it is sent."""
    epoch: str = ""
    """The sign-on under which the payment left; empty when it named none."""
    reading: str = FINANCIAL_REST
    """60.4 and 60.5 of the payment."""

    def message(self) -> Message:
        """Build the 0400 without its MAC."""
        form = _FORMS[self.kind]
        fields: dict[int, str | bytes] = {
            **form.fixed,
            4: f"{self.amount_fen:012d}",
            11: self.trace_no,
            22: self.entry_mode,
            39: self.reason,
            41: self.terminal_no,
            42: self.merchant_no,
            60: financial(form.type_code, self.batch_no, self.reading),
        }
        if self.pan is not None:
            fields[2] = self.pan.reveal()
        if self.card_sequence:
            fields[23] = self.card_sequence
        if self.auth_code:
            fields[38] = self.auth_code
        if self.chip_data is not None:
            fields[55] = self.chip_data
        if self.original is not None and form.has_original:
            fields[61] = self.original.field_61(dated=form.is_dated)
        if self.epoch:
            fields[62] = pack_tags({Tag.EPOCH: self.epoch})
        return Message(REVERSAL_MTI, fields)


def read_reversal(message: Message) -> ReversalRequest:
    """Read a 0400 whose presence was checked. MessageError names the field that is wrong, UnknownKind is one of them."""
    fields = message.fields
    field_60 = parse_field_60(text_of(message, 60))
    row = reversed_kind(text_of(message, 3), text_of(message, 25), field_60.type_code, fields.get(22))
    if row is None:
        raise UnknownKind()
    form = _FORMS[row.name]
    pan = fields.get(2)
    chip_data = fields.get(55)
    return ReversalRequest(
        kind=row.name,
        merchant_no=MerchantNo(text_of(message, 42)),
        terminal_no=TerminalNo(text_of(message, 41)),
        batch_no=BatchNo(field_60.batch_no),
        trace_no=TraceNo(text_of(message, 11)),
        amount_fen=int(text_of(message, 4)),
        entry_mode=line_mode(_entry_mode(message)),
        reason=text_of(message, 39),
        pan=_card_number(pan, None) if pan is not None else None,
        auth_code=_optional_text(fields.get(38)),
        card_sequence=_optional_text(fields.get(23)),
        chip_data=chip_data if type(chip_data) is bytes else None,
        original=_read_original({61: fields[61]}, form) if form.has_original and 61 in fields else None,
        epoch=_read_epoch(_read_tags(fields[62])) if 62 in fields else "",
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
    return Message(REVERSAL_ANSWER_MTI, fields)
