"""Numbers that only grow."""

from .record import Record

__all__ = ["WHOLE_HOST", "Counter", "CounterKey"]

CounterKey = tuple[str, str]

WHOLE_HOST = "*"
"""Stands in `merchant_no` of a counter that serves all merchants."""


class Counter(Record, frozen=True, kw_only=True):
    """A number that only grows: session and sign-in record per merchant; reference numbers for the whole host (`*`)."""

    KEY = ("merchant_no", "name")

    merchant_no: str
    name: str
    """session, sign_in, approval, case, note, proposal, rrn; `offline:N`: the envelope for sign-ins without network of record N;
    `order:TERMINAL`: the orders of a terminal; `door:TERMINAL`: its turns at the HTTP door."""
    value: int
    """The last number given (or, for rrn, reserved); for an envelope, the last of its uses that was taken."""


RECORDS: tuple[type[Record], ...] = (Counter,)
"""In the order of writing."""
