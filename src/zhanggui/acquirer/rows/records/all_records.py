"""All records together, in the order in which their rows are locked and written, and the key of any of them."""

from collections.abc import Callable
from operator import attrgetter

from . import (
    answers,
    approvals,
    batches,
    counters,
    documents,
    jobs,
    payments,
    people,
    proof,
    shops,
    sign_ins,
)
from .record import Record

ALL_RECORDS: tuple[type[Record], ...] = (
    *shops.RECORDS,
    *people.RECORDS,
    *sign_ins.RECORDS,
    *approvals.RECORDS,
    *payments.RECORDS,
    *batches.RECORDS,
    *documents.RECORDS,
    *answers.RECORDS,
    *counters.RECORDS,
    *jobs.RECORDS,
    *proof.RECORDS,
)
"""One table each. A new record of a subject is named in its own file only."""


def _key_getter(kind: type[Record]) -> Callable[[Record], tuple[object, ...]]:
    if len(kind.KEY) > 1:
        return attrgetter(*kind.KEY)
    (only,) = kind.KEY
    # The getter of one name alone gives the value, not a tuple of it.
    return lambda record: (getattr(record, only),)


KEY_OF: dict[type, Callable[[Record], tuple[object, ...]]] = {kind: _key_getter(kind) for kind in ALL_RECORDS}
"""What takes the primary key out of a record of this kind."""


def key_of(record: Record) -> tuple[object, ...]:
    """The record's primary key."""
    return KEY_OF[type(record)](record)
