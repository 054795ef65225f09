"""Settlement (0500) and batch upload (0320), with their answers. Source: domain reference §4.5 [CJ][LY][SPP].

    0500  the terminal's totals ─▶ 0510 the flag: 1 they agree, 2 they do not and these are the host's own
    0320  each payment once more, where they do not agree; blocks of eight (201), or one a message (203 to 206)
    0320  the end: 207 the totals agreed, 202 they did not; with the number of payments told

Field 48 counts in three digits. A batch of a thousand payments or more is sent and compared by the last three digits of its
counts, and by its amounts, which have twelve. A terminal of ours has no card number any more: it tells the first six and the last
four digits, with zeros between, and a host compares as many.
"""

from typing import Literal

import msgspec

from ...basics.numbers import BatchNo, MerchantNo, OperatorNo, Rrn, TerminalNo, TraceNo, is_digits
from ...basics.secret import mask_pan
from ...iso8583.message import Message
from ..errors import MessageError
from ..field60 import management
from ..transactions import CATALOGUE, Transaction, text_of
from .head import CURRENCY_YUAN, HostTime
from .payment import OPERATOR_PAD, read_operator_no

COUNT_FOLD = 1_000
"""Counts in field 48 have three digits."""
BLOCK_DETAILS_MAX = 8
"""Payments in one message of field 48, usage 2."""
SUMS_DIGITS = 30
DETAIL_DIGITS = 40
PAN_DIGITS = 20
TOLD_MAX = 9_999
"""Usage 3 has four digits; a longer upload says as many."""
DOMESTIC = "00"
CHIP_DETAIL, CHIP_NOTICE = "61", "71"
"""First two digits of field 62, usages 6 and 7."""

Flag = Literal["0", "1", "2", "3"]
"""0 in a request; 1 the totals agree, 2 they do not, 3 error."""
AGREED: Flag = "1"
DIFFERS: Flag = "2"

_SETTLEMENT = CATALOGUE["settlement"]
_END = {True: CATALOGUE["upload_end_agreed"], False: CATALOGUE["upload_end_differs"]}


class Sums(msgspec.Struct, frozen=True, kw_only=True):
    """What a batch comes to: sales and completions on the debit side; refunds and what undoes a sale on the credit side.

    A payment that another one has undone stays on its side.
    """

    debit_count: int = 0
    debit_fen: int = 0
    credit_count: int = 0
    credit_fen: int = 0

    def agrees(self, other: "Sums") -> bool:
        """Whether both come to the same, as far as field 48 can say."""
        return (
            (self.debit_fen, self.credit_fen) == (other.debit_fen, other.credit_fen)
            and self.debit_count % COUNT_FOLD == other.debit_count % COUNT_FOLD
            and self.credit_count % COUNT_FOLD == other.credit_count % COUNT_FOLD
        )

    def near(self, known: "Sums") -> "Sums":
        """These sums as they came over the line, each count the one nearest to a count that is known.

        >>> Sums(debit_count=1).near(Sums(debit_count=10_002)).debit_count
        10001
        """
        return msgspec.structs.replace(
            self,
            debit_count=_nearest(self.debit_count, known.debit_count),
            credit_count=_nearest(self.credit_count, known.credit_count),
        )


NO_SUMS = Sums()


