"""Slips (签购单) as data; printers and pages lay them out. Lines and order: domain reference §8."""

from typing import Literal

import msgspec

SlipLineKind = Literal[
    "title", "center", "text", "pair", "amount", "rule", "blank", "signature", "mark", "bar_code", "qr"
]


SlipCopy = Literal["merchant", "cardholder", "settlement", "details", "missing", "shift", "refusal", "test"]
"""Whose it is; a slip of no payment is its own."""


class SlipLine(msgspec.Struct, frozen=True):
    """One line. `pair` puts left and right at the two edges; `amount` is printed large; `signature` is the box to sign in, over the
    feature code in `right`; `bar_code` and `qr` show `left` to a scanner."""

    kind: SlipLineKind
    left: str = ""
    right: str = ""


def slip_ids(trace_no: str) -> tuple[str, str]:
    """The ids of both copies of a payment's first slips."""
    return f"{trace_no}-merchant", f"{trace_no}-cardholder"


class Slip(msgspec.Struct, frozen=True, kw_only=True):
    """A slip ready for any printer: already in words, card number already masked."""

    id: str
    """`000012-merchant`: trace number and copy."""
    copy: SlipCopy
    electronic: bool
    """True on e-signature models, where the slip is a picture and the signature stands in it."""
    lines: tuple[SlipLine, ...]
