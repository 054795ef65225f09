"""Signing in without network (离线签到): tag OFFLINE tells, in an answer, what an operator may do, and in a request what was done.

answer to a good sign-in (403)   hours,uses,fen,record     the envelope that this sign-in leaves in the PIN pad
report when the line is back (407)   record,use,ms         which envelope, which of its uses, when by the terminal's clock
"""

import msgspec

from ...basics.numbers import RecordNo
from .numbers import read_numbers

HOURS_MAX, USES_MAX = 7 * 24, 99
"""What a terminal accepts at most, whatever it is told."""


class OfflineTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What the host allows an operator without network: for how long, how often, and the most one sale may be afterwards."""

    hours: int
    uses: int
    sale_limit_fen: int
    record_no: RecordNo
    """The sign-in that leaves it."""


def write_terms(terms: OfflineTerms) -> str:
    """The text of tag OFFLINE in an answer.

    >>> write_terms(OfflineTerms(hours=12, uses=2, sale_limit_fen=50000, record_no=RecordNo(7)))
    '12,2,50000,7'
    """
    return f"{terms.hours},{terms.uses},{terms.sale_limit_fen},{terms.record_no}"


def read_terms(text: str) -> OfflineTerms | None:
    """Read tag OFFLINE of an answer. None when it allows nothing or is not four numbers.

    >>> read_terms("1200,2,50000,7").hours
    168
    """
    match read_numbers(text):
        case (int(hours), int(uses), int(limit_fen), int(record_no)) if hours and uses:
            hours, uses = min(hours, HOURS_MAX), min(uses, USES_MAX)
            return OfflineTerms(hours=hours, uses=uses, sale_limit_fen=limit_fen, record_no=RecordNo(record_no))
    return None


class OfflineUse(msgspec.Struct, frozen=True, kw_only=True):
    """One sign-in without network, as it is reported."""

    record_no: RecordNo | None = None
    """The sign-in that left the envelope; None when the report names none."""
    use: int = 0
    """Which of the envelope's uses it is, from 1."""
    used_at_ms: int = 0
    """When the operator signed in, by the terminal's own clock."""


def write_use(use: OfflineUse) -> str:
    """The text of tag OFFLINE in a request.

    >>> write_use(OfflineUse(record_no=RecordNo(7), use=1, used_at_ms=1_795_406_400_000))
    '7,1,1795406400000'
    """
    record_no = use.record_no if use.record_no is not None else ""
    return f"{record_no},{use.use},{use.used_at_ms}"


def read_use(text: str) -> OfflineUse:
    """Read tag OFFLINE of a request; what is no number is none, and a report of another form names no envelope.

    >>> read_use("7,1"), read_use("7,x,5").use
    (OfflineUse(record_no=None, use=0, used_at_ms=0), 0)
    """
    match read_numbers(text):
        case (record_no, use, used_at_ms):
            number = RecordNo(record_no) if record_no is not None else None
            return OfflineUse(record_no=number, use=use or 0, used_at_ms=used_at_ms or 0)
    return OfflineUse()
