"""What a till knows of the payments of its batch: each as it stands, what they come to, and how all are told again (0320)."""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from ...basics.errors import Fault
from ...basics.numbers import BatchNo, Rrn, TerminalNo, TraceNo
from ...cup.messages.original import Original
from ...cup.messages.payment import PaymentRequest
from ...cup.messages.settlement import (
    BLOCK_DETAILS_MAX,
    Detail,
    Sums,
    UploadBlock,
    UploadEnd,
    UploadOne,
    detail_row,
    goes_in_a_block,
)
from ...cup.qr.field59 import read_field_59
from ...cup.transactions import NO_TRACE, PAYMENTS
from ...iso8583.message import Message
from ...terminal.flow.core.kept import EntryWay
from .cards import HeldCard
from .till import Answer, Till


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment that stands, as its till knows it."""

    terminal_no: TerminalNo
    kind: str
    amount_fen: int
    original: Original
    card: HeldCard | None
    way: EntryWay

    def named_at(self, terminal_no: TerminalNo) -> Original:
        """How it is named at a till: batch and trace are a name at its own alone, elsewhere its reference is."""
        if terminal_no == self.terminal_no:
            return self.original
        return replace(self.original, batch_no=BatchNo(NO_TRACE), trace_no=TraceNo(NO_TRACE))


def sums_of(payments: Sequence[Paid]) -> Sums:
    """What payments of a batch come to."""
    sides = {
        side: [one.amount_fen for one in payments if PAYMENTS[one.kind].total == side] for side in ("debit", "credit")
    }
    return Sums(
        debit_count=len(sides["debit"]),
        debit_fen=sum(sides["debit"]),
        credit_count=len(sides["credit"]),
        credit_fen=sum(sides["credit"]),
    )


def original_of(request: PaymentRequest, answer: Answer) -> Original:
    """How later payments name this one."""
    said = read_field_59(answer.text(59)) if answer.text(59) else None
    return Original(
        batch_no=request.batch_no,
        trace_no=TraceNo(request.trace_no),
        date=answer.text(13),
        rrn=Rrn(answer.text(37)),
        auth_code=answer.text(38),
        pay_voucher=said.pay_voucher if said is not None else "",
    )


async def tell_again(till: Till, known: Sequence[Paid]) -> None:
    """0320: each payment once more, and the end."""
    blocks = list[Detail]()
    whose = (till.merchant_no, till.terminal_no, till.batch_no)
    for paid in known:
        row, is_chip = PAYMENTS[paid.kind], paid.way in ("insert", "tap")
        masked = paid.card.pan.mask() if paid.card is not None else ""
        if goes_in_a_block(row, is_chip=is_chip):
            blocks.append(Detail(trace_no=paid.original.trace_no, masked_pan=masked, amount_fen=paid.amount_fen))
            continue
        one = UploadOne(
            *whose,
            paid.original.trace_no,
            row=detail_row(row, is_chip=is_chip, is_agreed=False),
            masked_pan=masked,
            amount_fen=paid.amount_fen,
        )
        await _uploaded(till, one.message())
    for place in range(0, len(blocks), BLOCK_DETAILS_MAX):
        block = UploadBlock(*whose, till.next_trace(), details=tuple(blocks[place : place + BLOCK_DETAILS_MAX]))
        await _uploaded(till, block.message())
    await _uploaded(till, UploadEnd(*whose, till.next_trace(), is_agreed=False, count=len(known)).message())


async def _uploaded(till: Till, message: Message) -> None:
    answer = await till.tell(message)
    if not answer.is_good:
        raise Fault(f"till {till.terminal_no} could not tell its batch again: {answer.code}")