def _nearest(folded: int, known: int) -> int:
    off = (folded - known + COUNT_FOLD // 2) % COUNT_FOLD - COUNT_FOLD // 2
    return max(known + off, folded)


def write_sums(sums: Sums, flag: Flag) -> str:
    """Half of usage 1: amount and count of each side, and the flag.

    >>> write_sums(Sums(debit_count=1, debit_fen=12850), "0")
    '0000000128500010000000000000000'
    """
    return (
        f"{sums.debit_fen:012d}{sums.debit_count % COUNT_FOLD:03d}"
        f"{sums.credit_fen:012d}{sums.credit_count % COUNT_FOLD:03d}{flag}"
    )


def _read_sums(digits: str) -> Sums:
    return Sums(
        debit_fen=int(digits[:12]),
        debit_count=int(digits[12:15]),
        credit_fen=int(digits[15:27]),
        credit_count=int(digits[27:30]),
    )


def read_sums(message: Message) -> tuple[Sums, Sums, str, str]:
    """Field 48, usage 1: domestic and foreign sums, and the flag of each. MessageError when it is something else."""
    text = text_of(message, 48)
    half = SUMS_DIGITS + 1
    if not is_digits(text, 2 * half):
        raise MessageError(48, f"totals of {2 * half} digits", f"{len(text)} characters")
    first, second = text[:half], text[half:]
    return _read_sums(first), _read_sums(second), first[SUMS_DIGITS], second[SUMS_DIGITS]


class _FromTerminal(msgspec.Struct, frozen=True):
    """Whose batch, and the number of the message."""

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    batch_no: BatchNo
    trace_no: TraceNo

    def fields(self, row: Transaction) -> dict[int, str | bytes]:
        """What all these messages begin with."""
        return {
            11: self.trace_no,
            41: self.terminal_no,
            42: self.merchant_no,
            60: management(self.batch_no, row.network_code),
        }


def _named(message: Message) -> tuple[MerchantNo, TerminalNo, BatchNo, TraceNo]:
    return (
        MerchantNo(text_of(message, 42)),
        TerminalNo(text_of(message, 41)),
        BatchNo(text_of(message, 60)[2:8]),
        TraceNo(text_of(message, 11)),
    )


class SettlementRequest(_FromTerminal, frozen=True, kw_only=True):
    """0500: the terminal's totals."""

    sums: Sums
    foreign: Sums = NO_SUMS
    """Cards from abroad, at a terminal that settles them apart; ours counts all cards in the first block."""
    operator_no: OperatorNo | None = None

    def message(self) -> Message:
        """Build the 0500 without its MAC."""
        fields = self.fields(_SETTLEMENT)
        fields[48] = write_sums(self.sums, "0") + write_sums(self.foreign, "0")
        fields[49] = CURRENCY_YUAN
        fields[63] = (self.operator_no or "").ljust(OPERATOR_PAD)
        return Message(_SETTLEMENT.mti, fields)

    @property
    def whole(self) -> Sums:
        """Both blocks together: a host that knows no classes of cards compares the whole."""
        ours, theirs = self.sums, self.foreign
        return Sums(
            debit_count=ours.debit_count + theirs.debit_count,
            debit_fen=ours.debit_fen + theirs.debit_fen,
            credit_count=ours.credit_count + theirs.credit_count,
            credit_fen=ours.credit_fen + theirs.credit_fen,
        )


def read_settlement(message: Message) -> SettlementRequest:
    """Read a 0500 whose presence was checked. MessageError names the field that is wrong."""
    sums, foreign, _, _ = read_sums(message)
    return SettlementRequest(
        *_named(message), sums=sums, foreign=foreign, operator_no=read_operator_no(message.fields.get(63))
    )


_ECHOES = (11, 41, 42, 49, 60)


class SettlementAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """0510. `sums` is None where the request was refused; else the host's own, beside the flag."""

    time: HostTime
    rrn: Rrn | str
    response_code: str
    acquirer_code: str
    settlement_date: str = ""
    sums: Sums | None = None
    flag: Flag = "0"

    def message(self, request: Message) -> Message:
        """Build the answer, without a MAC. 39 is 00 also where the totals differ: the flag says it [SPP]."""
        fields = _answered(request, _ECHOES, self.time, self.rrn, self.response_code, self.acquirer_code)
        if self.sums is not None:
            fields[15] = self.settlement_date
            # Abroad: nothing of it is kept apart here, and nothing differs there.
            fields[48] = write_sums(self.sums, self.flag) + write_sums(NO_SUMS, AGREED)
        return Message(_SETTLEMENT.answer_mti, fields)


def read_settlement_answer(message: Message) -> tuple[Sums, str]:
    """The host's totals and its flag, of a 0510 with 39 = 00."""
    sums, _, flag, _ = read_sums(message)
    return sums, flag


def _answered(
    request: Message, echoes: tuple[int, ...], time: HostTime, rrn: str, code: str, acquirer_code: str
) -> dict[int, str | bytes]:
    asked = request.fields
    fields: dict[int, str | bytes] = {number: asked[number] for number in echoes if number in asked}
    return {**fields, 12: time.field_12, 13: time.field_13, 32: acquirer_code, 37: rrn, 39: code}


# ── batch upload ─────────────────────────────────────────────────────────────


class Detail(msgspec.Struct, frozen=True, kw_only=True):
    """One payment of a batch as it is told again. Whoever tells the whole card number: only its mask is taken."""

    trace_no: TraceNo
    masked_pan: str
    """Empty where no card is told."""
    amount_fen: int


def shown_digits(masked_pan: str) -> str:
    """A masked card number as a detail tells it: digits only.

    >>> shown_digits("621700*********0012")
    '6217000000000000012'
    """
    return "".join(char if char.isdigit() else "0" for char in masked_pan)


def detail_row(kind: Transaction, *, is_chip: bool, is_agreed: bool) -> Transaction:
    """The row of the message that tells a payment of this kind again; which one follows from the kind's own row.

    A card with a chip has 203 (205 where the totals differ), and 204 (206) where the payment is a notice, which no 0400 undoes.
    """
    if not is_chip:
        return CATALOGUE["upload_stripe"]
    what = "chip" if kind.reversible else "chip_notice"
    return CATALOGUE[f"upload_{what}_{'agreed' if is_agreed else 'differs'}"]


def goes_in_a_block(kind: Transaction, *, is_chip: bool) -> bool:
    """Whether up to eight of these go in one message; refunds and notices, and all that a chip paid, are told one by one."""
    return not is_chip and kind.reversible


class UploadBlock(_FromTerminal, frozen=True, kw_only=True):
    """0320 with 201: up to eight payments by magnetic stripe."""

    details: tuple[Detail, ...]

    def message(self) -> Message:
        """Build the 0320 without its MAC."""
        row = CATALOGUE["upload_stripe"]
        fields = self.fields(row)
        fields[48] = f"{len(self.details):02d}" + "".join(
            f"{DOMESTIC}{one.trace_no}{shown_digits(one.masked_pan):0>{PAN_DIGITS}}{one.amount_fen:012d}"
            for one in self.details
        )
        return Message(row.mti, fields)


class UploadOne(_FromTerminal, frozen=True, kw_only=True):
    """0320 about one payment; 11 is that payment's own number."""

    row: Transaction
    masked_pan: str
    amount_fen: int
    response_code: str = "00"

    def message(self) -> Message:
        """Build the 0320 without its MAC."""
        row = self.row
        fields = self.fields(row)
        if self.masked_pan:
            fields[2] = shown_digits(self.masked_pan)
        fields[4] = f"{self.amount_fen:012d}"
        if row is not CATALOGUE["upload_stripe"]:
            fields[62] = self._chip_62()
        return Message(row.mti, fields)

    def _chip_62(self) -> bytes:
        """Usage 6 for what was decided by the bank, 7 for a notice, whose cryptogram (a certificate, not judged) it names."""
        is_notice = self.row in (CATALOGUE["upload_chip_notice_agreed"], CATALOGUE["upload_chip_notice_differs"])
        head = CHIP_NOTICE if is_notice else CHIP_DETAIL
        text = f"{head}{DOMESTIC}{self.response_code}{self.amount_fen:012d}{CURRENCY_YUAN}{'00' if is_notice else ''}"
        return text.encode("ascii")


class UploadEnd(_FromTerminal, frozen=True, kw_only=True):
    """0320 with 207 or 202: the upload is over."""

    is_agreed: bool
    count: int
    """Payments told."""

    def message(self) -> Message:
        """Build the 0320 without its MAC."""
        row = _END[self.is_agreed]
        fields = self.fields(row)
        fields[48] = f"{min(self.count, TOLD_MAX):04d}"
        return Message(row.mti, fields)


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """What a 0320 says, whichever it is."""

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    batch_no: BatchNo
    details: tuple[Detail, ...] = ()
    is_end: bool = False


def read_upload(message: Message, row: Transaction) -> Upload:
    """Read a 0320 of this row, whose presence was checked. MessageError names the field that is wrong."""
    merchant_no, terminal_no, batch_no, trace_no = _named(message)
    is_end = row in _END.values()
    details: tuple[Detail, ...] = ()
    if not is_end:
        field_48 = message.fields.get(48)
        details = _read_block(field_48) if type(field_48) is str else (_read_one(message, trace_no),)
    return Upload(merchant_no=merchant_no, terminal_no=terminal_no, batch_no=batch_no, details=details, is_end=is_end)


def _read_block(digits: str) -> tuple[Detail, ...]:
    if not is_digits(digits, len(digits)) or len(digits) < 2:
        raise MessageError(48, "a count and details in digits", "something else")
    count = int(digits[:2])
    if not 0 < count <= BLOCK_DETAILS_MAX or len(digits) < 2 + count * DETAIL_DIGITS:
        raise MessageError(
            48, f"1 to {BLOCK_DETAILS_MAX} details of {DETAIL_DIGITS} digits", "another number of digits"
        )
    starts = range(2, 2 + count * DETAIL_DIGITS, DETAIL_DIGITS)
    return tuple(
        Detail(
            trace_no=TraceNo(digits[at + 2 : at + 8]),
            masked_pan=_masked(digits[at + 8 : at + 28].lstrip("0")),
            amount_fen=int(digits[at + 28 : at + 40]),
        )
        for at in starts
    )


def _read_one(message: Message, trace_no: TraceNo) -> Detail:
    pan = message.fields.get(2)
    masked_pan = _masked(pan) if type(pan) is str else ""
    return Detail(trace_no=trace_no, masked_pan=masked_pan, amount_fen=int(text_of(message, 4)))


def _masked(digits: str) -> str:
    return mask_pan(digits) if digits else ""


def upload_answer(request: Message, time: HostTime, rrn: str, response_code: str, acquirer_code: str) -> Message:
    """Build the 0330, without a MAC."""
    fields = _answered(request, (4, *_ECHOES), time, rrn, response_code, acquirer_code)
    return Message(CATALOGUE["upload_stripe"].answer_mti, fields)
