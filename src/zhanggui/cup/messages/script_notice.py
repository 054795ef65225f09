"""The notice of issuer scripts (0620, 60.3 = 951) and its answer, from terminal to host and from host to bank.

It has a number of its own; 37 and 61 name the payment whose answer brought the scripts, 3, 4, 22, 23 and 25 repeat it. Field 55 has what
became of each script (DF31) beside what the chip had said. Sent again it is the same. Between host and bank, acquirer code and
reference number name the payment, as everywhere there. Source: domain reference §3, §4.2, §4.10 [CJ].
"""

import msgspec

from ...basics.numbers import BatchNo, MerchantNo, Rrn, TerminalNo, TraceNo
from ...basics.secret import Pan
from ...iso8583.errors import TlvError
from ...iso8583.message import Message
from ...iso8583.tlv import decode_tlv
from ..errors import MessageError
from ..field60 import management, parse_field_60
from ..transactions import CATALOGUE, bytes_of, text_of
from ..values.issuer_script import RESULTS, ScriptResult, read_results
from .head import CURRENCY_YUAN, HostTime
from .original import DATE_DIGITS, ORIGINAL_DIGITS, Original

SCRIPT_NOTICE = CATALOGUE["script_notice"]
CHIP_TAGS = frozenset({0x95, 0x9F1E, 0x9F10, 0x9F26, 0x9F36, 0x82, 0x9F1A, 0x9A})
"""What field 55 says of the payment beside the results."""
NO_BATCH = BatchNo("000000")
_ECHOES = (3, 4, 11, 25, 41, 42, 49, 60, 61)


class ScriptNotice(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the scripts that came with the answer to a payment."""

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    batch_no: BatchNo
    """Its own, like the next."""
    trace_no: TraceNo
    payment: Original
    """The payment that brought them: batch, trace, day and reference number."""
    processing_code: str
    condition_code: str
    acquirer_code: str
    """Field 32 of the payment's answer."""
    amount_fen: int | None = None
    """None in a kind that is not about a sum."""
    entry_mode: str
    card_sequence: str = ""
    pan: Pan | None = None
    chip_data: bytes
    """Field 55, with DF31 in it."""

    def message(self) -> Message:
        """Build the 0620 without its MAC."""
        fields: dict[int, str | bytes] = {
            3: self.processing_code,
            11: self.trace_no,
            22: self.entry_mode,
            25: self.condition_code,
            32: self.acquirer_code,
            37: self.payment.rrn,
            41: self.terminal_no,
            42: self.merchant_no,
            49: CURRENCY_YUAN,
            55: self.chip_data,
            60: management(self.batch_no, SCRIPT_NOTICE.network_code),
            61: self.payment.field_61(),
        }
        if self.amount_fen is not None:
            fields[4] = f"{self.amount_fen:012d}"
        if self.card_sequence:
            fields[23] = self.card_sequence
        if self.pan is not None:
            fields[2] = self.pan.reveal()
        return Message(SCRIPT_NOTICE.mti, fields)

    @property
    def results(self) -> tuple[ScriptResult, ...]:
        """What became of each script. MessageError where field 55 does not say."""
        return results_in(self.chip_data)


def read_script_notice(message: Message) -> ScriptNotice:
    """Read a 0620/951 whose presence was checked. MessageError names the field that is wrong."""
    fields, field_61 = message.fields, text_of(message, 61)
    if len(field_61) < ORIGINAL_DIGITS + DATE_DIGITS:
        raise MessageError(61, f"batch, trace and day of the payment, {ORIGINAL_DIGITS + DATE_DIGITS} digits", "fewer")
    pan, sequence, amount = fields.get(2), fields.get(23), fields.get(4)
    try:
        card_number = Pan(pan) if type(pan) is str else None
    except ValueError:
        raise MessageError(2, "a card number of 12 to 19 digits", "another length") from None
    notice = ScriptNotice(
        merchant_no=MerchantNo(text_of(message, 42)),
        terminal_no=TerminalNo(text_of(message, 41)),
        batch_no=BatchNo(parse_field_60(text_of(message, 60)).batch_no),
        trace_no=TraceNo(text_of(message, 11)),
        payment=Original(
            batch_no=BatchNo(field_61[:6]),
            trace_no=TraceNo(field_61[6:ORIGINAL_DIGITS]),
            date=field_61[ORIGINAL_DIGITS : ORIGINAL_DIGITS + DATE_DIGITS],
            rrn=Rrn(text_of(message, 37)),
        ),
        processing_code=text_of(message, 3),
        condition_code=text_of(message, 25),
        acquirer_code=text_of(message, 32),
        amount_fen=int(amount) if type(amount) is str else None,
        entry_mode=text_of(message, 22),
        card_sequence=sequence if type(sequence) is str else "",
        pan=card_number,
        chip_data=bytes_of(message, 55),
    )
    results_in(notice.chip_data)
    return notice


def results_in(chip_data: bytes) -> tuple[ScriptResult, ...]:
    """What field 55 tells of scripts. MessageError where it tells nothing."""
    try:
        return read_results(dict(decode_tlv(chip_data)).get(RESULTS, b""))
    except (TlvError, ValueError):
        raise MessageError(55, "results of scripts in tag DF31", "something else") from None


def script_answer(request: Message, time: HostTime, rrn: str, response_code: str, acquirer_code: str) -> Message:
    """Build the 0630 without its MAC. Its 37 is the answer's own number, as in every answer."""
    asked = request.fields
    fields: dict[int, str | bytes] = {number: asked[number] for number in _ECHOES if number in asked}
    fields |= {12: time.field_12, 13: time.field_13, 32: acquirer_code, 37: rrn, 39: response_code}
    return Message(SCRIPT_NOTICE.answer_mti, fields)


class BankScriptNotice(msgspec.Struct, frozen=True, kw_only=True):
    """The same from host to bank: it is told until the bank answers."""

    acquirer_code: str
    rrn: Rrn
    """Of the payment that brought the scripts."""
    trace_no: TraceNo
    merchant_no: MerchantNo
    terminal_no: TerminalNo
    processing_code: str
    chip_data: bytes

    def message(self) -> Message:
        """Build the 0620 without its MAC."""
        return Message(
            SCRIPT_NOTICE.mti,
            {
                3: self.processing_code,
                11: self.trace_no,
                32: self.acquirer_code,
                37: self.rrn,
                41: self.terminal_no,
                42: self.merchant_no,
                49: CURRENCY_YUAN,
                55: self.chip_data,
                60: management(NO_BATCH, SCRIPT_NOTICE.network_code),
            },
        )


def read_bank_script_notice(message: Message) -> BankScriptNotice:
    """Read the host's 0620. MessageError names the field that is missing or wrong."""
    notice = BankScriptNotice(
        acquirer_code=text_of(message, 32),
        rrn=Rrn(text_of(message, 37)),
        trace_no=TraceNo(text_of(message, 11)),
        merchant_no=MerchantNo(text_of(message, 42)),
        terminal_no=TerminalNo(text_of(message, 41)),
        processing_code=text_of(message, 3),
        chip_data=bytes_of(message, 55),
    )
    results_in(notice.chip_data)
    return notice
