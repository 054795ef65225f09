"""Numbers that only grow."""

from typing import ClassVar

import msgspec

CounterKey = tuple[str, str]

WHOLE_HOST = "*"
"""Stands in `merchant_no` of a counter that serves all merchants."""


class Counter(msgspec.Struct, frozen=True, kw_only=True):
    """A number that only grows: session and sign-in record per merchant; reference numbers for the whole host (`*`)."""

    KEY: ClassVar = ("merchant_no", "name")

    merchant_no: str
    name: str
    """session, sign_in, approval, case, note, rrn; `offline:N`: the envelope for sign-ins without network of record N."""
    value: int
    """The last number given (or, for rrn, reserved); for an envelope, the last of its uses that was taken."""
