"""Answers to a payment whose outcome is open (39 = 09), each with what field 59 says of it.

    Z2, Z3    a sale by a code that the shop shows: what the code says, for how many seconds it is good
    Z3 alone  a void or refund that its wallet has not decided yet: the host goes on asking, the terminal goes on without it

It is no refusal: the same request once more hears how it stands then, and in the end what became of it. A 09 without field 59 is a
refusal like any other, which a card's bank may say.
"""

from ...basics.secret import Pan
from ...iso8583.message import Message
from ..qr.field59 import FIELD, Field59, write_field_59
from .payment import PaymentAnswer

STILL_OPEN = "09"


class OfferedAnswer(PaymentAnswer, frozen=True, kw_only=True):
    """It is kept nowhere: asked again, it is made anew."""

    shown: str = ""
    """What the code says; empty where none is shown."""
    left_s: int
    """For how many seconds it is good; without a code, after how many it may be asked for again."""

    def message(self, kind: str, request: Message, pan: Pan | None) -> Message:
        plain = PaymentAnswer.message(self, kind, request, pan)
        said = write_field_59(Field59(shown=self.shown, left_s=self.left_s))
        return Message(plain.mti, {**plain.fields, FIELD: said})
