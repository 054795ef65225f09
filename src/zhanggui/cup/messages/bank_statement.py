"""0520 from host to bank, and 0530: which payments of a terminal stand at the bank, page by page (a statement, 对账).

    0520  11, 32, 41, 42 · 37: after this reference number · 62: up to that one                      ─▶
    0530  the same, 39 · 62: up to PAGE_MAX payments (reference number, trace number, amount), by reference number   ◀─

A page that is not full is the last one. What the bank took back again, or never approved, it does not tell. The statement moves no
money and is asked again as often as anybody likes.
"""

from typing import NamedTuple

import msgspec

from ...basics.numbers import MerchantNo, Rrn, TerminalNo, TraceNo
from ...iso8583.message import Message
from ..errors import MessageError
from ..transactions import STATEMENT_ANSWER_MTI, STATEMENT_MTI, text_of

RRN_DIGITS, TRACE_DIGITS, AMOUNT_DIGITS = 12, 6, 12
PAYMENT_DIGITS = RRN_DIGITS + TRACE_DIGITS + AMOUNT_DIGITS
PAGE_MAX = 16
"""Payments of one page: field 62 holds 512 bytes."""
FIRST, LAST = Rrn("0" * RRN_DIGITS), Rrn("9" * RRN_DIGITS)
_ECHOES = (11, 32, 37, 41, 42)


class StatedPayment(NamedTuple):
    """A payment that stands at the bank."""

    rrn: Rrn
    trace_no: TraceNo
    amount_fen: int


class StatementAsked(msgspec.Struct, frozen=True):
    """Which payments are asked for: of a terminal, after one reference number and up to another."""

    acquirer_code: str
    merchant_no: MerchantNo
    terminal_no: TerminalNo
    after: Rrn
    upto: Rrn

    def message(self, number: TraceNo) -> Message:
        """Build the 0520 without its MAC; `number` is the message's own."""
        return Message(
            STATEMENT_MTI,
            {
                11: number,
                32: self.acquirer_code,
                37: self.after,
                41: self.terminal_no,
                42: self.merchant_no,
                62: self.upto.encode("ascii"),
            },
        )


def read_statement_asked(message: Message) -> StatementAsked:
    """Read a 0520. MessageError names the field that is missing or wrong."""
    upto = _digits_of(message)
    if len(upto) != RRN_DIGITS:
        raise MessageError(62, f"a reference number of {RRN_DIGITS} digits", f"{len(upto)} digits")
    return StatementAsked(
        acquirer_code=text_of(message, 32),
        merchant_no=MerchantNo(text_of(message, 42)),
        terminal_no=TerminalNo(text_of(message, 41)),
        after=Rrn(text_of(message, 37)),
        upto=Rrn(upto),
    )


def statement_answer(request: Message, response_code: str, page: tuple[StatedPayment, ...]) -> Message:
    """Build the 0530 without its MAC."""
    fields: dict[int, str | bytes] = {number: request.fields[number] for number in _ECHOES if number in request.fields}
    told = "".join(f"{one.rrn}{one.trace_no}{one.amount_fen:0{AMOUNT_DIGITS}d}" for one in page)
    if told:
        fields[62] = told.encode("ascii")
    return Message(STATEMENT_ANSWER_MTI, {**fields, 39: response_code})


def answers(request: Message, answer: Message) -> bool:
    """Whether this 0530 is one to this 0520."""
    return all(answer.fields.get(number) == request.fields[number] for number in _ECHOES)


def read_statement(message: Message) -> tuple[StatedPayment, ...]:
    """The page of a 0530 with 39 = 00. MessageError when field 62 is something else."""
    if 62 not in message.fields:
        return ()
    digits = _digits_of(message)
    if len(digits) % PAYMENT_DIGITS or len(digits) > PAGE_MAX * PAYMENT_DIGITS:
        raise MessageError(62, f"payments of {PAYMENT_DIGITS} digits", f"{len(digits)} digits")
    return tuple(
        StatedPayment(
            Rrn(digits[at : at + RRN_DIGITS]),
            TraceNo(digits[at + RRN_DIGITS : at + RRN_DIGITS + TRACE_DIGITS]),
            int(digits[at + RRN_DIGITS + TRACE_DIGITS : at + PAYMENT_DIGITS]),
        )
        for at in range(0, len(digits), PAYMENT_DIGITS)
    )


def _digits_of(message: Message) -> str:
    value = message.fields.get(62)
    if type(value) is not bytes or not value.isdigit():
        raise MessageError(62, "digits", "something else")
    return value.decode("ascii")
