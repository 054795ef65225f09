"""The hosts that share a database."""

from ....basics.numbers import UnixMs
from .record import Record

__all__ = ["HostLease"]


class HostLease(Record, frozen=True, kw_only=True):
    """That a host lives, said by itself every few seconds; what it has at the bank is its own for so long."""

    KEY = ("merchant_no", "host_id")

    merchant_no: str
    """`*`: hosts serve all merchants."""
    host_id: str
    """Made anew at each start: a host that starts again is another, and a copied folder makes no twin."""
    seen_ms: UnixMs
    """By the wall clock, which is all that hosts have in common. A host that ends in order takes its row away."""


RECORDS: tuple[type[Record], ...] = (HostLease,)
"""In the order of writing."""
