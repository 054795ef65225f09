"""The answer to a sale by a code that the shop shows, while nobody has paid yet: 39 = 09, and in field 59 what the code says.

It is no refusal: the same request once more hears how it stands then, and in the end what became of it.
"""

from ...basics.secret import Pan
from ...iso8583.message import Message
from ..qr.field59 import FIELD, Field59, write_field_59
from .payment import PaymentAnswer

STILL_OPEN = "09"


class OfferedAnswer(PaymentAnswer, frozen=True, kw_only=True):
    """It is kept nowhere: asked again, it is made anew."""

    shown: str
    """What the code says."""
    left_s: int
    """For how many seconds it is good."""

    def message(self, kind: str, request: Message, pan: Pan | None) -> Message:
        plain = PaymentAnswer.message(self, kind, request, pan)
        said = write_field_59(Field59(shown=self.shown, left_s=self.left_s))
        return Message(plain.mti, {**plain.fields, FIELD: said})
