"""The epoch (纪元) of a terminal: which of its sign-ons (0800) its payments belong to. The host gives a new one with each 0810.

A trace number is unique among the payments of one journal. Two copies of a journal, or one that begins anew, count the same
numbers again; each of them has signed on by itself, so their payments differ in this. It means nothing but its own name.

Beside it the 0810 tells the last trace number that the host knows of this terminal, if there is one ahead of the request's or the
request's own was taken: there the terminal goes on. Both stand in field 63 behind a blank 63.1, as `epoch=00c0ffee,trace=000123`, for
terminals of ours only. A 0810 with it carries a MAC under the new key: who could forge it could make a terminal skip numbers.
"""

import re

import msgspec

from ...basics.numbers import TraceNo, is_digits

EPOCH_BYTES = 4
EPOCH_DIGITS = 2 * EPOCH_BYTES
_EPOCH = re.compile(f"[0-9a-f]{{{EPOCH_DIGITS}}}")


def is_epoch(text: str) -> bool:
    """Whether a text can be an epoch.

    >>> is_epoch("00c0ffee"), is_epoch("COFFEE00"), is_epoch("")
    (True, False, False)
    """
    return _EPOCH.fullmatch(text) is not None


class Beginning(msgspec.Struct, frozen=True):
    """Where a terminal begins after a sign-on. `known_trace` is None where the host knows no later number than the terminal does."""

    epoch: str
    known_trace: TraceNo | None = None


def write_beginning(beginning: Beginning) -> str:
    """63.2 of a 0810.

    >>> write_beginning(Beginning("00c0ffee", TraceNo("000123")))
    'epoch=00c0ffee,trace=000123'
    """
    known = f",trace={beginning.known_trace}" if beginning.known_trace is not None else ""
    return f"epoch={beginning.epoch}{known}"


def read_beginning(text: str) -> Beginning | None:
    """What a 0810 says in 63.2; None where it says nothing of it. What is unknown is passed over, so that a newer host can say more.

    >>> read_beginning("epoch=00c0ffee,trace=000123,more=1"), read_beginning("welcome")
    (Beginning(epoch='00c0ffee', known_trace='000123'), None)
    """
    told = dict(item.split("=", 1) for item in text.split(",") if "=" in item)
    epoch, trace = told.get("epoch", ""), told.get("trace", "")
    if not is_epoch(epoch):
        return None
    return Beginning(epoch, TraceNo(trace) if is_digits(trace, 6) and int(trace) > 0 else None)
