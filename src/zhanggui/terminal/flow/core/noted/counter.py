"""What a terminal keeps of its counter for the start screen: shop, place, who signed in last, since when the batch is open.

It stands before a sign-in, so it is what the last good one told; the journal keeps it as a note. It is for people to see and decides
nothing: a text that can't be read is an empty counter.
"""

import msgspec
from msgspec.structs import replace

from .....basics.bad_json import BAD_JSON
from .....basics.numbers import BatchNo, OperatorNo, UnixMs

RECENT_KEPT = 6
"""Operators who signed in here lately that are kept."""


class Known(msgspec.Struct, frozen=True):
    """An operator who signed in here."""

    operator_no: OperatorNo
    name: str

    @property
    def shown(self) -> str:
        """`01 · 王芳`."""
        return f"{self.operator_no} · {self.name}".rstrip(" ·")


class Counter(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the counter."""

    merchant_name: str = ""
    place: str = ""
    batch_no: BatchNo | str = ""
    batch_since: UnixMs = UnixMs(0)
    """When this terminal first signed in with that batch, by the host's clock."""
    signed_in_at: UnixMs = UnixMs(0)
    """The last good sign-in, by the host's clock."""
    recent: tuple[Known, ...] = ()
    """Who signed in here, the last one first, each once."""

    @property
    def last(self) -> Known | None:
        """Who signed in last."""
        return self.recent[0] if self.recent else None


def with_sign_in(
    counter: Counter, merchant_name: str, place: str, batch_no: BatchNo, who: Known, host_now: UnixMs
) -> Counter:
    """The counter after a good sign-in."""
    others = tuple(known for known in counter.recent if known.operator_no != who.operator_no)
    since = counter.batch_since if counter.batch_no == batch_no and counter.batch_since else host_now
    return replace(
        counter,
        merchant_name=merchant_name,
        place=place,
        batch_no=batch_no,
        batch_since=since,
        signed_in_at=host_now,
        recent=(who, *others)[:RECENT_KEPT],
    )


def write_counter(counter: Counter) -> str:
    """As the journal keeps it."""
    return msgspec.json.encode(counter).decode()


def read_counter(text: str) -> Counter:
    """What was kept; an empty counter when it can't be read.

    >>> read_counter("").recent, read_counter(write_counter(Counter(place="前台"))).place
    ((), '前台')
    """
    try:
        return msgspec.json.decode(text, type=Counter) if text else Counter()
    except BAD_JSON:
        return Counter()
