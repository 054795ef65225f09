"""All records together, in the order in which their rows are written, and the key of any of them."""

from collections.abc import Callable
from operator import attrgetter

from .answers import StoredAnswer
from .approvals import Approval, SupportCase
from .counters import Counter
from .payments import Payment, Posting
from .people import Operator, Stranger
from .proof import AuditNote, ChainHead, Checkpoint, Link, Salt
from .shops import Heard, Merchant, Terminal
from .sign_ins import Session, SignIn

Record = (
    Merchant
    | Terminal
    | Operator
    | Session
    | SignIn
    | Approval
    | SupportCase
    | Payment
    | Posting
    | StoredAnswer
    | Counter
    | Salt
    | Link
    | ChainHead
    | Checkpoint
    | AuditNote
    | Heard
    | Stranger
)
"""All records; one table each."""

ALL_RECORDS: tuple[type[Record], ...] = (
    Merchant,
    Terminal,
    Operator,
    Session,
    SignIn,
    Approval,
    SupportCase,
    Payment,
    Posting,
    StoredAnswer,
    Counter,
    Salt,
    Link,
    ChainHead,
    Checkpoint,
    AuditNote,
    Heard,
    Stranger,
)


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
