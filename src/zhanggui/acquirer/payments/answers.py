"""Answers to payments: the one that the host makes itself, and how an answer is kept with its payment for repeats."""

import msgspec

from ...basics.numbers import UnixMs
from ...cup.messages.head import host_time
from ...cup.messages.payment import PaymentAnswer


def refusal_answer(response_code: str, rrn: str, acquirer_code: str, now: UnixMs) -> PaymentAnswer:
    """The answer fields of a payment that the host itself refuses."""
    time = host_time(now)
    return PaymentAnswer(
        time=time, rrn=rrn, response_code=response_code, settlement_date=time.field_13, acquirer_code=acquirer_code
    )


def write_answer(answer: PaymentAnswer) -> str:
    """The answer as text for the payment's row."""
    return msgspec.json.encode(answer).decode()


def read_answer(text: str) -> PaymentAnswer:
    """The answer from the payment's row."""
    return msgspec.json.decode(text, type=PaymentAnswer)
